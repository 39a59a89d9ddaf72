"""Agreement: whether a row of a result file says what was told before, perhaps as another file rounds it."""

from collections.abc import Sequence

from designloop.core.records import Outcome
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Result, Ticket

_SLACK = 1 + 1e-9
"""A difference of half of a digit is one of rounding, in spite of the rounding of doubles."""


def is_told(ticket: Ticket, row: ResultRow, replicate: int | None = None) -> bool:
    """Whether what a row says was told of this ticket before; `replicate`: that of its well, if it is known."""
    if row.outcome is None or row.value is None:
        return ticket.failed is not None and ticket.failed is row.outcome
    number = row.replicate if replicate is None else replicate
    its = ticket.results.get(number) if number is not None else None
    if its is not None and its.is_numbered:
        return agree(its, row)
    return any(agree(result, row) for result in ticket.results.values() if number is None or not result.is_numbered)


def result_of(row: ResultRow, *, is_numbered: bool = True) -> Result:
    """The result of a row that has a value."""
    assert row.value is not None
    assert row.outcome is not None
    return Result(row.value, row.outcome, row.std_error, n_wells=row.n_wells, is_numbered=is_numbered)


def agree(known: Result, row: ResultRow, *, rounded: bool = True) -> bool:
    """Whether a row says a known result, also where it is `rounded`. A file need not repeat an error, nor its wells."""
    same_error = row.std_error is None or row.is_error_estimated or _same_error(known.std_error, row)
    return same_value(known, row, rounded=rounded) and same_error and row.n_wells in (1, known.n_wells)


def same_value(known: Result, row: ResultRow, *, rounded: bool = True) -> bool:
    """Whether a row says the value of a known result, whatever its error."""
    assert row.value is not None
    within = row.rounding * _SLACK if rounded else 0.0
    return known.outcome is row.outcome and abs(known.value - row.value) <= within


def _same_error(known: float | None, row: ResultRow) -> bool:
    assert row.std_error is not None
    return known is not None and abs(known - row.std_error) <= row.error_rounding * _SLACK


def matched(known: Sequence[Result], rows: Sequence[ResultRow], *, rounded: bool = True) -> dict[int, int]:
    """Place of a row -> place of the known result that it says, each of them once; equal values before rounded ones."""
    found: dict[int, int] = {}
    for tolerant in (False, True)[: 1 + rounded] if known and rows else ():
        left = sorted(set(range(len(known))) - set(found.values()), key=lambda at: known[at].value)
        for place in sorted(set(range(len(rows))) - found.keys(), key=lambda place: rows[place].value or 0.0):
            same = next((at for at in left if agree(known[at], rows[place], rounded=tolerant)), None)
            if same is not None:
                found[place] = same
                left.remove(same)
    return found


def shown(result: Result) -> str:
    """`0.61`, `< 0.1`, `0.61 ± 0.02`, `0.61 (mean of 3 wells)`."""
    mark = {Outcome.BELOW_DETECTION: "< ", Outcome.ABOVE_DETECTION: "> "}.get(result.outcome, "")
    error = "" if result.std_error is None else f" ± {result.std_error:.6g}"
    wells = "" if result.n_wells == 1 else f" (mean of {result.n_wells} wells)"
    return f"{mark}{result.value:.10g}{error}{wells}"
