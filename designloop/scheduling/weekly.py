"""Weekly: a batch every k weeks, regardless of results, as in a lab with a standing order."""

from pydantic import Field

from designloop.core.clock import MOST_DAYS, minutes
from designloop.core.history import History
from designloop.core.records import Order, Stop, Wait
from designloop.scheduling.base import Scheduler


class Weekly(Scheduler):
    """Submits a batch at week 0, and then every `every_weeks` weeks."""

    every_weeks: float = Field(1.0, ge=1 / 7, le=MOST_DAYS / 7, description="weeks between two batches")

    def weeks_between(self, history: History, turnaround: float) -> float:
        """The standing interval, whatever the turnaround."""
        return self.every_weeks

    def wish(self, history: History) -> Order | Wait | Stop:
        """A full batch when its week begins."""
        if history.last_submitted_at is None:
            return self.full_order(history)
        period = minutes(weeks=self.every_weeks)
        due = (history.last_submitted_at // period + 1) * period
        return self.full_order(history) if history.now >= due else Wait(until=due)
