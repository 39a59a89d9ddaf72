"""Schedulers decide when the next batch is submitted and how large it is, within the budget."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.scheduling.fill import Fill as Fill
    from designloop.scheduling.overlapping import Overlapping as Overlapping
    from designloop.scheduling.rounds import Rounds as Rounds
    from designloop.scheduling.value_of_waiting import ValueOfWaiting as ValueOfWaiting
    from designloop.scheduling.weekly import Weekly as Weekly
    from designloop.scheduling.when_idle import WhenIdle as WhenIdle

PARTS = {
    "rounds": "designloop.scheduling.rounds:Rounds",
    "overlapping": "designloop.scheduling.overlapping:Overlapping",
    "weekly": "designloop.scheduling.weekly:Weekly",
    "when-idle": "designloop.scheduling.when_idle:WhenIdle",
    "fill": "designloop.scheduling.fill:Fill",
    "value-of-waiting": "designloop.scheduling.value_of_waiting:ValueOfWaiting",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
