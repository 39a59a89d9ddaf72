"""A pair is two contestants in one setting, compared where both have a finished cell of the same instance and seed."""

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
"""Fewer than these give a picture and no verdict."""


@dataclass(frozen=True)
class Pair:
    """Two contestants; a difference above zero says that `a` is ahead."""

    a: str
    b: str
    n_pairs: int
    """Cells that stand side by side."""
    n_dropped: int
    """Finished cells of one whose partner failed or is missing."""
    n_units: int
    difference: Estimate | None = None
    """Mean over units, in the landscape's units of value."""
    sd: float | None = None
    """Of the units' differences."""
    improvement: Estimate | None = None
    """Probability that `a` ends above `b` in a pair, ties half."""
    correlation: float | None = None
    """Of the units' values: what pairing takes out of the difference."""
    luck: float | None = None
    """Of the cells' values about their instances' means: what common random numbers alone achieved."""
    detectable: float | None = None
    """The difference that so many units find with 80% power at Holm's first level."""
    p: float | None = None
    """None where there is no verdict: a p-value looked at before the end is no p-value."""
    p_holm: float | None = None

    @property
    def is_called(self) -> bool:
        """Whether the verdict tells the two apart."""
        return self.p_holm is not None and self.p_holm <= ALPHA

    @property
    def ahead(self) -> str | None:
        """Who is ahead, where the verdict tells the two apart."""
        if not self.is_called or self.difference is None:
            return None
        return self.a if self.difference.value > 0 else self.b


def pairs_of(setting: Setting, look: Look, *, has_verdict: bool) -> tuple[Pair, ...]:
    """All pairs of a setting's contestants. They are one family: Holm corrects over those that have enough units.

    Another setting is another question with a family of its own; across traces and axes there is nothing to correct,
    since only the one number that `look` names is tested.
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
    """Values less their instance's mean, of instances with more than one seed."""
    instances = np.array([place[0] for place in places])
    groups = [instances == i for i in np.unique(instances) if (instances == i).sum() > 1]
    about = [[value[group] - value[group].mean() for group in groups] for value in values]
    return [np.concatenate([np.empty(0), *parts]) for parts in about]
