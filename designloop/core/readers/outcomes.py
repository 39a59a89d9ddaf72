"""Outcomes in tables: the words for them, and whether an outcome and a value go together."""

from collections.abc import Callable

from designloop.core.errors import InputError, did_you_mean
from designloop.core.readers.cells import is_missing
from designloop.core.records import Outcome

BEYOND = {1: Outcome.ABOVE_DETECTION, -1: Outcome.BELOW_DETECTION}
"""Side of a limit -> the outcome of a value beyond it."""


def outcome_in(cell: object, place: Callable[[], str]) -> Outcome | None:
    """The outcome in a cell; None where it is missing. Raises InputError, with the place, for any other word."""
    if is_missing(cell):
        return None
    name = str(cell).strip().lower().replace(" ", "_").replace("-", "_")
    if name not in set(Outcome):
        raise InputError(f"{place()}: unknown outcome '{cell}'{did_you_mean(name, Outcome)}")
    return Outcome(name)


def agreed(value: float | None, side: int, outcome: Outcome | None, place: Callable[[], str]) -> Outcome | None:
    """The outcome of a value. Raises InputError, with the place, where the outcome of its row contradicts it."""
    if outcome is None:
        return BEYOND.get(side)
    if outcome.has_value != (value is not None) or (side and outcome is not BEYOND[side]):
        what = "no value" if value is None else f"the value {value:g}{' beyond a limit' if side else ''}"
        missing = "add the value, or the name of its column (`value`), or correct the outcome"
        mend = missing if value is None else "remove one of them"
        raise InputError(f"{place()}: the outcome is {outcome}, but there is {what}; {mend}")
    return outcome
