"""A standing holds the results of one contestant in one setting, alone and relative to the floor strategy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from designloop.study.estimates import Centre, Estimate, centres, estimates, worst_tenth
from designloop.study.floor import accelerated, enhanced, unit_scores
from designloop.study.look import Look
from designloop.study.reaching import Reached, reached
from designloop.study.results import CellResult, Floats
from designloop.study.traces import first_reach, has_value, mean_height, traces_of
from designloop.study.units import Place, Setting, unit_means


@dataclass(frozen=True)
class Standing:
    """One contestant in one setting. Fields are empty or None if it has no finished cell."""

    label: str
    n_cells: int
    n_failed: int
    n_missing: int
    n_blank: int
    """Campaigns of instances without any measurement; all numbers exclude them."""
    n_without_value: int = 0
    """Campaigns without a measurement by the point compared; they count as the lowest value of their instance."""
    n_ended_before: int = 0
    """Campaigns that ended before the point compared, and keep their last value."""
    units: tuple[int, ...] = ()
    unit_values: tuple[float, ...] = ()
    """The value of each unit, which the verdict compares."""
    unit_scores: tuple[float, ...] = ()
    values: Mapping[str, Mapping[str, Centre]] = field(default_factory=dict)
    """Trace -> axis -> value at the point compared."""
    areas: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    """Trace -> axis -> mean value of the trace from 0 to the point compared."""
    worst: float | None = None
    """Mean of the lowest 10% of the campaigns."""
    score: Centre | None = None
    """0 at the floor strategy's mean, 100 at the optimum; the interval excludes the floor's uncertainty."""
    acceleration: Estimate | None = None
    """Designs that the floor strategy needs divided by designs that this one needs, to the highest value that both of a
    pair reach, where neither is censored: the median over units. Pairs without a measurement are excluded.
    """
    enhancement: Estimate | None = None
    """Mean value divided by the floor's; None on a log scale or with negative values, where differences apply."""
    reached: Mapping[str, Mapping[str, Reached]] = field(default_factory=dict)
    """Trace -> axis -> when, and how often, the landscape's threshold was reached."""
    given: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Information used, lowest and highest over its cells."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    """Mean time inside a campaign."""


def standing(
    setting: Setting, label: str, look: Look, floor: str | None, threshold: float | None, has_ratio: bool = True
) -> Standing:
    """The standing of a contestant; `has_ratio`: whether ratios are meaningful on the landscape's scale."""
    places, names = sorted(setting.done[label]), traces_of(setting.cells)
    alone = Standing(label, len(places), setting.n_failed[label], setting.n_missing[label], setting.n_blank[label])
    if not places or look.trace not in names:
        return alone
    cells = setting.at(label, places)
    tables = _Tables(setting, places, cells, names, look.points(setting))
    at, values = tables.points[look.axis], tables.values(look.trace, look.axis)
    alone = replace(
        alone,
        n_without_value=sum(not has_value(cell, look.trace, look.axis, at) for cell in cells),
        n_ended_before=sum(getattr(cell, look.axis) < at for cell in cells),
        units=tuple(sorted({setting.unit_of(place) for place in places})),
        unit_values=tuple(unit_means(places, values, setting).tolist()),
        values=tables.centres(look.n_resamples),
        areas=tables.areas(look.n_resamples),
        worst=worst_tenth(values),
        reached={} if threshold is None else tables.reached(threshold, look.n_resamples),
        given=_given(cells),
        outcomes=_outcomes(cells),
        seconds=float(np.mean([cell.seconds for cell in cells])),
    )
    return alone if floor is None or not setting.done.get(floor) else _beside(alone, setting, look, floor, has_ratio)


def _beside(alone: Standing, setting: Setting, look: Look, floor: str, has_ratio: bool) -> Standing:
    scored = unit_scores(setting, alone.label, floor, look)
    return replace(
        alone,
        unit_scores=tuple(scored.tolist()),
        score=centres(scored, look.n_resamples)[0] if len(scored) else None,
        acceleration=accelerated(setting, alone.label, floor, look),
        enhancement=enhanced(setting, alone.label, floor, look) if has_ratio else None,
    )


@dataclass(frozen=True)
class _Tables:
    """All traces of a contestant against all axes."""

    setting: Setting
    places: Sequence[Place]
    cells: Sequence[CellResult]
    names: Sequence[str]
    points: Mapping[str, float]

    def values(self, name: str, axis: str) -> Floats:
        """Values at the point compared, (n_places,)."""
        return self.setting.values(self.cells, name, axis, self.points[axis])

    def centres(self, n_resamples: int) -> dict[str, dict[str, Centre]]:
        rows = iter(centres(self._units([self.values(*where) for where in self._all()]), n_resamples))
        return {name: {axis: next(rows) for axis in self.points} for name in self.names}

    def areas(self, n_resamples: int) -> dict[str, dict[str, Estimate]]:
        rows = iter(estimates(np.mean, self._units([self._heights(*where) for where in self._all()]), n_resamples))
        return {name: {axis: next(rows) for axis in self.points} for name in self.names}

    def reached(self, threshold: float, n_resamples: int) -> dict[str, dict[str, Reached]]:
        units = [self.setting.unit_of(place) for place in self.places]
        found: dict[str, dict[str, Reached]] = {name: {} for name in self.names}
        for name, axis in self._all():
            reaches = [first_reach(c.traces.get(name), axis, threshold, getattr(c, axis)) for c in self.cells]
            found[name][axis] = reached(reaches, units, threshold, n_resamples)
        return found

    def _all(self) -> list[tuple[str, str]]:
        return [(name, axis) for name in self.names for axis in self.points]

    def _heights(self, name: str, axis: str) -> Floats:
        nothing, until = self.setting.nothing, self.points[axis]
        return np.array([mean_height(c.traces.get(name), axis, until, nothing[c.instance]) for c in self.cells])

    def _units(self, rows: Sequence[Floats]) -> Floats:
        return unit_means(self.places, np.array(rows).T, self.setting).T


def _given(cells: Sequence[CellResult]) -> dict[str, tuple[float, float]]:
    names = dict.fromkeys(name for cell in cells for name in cell.given)
    numbers = {name: [cell.given.get(name) or 0 for cell in cells] for name in names}
    return {name: (float(min(values)), float(max(values))) for name, values in numbers.items()}


def _outcomes(cells: Sequence[CellResult]) -> dict[str, int]:
    names = sorted({name for cell in cells for name in cell.outcomes})
    return {name: sum(cell.outcomes.get(name, 0) for cell in cells) for name in names}
