"""A standing is what one contestant came to in one setting, by itself and beside the floor strategy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from designloop.study.estimates import (
    N_RESAMPLES,
    Centre,
    Estimate,
    acceleration,
    centres,
    enhancement,
    estimates,
    scores,
    worst_tenth,
)
from designloop.study.reaching import Reached, reached
from designloop.study.results import CellResult, Floats
from designloop.study.traces import AXES, common_end, first_reach, has_value, mean_height, traces_of
from designloop.study.units import Place, Setting, common_places, unit_means

Table = Mapping[str, Mapping[str, Floats]]


@dataclass(frozen=True)
class Look:
    """How a study is looked at; fixed before, for the verdict speaks of this one number only."""

    trace: str = "recommended"
    axis: str = "designs"
    at: Mapping[str, float] = field(default_factory=dict)
    """Axis -> the point at which values are compared. What it does not name is the largest designs, weeks or cost that
    all finished campaigns of a setting came to. Past its end a campaign keeps its last value.
    """
    n_resamples: int = N_RESAMPLES

    def points(self, setting: Setting) -> dict[str, float]:
        """Axis -> the point at which this setting is compared."""
        ends = {axis: self.at.get(axis, common_end(setting.cells, axis)) for axis in AXES}
        return {axis: end for axis, end in ends.items() if end is not None}


@dataclass(frozen=True)
class Standing:
    """One contestant in one setting. Empty and None where it has no finished cell."""

    label: str
    n_cells: int
    n_failed: int
    n_missing: int
    n_without_value: int = 0
    """Campaigns that had measured nothing by the point compared; they count as the lowest value of their instance."""
    n_ended_before: int = 0
    """Campaigns that ended before the point compared, and keep their last value."""
    units: tuple[int, ...] = ()
    unit_values: tuple[float, ...] = ()
    """What the verdict compares: the value looked at, of each unit."""
    unit_scores: tuple[float, ...] = ()
    values: Mapping[str, Mapping[str, Centre]] = field(default_factory=dict)
    """Trace -> axis -> value at the equal point of the axis."""
    areas: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    """Trace -> axis -> mean value on the way there: the area under the trace, over its length."""
    worst: float | None = None
    """Mean of the lowest 10% of the campaigns."""
    score: Centre | None = None
    """0 at the floor strategy's mean, 100 at the optimum; the floor's own uncertainty is not in the interval."""
    acceleration: Estimate | None = None
    """Designs the floor strategy needs over designs this one needs, to the highest value that both reach in a pair (so
    that neither is censored): the median over units. Pairs where one measured nothing are left out.
    """
    enhancement: Estimate | None = None
    """Mean value over the floor's; None on a log scale, and where values are negative: look at the difference."""
    reached: Mapping[str, Mapping[str, Reached]] = field(default_factory=dict)
    """Trace -> axis -> when the landscape's threshold was reached, and by how many."""
    given: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """What it was given, lowest and highest over its cells."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    """Mean time inside a campaign."""


def standing(
    setting: Setting, label: str, look: Look, floor: str | None, threshold: float | None, has_ratio: bool = True
) -> Standing:
    """What a contestant came to; `has_ratio`: the landscape's scale is one on which a ratio means something."""
    places, points = sorted(setting.done[label]), look.points(setting)
    counts = len(places), setting.n_failed[label], setting.n_missing[label]
    cells, names = [setting.done[label][place] for place in places], traces_of(setting.cells)
    if not places or look.trace not in names:
        return Standing(label, *counts)
    tables = _Tables(setting, label, places, names, points)
    at, n = points[look.axis], look.n_resamples
    values = tables.values(look.trace, look.axis)
    has_floor = floor is not None and bool(setting.done.get(floor))
    unit_scores = _unit_scores(setting, label, places, values, str(floor), look, at) if has_floor else np.empty(0)
    return Standing(
        label,
        *counts,
        n_without_value=sum(not has_value(cell, look.trace, look.axis, at) for cell in cells),
        n_ended_before=sum(getattr(cell, look.axis) < at for cell in cells),
        units=tuple(sorted({setting.unit_of(place) for place in places})),
        unit_values=tuple(unit_means(places, values, setting).tolist()),
        unit_scores=tuple(unit_scores.tolist()),
        values=tables.centres(n),
        areas=tables.areas(n),
        worst=worst_tenth(values),
        score=centres(unit_scores, n)[0] if len(unit_scores) else None,
        acceleration=_acceleration(setting, label, str(floor), look, points["designs"]) if has_floor else None,
        enhancement=_enhancement(setting, label, str(floor), look, at) if has_floor and has_ratio else None,
        reached={} if threshold is None else tables.reached(threshold, n),
        given=_given(cells),
        outcomes=_outcomes(cells),
        seconds=float(np.mean([cell.seconds for cell in cells])),
    )


@dataclass(frozen=True)
class _Tables:
    """All traces of a contestant against all axes."""

    setting: Setting
    label: str
    places: Sequence[Place]
    names: Sequence[str]
    points: Mapping[str, float]

    def values(self, name: str, axis: str) -> Floats:
        """At the equal point, (n_places,)."""
        return self.setting.values(self.label, self.places, name, axis, self.points[axis])

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
            reaches = [first_reach(c.traces.get(name), axis, threshold, getattr(c, axis)) for c in self._cells()]
            found[name][axis] = reached(reaches, units, threshold, n_resamples)
        return found

    def _all(self) -> list[tuple[str, str]]:
        return [(name, axis) for name in self.names for axis in self.points]

    def _cells(self) -> list[CellResult]:
        return [self.setting.done[self.label][place] for place in self.places]

    def _heights(self, name: str, axis: str) -> Floats:
        nothing, until = self.setting.nothing, self.points[axis]
        return np.array([mean_height(c.traces.get(name), axis, until, nothing[c.instance]) for c in self._cells()])

    def _units(self, rows: Sequence[Floats]) -> Floats:
        return unit_means(self.places, np.array(rows).T, self.setting).T


def _unit_scores(
    setting: Setting, label: str, places: Sequence[Place], values: Floats, floor: str, look: Look, at: float
) -> Floats:
    """Scores of the units whose optimum and floor are known, (n_units,)."""
    of_floor = sorted(setting.done[floor])
    floor_values = setting.values(floor, of_floor, look.trace, look.axis, at)
    by_instance: dict[int, list[float]] = {}
    for (instance, _), value in zip(of_floor, floor_values, strict=True):
        by_instance.setdefault(instance, []).append(value)
    optima = [setting.done[label][place].optimum for place in places]
    known = [i for i, (place, best) in enumerate(zip(places, optima, strict=True)) if best and place[0] in by_instance]
    floors = np.array([np.mean(by_instance[places[i][0]]) for i in known])
    found = scores(values[known], floors, np.array([optima[i] for i in known], dtype=np.float64))
    kept = np.isfinite(found)
    return unit_means([places[i] for i, keep in zip(known, kept, strict=True) if keep], found[kept], setting)


def _acceleration(setting: Setting, label: str, floor: str, look: Look, designs: float) -> Estimate | None:
    pairs, ratios = [], []
    for place in common_places(setting, label, floor):
        mine, theirs = (setting.done[who][place] for who in (label, floor))
        if not all(has_value(cell, look.trace, "designs", designs) for cell in (mine, theirs)):
            continue
        both = min(setting.values(who, [place], look.trace, "designs", designs)[0] for who in (label, floor))
        needs = [first_reach(c.traces[look.trace], "designs", both, designs).at for c in (theirs, mine)]
        pairs.append(place)
        ratios.append(np.log(max(needs[0], 1.0)) - np.log(max(needs[1], 1.0)))
    if not pairs:
        return None
    return acceleration(unit_means(pairs, np.array(ratios), setting), look.n_resamples)


def _enhancement(setting: Setting, label: str, floor: str, look: Look, at: float) -> Estimate | None:
    places = common_places(setting, label, floor)
    both = [setting.values(who, places, look.trace, look.axis, at) for who in (label, floor)]
    return enhancement(*(unit_means(places, values, setting) for values in both), n_resamples=look.n_resamples)


def _given(cells: Sequence[CellResult]) -> dict[str, tuple[float, float]]:
    names = dict.fromkeys(name for cell in cells for name in cell.given)
    numbers = {name: [cell.given.get(name) or 0 for cell in cells] for name in names}
    return {name: (float(min(values)), float(max(values))) for name, values in numbers.items()}


def _outcomes(cells: Sequence[CellResult]) -> dict[str, int]:
    names = sorted({name for cell in cells for name in cell.outcomes})
    return {name: sum(cell.outcomes.get(name, 0) for cell in cells) for name in names}
