"""A pair is two contestants in one setting, compared on finished cells of the same instance and seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from designloop.study.comparisons import ALPHA, correlation, detectable_effect, holm, sign_flip_p
from designloop.study.estimates import Estimate, estimates, improvement
from designloop.study.look import Look
from designloop.study.results import Floats
from designloop.study.units import Place, Setting, common_places, unit_means

MIN_UNITS = 20
"""With fewer units, there is no verdict."""


@dataclass(frozen=True)
class Pair:
    """Two contestants; a positive difference means that `a` is ahead."""

    a: str
    b: str
    n_pairs: int
    """Number of paired cells."""
    n_dropped: int
    """Finished cells whose partner failed or is missing."""
    n_units: int
    difference: Estimate | None = None
    """Mean over units, in the landscape's units of value."""
    sd: float | None = None
    """Standard deviation of the units' differences."""
    improvement: Estimate | None = None
    """Probability that `a` ends above `b` in a pair of cells; ties count half."""
    correlation: float | None = None
    """Correlation of the units' values, which pairing removes from the difference."""
    luck: float | None = None
    """Correlation of the cells' values around their instances' means: the effect of common random numbers alone."""
    detectable: float | None = None
    """The difference that this number of units detects with 80% power at Holm's first level."""
    p: float | None = None
    """None without a verdict, since a p-value at an interim look is not valid."""
    p_holm: float | None = None

    @property
    def is_called(self) -> bool:
        """Whether the difference is significant."""
        return self.p_holm is not None and self.p_holm <= ALPHA

    @property
    def ahead(self) -> str | None:
        """The contestant that is ahead, if the difference is significant."""
        if not self.is_called or self.difference is None:
            return None
        return self.a if self.difference.value > 0 else self.b


def pairs_of(setting: Setting, look: Look, *, has_verdict: bool) -> tuple[Pair, ...]:
    """All pairs of a setting's contestants. Holm corrects over those that have enough units.

    Each setting is a family of its own. There is no correction over traces and axes, since only the number that `look`
    names is tested.
    """
    twos = list(combinations(setting.contestants, 2))
    found = [_pair(setting, a, b, look, has_verdict=has_verdict) for a, b in twos]
    tested = [i for i, (pair, _) in enumerate(found) if pair.p is not None]
    corrected = dict(zip(tested, holm([p for pair, _ in found if (p := pair.p) is not None]), strict=True))
    return tuple(
        replace(pair, p_holm=corrected.get(i), detectable=_detectable(differences, len(tested) or len(twos)))
        for i, (pair, differences) in enumerate(found)
    )


def _pair(setting: Setting, a: str, b: str, look: Look, *, has_verdict: bool) -> tuple[Pair, Floats]:
    places = common_places(setting, a, b)
    n_dropped = len(setting.done[a].keys() ^ setting.done[b].keys())
    if not places:
        return Pair(a, b, 0, n_dropped, 0), np.empty(0)
    at = look.points(setting)[look.axis]
    mine, theirs = (setting.values(setting.at(who, places), look.trace, look.axis, at) for who in (a, b))
    units = unit_means(places, np.stack([mine, theirs, mine - theirs, improvement(mine - theirs)], axis=1), setting).T
    differences = units[2]
    difference, better = estimates(np.mean, units[2:], look.n_resamples)
    enough = has_verdict and len(differences) >= MIN_UNITS
    pair = Pair(
        a=a,
        b=b,
        n_pairs=len(places),
        n_dropped=n_dropped,
        n_units=len(differences),
        difference=difference,
        sd=float(differences.std(ddof=1)) if len(differences) > 1 else None,
        improvement=better,
        correlation=correlation(units[0], units[1]),
        luck=correlation(*_about_instances(places, mine, theirs)),
        p=sign_flip_p(differences) if enough else None,
    )
    return pair, differences


def _detectable(differences: Floats, n_pairs: int) -> float | None:
    effect = detectable_effect(len(differences), n_pairs)
    return None if effect is None else float(effect * differences.std(ddof=1))


def _about_instances(places: Sequence[Place], *values: Floats) -> list[Floats]:
    """Values minus their instance's mean, for instances with more than one seed."""
    instances = np.array([place[0] for place in places])
    groups = [instances == i for i in np.unique(instances) if (instances == i).sum() > 1]
    about = [[value[group] - value[group].mean() for group in groups] for value in values]
    return [np.concatenate([np.empty(0), *parts]) for parts in about]
