"""Schedulers decide when the next batch is submitted and how large it is, within the budget."""

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
