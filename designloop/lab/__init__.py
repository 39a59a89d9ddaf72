"""The lab: a discrete-event simulation in which designs take weeks to wait, queue, fail or return."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.core.calendar import Calendar as Calendar
    from designloop.core.distributions import BySize as BySize
    from designloop.core.distributions import Exponential as Exponential
    from designloop.core.distributions import Fixed as Fixed
    from designloop.core.distributions import Hours as Hours
    from designloop.core.distributions import LogNormal as LogNormal
    from designloop.core.distributions import Mixture as Mixture
    from designloop.core.distributions import Sum as Sum
    from designloop.core.distributions import Triangular as Triangular
    from designloop.core.distributions import Uniform as Uniform
    from designloop.core.durations import Days as Days
    from designloop.core.people import People as People
    from designloop.core.people import Shift as Shift
    from designloop.lab.assay import Assay as Assay
    from designloop.lab.controls import Control as Control
    from designloop.lab.cost import Cost as Cost
    from designloop.lab.lab import CloseAt as CloseAt
    from designloop.lab.lab import Lab as Lab
    from designloop.lab.noise import Noise as Noise

_DURATIONS = ("Days", "Fixed", "Uniform", "Triangular", "LogNormal", "Exponential", "Hours", "Mixture", "Sum", "BySize")
_PLACES = {
    "Lab": "lab.lab",
    "CloseAt": "lab.lab",
    "Calendar": "core.calendar",
    "People": "core.people",
    "Shift": "core.people",
    "Assay": "lab.assay",
    "Noise": "lab.noise",
    "Control": "lab.controls",
    "Cost": "lab.cost",
    **dict.fromkeys(_DURATIONS, "core.durations"),
}
if not TYPE_CHECKING:
    places = {name: f"designloop.{place}:{name}" for name, place in _PLACES.items()}
    __getattr__, __dir__ = lazy_parts(__name__, places)
