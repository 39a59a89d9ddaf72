"""Rows of one design in one file are its replicates; but a mean among them, or the same row twice, would count too."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import fmean

from designloop.core.counting import many
from designloop.live.judging import Found
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Key

_FEWEST = 2
"""Designs: one may have such values by chance."""


def doubtful_replicates(found: Sequence[Found]) -> Iterator[str]:
    """A sentence where each design with several rows has a mean among them, or the same value twice; else nothing."""
    groups: dict[Key, list[Found]] = {}
    for one in found:
        if one.row.value is not None:
            groups.setdefault((one.ticket.round, one.ticket.design), []).append(one)
    several = [its for its in groups.values() if len(its) > 1]
    if n := _n_if_all([[one.row for one in its] for its in several], 3, _has_mean):
        yield (
            f"in {many(n, 'design')}, one value is the mean of the others; if means stand among the replicates, undo "
            "this entry, and tell the file without them"
        )
    elif n := _n_if_all([[one.row for one in its if one.replicate is None] for its in several], 2, _has_double):
        yield (
            f"in {many(n, 'design')}, several rows have the same value, and each counts; if these are the same wells, "
            "undo this entry, and tell the file without them"
        )


def _n_if_all(groups: Iterable[Sequence[ResultRow]], n_rows: int, holds: Callable[[Sequence[ResultRow]], bool]) -> int:
    """The number of designs with so many rows, if it holds for all of them and they differ; else 0."""
    large = [rows for rows in groups if len(rows) >= n_rows]
    n_different = len({rows[0].value for rows in large})
    return len(large) if n_different >= _FEWEST and all(map(holds, large)) else 0


def _has_mean(rows: Sequence[ResultRow]) -> bool:
    values = [row.value or 0.0 for row in rows]
    return len(set(values)) > 1 and any(
        abs(value - fmean([*values[:at], *values[at + 1 :]])) <= rows[at].rounding + 1e-9 * abs(value)
        for at, value in enumerate(values)
    )


def _has_double(rows: Sequence[ResultRow]) -> bool:
    return len({row.value for row in rows}) < len(rows)
