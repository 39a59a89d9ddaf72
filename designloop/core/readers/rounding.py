"""Rounding: how precisely a column writes its numbers, so that a number is recognised where another file rounds it."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal as Exact
from decimal import InvalidOperation

import numpy as np
from numpy.typing import NDArray

from designloop.core.readers.cells import ABOVE, BELOW, is_missing
from designloop.core.readers.decimals import Decimal, in_python

_NUMBER = re.compile(r"[\d.,]*\d[.,]?([eE][-+]?\d+)?")
"""A number without its sign, in a cell with a limit or a unit."""
_FEWEST_DIGITS = 2
"""Significant digits that a column writes at least, so that its rounding says something."""


def roundings(cells: Sequence[object], mark: Decimal | None) -> NDArray[np.float64]:
    """Half of the last digit that a column writes of each of its numbers, shape (n,); 0 where it writes too few digits.

    The column decides: in one of 0.5123 and 0.5, both have four places; in one of 1.23, 12.3 and 123, each has three
    digits. A limit without a number (`OVER`) may be any one, so its rounding is infinite. `mark` is the decimal mark of
    the column.
    """
    written = dict(_written(cells, mark))
    found = np.array([np.inf if str(cell).strip().lower() in ABOVE | BELOW else 0.0 for cell in cells])
    if not written:
        return found
    digits = {row: len(number.as_tuple().digits) for row, number in written.items()}
    places = {row: -int(number.as_tuple().exponent) for row, number in written.items()}
    most, last = max(digits.values()), max(places.values())
    if most >= _FEWEST_DIGITS:
        for row in written:
            found[row] = 0.5 * 10.0 ** -(places[row] if digits[row] == most else last)
    return found


def _written(cells: Sequence[object], mark: Decimal | None) -> Iterator[tuple[int, Exact]]:
    """(row, number as it is written) of each finite number."""
    for row, cell in enumerate(cells):
        if is_missing(cell):
            continue
        text = _NUMBER.search(cell) if isinstance(cell, str) else None
        try:
            number = Exact(in_python(text[0], mark) if text else repr(cell))
        except InvalidOperation:
            continue  # OVER, and the like
        if number.is_finite():
            yield row, number
