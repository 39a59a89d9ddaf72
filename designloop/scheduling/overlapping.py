"""Overlapping: up to k batches in the lab at once. More designs in the same time, but less information per decision."""

from pydantic import Field

from designloop.core.clock import MOST_DAYS, minutes
from designloop.core.history import History
from designloop.core.records import Order, Stop, Wait
from designloop.scheduling.base import Scheduler


class Overlapping(Scheduler):
    """Submits a batch whenever fewer than `in_flight` rounds are open."""

    in_flight: int = Field(2, ge=1, le=1_000, description="maximum number of open rounds")
    gap_days: float = Field(0.0, ge=0, le=MOST_DAYS, description="minimum number of days between two batches")

    def weeks_between(self, history: History, turnaround: float) -> float:
        """The turnaround, shared by the rounds in flight, but at least the gap."""
        return max(turnaround / self.in_flight, self.gap_days / 7)

    def wish(self, history: History) -> Order | Wait | Stop:
        """A full batch when fewer than `in_flight` rounds are open and the gap since the last batch is over."""
        if len(history.open_rounds) >= self.in_flight:
            return Wait()
        if history.last_submitted_at is None:
            return self.full_order(history)
        due = history.last_submitted_at + minutes(days=self.gap_days)
        return self.full_order(history) if history.now >= due else Wait(until=due)
