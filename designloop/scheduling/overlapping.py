"""Overlapping: up to k batches in flight. More assays in the same weeks; each decision knows less."""

from pydantic import Field

from designloop.core.clock import MOST_DAYS, minutes
from designloop.core.history import History
from designloop.core.records import Order, Stop, Wait
from designloop.scheduling.base import Scheduler


class Overlapping(Scheduler):
    """A new batch whenever fewer than `in_flight` rounds are open."""

    in_flight: int = Field(2, ge=1, le=1_000, description="rounds open at once")
    gap_days: float = Field(0.0, ge=0, le=MOST_DAYS, description="days between two batches, at least")

    def wish(self, history: History) -> Order | Wait | Stop:
        """A whole batch when there is room in flight and the gap since the last one is over."""
        if len(history.open_rounds) >= self.in_flight:
            return Wait()
        if history.last_submitted_at is None:
            return self.full_order(history)
        due = history.last_submitted_at + minutes(days=self.gap_days)
        return self.full_order(history) if history.now >= due else Wait(until=due)
