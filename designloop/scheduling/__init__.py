"""Schedulers say when the next batch may leave and how large it is, within the budget; never which designs."""

from designloop.core.parts import lazy_parts

PARTS = {
    "rounds": "designloop.scheduling.rounds:Rounds",
    "overlapping": "designloop.scheduling.overlapping:Overlapping",
    "weekly": "designloop.scheduling.weekly:Weekly",
}
__getattr__, __dir__ = lazy_parts(__name__, PARTS)
