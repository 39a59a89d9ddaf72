"""Prior information and measurements of the strategy, and the cost of the campaign."""

from collections import defaultdict

import numpy as np

from designloop.core.clock import as_weeks
from designloop.core.counting import many
from designloop.core.rows import mark_of
from designloop.report.marks import Axis, Figure, Line, Panel
from designloop.report.page import Column, Table
from designloop.report.palette import style
from designloop.report.record import Record
from designloop.report.words import money, percent, value


def given(record: Record) -> Table:
    """Prior information and measurements, so that two reports can be compared."""
    wells = [reading for reading in record.readings if reading.design is not None]
    rows = (
        ("corpus", f"{len(record.corpus):,}", "natural sequences without values"),
        ("starts", f"{record.summary.given['starts']:,}", "sequences known before the first batch"),
        *_best_start(record),
        ("labels", f"{record.summary.given['labels']:,}", "starts with a value"),
        ("designs", f"{record.summary.designs:,}", f"submitted in {many(record.summary.rounds, 'round')}"),
        *_fill(record),
        ("retests", f"{record.summary.n_retests:,}", "repeated measurements of known designs"),
        ("designs with a value", f"{record.summary.n_observed:,}", "including values beyond the assay's limits"),
        ("measurements", f"{len(wells):,}", "wells with a value, including retests and replicates"),
        (
            "true values",
            f"{len(record.truths):,}",
            "sequences whose true value the assay looked up; the strategy sees none of them",
        ),
    )
    columns = (Column("quantity"), Column("number", "number"), Column(""))
    return Table("given", "Prior information and measurements", columns, rows)


def _fill(record: Record) -> tuple[tuple[str, str, str], ...]:
    """Rows for designs that were filled in, left short or cut off; no row if there are none."""
    rows = (
        ("filled in", record.summary.n_filled, "designs drawn uniformly, because the strategy proposed too few"),
        ("left short", record.summary.n_lacking, "designs ordered but not proposed by the strategy"),
        ("cut off", record.summary.n_cut, "designs proposed beyond the remaining budget"),
        ("retests cut off", record.summary.n_retests_cut, "retests proposed beyond the remaining budget"),
    )
    return tuple((what, f"{n:,}", why) for what, n, why in rows if n)


def _best_start(record: Record) -> tuple[tuple[str, str, str], ...]:
    best = record.summary.best_start
    if best is None:
        return ()
    measured = mark_of(best.side) + value(best.measured)
    return (("best start", measured, f"highest measured starting sequence: {best.sequence}"),)


def spending(record: Record) -> Figure:
    """Cumulative cost of each item by week."""
    items = _by_item(record)
    end = as_weeks(record.now)
    marks = [
        Line([*weeks, end], [*np.cumsum(amounts), float(np.sum(amounts))], style(place), item, is_step=True)
        for place, (item, (weeks, amounts)) in enumerate(items.items())
    ]
    return Figure(
        "spending",
        "Cost by week",
        "Cumulative cost of each item. A batch is charged at submission, what falls due later when it does, and rent "
        "at the start of a lab week.",
        (
            Panel(
                Axis("week", low=0.0, high=max(end, 1.0) * 1.02),
                Axis(_unit(record), low=0.0, high=_highest(record)),
                tuple(marks),
                height=260,
            ),
        ),
    )


def _highest(record: Record) -> float:
    totals = [sum(amounts) for _, amounts in _by_item(record).values()]
    return 1.06 * max([*totals, 1.0])


def cost_table(record: Record) -> Table:
    """Cost by item: the share, the cost per design and the cost per design with a value."""
    items = {item: float(np.sum(amounts)) for item, (_, amounts) in _by_item(record).items()}
    items = dict(sorted(items.items(), key=lambda pair: -pair[1]))
    total = sum(items.values())
    rows = [_cost_row(record, item, amount, total) for item, amount in items.items()]
    return Table(
        "cost",
        "Cost by item",
        (
            Column("item"),
            *(Column(title, "number") for title in (_unit(record), "share", "per design", "per design with a value")),
        ),
        (*rows, _cost_row(record, "total", total, total)),
        "Costs in the lab's currency, from its price list.",
    )


def _unit(record: Record) -> str:
    return record.summary.currency or "cost"


def _cost_row(record: Record, item: str, amount: float, total: float) -> tuple[str, ...]:
    counts = record.summary.designs, record.summary.n_observed
    each = (f"{amount / n:,.1f}" if n else "–" for n in counts)
    return (item, money(amount), percent(amount / total, 1) if total else "–", *each)


def _by_item(record: Record) -> dict[str, tuple[list[float], list[float]]]:
    """Item -> (weeks, amounts), without items that cost nothing."""
    items: defaultdict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for charge in record.charges:
        if charge.amount:
            items[charge.item][0].append(as_weeks(charge.minute))
            items[charge.item][1].append(charge.amount)
    return dict(items)
