"""The sentences and key figures at the top of a study's page: headline, comparison, cells, changes of the plan."""

from collections.abc import Iterator, Sequence

from designloop.core.counting import many
from designloop.report.page import Fact
from designloop.report.studies.judged_study import AXIS_WORDS, Judged, named
from designloop.study.pairs import Pair
from designloop.study.sentences import number, of_lead
from designloop.study.verdict import SettingVerdict

_FEW = 4
"""The most settings that a headline names."""


def headline(judged: Judged) -> str:
    """The leader, its lead and the significance, in one or two sentences."""
    known = [setting for setting in judged.verdict.settings if setting.best is not None]
    if not known:
        return f"Nothing has been measured yet: {_cells(judged)}."
    if len(judged.contestants) < 2:
        return f"The study has one contestant, {judged.contestants[0]}, so nothing is compared."
    if len(judged.verdict.settings) == 1:
        return _alone(known[0])
    return _many(known)


def _alone(setting: SettingVerdict) -> str:
    best = setting.best
    assert best is not None
    others = [one for one in setting.standings if one.unit_values and one.label != best.label]
    after, by, told = of_lead(best, setting.pairs, others)
    if not others:
        return f"{_picture(setting)}only {best.label} has been measured."
    if setting.refused is not None:
        return f"{_picture(setting)}{best.label} has the highest mean, {by} above {after}."
    n_below = sum(pair.ahead == best.label for pair in setting.pairs)
    return f"{best.label} has the highest mean, {by} above {after}: {told}.{_behind(setting, best.label, n_below)}"


def _behind(setting: SettingVerdict, best: str, n_below: int) -> str:
    n_others = sum(best in (pair.a, pair.b) for pair in setting.pairs)
    return f" It is significantly above {n_below} of {n_others} others." if n_others > 1 else ""


def _picture(setting: SettingVerdict) -> str:
    return f"{setting.refused[0].upper()}{setting.refused[1:]}; " if setting.refused else ""


def _many(known: Sequence[SettingVerdict]) -> str:
    where: dict[tuple[str, ...], list[SettingVerdict]] = {}
    for setting in known:
        where.setdefault(setting.leaders, []).append(setting)
    order = sorted(where.items(), key=lambda item: -len(item[1]))
    has = "has" if len(order[0][0]) == 1 else "have"
    leads = [
        f"{_listed(leaders)} {_places(here, len(known), has if i == 0 else '')}"
        for i, (leaders, here) in enumerate(order)
    ]
    n_verdicts, n_told = sum(setting.refused is None for setting in known), sum(map(_is_told, known))
    if not n_verdicts:
        return f"{'; '.join(leads)}. These are estimates, without a verdict."
    said = "No leader is" if not n_told else f"In {n_told} of {n_verdicts} verdicts the leader is"
    return f"{'; '.join(leads)}. {said} significantly above the next."


def _places(here: Sequence[SettingVerdict], n: int, has: str) -> str:
    begin = f"{has} the highest mean in " if has else "in "
    if n <= _FEW:
        return begin + _listed([named(setting.labels) for setting in here])
    return f"{begin}{len(here)}{f' of {n} settings' if has else ''}"


def _listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _is_told(setting: SettingVerdict) -> bool:
    assert setting.best is not None
    others = [one for one in setting.standings if one.unit_values and one.label != setting.best.label]
    return bool(others) and of_lead(setting.best, setting.pairs, others)[2].startswith("significant")


def lead(judged: Judged) -> Iterator[str]:
    """The sentences below the headline."""
    verdict = judged.verdict
    yield from verdict.caveats
    if verdict.sentence.rstrip(".").lower() not in headline(judged).lower():
        yield verdict.sentence
    yield f"Compared: {_look(judged)}, {_held(judged)}. Higher is better."
    if verdict.n_done + verdict.n_failed < verdict.n_planned or verdict.n_failed:
        yield f"{_cells(judged)[0].upper()}{_cells(judged)[1:]}."
    left_out = judged.results.description.get("left_out", ())
    if left_out:
        yield f"Left out: {'; '.join(left_out)}."


def _look(judged: Judged) -> str:
    return {
        "recommended": "the true value of the design that each contestant recommends",
        "true": "the best true value that each contestant has tested",
        "common": "the true value of the design that one recommender, the same for all contestants, recommends",
    }[judged.look.trace]


def _held(judged: Judged) -> str:
    span = held(judged)
    return f"at equal {judged.look.axis}{f' ({span})' if span else ''}"


def held(judged: Judged) -> str:
    """The point at which values are compared, over all settings: `64`, or `32 to 64`."""
    points = [setting.points[judged.look.axis] for setting in judged.verdict.settings if setting.points]
    if not points:
        return ""
    low, high = number(min(points)), number(max(points))
    return low if low == high else f"{low} to {high}"


def _cells(judged: Judged) -> str:
    verdict = judged.verdict
    failed = f", {verdict.n_failed} failed" if verdict.n_failed else ""
    n_missing = verdict.n_planned - len(judged.results.cells)
    missing = f", {n_missing} {'is' if n_missing == 1 else 'are'} missing" if n_missing else ""
    return f"{len(judged.results.done)} of {many(verdict.n_planned, 'planned cell')} are done{failed}{missing}"


def facts(judged: Judged) -> Iterator[Fact]:
    """The key figures of the study."""
    verdict = judged.verdict
    n_done, n_missing = len(judged.results.done), verdict.n_planned - len(judged.results.cells)
    note = (
        ", ".join(f"{n} {word}" for n, word in ((verdict.n_failed, "failed"), (n_missing, "missing")) if n)
        or "all planned cells"
    )
    yield Fact("Cells", f"{n_done:,} of {verdict.n_planned:,}", note)
    n_verdicts = sum(setting.refused is None for setting in verdict.settings)
    yield Fact("Settings", f"{len(verdict.settings)}", f"{n_verdicts or 'none'} with a verdict")
    tested = [pair for setting in verdict.settings for pair in setting.pairs if pair.p is not None]
    if tested:
        note = "pairs of contestants, over all settings"
        yield Fact("Significant", f"{_n_called(tested)} of {len(tested)}", note)
    units = [setting.n_units for setting in verdict.settings if setting.pairs]
    if units:
        low, high = min(units), max(units)
        yield Fact(
            "Units",
            f"{low}" if low == high else f"{low} to {high}",
            f"{_units(judged)}s per setting; {verdict.min_units} needed for a verdict",
        )
    if held(judged):
        yield Fact("Compared at", held(judged), AXIS_WORDS[judged.look.axis])
    seconds = sum(cell.seconds for cell in judged.results.cells)
    yield Fact("Computing time", duration(seconds), f"{seconds / max(len(judged.results.cells), 1):.1f} s per cell")


def _n_called(pairs: list[Pair]) -> int:
    return sum(pair.is_called for pair in pairs)


def _units(judged: Judged) -> str:
    return "/".join(dict.fromkeys(setting.unit for setting in judged.verdict.settings))


def duration(seconds: float) -> str:
    """`12 s`, `3 min`, `1.5 hours`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
