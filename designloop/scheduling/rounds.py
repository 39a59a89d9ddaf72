"""Rounds: the next batch waits for the results of the previous one. Decisions use all results, but the lab idles."""

from designloop.core.history import History
from designloop.core.records import Order, Stop, Wait
from designloop.scheduling.base import Scheduler


class Rounds(Scheduler):
    """Submits one batch at a time."""

    def wish(self, history: History) -> Order | Wait | Stop:
        """A full batch when no round is open."""
        return Wait() if history.open_rounds else self.full_order(history)
