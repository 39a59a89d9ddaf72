"""Studies run many campaigns and test which differences are significant."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.study.engines import Dask as Dask
    from designloop.study.engines import Processes as Processes
    from designloop.study.recorded import results_of as results_of
    from designloop.study.results import CellResult as CellResult
    from designloop.study.results import StudyResults as StudyResults
    from designloop.study.results import Trace as Trace
    from designloop.study.run import run_study as run_study
    from designloop.study.runnable import Study as Study

_PLACES = {
    "Study": "runnable",
    "run_study": "run",
    "results_of": "recorded",
    "Processes": "engines",
    "Dask": "engines",
    "StudyResults": "results",
    "CellResult": "results",
    "Trace": "results",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, {name: f"{__name__}.{place}:{name}" for name, place in _PLACES.items()})
