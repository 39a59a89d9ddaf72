"""Studies run many campaigns side by side, and say what can be told from them."""

from importlib import import_module
from typing import Any

_PLACES = {
    "Study": "description",
    "run_study": "run",
    "results_of": "recorded",
    "Processes": "engines",
    "Dask": "engines",
    "StudyResults": "results",
    "CellResult": "results",
    "Trace": "results",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_PLACES)
