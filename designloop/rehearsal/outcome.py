"""The outcome of a rehearsal: what each arm led to, by week and money, and how the arms differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from designloop.rehearsal.in_hand import Raised
from designloop.rehearsal.plan import Plan
from designloop.study.estimates import Estimate, estimates
from designloop.study.look import Look
from designloop.study.pairs import Pair, pairs_of
from designloop.study.results import CellResult, Floats, StudyResults
from designloop.study.traces import value_at
from designloop.study.units import Setting, settings_of

TRACES = {"recommended": "value of the recommended design", "true": "best value among the designs tested"}
"""Traces that are shown, all of true values, and none below that of the sequence in hand."""
_MOST_WEEKS = 8
_LOW, _HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Spread:
    """A quantity over the simulations of an arm: its mean with a 95% interval, and where 8 of 10 simulations lie."""

    mean: Estimate
    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Floats) -> "Spread":
        """The spread of values, (n_simulations,)."""
        low, middle, high = quantiles(values).tolist()
        return cls(estimates(np.mean, values)[0], low, middle, high)


@dataclass(frozen=True)
class Chance:
    """The chance that the design recommended at the end reaches the target."""

    n: int
    n_reached: int
    low: float
    high: float
    """Ends of the exact 95% interval (Clopper and Pearson 1934)."""
    weeks: float | None
    """Weeks from now until half of all simulations name such a design, and keep doing so; None if fewer do."""

    @property
    def share(self) -> float:
        """The share itself."""
        return self.n_reached / self.n


@dataclass(frozen=True)
class Week:
    """An arm in one week from now on."""

    week: float
    """Weeks from the beginning of the simulations."""
    values: Mapping[str, Spread]
    """By trace."""
    cost: float
    """Mean money spent since the beginning of the simulations."""
    designs: float
    """Mean number of designs submitted by then, in the whole campaign."""


@dataclass(frozen=True)
class Arm:
    """What an arm led to."""

    label: str
    n: int
    """Simulations that finished."""
    n_failed: int
    final: Mapping[str, Spread]
    """By trace, at its end."""
    gain: Estimate
    """Mean rise of the value from now to the end."""
    weeks: Spread
    """From now to its end."""
    designs: Spread
    """Submitted in the whole campaign."""
    cost: Spread
    """From now to its end."""
    by_week: tuple[Week, ...]
    chance: Chance | None
    """None without a target."""

    @property
    def cost_per_week(self) -> float:
        """Mean money per week from now on."""
        return self.cost.mean.value / self.weeks.mean.value if self.weeks.mean.value > 0 else 0.0


@dataclass(frozen=True)
class Outcome:
    """The simulations of a rehearsal, as numbers."""

    plan: Plan
    simulated: StudyResults

    @cached_property
    def results(self) -> StudyResults:
        """The simulations, with values of at least that of the sequence in hand."""
        return Raised(self.simulated, self.plan.in_hand).raised

    @cached_property
    def setting(self) -> Setting:
        """The only setting of its study."""
        return settings_of(self.results)[0]

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """The arms with at least one finished simulation, in order."""
        return tuple(self._arm(label) for label in self.setting.contestants if self.setting.done[label])

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every two arms, compared at their ends in simulations with the same truth and the same lab."""
        is_whole = not any((*self.setting.n_failed.values(), *self.setting.n_missing.values()))
        return pairs_of(self.setting, Look.fixed_in(self.results), has_verdict=is_whole)

    @property
    def n(self) -> int:
        """Simulations of each arm."""
        return self.plan.study.instances * self.plan.study.seeds

    @cached_property
    def weeks(self) -> tuple[float, ...]:
        """The weeks from now on that are shown."""
        longest = max((cell.weeks for cell in self.setting.cells), default=self.plan.today) - self.plan.today
        step = _round_step(longest / _MOST_WEEKS)
        return tuple(np.arange(0.0, longest + step, step).tolist())

    def cells(self, label: str) -> Sequence[CellResult]:
        """The finished simulations of an arm, in the order of their truths."""
        return [self.setting.done[label][place] for place in sorted(self.setting.done[label])]

    def values(self, label: str, trace: str, weeks: Iterable[float]) -> Floats:
        """True values, (n_simulations, n_weeks); an ended simulation keeps its last one."""
        at = self.plan.today + np.array(list(weeks)) + 1e-9
        return np.array([self._values(cell, trace, at) for cell in self.cells(label)])

    def _values(self, cell: CellResult, trace: str, at: Floats) -> Floats:
        return value_at(cell.traces.get(trace), "weeks", at, self.setting.nothing[cell.instance])

    def spent(self, label: str, axis: str, weeks: Iterable[float]) -> Floats:
        """Money from now on, or designs of the whole campaign, by each week, (n_simulations, n_weeks)."""
        at = self.plan.today + np.array(list(weeks)) + 1e-9
        before = self.plan.spent if axis == "cost" else 0.0
        return np.array([_spent(cell, axis, at) for cell in self.cells(label)]) - before

    def _arm(self, label: str) -> Arm:
        cells, end = self.cells(label), [np.inf]
        final = {trace: self.values(label, trace, end)[:, 0] for trace in TRACES}
        today = self.values(label, "recommended", [0.0])[:, 0]
        return Arm(
            label=label,
            n=len(cells),
            n_failed=self.setting.n_failed[label],
            final={trace: Spread.of(values) for trace, values in final.items()},
            gain=estimates(np.mean, final["recommended"] - today)[0],
            weeks=Spread.of(np.array([cell.weeks for cell in cells]) - self.plan.today),
            designs=Spread.of(np.array([cell.designs for cell in cells], dtype=float)),
            cost=Spread.of(np.array([cell.cost for cell in cells]) - self.plan.spent),
            by_week=tuple(self._weeks(label)),
            chance=self._chance(label),
        )

    def _weeks(self, label: str) -> Iterable[Week]:
        values = {trace: self.values(label, trace, self.weeks) for trace in TRACES}
        cost, designs = (self.spent(label, axis, self.weeks).mean(axis=0) for axis in ("cost", "designs"))
        for i, week in enumerate(self.weeks):
            spreads = {trace: Spread.of(found[:, i]) for trace, found in values.items()}
            yield Week(week, spreads, float(cost[i]), float(designs[i]))

    def _chance(self, label: str) -> Chance | None:
        target = self.plan.target
        if target is None:
            return None
        from scipy.stats import binomtest

        changes = [cell.traces["recommended"].weeks for cell in self.cells(label) if "recommended" in cell.traces]
        weeks = np.unique(np.maximum(np.concatenate([[0.0], *changes]) - self.plan.today, 0.0))
        are_above = self.values(label, "recommended", weeks) >= target
        n, n_reached = len(are_above), int(are_above[:, -1].sum())
        exact = binomtest(n_reached, n).proportion_ci(method="exact")
        is_less = np.flatnonzero(2 * are_above.sum(axis=0) < n)
        since = 0 if not len(is_less) else int(is_less[-1]) + 1
        return Chance(
            n, n_reached, float(exact.low), float(exact.high), None if since == len(weeks) else float(weeks[since])
        )


def quantiles(values: Floats) -> Floats:
    """The ends and the middle of the range in which one more simulation would lie in 8 of 10 cases, (3, ...).

    `values`: (n_simulations, ...). Weibull's positions, since the usual ones are too narrow for a forecast from few.
    """
    return np.asarray(np.quantile(values, [_LOW, 0.5, _HIGH], axis=0, method="weibull"))


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, ... weeks that is not below `least`."""
    steps = [unit * factor for factor in (1, 10, 100, 1000) for unit in (1.0, 2.0, 5.0)]
    return next((step for step in steps if step >= least), steps[-1])


def _spent(cell: CellResult, axis: str, at: Floats) -> Floats:
    """Money or designs by points in time."""
    known = np.concatenate([[0.0], cell.spending[axis]])
    return known[np.searchsorted(cell.spending["weeks"], at, side="right")]
