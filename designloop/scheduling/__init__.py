"""Schedulers say when the next batch may leave and how large it is, within the budget; never which designs."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.scheduling.overlapping import Overlapping as Overlapping
    from designloop.scheduling.rounds import Rounds as Rounds
    from designloop.scheduling.weekly import Weekly as Weekly

PARTS = {
    "rounds": "designloop.scheduling.rounds:Rounds",
    "overlapping": "designloop.scheduling.overlapping:Overlapping",
    "weekly": "designloop.scheduling.weekly:Weekly",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
