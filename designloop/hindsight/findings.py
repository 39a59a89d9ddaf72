"""Findings: what the replayed decisions of a campaign show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from designloop.core.counting import many
from designloop.hindsight.among import Among
from designloop.hindsight.chance import Draw, Floats, Spread, best_of, hits_of, mean_of
from designloop.hindsight.replayed import Places, Replayed
from designloop.hindsight.worth import Interval, Weights, mean_with_interval, weights_of

BUILT = "as built"
CHANCE = "random choice"


@dataclass(frozen=True, eq=False)
class Findings:
    """The replayed decisions of a campaign."""

    name: str
    own: str
    """The kind of the campaign's strategy."""
    among: Among
    seeds: tuple[int, ...]
    n_designs: int | None
    """Designs ordered at each decision; None: as many as the batch has."""
    top: float
    """The share of the measured designs that count as hits."""
    measured: Mapping[str, float]
    """The measured value of each design of the campaign."""
    decisions: tuple[Replayed, ...]
    strategies: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @cached_property
    def threshold(self) -> float:
        """The value from which a design is a hit; NaN where nothing was measured."""
        values = np.sort(np.array(list(self.measured.values())))[::-1]
        n_hits = max(int(np.ceil(self.top * len(values) - 1e-9)), 1)
        return float(values[n_hits - 1]) if len(values) else float("nan")

    @cached_property
    def compared(self) -> tuple[Replayed, ...]:
        """The decisions at which something was known, and something could be left out; none among the whole space."""
        if self.among is Among.SPACE:
            return ()
        return tuple(one for one in self.decisions if one.is_informed and one.is_choice and len(one.actual))

    @property
    def left_out(self) -> Iterator[str]:
        """Why other decisions are not compared, a sentence each."""
        for one in self.decisions:
            if not one.is_informed:
                yield f"decision {one.number}: fewer than two values were known"
            elif not one.is_choice or not len(one.actual):
                few = many(len(one.candidates), "candidate")
                yield f"decision {one.number}: nothing to choose ({few} for {many(one.n, 'place')})"

    @property
    def others(self) -> tuple[str, ...]:
        """What strategies are compared with; within a batch, a random choice from it is the batch."""
        return (CHANCE,) if self.among is Among.BATCH else (CHANCE, BUILT)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Who is compared with whom: strategies and batches with chance and each other, the first with all others."""
        first, *rest = self.strategies
        built = [(BUILT, CHANCE)] if BUILT in self.others else []
        strategies = [(name, over) for name in self.strategies for over in self.others]
        return [*strategies, *built, *((first, name) for name in rest)]

    # -- values of the choices, over the compared decisions ----------------------------------------------------------

    def mean(self, name: str) -> Interval:
        """The mean measured value of the choices of a strategy, `random choice` or `as built`."""
        return mean_with_interval(self._values, self._weights(name))

    def mean_gain(self, name: str, over: str) -> Interval:
        """The difference of the mean values of two choosers."""
        return mean_with_interval(self._values, self._weights(name), self._weights(over))

    def hit_share(self, name: str) -> Interval:
        """The share of hits among the choices."""
        return mean_with_interval(self._hits, self._weights(name))

    def hit_gain(self, name: str, over: str) -> Interval:
        """The difference of the shares of hits of two choosers."""
        return mean_with_interval(self._hits, self._weights(name), self._weights(over))

    def error_of_mean(self, name: str, over: str | None = None) -> float:
        """The standard error that the measurements give to a mean, or a difference of two; NaN where unknown."""
        shares = self._weights(name).shares - (0.0 if over is None else self._weights(over).shares)
        errors = np.where(shares == 0.0, 0.0, self._std_errors)
        return float(np.sqrt(((shares * errors) ** 2).sum()))

    def means(self, name: str) -> Floats:
        """The mean value of a strategy's choices under each seed, (n_seeds,)."""
        every = [np.concatenate(its) for its in self._chosen_values(name)]
        return np.array([float(values.mean()) if len(values) else np.nan for values in every])

    def hits(self, name: str) -> Floats:
        """The number of hits among a strategy's choices under each seed, (n_seeds,)."""
        each = [sum(int((values >= self.threshold).sum()) for values in its) for its in self._chosen_values(name)]
        return np.array(each, dtype=float)

    def bests(self, name: str) -> Floats:
        """The best value among a strategy's choices so far, under each seed: (n_seeds, n_decisions)."""
        each = [[float(values.max(initial=-np.inf)) for values in its] for its in self._chosen_values(name)]
        return np.array([list(accumulate(its, max)) for its in each])

    def of(self, other: str, what: str) -> Spread:
        """The `mean`, `hits` or `best` of a random choice, exactly, or of the batches built.

        Where fewer designs are ordered than the batch has, those of the batch are a random part of it.
        """
        return self._spread([one.chance if other == CHANCE else one.as_built for one in self.compared], what)

    def _spread(self, draws: Sequence[Draw], what: str) -> Spread:
        if what == "hits":
            return hits_of(draws, self.threshold)
        return best_of(draws) if what == "best" else mean_of(draws)

    def _chosen_values(self, name: str) -> list[list[Floats]]:
        """Seed -> decision -> the values of the choices."""
        picks = [one.picks(name) for one in self.compared]
        return [
            [one.values[its[seed]] for one, its in zip(self.compared, picks, strict=True)]
            for seed in range(len(self.seeds))
        ]

    # -- designs, of all compared decisions --------------------------------------------------------------------------

    @cached_property
    def _designs(self) -> list[str]:
        return list(dict.fromkeys(sequence for one in self.compared for sequence in one.candidates))

    @cached_property
    def _values(self) -> Floats:
        return np.array([self.measured[sequence] for sequence in self._designs])

    @cached_property
    def _hits(self) -> Floats:
        return (self._values >= self.threshold).astype(float)

    @cached_property
    def _std_errors(self) -> Floats:
        pairs = (zip(one.candidates, one.std_errors, strict=True) for one in self.compared)
        errors = dict(pair for its in pairs for pair in its)
        return np.array([errors[sequence] for sequence in self._designs])

    def _weights(self, name: str) -> Weights:
        if name not in self._kept:
            picks = [self._picks(one, name) for one in self.compared]
            self._kept[name] = weights_of(self.compared, picks, self._designs)
        return self._kept[name]

    @cached_property
    def _kept(self) -> dict[str, Weights]:
        return {}

    def _picks(self, one: Replayed, name: str) -> list[Places]:
        if name == BUILT:
            return [one.actual]
        return [np.arange(len(one.candidates))] if name == CHANCE else one.picks(name)
