"""The worth of choices over several decisions, with intervals.

An interval is that of a bootstrap. Its units are designs and seeds: designs are drawn with replacement, each with all
decisions at which it was a candidate; so are the seeds of each strategy. Each decision has the weight of the designs
that were ordered at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designloop.core.random import stream
from designloop.hindsight.chance import Floats
from designloop.hindsight.replayed import Places, Replayed

_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 is outside of the interval."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, eq=False)
class Weights:
    """Which designs were chosen under each seed at each decision: 1 or 0, shape (n_seeds, n_decisions, n_designs)."""

    chosen: Floats
    sizes: Floats
    """The designs ordered at each decision, by which decisions are weighed; shape (n_decisions,)."""

    @property
    def shares(self) -> Floats:
        """The weight of each design in the mean over decisions, shape (n_designs,); they sum to 1.

        Decisions at which nothing was chosen do not count. NaN where there are no others.
        """
        rows = self.chosen.sum(axis=0)
        numbers = rows.sum(axis=1)
        sizes = np.where(numbers > 0, self.sizes, 0.0)
        if not sizes.any():
            return np.full(rows.shape[1], np.nan)
        return np.asarray((sizes / np.maximum(numbers, 1.0)) @ rows / sizes.sum())

    def means(self, values: Floats, counts: Floats, name: str) -> Floats:
        """The mean of the values of the choices in each resample, shape (b,); designs count `counts` times, (b, n).

        `name` names the random stream in which seeds are drawn.
        """
        n_seeds = len(self.chosen)
        equal = np.full(n_seeds, 1.0 / n_seeds)
        seeds = stream(0, "hindsight", "seeds", name).multinomial(n_seeds, equal, size=len(counts))
        total, number = (
            np.einsum("bn,sdn,bs->bd", weighed, self.chosen, seeds, optimize=True)
            for weighed in (counts * values, counts)
        )
        is_there = number > 0  # a resample may hold none of the designs that were chosen at a decision
        each = np.where(is_there, total, 0.0) / np.where(is_there, number, 1.0)
        return np.asarray(each @ self.sizes / np.maximum(is_there @ self.sizes, 1.0))


def weights_of(decisions: Sequence[Replayed], picks: Sequence[Sequence[Places]], designs: Sequence[str]) -> Weights:
    """The weights of choices: for each decision, the places that were chosen under each seed."""
    column = {sequence: at for at, sequence in enumerate(designs)}
    chosen = np.zeros((len(picks[0]), len(decisions), len(designs)))
    for at, (decision, its) in enumerate(zip(decisions, picks, strict=True)):
        columns = np.array([column[sequence] for sequence in decision.candidates], dtype=np.int64)
        for seed, places in enumerate(its):
            chosen[seed, at, columns[places]] = 1.0
    return Weights(chosen, np.array([one.n for one in decisions], dtype=float))


def mean_with_interval(values: Floats, one: Weights, other: Weights | None = None) -> Interval:
    """The mean value of choices, or the difference of two, with its bootstrap interval."""
    n = len(values)
    counts = stream(0, "hindsight", "designs").multinomial(n, np.full(n, 1.0 / n), size=_RESAMPLES).astype(float)
    drawn = one.means(values, counts, "one")
    middle = one.shares @ values
    if other is not None:
        drawn = drawn - other.means(values, counts, "other")
        middle -= other.shares @ values
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(middle), float(low), float(high))
