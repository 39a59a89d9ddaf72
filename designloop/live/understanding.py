"""What was understood of a result file, in sentences."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isfinite
from statistics import fmean

from designloop.core.counting import many
from designloop.core.records import Event
from designloop.live.agreeing import result_of, shown
from designloop.live.finding import Finder
from designloop.live.judging import ControlWell, Verdict
from designloop.live.result_rows import ResultRow, ResultRows


def understood(
    read: ResultRows, verdict: Verdict, finder: Finder, controls: Sequence[ControlWell], events: Sequence[Event]
) -> Iterator[str]:
    """One sentence for each thing: how the file was read, what is new, what was known, and what was left out."""
    yield from read.remarks
    yield from finder.remarks
    how = "plate and well" if read.is_by_well else f"column '{read.by}'"
    values = f", values in column '{read.value}'" if read.value else ""
    yield f"{many(len(read.rows), 'row')}: designs by {how}{values}"
    kinds = Counter(event.kind for event in events)
    designs = {event.design for event in events if event.kind == "observed"}
    yield f"{many(kinds['observed'], 'new value')} of {many(len(designs), 'design')}{_limits(events)}"
    counts = (
        (sum(event.data["retest"] for event in events if event.kind == "observed"), "retest value"),
        (kinds["failed"], "new failure"),
        (kinds["well_lost"], "new lost well"),
        (verdict.n_known, "known result"),
    )
    yield from (many(n, what) for n, what in counts if n)
    if n := verdict.n_empty:
        yield f"{many(n, 'row')} without a result"
    if n := verdict.n_found_again:
        yield f"{many(n, 'value')} of {'a well' if n == 1 else 'wells'} that {'was' if n == 1 else 'were'} lost"
    if n := verdict.n_beyond:
        yield f"{many(n, 'value')} of {'a well' if n == 1 else 'wells'} beyond those that were ordered"
    yield from _rounded(verdict)
    yield from _beside(controls, finder.empty)
    yield from (f"{many(n, 'row')} left out: {word}" for word, n in sorted(finder.left_out.items()) if n)
    yield from (f"round {event.data['round']} is complete" for event in events if event.kind == "round_closed")


def _limits(events: Sequence[Event]) -> str:
    n = sum(event.data.get("outcome") in ("below_detection", "above_detection") for event in events)
    return f", {n:,} of them beyond a limit of detection" if n else ""


def _beside(controls: Sequence[ControlWell], empty: Sequence[ResultRow]) -> Iterator[str]:
    """Mean and range of each control, and of empty wells, by which a wrong plate is seen."""
    groups: dict[str, list[ResultRow]] = {}
    for one in controls:
        groups.setdefault(f"control {one.name}", []).append(one.row)
    if empty:
        groups["wells that are empty on the plate map"] = list(empty)
    for name, rows in groups.items():
        values = [row.value for row in rows if row.value is not None]
        spread = f", {min(values):.4g} to {max(values):.4g}" if len(set(values)) > 1 else ""
        yield f"{name}: mean {fmean(values):.4g} ({many(len(values), 'well')}{spread})"


def _rounded(verdict: Verdict) -> Iterator[str]:
    """Which known results the file rounds, or nothing."""
    its = [(known, row) for known, row in verdict.rounded if isfinite(row.rounding)]
    if its:
        known, row = its[0]
        example = f"{shown(result_of(row))} was told as {shown(known)}"
        yield f"{many(len(its), 'known result')} rounded in this file: {example}"
