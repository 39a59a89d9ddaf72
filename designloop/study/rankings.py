"""Rankings of contestants across landscapes, and pairs whose order flips between settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from designloop.study.comparisons import critical_difference, friedman_p, ranks
from designloop.study.estimates import Centre, centres
from designloop.study.pairs import Pair
from designloop.study.standings import Standing


@dataclass(frozen=True)
class Ranking:
    """Contestants across landscapes, with all other labels equal. The landscape is the unit here."""

    labels: Mapping[str, str]
    """The labels of all axes but the compared one and the landscapes."""
    landscapes: tuple[str, ...]
    """Landscapes where every contestant has finished cells."""
    mean_ranks: Mapping[str, float] = field(default_factory=dict)
    """1 is best; contestants are ranked in each landscape by the mean over units of the value compared."""
    p: float | None = None
    """p-value of Friedman's test, by permutation."""
    critical_difference: float | None = None
    """Nemenyi's critical difference: mean ranks further apart differ significantly."""
    scores: Mapping[str, Centre] = field(default_factory=dict)
    """Scores 0-100 over all units of all landscapes, resampled within landscapes, if defined in all of them."""


@dataclass(frozen=True)
class Flip:
    """Two contestants whose order is not the same in all settings."""

    a: str
    b: str
    a_ahead: tuple[Mapping[str, str], ...]
    b_ahead: tuple[Mapping[str, str], ...]
    is_shown: bool
    """True if both directions are significant; False if only the means differ."""


def ranking(labels: Mapping[str, str], standings: Mapping[str, Sequence[Standing]], n_resamples: int) -> Ranking:
    """The ranking over landscapes; `standings` by landscape, the same contestants in the same order in each."""
    whole = {where: here for where, here in standings.items() if all(one.unit_values for one in here)}
    if len(whole) < 2 or len(next(iter(whole.values()))) < 2:
        return Ranking(labels, tuple(whole))
    names = [one.label for one in next(iter(whole.values()))]
    values = np.array([[np.mean(one.unit_values) for one in here] for here in whole.values()])
    return Ranking(
        labels=labels,
        landscapes=tuple(whole),
        mean_ranks=dict(zip(names, ranks(values).mean(axis=0).tolist(), strict=True)),
        p=friedman_p(values),
        critical_difference=critical_difference(len(names), len(whole)),
        scores=_scores(names, list(whole.values()), n_resamples),
    )


def flips(settings: Sequence[tuple[Mapping[str, str], Sequence[Pair]]]) -> tuple[Flip, ...]:
    """Pairs whose order flips, significantly in both directions or else in the means only."""
    known = [(labels, pairs) for labels, pairs in settings if pairs]  # a setting without a finished cell has no pairs
    found = []
    for i in range(len(known[0][1]) if known else 0):
        here = [(labels, pairs[i]) for labels, pairs in known]
        called = _sides([(labels, pair) for labels, pair in here if pair.is_called])
        sides = called if all(called) else _sides(here)
        if all(sides):
            found.append(Flip(here[0][1].a, here[0][1].b, *sides, is_shown=all(called)))
    return tuple(found)


def _sides(
    here: Sequence[tuple[Mapping[str, str], Pair]],
) -> tuple[tuple[Mapping[str, str], ...], tuple[Mapping[str, str], ...]]:
    known = [(labels, pair.difference.value) for labels, pair in here if pair.difference is not None]
    return tuple(labels for labels, d in known if d > 0), tuple(labels for labels, d in known if d < 0)


def _scores(names: Sequence[str], landscapes: Sequence[Sequence[Standing]], n_resamples: int) -> dict[str, Centre]:
    found = {}
    for i, name in enumerate(names):
        parts = [here[i].unit_scores for here in landscapes]
        if all(parts):
            strata = [k for k, part in enumerate(parts) for _ in part]
            found[name] = centres(np.concatenate([np.array(part) for part in parts]), n_resamples, strata)[0]
    return found
