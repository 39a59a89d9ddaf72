"""Studies in Python: describe one, and run it into a folder or in memory."""

import sys
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from designloop.core.contents import strings
from designloop.core.counting import many
from designloop.core.errors import ConfigError, Notice
from designloop.study import description
from designloop.study.cell import Task, play
from designloop.study.engines import News, Processes
from designloop.study.recorded import load_study
from designloop.study.run import Report, run_study
from designloop.study.study_result import StudyResult
from designloop.study.telling import following, warnings_in


class Study(description.Study):
    """Many campaigns side by side: every combination of the axes' options, for each instance and seed.

    `base` is a campaign, its description, or its file; options may be parts. `read` takes a study from a YAML file.
    """

    def run(
        self,
        store: str | Path | None = None,
        *,
        workers: int | None = None,
        progress: bool | Report = False,
        change_plan: bool = False,
    ) -> StudyResult:
        """Run every cell in processes of this machine, into the folder `store` or in memory, and return the results.

        A folder with part of the study is continued. `workers`: number of processes, by default one for each core; 0
        runs the cells in this process, which parts defined in a notebook need. `progress`: True shows a bar, a
        function is called after each cell. A cell that fails stops no other: its error is in `cells()`, and a Notice
        reports it. A folder with cells of another plan is refused unless `change_plan`; the verdict then says that the
        plan was changed. Raises ConfigError, InputError or StoreError before any work.
        """
        if workers != 0:
            _check_that_others_find(self)
        engine = Processes(workers) if workers != 0 else _Here()
        with _folder(store) as place:
            with following(progress) as report, _not_run_again():
                done = run_study(self, place, engine, report, change_plan=change_plan)
            result = load_study(place)
        for warning in warnings_in(done):
            warnings.warn(warning, Notice, stacklevel=2)
        if done.failures:
            first = done.failures[0]
            n_failed = f"{len(done.failures)} of {many(done.n_cells, 'cell')} failed"
            warnings.warn(f"{n_failed}; the first: {first.cell}: {first.cause}", Notice, stacklevel=2)
        return result if store is not None else replace(result, directory=None)


@contextmanager
def _folder(store: str | Path | None) -> Iterator[Path]:
    """The folder of the study: `store`, or a temporary one for a study in memory."""
    if store is not None:
        yield Path(store)
        return
    with TemporaryDirectory(prefix="designloop-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "study"


def _check_that_others_find(study: Study) -> None:
    """Raise ConfigError if a part is defined in the running script, which other processes cannot import."""
    here = next((text for text in strings(study.describe()) if text.startswith("__main__:")), None)
    if here is not None:
        raise ConfigError(
            f"'{here.partition(':')[2]}' is defined in a notebook or script, so worker processes cannot import it; "
            "move it to a file and import it, or run the cells in this process with workers=0"
        )


@contextmanager
def _not_run_again() -> Iterator[None]:
    """Hide the running script from worker processes, each of which would run it again; no cell needs it."""
    main = sys.modules["__main__"]
    hidden = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    vars(main).pop("__file__", None)
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(hidden)


class _Here:
    """Runs cells in this process, one after the other."""

    def outcomes(self, tasks: Sequence[Task]) -> Generator[News, None, None]:
        for task in tasks:
            yield task, play(task)
