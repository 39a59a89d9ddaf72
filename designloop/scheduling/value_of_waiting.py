"""Value of waiting: the next batch leaves when the missing results of the last one come too slowly to wait for."""

from math import inf

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.clock import WEEK
from designloop.core.history import History
from designloop.core.records import Order, Stop, Wait
from designloop.scheduling.base import Scheduler, next_morning


class ValueOfWaiting(Scheduler):
    """Submits one batch at a time, without the results that are not worth waiting for. They count when they come.

    A round is left when further results would come more slowly than those so far, as a forager leaves a patch (the
    marginal value theorem: Charnov 1976, Theoretical Population Biology 9, 129-136). The first round waits for all.
    """

    patience: float = Field(
        1.0, gt=0, le=1_000, description="above 1, waits for results that come more slowly; below 1, for faster ones"
    )

    def weeks_between(self, history: History, turnaround: float) -> float:
        """The mean so far; the turnaround before the third batch."""
        leaves = list(history.submitted_at.values())
        return (leaves[-1] - leaves[0]) / WEEK / (len(leaves) - 1) if len(leaves) > 2 else turnaround

    def wish(self, history: History) -> Order | Wait | Stop:
        """A full batch when the last round is closed or no longer worth waiting for."""
        if history.round not in history.open_rounds:
            return self.full_order(history)
        if not history.closed_rounds:
            return Wait()
        return Wait(until=next_morning(history)) if self.is_worth_waiting(history) else self.full_order(history)

    def is_worth_waiting(self, history: History) -> bool:
        """Whether, until some time to come, results of the last round would come faster than they came so far.

        With k results after a minutes and m missing, and P(t) the probability that a missing one comes by minute t:
        patience · m · max over t of P(t) / (t - a) > k / (a + o). The price of a batch is worth o minutes of rent; it
        counts only where money limits the campaign, and weeks do not.
        """
        age = history.now - history.submitted_at[history.round]
        n_back = int((history.rounds == history.round).sum())
        n_missing = sum(pending.design.round == history.round for pending in history.waiting.values())
        if n_back == 0:
            return True
        times, chances = remaining(history, age)
        rate = float((chances / (times - age)).max(initial=0.0))
        return self.patience * n_missing * rate * (age + rent_of_a_batch(history)) > n_back


def remaining(history: History, age: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Lead times above `age` that were seen so far, in minutes, and the probability of a lead time up to each.

    They are the Kaplan-Meier estimate given a lead time above `age`; designs in the lab are censored. Shape (n,) each.
    """
    began = history.submitted_at
    own = history.ids >= 0
    since = np.array([began[number] for number in history.rounds[own].tolist()], dtype=np.int64)
    leads = history.measured_at[own] - since
    ages = np.array([history.now - pending.submitted_at for pending in history.waiting.values()], dtype=np.int64)
    times, counts = np.unique(leads[leads > age], return_counts=True)
    at_risk = _n_from(leads, times) + _n_from(ages, times)
    return times, 1.0 - np.cumprod(1.0 - counts / at_risk)


def _n_from(values: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of values that are not below each time."""
    return len(values) - np.searchsorted(np.sort(values), times)


def rent_of_a_batch(history: History) -> float:
    """Minutes of rent that the last batch cost; 0 where weeks limit the campaign, or nothing but designs does."""
    if history.left.weeks < inf or history.left.cost == inf:
        return 0.0
    lengths = [len(design.sequence) for design in history.designs.values() if design.round == history.round]
    price, rent = history.quote.price(lengths), history.quote.per_week
    return price / rent * WEEK if rent else inf
