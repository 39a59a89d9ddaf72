"""A verdict states which contestant is ahead, by how much and how certain, or why no statement is possible.

One number is tested, which a `Look` names: by default the true value of the recommended design at equal designs. The
study's description fixes the number of instances and seeds. While cells are missing, and with fewer than 20 units,
there is no verdict.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isclose
from typing import Any

from designloop.study.caveats import caveats_of
from designloop.study.look import Look
from designloop.study.pairs import MIN_UNITS, Pair, pairs_of
from designloop.study.rankings import Flip, Ranking, flips, ranking
from designloop.study.results import StudyResults
from designloop.study.sentences import of_pairs, of_refusal, of_study, of_unequal, of_unreliable
from designloop.study.standings import Standing, standing
from designloop.study.units import Setting, settings_of

HANDED_OUT = ("corpus", "starts", "labels")
"""Prior information, which a fair comparison gives to all contestants alike."""

_QUARTERS = 4
"""The fewest units of which a quarter is left out."""


@dataclass(frozen=True)
class SettingVerdict:
    """One setting: its contestants and all pairs of them."""

    labels: Mapping[str, str]
    landscape: str
    unit: str
    """`instance`, or `seed` if the landscape has one instance; results then hold for this landscape only."""
    n_units: int
    """The smallest number of units that two contestants share."""
    n_planned: int
    n_done: int
    n_failed: int
    points: Mapping[str, float]
    """Axis -> point of comparison: by default the largest that all campaigns reached."""
    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    unequal: tuple[str, ...]
    """Prior information that differs between contestants."""
    refused: str | None
    """Why there is no verdict; None if there is one."""
    sentence: str

    @property
    def middle(self) -> str:
        """What the interquartile mean is called: that of fewer than 4 units is their mean."""
        most = max((len(one.unit_values) for one in self.standings), default=0)
        return "interquartile mean" if most >= _QUARTERS else f"interquartile mean (of fewer than 4 {self.unit}s: mean)"

    @property
    def best(self) -> Standing | None:
        """The contestant with the highest mean, with or without a verdict."""
        known = [one for one in self.standings if one.unit_values]
        return max(known, key=_mean, default=None)

    @property
    def leaders(self) -> tuple[str, ...]:
        """The labels of the contestants with the highest mean, several if it is the same to nine digits."""
        best = self.best
        known = [one for one in self.standings if one.unit_values]
        return tuple(one.label for one in known if best and isclose(_mean(one), _mean(best), rel_tol=1e-9))


def _mean(one: Standing) -> float:
    return sum(one.unit_values) / len(one.unit_values)


@dataclass(frozen=True)
class Verdict:
    """All settings of a study, the rankings across landscapes, and where the order flips."""

    name: str
    compared: str
    floor: str | None
    trace: str
    axis: str
    n_planned: int
    n_done: int
    n_failed: int
    settings: tuple[SettingVerdict, ...]
    rankings: tuple[Ranking, ...] = ()
    flips: tuple[Flip, ...] = ()
    caveats: tuple[str, ...] = ()
    """What a reader must know before the verdict: unreliable runs, another look than the planned one, a changed plan.
    """
    sentence: str = ""
    min_units: int = field(default=MIN_UNITS)

    @property
    def in_words(self) -> str:
        """The sentence, after its caveats."""
        return " ".join([*self.caveats, self.sentence])

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def assess(results: StudyResults, look: Look | None = None) -> Verdict:
    """The verdict on a study, finished or not: a pure function of the results, whose order does not matter.

    `description["scales"]`, if given, names the landscapes (landscape -> "log") on which a ratio of values is
    meaningless. Raises StoreError if two cells have the same place.
    """
    look = look or Look.fixed_in(results)
    settings = tuple(_setting_verdict(setting, results, look) for setting in settings_of(results))
    order = flips([(one.labels, one.pairs) for one in settings])
    rankings = _rankings(results, settings, look)
    return Verdict(
        name=results.name,
        compared=results.compared,
        floor=results.floor,
        trace=look.trace,
        axis=look.axis,
        n_planned=sum(one.n_planned for one in settings),
        n_done=sum(one.n_done for one in settings),
        n_failed=sum(one.n_failed for one in settings),
        settings=settings,
        rankings=rankings,
        flips=order,
        caveats=caveats_of(results, look),
        sentence=of_study([one.refused for one in settings], [one.pairs for one in settings], order),
    )


def _setting_verdict(setting: Setting, results: StudyResults, look: Look) -> SettingVerdict:
    threshold = results.thresholds.get(setting.landscape)
    has_ratio = results.description.get("scales", {}).get(setting.landscape) != "log"
    standings = tuple(
        standing(setting, label, look, results.floor, threshold, has_ratio) for label in setting.contestants
    )
    n_missing, is_measured = sum(setting.n_missing.values()), any(one.unit_values for one in standings)
    pairs = pairs_of(setting, look, has_verdict=not n_missing) if is_measured else ()
    n_done, n_failed = sum(one.n_cells for one in standings), sum(setting.n_failed.values())
    n_units = min((pair.n_units for pair in pairs), default=0)
    most = max((pair.n_units for pair in pairs), default=0)
    n_planned = sum(one.n_cells + one.n_failed + one.n_missing + one.n_blank for one in standings)
    unequal = of_unequal({one.label: one.given for one in standings if one.n_cells}, HANDED_OUT)
    refused = of_refusal(n_missing, n_planned, most, setting.unit, MIN_UNITS)
    return SettingVerdict(
        labels=setting.labels,
        landscape=setting.landscape,
        unit=setting.unit,
        n_units=n_units,
        n_planned=n_planned,
        n_done=n_done,
        n_failed=n_failed,
        points=look.points(setting),
        standings=standings,
        pairs=pairs,
        unequal=unequal,
        refused=refused,
        sentence=of_pairs(refused, pairs, standings, setting.unit, unequal, of_unreliable(setting.cells)),
    )


def _rankings(results: StudyResults, settings: tuple[SettingVerdict, ...], look: Look) -> tuple[Ranking, ...]:
    """A ranking for each combination of labels of the other axes."""
    if results.landscape is None or results.landscape == results.compared:
        return ()
    groups: dict[tuple[tuple[str, str], ...], dict[str, tuple[Standing, ...]]] = {}
    for one in settings:
        rest = tuple((axis, label) for axis, label in one.labels.items() if axis != results.landscape)
        groups.setdefault(rest, {})[one.landscape] = one.standings
    return tuple(ranking(dict(rest), standings, look.n_resamples) for rest, standings in groups.items())
