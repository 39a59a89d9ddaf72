"""A contestant relative to the floor strategy: score, acceleration and enhancement."""

from collections.abc import Sequence

import numpy as np

from designloop.study.estimates import Estimate, acceleration, enhancement, scores
from designloop.study.look import Look
from designloop.study.results import Floats
from designloop.study.traces import first_reach, has_value
from designloop.study.units import Place, Setting, common_places, unit_means


def unit_scores(setting: Setting, label: str, floor: str, look: Look) -> Floats:
    """Scores 0-100, (n_units,), of units with a known optimum and a finished run of the floor strategy."""
    at, places = look.points(setting)[look.axis], sorted(setting.done[label])
    of_floor = sorted(setting.done[floor])
    means = _by_instance(of_floor, setting.values(setting.at(floor, of_floor), look.trace, look.axis, at))
    optima = [cell.optimum for cell in setting.at(label, places)]
    found = scores(
        setting.values(setting.at(label, places), look.trace, look.axis, at),
        np.array([means.get(instance, np.nan) for instance, _ in places]),
        np.array([np.nan if optimum is None else optimum for optimum in optima]),
    )
    known = np.isfinite(found)
    return unit_means([place for place, is_known in zip(places, known, strict=True) if is_known], found[known], setting)


def accelerated(setting: Setting, label: str, floor: str, look: Look) -> Estimate | None:
    """Designs that the floor needs divided by designs that the contestant needs, to the highest value that both reach.

    Neither is censored at this value. The result is the median over units of the mean logarithm. Pairs without a
    measurement are excluded.
    """
    designs = look.points(setting)["designs"]
    places = [p for p in common_places(setting, label, floor) if _both_have_values(setting, p, label, floor, look)]
    if not places:
        return None
    mine, theirs = (setting.values(setting.at(who, places), look.trace, "designs", designs) for who in (label, floor))
    both = np.minimum(mine, theirs)
    needs = [_needs(setting, who, places, both, look) for who in (floor, label)]
    return acceleration(unit_means(places, np.log(needs[0]) - np.log(needs[1]), setting), look.n_resamples)


def enhanced(setting: Setting, label: str, floor: str, look: Look) -> Estimate | None:
    """Mean value divided by the floor's mean value, for paired units. None if a ratio is meaningless."""
    places, at = common_places(setting, label, floor), look.points(setting)[look.axis]
    both = [setting.values(setting.at(who, places), look.trace, look.axis, at) for who in (label, floor)]
    mine, theirs = (unit_means(places, values, setting) for values in both)
    return enhancement(mine, theirs, look.n_resamples)


def _by_instance(places: Sequence[Place], values: Floats) -> dict[int, float]:
    instances = np.array([place[0] for place in places])
    return {int(i): float(values[instances == i].mean()) for i in np.unique(instances)}


def _both_have_values(setting: Setting, place: Place, a: str, b: str, look: Look) -> bool:
    designs = look.points(setting)["designs"]
    return all(has_value(setting.done[who][place], look.trace, "designs", designs) for who in (a, b))


def _needs(setting: Setting, label: str, places: Sequence[Place], values: Floats, look: Look) -> Floats:
    """Designs needed to reach each value, (n_places,); at least one, even if a start already had the value."""
    designs = look.points(setting)["designs"]
    traces = [cell.traces[look.trace] for cell in setting.at(label, places)]
    found = [first_reach(t, "designs", value, designs).at for t, value in zip(traces, values, strict=True)]
    return np.maximum(found, 1.0)
