"""The lab: a discrete-event simulation in which designs take weeks to wait, queue, fail or return."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.lab.assay import Assay as Assay
    from designloop.lab.calendar import Calendar as Calendar
    from designloop.lab.controls import Control as Control
    from designloop.lab.cost import Cost as Cost
    from designloop.lab.durations import BySize as BySize
    from designloop.lab.durations import Exponential as Exponential
    from designloop.lab.durations import Fixed as Fixed
    from designloop.lab.durations import LogNormal as LogNormal
    from designloop.lab.durations import Mixture as Mixture
    from designloop.lab.durations import Sum as Sum
    from designloop.lab.durations import Triangular as Triangular
    from designloop.lab.durations import Uniform as Uniform
    from designloop.lab.lab import CloseAt as CloseAt
    from designloop.lab.lab import Lab as Lab
    from designloop.lab.noise import Noise as Noise
    from designloop.lab.stages import Rework as Rework
    from designloop.lab.stages import Stage as Stage

_PLACES = {
    "Lab": "lab",
    "CloseAt": "lab",
    "Stage": "stages",
    "Rework": "stages",
    "Calendar": "calendar",
    "Assay": "assay",
    "Noise": "noise",
    "Control": "controls",
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
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, {name: f"{__name__}.{place}:{name}" for name, place in _PLACES.items()})
