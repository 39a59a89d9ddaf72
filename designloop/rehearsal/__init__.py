"""A rehearsal puts batches through a lab without a campaign: turnaround, queues, bottleneck, what would help."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.rehearsal.rehearsal import Rehearsal as Rehearsal
    from designloop.rehearsal.rehearsal import rehearse as rehearse

_PLACE = "designloop.rehearsal.rehearsal"
if not TYPE_CHECKING:
    places = {"Rehearsal": f"{_PLACE}:Rehearsal", "rehearse": f"{_PLACE}:rehearse"}
    __getattr__, __dir__ = lazy_parts(__name__, places)
