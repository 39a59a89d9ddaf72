"""What was in the lab from earlier rounds when this one was chosen, and what is left of the budget."""

from collections.abc import Iterator, Sequence

from designloop.core.clock import as_weeks
from designloop.core.counting import many
from designloop.live.dossier.dossier import Dossier
from designloop.report.page import Block, Column, Table

_SHOWN = 12
"""Names that a row of the table shows."""


def lab_blocks(dossier: Dossier) -> Iterator[Block]:
    """The pending designs by round, and the budget."""
    if dossier.pending:
        yield _pending(dossier)
    else:
        yield "Nothing was in the lab from earlier rounds when this round was chosen."
    turnaround = dossier.knowledge.history.expected_turnaround
    if turnaround is not None:
        yield f"Earlier rounds took {turnaround:.1f} weeks until they closed (median)."
    if dossier.price is not None:
        yield f"This round costs {dossier.record.money(dossier.price)}."
    words = [left_in_words(dossier, name) for name in dossier.left]
    yield f"Left of the budget after this round: {' and '.join(words)}." if words else "The budget has no limit."


def left_in_words(dossier: Dossier, name: str) -> str:
    """`72 designs`, `3.0 weeks` or `8,176.00 EUR`."""
    n = dossier.left[name]
    return {"designs": many(int(n), "design"), "weeks": f"{n:.1f} weeks", "cost": dossier.record.money(n)}[name]


def _named(names: Sequence[str]) -> str:
    """The first names, and how many there are more."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _pending(dossier: Dossier) -> Table:
    tickets, now = dossier.record.tickets, dossier.record.tickets.submitted_at[dossier.round]
    rows = tuple(
        (
            str(round_),
            f"{len(names):,}",
            dossier.moment_of(round_),
            f"{as_weeks(now - tickets.submitted_at[round_]):.1f}",
            _named(names),
        )
        for round_, names in dossier.pending.items()
    )
    columns = (
        Column("round", "number"),
        Column("designs and retests", "number"),
        Column("ordered"),
        Column("weeks ago", "number"),
        Column("which"),
    )
    caption = (
        "Designs without a result when this round was chosen. The strategy knew their sequences, not their values."
    )
    return Table("pending", "In the lab from earlier rounds", columns, rows, caption)
