"""What the values of strategies on works say: paired tests, ranks, verdicts, and the worst tenth of the instances.

The unit is the instance. Values of different works are never pooled: over works, only wins, ranks and shares of the
best value count, and an instance's works are one unit, since many of them share its landscape.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from scipy import stats

from designloop.core.random import stream
from designloop.study.comparisons import ALPHA, friedman_p, holm, ranks, sign_flip_p
from designloop.study.estimates import WORST

Floats = np.ndarray[Any, np.dtype[np.float64]]
Values = Mapping[str, Mapping[str, Mapping[int, float]]]
"""Work, strategy, instance: the value."""
Block = tuple[str, int]
"""A work and an instance."""
_N_FLIPS = 99_999
_SET = 20
"""Instances are reported in sets of twenty: 60 of one work and 80 of another are one unit, so works weigh alike."""


def by_work(values: Mapping[Any, float]) -> dict[str, dict[str, dict[int, float]]]:
    """The values of (work, strategy, instance), by each of them."""
    found: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for (work, strategy, instance), value in sorted(values.items()):
        found[work][strategy][instance] = value
    return {work: dict(rows) for work, rows in found.items()}


def shared(rows: Mapping[str, Mapping[int, float]], names: Iterable[str]) -> list[int]:
    """The instances of a work for which each of these strategies has a value."""
    found = [set(rows.get(name, {})) for name in names]
    return sorted(set.intersection(*found)) if found else []


def blocks(values: Values, names: Sequence[str]) -> list[Block]:
    """The works and instances for which each of these strategies has a value."""
    return [(work, i) for work, rows in values.items() for i in shared(rows, names)]


def one_sided_p(differences: Floats) -> float:
    """The p-value for a mean above zero of paired differences (n,), by a sign-flip test, exact up to 16 units."""
    if len(differences) < 2 or not np.any(differences):
        return 1.0
    done = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", alternative="greater", vectorized=True,
        n_resamples=_N_FLIPS, axis=-1, rng=stream(0, "sign-flips"),
    )  # fmt: skip
    return float(done.pvalue)


def solved_interval(n_solved: int, n: int) -> tuple[float, float]:
    """The 95% interval of the share of instances that are solved. Clopper and Pearson 1934."""
    found = stats.binomtest(n_solved, n).proportion_ci(method="exact")
    return float(found.low), float(found.high)


def mean_interval(values: Floats) -> tuple[float, float]:
    """The mean of values (n,), and half the width of its 95% interval by Student's t; NaN for a single one."""
    if len(values) < 2:
        return float(values.mean()), float("nan")
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return float(values.mean()), float(half)


# -- a strategy against others, work by work -------------------------------------------------------------------------


@dataclass(frozen=True)
class Duel:
    """A strategy against another on the instances of a work."""

    work: str
    other: str
    n: int
    mean: float
    """Of the paired differences, above zero where the strategy is ahead."""
    half: float
    """Half the width of the 95% interval of the mean."""
    p_ahead: float
    p_behind: float
    """One-sided."""


@dataclass(frozen=True)
class Verdict:
    duel: Duel
    p_ahead: float
    p_behind: float
    """One-sided, corrected over the works by Holm's method, each direction by itself."""

    @property
    def word(self) -> Literal["first", "tied", "behind"]:
        if self.p_ahead <= ALPHA:
            return "first"
        return "behind" if self.p_behind <= ALPHA else "tied"


def duel(values: Values, work: str, name: str, other: str) -> Duel:
    rows = values[work]
    its = shared(rows, (name, other))
    differences = np.array([rows[name][i] - rows[other][i] for i in its])
    mean, half = mean_interval(differences)
    return Duel(work, other, len(its), mean, half, one_sided_p(differences), one_sided_p(-differences))


def best_other(rows: Mapping[str, Mapping[int, float]], name: str, others: Sequence[str]) -> str | None:
    """Of the others, that of the highest mean over the instances that it shares with the strategy."""
    means = {o: float(np.mean([rows[o][i] for i in its])) for o in others if (its := shared(rows, (name, o)))}
    means.pop(name, None)
    return max(means, key=lambda other: means[other]) if means else None


def verdicts(duels: Sequence[Duel]) -> list[Verdict]:
    """Each duel with its p-values corrected over all of them."""
    ahead, behind = (holm([getattr(one, key) for one in duels]) for key in ("p_ahead", "p_behind"))
    return [Verdict(*row) for row in zip(duels, ahead, behind, strict=True)]


# -- ranks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ranks:
    """Mean ranks of strategies over units, 1 the best, and which pairs are told apart."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    p: dict[tuple[str, str], float]
    """Of pairs, two-sided, corrected by Holm's method over the pairs."""
    p_friedman: float | None
    """That all rank equally, by permutation within units."""
    n_units: int
    n_blocks: int


def ranks_of_work(rows: Mapping[str, Mapping[int, float]], names: Sequence[str]) -> Ranks:
    """Ranks within a work: the units are instances, and pairs are tested by their paired values."""
    its = shared(rows, names)
    table = np.array([[rows[name][i] for name in names] for i in its])  # (instances, strategies)
    return _ranks(names, table, ranks(table), [a - b for a, b in combinations(table.T, 2)], len(its))


def ranks_over_works(values: Values, names: Sequence[str]) -> Ranks:
    """Ranks over all blocks: the units are instances by their place in a set of twenty, with the mean over works.

    A pair is tested by its own wins (1), ties (0) and losses (-1), which do not depend on the other strategies.
    """
    its = blocks(values, names)
    table = np.array([[values[work][name][i] for name in names] for work, i in its])  # (blocks, strategies)
    units = np.array([i % _SET for _, i in its])
    rows = [units == unit for unit in np.unique(units)]
    means = np.array([ranks(table)[row].mean(axis=0) for row in rows])  # (instances, strategies)
    wins = [np.array([np.sign(a - b)[row].mean() for row in rows]) for a, b in combinations(table.T, 2)]
    return _ranks(names, -means, means, wins, len(its))


def _ranks(names: Sequence[str], table: Floats, placed: Floats, pairs: Sequence[Floats], n_blocks: int) -> Ranks:
    corrected = holm([sign_flip_p(differences) for differences in pairs])
    return Ranks(
        names=tuple(names),
        mean=tuple(placed.mean(axis=0).tolist()),
        p=dict(zip(combinations(names, 2), corrected, strict=True)),
        p_friedman=friedman_p(table),
        n_units=len(table),
        n_blocks=n_blocks,
    )


# -- shares of the best value, and the worst instances ---------------------------------------------------------------


def shares_of_best(values: Values, names: Sequence[str]) -> dict[str, dict[str, Floats]]:
    """By strategy and work, each instance's value as a share of the best of these strategies, (n,).

    Where no strategy has a value above zero, all have the best one: the share is 1.
    """
    found: dict[str, dict[str, Floats]] = {name: {} for name in names}
    for work, rows in values.items():
        if its := shared(rows, names):
            table = np.array([[rows[name][i] for i in its] for name in names])
            best = table.max(axis=0)
            shares = np.divide(table, best, out=np.ones_like(table), where=best > 0)
            for name, its_shares in zip(names, shares, strict=True):
                found[name][work] = its_shares
    return found


def worst_tenth(row: Mapping[int, float]) -> tuple[float, list[int], int]:
    """Mean of the lowest tenth of the values, rounded up; its instances; and how many more have its highest value."""
    order = sorted(row, key=lambda i: (row[i], i))
    n = int(np.ceil(WORST * len(order)))
    worst = order[:n]
    n_more = sum(row[i] == row[worst[-1]] for i in order[n:])
    return float(np.mean([row[i] for i in worst])), worst, n_more
