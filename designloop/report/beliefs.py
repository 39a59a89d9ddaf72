"""What a strategy believed: the weight of each surrogate by round, and how well each predicted what came back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from designloop.core.counting import many
from designloop.report.calibration import Share, coverage, rank_correlation
from designloop.report.marks import Axis, Bars, Figure, Line, Mark, Panel, Points, Rule
from designloop.report.page import Column, Table
from designloop.report.palette import Style, style
from designloop.report.predictions import Predicted, percents
from designloop.report.record import Record
from designloop.report.words import correlation, percent

LEVEL = 0.9
_APART = 0.14
"""Distance between the points of two surrogates in a round, so that their intervals do not overlap."""
_MOST_TICKS = 12
_LONG = 30
"""Rows from which a table has a search field."""


@dataclass(frozen=True, slots=True)
class Belief:
    """One surrogate in one round: its weight, and how well it predicted the values of the round's designs."""

    round: int
    surrogate: str
    weight: float | None
    """Share of all weights of the round; None without weights."""
    out_of_fold: float | None
    """The strategy's own estimate of the rank correlation, before the batch was chosen."""
    scale: str
    n: int
    """Designs with a prediction and a value."""
    correlation: float | None
    inside: Share | None
    """Share of the measured values in the 90% interval."""


def beliefs_of(record: Record) -> list[Belief]:
    """One for each round and surrogate with a weight or a prediction."""
    return [_belief(record, round_, name) for round_ in sorted(record.submissions) for name in _in(record, round_)]


def _in(record: Record, round_: int) -> list[str]:
    """The surrogates of a round, by name."""
    noted = record.beliefs.get(round_, {})
    designs = [design for design in record.designs.values() if design.round == round_]
    named = {name for design in designs for name in design.predictions}
    return sorted({*named, *noted.get("weights", {}), *noted.get("out_of_fold", {})})


def _belief(record: Record, round_: int, name: str) -> Belief:
    noted = record.beliefs.get(round_, {})
    known = _predicted(record, round_, name)
    has_values = len(known.means) > 0
    return Belief(
        round_,
        name,
        _share(noted.get("weights", {}), name),
        noted.get("out_of_fold", {}).get(name),
        noted.get("scale", ""),
        len(known.means),
        rank_correlation(known.means, known.measured) if has_values else None,
        coverage(known.means, known.stds, known.measured, [LEVEL])[0] if has_values else None,
    )


def _predicted(record: Record, round_: int, name: str) -> Predicted:
    """What a surrogate predicted for the designs of a round, and what was measured in their own batch."""
    designs = [design for design in record.designs.values() if design.round == round_ and name in design.predictions]
    return Predicted.of([replace(d, mean=d.predictions[name][0], std=d.predictions[name][1]) for d in designs])


def _share(weights: Mapping[str, float], name: str) -> float | None:
    total = sum(weights.values())
    return weights.get(name, 0.0) / total if total > 0 else None


def beliefs(record: Record) -> Figure | None:
    """Weights, rank correlation and coverage by round; None if no surrogate was named."""
    found = beliefs_of(record)
    looks = {name: style(place) for place, name in enumerate(sorted({belief.surrogate for belief in found}))}
    rounds = sorted({belief.round for belief in found})
    panels = list[Panel]()
    if any(belief.weight is not None for belief in found):
        panels.append(_weights(found, looks, rounds))
    if any(belief.n for belief in found):
        panels += [_correlations(found, looks, rounds), _coverage(found, looks, rounds)]
    if not panels:
        return None
    return Figure(
        "surrogates",
        "Weight and calibration of each surrogate, by round",
        f"{_sentence(found)} Weight: its share in the choice of the batch. Rank correlation: of its predictions, made "
        "when the designs were chosen, with the values that came back, for all designs of the batch. Interval: the "
        "share of those values in its 90% interval, which includes the measurement error; error bars are 95% "
        "confidence intervals.",
        tuple(panels),
        columns=len(panels),
    )


def _sentence(found: Sequence[Belief]) -> str:
    """The weights of the last round that has any; otherwise, how many surrogates there are."""
    last = max((belief.round for belief in found if belief.weight is not None), default=None)
    if last is None:
        return f"{many(len({belief.surrogate for belief in found}), 'surrogate', 'were')} considered."
    its = sorted((b for b in found if b.round == last and b.weight is not None), key=lambda b: -(b.weight or 0.0))
    return f"Weights in round {last}: {', '.join(f'{b.surrogate} {percent(b.weight or 0.0)}' for b in its)}."


def _of(found: Sequence[Belief], name: str) -> list[Belief]:
    return [belief for belief in found if belief.surrogate == name]


def _weights(found: Sequence[Belief], looks: Mapping[str, Style], rounds: Sequence[int]) -> Panel:
    """Stacked bars: one for each round, with a piece for each surrogate."""
    base = np.zeros(len(rounds))
    marks = list[Mark]()
    for name, look in looks.items():
        weights = {belief.round: belief.weight or 0.0 for belief in _of(found, name)}
        lengths = np.array([weights.get(round_, 0.0) for round_ in rounds])
        hover = [f"round {r}<br>{name}: {percent(n)}" for r, n in zip(rounds, lengths, strict=True)]
        marks.append(Bars(rounds, lengths, look, name, base.copy(), 0.72, hover=hover))
        base = base + lengths
    return Panel(_rounds(rounds), percents("weight"), tuple(marks), "Weight", 300)


def _correlations(found: Sequence[Belief], looks: Mapping[str, Style], rounds: Sequence[int]) -> Panel:
    marks: list[Mark] = [Rule(0.0)]
    for name, look in looks.items():
        its = [belief for belief in _of(found, name) if belief.correlation is not None]
        x, y = [belief.round for belief in its], [belief.correlation or 0.0 for belief in its]
        hover = [
            f"round {b.round}, {name}<br>rank correlation {correlation(b.correlation)}<br>{b.n} designs" for b in its
        ]
        marks += [Line(x, y, look, name, hover=hover), Points(x, y, look, name, hover=hover)]
    return Panel(_rounds(rounds), Axis("rank correlation", low=-1.05, high=1.05), tuple(marks), "Rank correlation", 300)


def _coverage(found: Sequence[Belief], looks: Mapping[str, Style], rounds: Sequence[int]) -> Panel:
    marks: list[Mark] = [Rule(LEVEL)]
    for place, (name, look) in enumerate(looks.items()):
        shift = _APART * (place - (len(looks) - 1) / 2)
        its = [(belief.round + shift, belief.round, belief.inside) for belief in _of(found, name) if belief.inside]
        shares = [share for _, _, share in its]
        hover = [f"round {r}, {name}<br>{percent(s.share)} of {s.n} in the 90% interval" for _, r, s in its]
        low, high = [share.low for share in shares], [share.high for share in shares]
        x, y = [at for at, _, _ in its], [share.share for share in shares]
        marks.append(Points(x, y, look, name, y_low=low, y_high=high, hover=hover))
    return Panel(_rounds(rounds), percents("values in the 90% interval"), tuple(marks), "90% intervals", 300)


def _rounds(rounds: Sequence[int]) -> Axis:
    step = ceil(len(rounds) / _MOST_TICKS)
    ticks = tuple((float(round_), str(round_)) for round_ in rounds[::step])
    return Axis("round", ticks, rounds[0] - 0.6, rounds[-1] + 0.6, has_grid=False)


def belief_table(record: Record) -> Table | None:
    """One row for each round and surrogate; None if no surrogate was named."""
    found = beliefs_of(record)
    if not found:
        return None
    has_scale = any(belief.scale for belief in found)
    rows = tuple(row[: len(row) - (not has_scale)] for row in _rows(found))
    numbers = ("weight", "out-of-fold correlation", "designs", "rank correlation", "in 90% interval")
    return Table(
        "surrogates",
        "Surrogates by round",
        (
            Column("round", "number"),
            Column("surrogate"),
            *(Column(title, "number") for title in numbers),
            *([Column("scale")] if has_scale else []),
        ),
        rows,
        "Out-of-fold correlation: the strategy's own estimate, before the batch. Designs: those with a prediction and "
        "a value. Rank correlation and interval: with the values that came back."
        + (" Scale: that of the surrogate with the largest weight; –: ranks or assay units." if has_scale else ""),
        has_search=len(rows) > _LONG,
    )


def _rows(found: Sequence[Belief]) -> Iterator[tuple[str, ...]]:
    for belief in found:
        yield (
            str(belief.round),
            belief.surrogate,
            "–" if belief.weight is None else percent(belief.weight),
            correlation(belief.out_of_fold),
            str(belief.n),
            correlation(belief.correlation),
            "–" if belief.inside is None else percent(belief.inside.share),
            belief.scale or "–",
        )
