"""The lab is slow: a discrete-event simulation in which every design waits, queues, fails or arrives, for weeks."""

from importlib import import_module
from typing import Any

_PLACES = {
    "Lab": "lab",
    "CloseAt": "lab",
    "Stage": "stages",
    "Rework": "stages",
    "Calendar": "calendar",
    "Assay": "assay",
    "Noise": "noise",
    "Cost": "cost",
    "Fixed": "durations",
    "Uniform": "durations",
    "Triangular": "durations",
    "LogNormal": "durations",
    "Exponential": "durations",
    "Mixture": "durations",
    "Sum": "durations",
    "BySize": "durations",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_PLACES)
