"""Best value by week, with the rounds in the lab below it."""

from collections.abc import Iterator, Sequence

from designloop.core.clock import as_weeks
from designloop.core.counting import many
from designloop.core.rows import mark_of
from designloop.operations.visits import Visit
from designloop.report.marks import Axis, Bars, Figure, Line, Mark, Panel, Points
from designloop.report.palette import QUIET, Style, ordered, style
from designloop.report.record import Record
from designloop.report.words import value
from designloop.storage.named import Point

Steps = tuple[list[float], list[float]]
"""(weeks, values): each value holds from its week onwards."""
MEASURED = Style(QUIET, size=5, opacity=0.45)
_LANES = 0.84
"""Share of a round's row that its bars take."""


def by_week(record: Record) -> Figure:
    """The true, recommended and measured best value by week, and below it when each round was in each stage."""
    end = as_weeks(record.now)
    weeks = Axis("week", low=0.0, high=max(end, 1.0) * 1.02)
    return Figure(
        "value-by-week",
        "Best value and rounds in the lab, by week",
        "Measured: the highest mean of a design so far; noise biases it upwards. Recommended: the true value of the "
        "design that the strategy recommends at each decision. True: the highest true value among the designs measured "
        "so far. Recommended and true values are known only in a simulation. Rounds in the lab: one bar for each round "
        "and stage, from the first design that enters to the last that leaves.",
        (
            Panel(weeks, Axis(value_title(record)), tuple(_traces(record, end)), "Value", 330),
            _gantt(record, weeks),
        ),
        shares_x=True,
    )


def value_title(record: Record, what: str = "value") -> str:
    """An axis title with its unit: the assay's unit, or its logarithm."""
    return f"{what} (assay units, log scale)" if record.opening.get("scale") == "log" else f"{what} (assay units)"


def _traces(record: Record, end: float) -> Iterator[Mark]:
    designs = sorted(record.measured, key=lambda design: design.id)
    if not designs:
        return
    yield Points(
        [as_weeks(design.readings[0].minute) for design in designs],
        [design.measured or 0.0 for design in designs],
        MEASURED,
        "measured: each design",
        hover=[f"design {d.id}, round {d.round}<br>measured {mark_of(d.side)}{value(d.measured)}" for d in designs],
    )
    summary = record.summary
    steps = (
        ("measured: best so far", _highest_means(record), style(2)),
        ("recommended: true value", _steps(summary.recommended_trace), style(1)),
        ("true: best so far", _steps(summary.true_trace), style(0)),
    )
    for name, (weeks, values), look in steps:
        if weeks:
            yield Line([*weeks, end], [*values, values[-1]], look, name, is_step=True)


def _steps(points: Sequence[Point]) -> Steps:
    values = [float("nan") if point.value is None else point.value for point in points]
    return _last_of_each([point.week for point in points], values)


def _highest_means(record: Record) -> Steps:
    """(weeks, highest mean of a design so far), with a point at each change. A retest can lower it."""
    sums: dict[int, tuple[float, int]] = {}
    weeks, best = list[float](), list[float]()
    for reading in record.readings:
        if reading.design is None:
            continue
        total, n = sums.get(reading.design, (0.0, 0))
        sums[reading.design] = total + reading.value, n + 1
        highest = max(total / n for total, n in sums.values())
        if not best or highest != best[-1]:
            weeks.append(as_weeks(reading.minute))
            best.append(highest)
    return _last_of_each(weeks, best)


def _last_of_each(weeks: Sequence[float], values: Sequence[float]) -> Steps:
    """The last value at each time: the wells of a plate arrive one by one at the same minute."""
    last = dict(zip(weeks, values, strict=True))
    return list(last), list(last.values())


def _gantt(record: Record, weeks: Axis) -> Panel:
    rounds = sorted(record.submissions)
    spans = _spans(record)
    n = max(len(record.stages), 1)
    marks = [
        _bars(stage, {r: visits for (r, s), visits in spans.items() if s == stage}, lane, n, record.now)
        for lane, stage in enumerate(record.stages)
    ]
    ticks = tuple((float(round_), f"round {round_}") for round_ in _some(rounds))
    rows = Axis("", ticks, low=0.5, high=max(rounds, default=1) + 0.5, is_reversed=True, has_grid=False)
    return Panel(weeks, rows, tuple(marks), "Rounds in the lab", min(max(44 * len(rounds), 90), 560))


def _some(rounds: list[int], at_most: int = 26) -> list[int]:
    """The rounds that get a label: all, or every k-th if there are many."""
    return rounds[:: -(-len(rounds) // at_most)] if rounds else []


def _spans(record: Record) -> dict[tuple[int, str], list[Visit]]:
    spans: dict[tuple[int, str], list[Visit]] = {}
    for visit in record.visits:
        spans.setdefault((visit.round, visit.stage), []).append(visit)
    return spans


def _bars(stage: str, spans: dict[int, list[Visit]], lane: int, n: int, now: int) -> Bars:
    """A stage's bars, one for each round, each in the stage's lane of the round's row."""
    first = {round_: min(visit.began for visit in visits) for round_, visits in spans.items()}
    last = {round_: max(_end(visit, now) for visit in visits) for round_, visits in spans.items()}
    return Bars(
        at=[round_ + _LANES * ((lane + 0.5) / n - 0.5) for round_ in spans],
        length=[max(as_weeks(last[round_] - first[round_]), 0.02) for round_ in spans],
        base=[as_weeks(first[round_]) for round_ in spans],
        style=ordered(lane, n),
        name=stage,
        thickness=_LANES / n * 0.9,
        is_horizontal=True,
        hover=[
            f"round {round_} · {stage}<br>week {as_weeks(first[round_]):.1f} to {as_weeks(last[round_]):.1f}<br>"
            f"{many(len(visits), 'design')}, {sum(visit.outcome is not None for visit in visits)} failed"
            for round_, visits in spans.items()
        ],
    )


def _end(visit: Visit, now: int) -> int:
    return now if visit.ended is None else visit.ended
