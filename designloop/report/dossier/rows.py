"""Tables of a dossier: columns without any entry are left out, and a very long table is cut."""

from collections.abc import Sequence

from designloop.report.dossier.words import NONE
from designloop.report.page import Column, Table

MOST_ROWS = 2_000
"""Rows of a table; a page with more would be too large for a browser."""


def table(name: str, title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], caption: str = "") -> Table:
    """A table with a search field, of the first column and those that have anything to show."""
    kept = [n for n in range(len(columns)) if n == 0 or any(row[n] not in ("", NONE) for row in rows)]
    cut = f" The first {MOST_ROWS:,} of {len(rows):,} rows; --json prints all." if len(rows) > MOST_ROWS else ""
    return Table(
        name,
        title,
        tuple(columns[n] for n in kept),
        tuple(tuple(row[n] for n in kept) for row in rows[:MOST_ROWS]),
        f"{caption}{cut}",
        has_search=True,
    )
