"""Rounds: the next batch leaves when the one before it is closed. Every decision knows all results; the lab idles."""

from designloop.core.history import History
from designloop.core.records import Order, Stop, Wait
from designloop.scheduling.base import Scheduler


class Rounds(Scheduler):
    """One batch at a time."""

    def wish(self, history: History) -> Order | Wait | Stop:
        """A whole batch when no round is open."""
        return Wait() if history.open_rounds else self.full_order(history)
