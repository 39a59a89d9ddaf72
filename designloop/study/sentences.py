"""Verdicts in words; they claim no more than the numbers support."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from designloop.core.counting import many
from designloop.study.estimates import Estimate
from designloop.study.pairs import Pair
from designloop.study.rankings import Flip, Ranking
from designloop.study.results import CellResult
from designloop.study.standings import Standing


def number(value: float | None) -> str:
    """Three significant digits, whole numbers from a thousand on; a dash for None."""
    if value is None:
        return "–"
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return "0" if abs(value) < 1e-9 else f"{value:.3g}"


def estimate(value: Estimate | None) -> str:
    """`0.61 (0.55 to 0.67)`."""
    if value is None or value.low is None:
        return number(value.value if value else None)
    return f"{number(value.value)} ({number(value.low)} to {number(value.high)})"


def p_value(p: float | None) -> str:
    """Three decimals, or `< .001`; a dash for None."""
    return "–" if p is None else "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def equals(p: str) -> str:
    """`= .012`, or `< .001`."""
    return p if p.startswith("<") else f"= {p}"


def labels(setting: Mapping[str, str]) -> str:
    """`oracles nk, labs good`."""
    return ", ".join(f"{axis} {label}" for axis, label in setting.items()) or "the study"


def of_refusal(n_missing: int, n_planned: int, n_units: int, unit: str, needed: int) -> str | None:
    """Why a setting has no verdict; None if it has one. `n_units`: the largest number that two contestants share."""
    if n_missing:
        return f"no verdict: {n_missing} of {many(n_planned, 'planned cell')} are missing"
    if n_units < needed:
        return f"no verdict: {many(n_units, unit)}, but at least {needed} are needed"
    return None


def of_lead(ahead: Standing, pairs: Sequence[Pair], others: Sequence[Standing]) -> tuple[str, str, str]:
    """The runner-up of a setting, its distance to the leader, and the verdict on the two."""
    if not others:
        return "–", "–", "–"
    after = max(others, key=lambda one: np.mean(one.unit_values))
    pair = next(pair for pair in pairs if {pair.a, pair.b} == {ahead.label, after.label})
    told = f"significant, p {equals(p_value(pair.p_holm))}" if pair.is_called else "not significant"
    return after.label, _by(pair, ahead.label), "no verdict" if pair.p is None else told


def of_pairs(
    refused: str | None,
    pairs: Sequence[Pair],
    standings: Sequence[Standing],
    unit: str,
    unequal: Sequence[str],
    unreliable: str = "",
) -> str:
    """The verdict on a setting, with its power, its cells, prior information that differs, and unreliable runs."""
    told = _told(pairs) if refused is None else f"{refused[0].upper()}{refused[1:]}"
    differing = "".join(f" Prior information differs: {what}." for what in unequal)
    doubt = f" {unreliable}." if unreliable else ""
    return f"{told}.{_detectable(pairs, unit)}{_cells(standings)}{differing}{doubt}"


def _told(pairs: Sequence[Pair]) -> str:
    called = [pair for pair in pairs if pair.is_called]
    parts = [_called(pair) for pair in sorted(called, key=lambda pair: -abs(_size(pair)))]
    return "; ".join(parts) if parts else "No significant difference"


def of_unequal(given: Mapping[str, Mapping[str, tuple[float, float]]], names: Sequence[str]) -> tuple[str, ...]:
    """Prior information that differs between contestants: `corpus: a 5000, b 0`."""
    said = []
    for name in names:
        each = {label: facts.get(name, (0.0, 0.0)) for label, facts in given.items()}
        if len(set(each.values())) > 1:
            said.append(f"{name}: " + ", ".join(f"{label} {_range(*ends)}" for label, ends in each.items()))
    return tuple(said)


def of_ranking(ranking: Ranking, needed: int) -> str:
    """A ranking across landscapes. Few landscapes give no verdict, whatever the p-value."""
    n = len(ranking.landscapes)
    if not ranking.mean_ranks:
        return f"No ranking: {many(n, 'landscape', 'have')} finished cells for every contestant; 2 are needed."
    order = sorted(ranking.mean_ranks.items(), key=lambda item: item[1])
    told = ", ".join(f"{label} {rank:.2f}" for label, rank in order)
    tested = f"Friedman p {equals(p_value(ranking.p))}, critical difference {number(ranking.critical_difference)}"
    refusal = f" No verdict: {many(n, 'landscape')}, but at least {needed} are needed." if n < needed else ""
    return f"Mean ranks {told}; {tested}.{refusal}"


def of_flip(flip: Flip) -> str:
    """The settings in which two contestants change places."""
    sides = ["; ".join(labels(one) for one in side) for side in (flip.a_ahead, flip.b_ahead)]
    what = "significant in both directions" if flip.is_shown else "means only, no verdict"
    return f"{flip.a} is ahead of {flip.b} in {sides[0]}; behind it in {sides[1]} ({what})."


def of_unreliable(cells: Iterable[CellResult]) -> str:
    """`6 of 12 finished cells are unreliable: oracle 'mine.py:f' is not deterministic`; empty if none is."""
    known = list(cells)
    causes = [cell.unreliable.partition(": ")[0] for cell in known if cell.unreliable]
    if not causes:
        return ""
    are = f"{len(causes)} of {many(len(known), 'finished cell')} {'is' if len(causes) == 1 else 'are'} unreliable"
    return f"{are}: {'; '.join(dict.fromkeys(causes))}"


def of_study(refused: Sequence[str | None], pairs: Sequence[Sequence[Pair]], order: Sequence[Flip]) -> str:
    """The verdict on the whole study in a sentence or two."""
    n, n_verdicts = len(refused), sum(one is None for one in refused)
    n_tested = sum(pair.p is not None for here in pairs for pair in here)
    n_called = sum(pair.is_called for here in pairs for pair in here)
    if not n_verdicts:
        return f"{next(iter(refused), 'no verdict: nothing was compared')}.".capitalize()
    shown = many(n_shown := sum(flip.is_shown for flip in order), "pair")
    change = f"the order of {shown} flips between settings" if n_shown else "no pair significantly changes order"
    flipped = f"; {change}" if n > 1 else ""
    pairs_found = f"significant differences in {n_called} of {many(n_tested, 'pair')}"
    return f"A verdict in {n_verdicts} of {many(n, 'setting')}: {pairs_found}{flipped}."


def _called(pair: Pair) -> str:
    assert pair.difference is not None, "a called pair has a difference"
    winner, loser = (pair.a, pair.b)[:: 1 if pair.difference.value > 0 else -1]
    return f"{winner} is ahead of {loser} by {_by(pair, winner)}, p {equals(p_value(pair.p_holm))}"


def _by(pair: Pair, who: str) -> str:
    """The difference, with the sign for contestant `who`."""
    if pair.difference is None:
        return "–"
    sign = 1 if who == pair.a else -1
    ends = sorted(sign * end for end in (pair.difference.low, pair.difference.high) if end is not None)
    return estimate(Estimate(sign * pair.difference.value, *ends))


def _size(pair: Pair) -> float:
    return abs(pair.difference.value) if pair.difference else 0.0


def _detectable(pairs: Sequence[Pair], unit: str) -> str:
    found = [(pair.detectable, pair.n_units) for pair in pairs if pair.detectable is not None]
    if not found:
        return ""
    low, high = min(found)[0], max(found)[0]
    span = number(high) if number(low) == number(high) else f"{number(low)} to {number(high)} (depending on the pair)"
    n = min(n for _, n in found)
    only = " The result holds for this landscape only." if unit == "seed" else ""
    return f" {many(n, unit)} can detect a difference of {span} with 80% power.{only}"


def _cells(standings: Sequence[Standing]) -> str:
    n_failed, n_none = (sum(getattr(one, name) for one in standings) for name in ("n_failed", "n_without_value"))
    n_done, n_missing = (sum(getattr(one, name) for one in standings) for name in ("n_cells", "n_missing"))
    n_blank = sum(one.n_blank for one in standings)
    out = f"; {many(n_failed, 'failed cell')} excluded" if n_failed else ""
    out += f"; {many(n_blank, 'cell')} excluded whose instance has no measurement" if n_blank else ""
    none = f" Campaigns without a measurement ({n_none}) count as the lowest value of their instance."
    planned = many(n_done + n_failed + n_missing + n_blank, "planned cell")
    return f" Finished: {n_done} of {planned}{out}.{none if n_none else ''}"


def _range(low: float, high: float) -> str:
    return f"{low:g}" if np.isclose(low, high) else f"{low:g}-{high:g}"
