"""Means among replicates: a row of a mean beside the rows of its wells would count as one more well."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from designloop.core.counting import many
from designloop.live.judging import Found
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Key

_FEWEST_ROWS = 3
_FEWEST_DESIGNS = 2
"""One design may have a well with the mean value of the others by chance."""


def means_among(found: Sequence[Found]) -> Iterator[str]:
    """A sentence where in every design with three rows or more, one is the mean of the others; else nothing."""
    groups: dict[Key, list[ResultRow]] = {}
    for one in found:
        if one.replicate is None and one.row.value is not None:
            groups.setdefault((one.ticket.round, one.ticket.design), []).append(one.row)
    large = [rows for rows in groups.values() if len(rows) >= _FEWEST_ROWS and len({row.value for row in rows}) > 1]
    if len(large) >= _FEWEST_DESIGNS and all(map(_has_mean, large)):
        yield (
            f"in {many(len(large), 'design')} with {_FEWEST_ROWS} rows or more, one value is the mean of the others; "
            "if means stand among the replicates, undo this entry, and remove them"
        )


def _has_mean(rows: Sequence[ResultRow]) -> bool:
    values = [row.value or 0.0 for row in rows]
    return any(
        abs(row.value - fmean([*values[:at], *values[at + 1 :]])) <= row.rounding + 1e-9 * abs(row.value)
        for at, row in enumerate(rows)
        if row.value is not None
    )
