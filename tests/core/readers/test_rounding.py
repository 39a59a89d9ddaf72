"""The rounding of a column is half of the last digit that it writes of each number."""

import numpy as np
import pytest

from designloop.core.readers.rounding import roundings

COLUMNS = {
    "zeros that are not written": (["0.5123", "0.5", "-1"], ".", [5e-5, 5e-5, 5e-5]),
    "three digits": (["1.23", "12.3", "123"], ".", [0.005, 0.05, 0.5]),
    "zeros that are written": (["0.50"], ".", [0.005]),
    "commas and thousands": (["1.234,5", "2,0"], ",", [0.05, 0.05]),
    "exponents": (["5.12e-01", "5.1E3"], ".", [0.0005, 0.0005]),
    "one digit tells nothing": (["1", "0.5"], ".", [0.0, 0.0]),
    "limits, and cells without a number": (["<0.05", "1.25", "OVER", "", "n.d."], ".", [0.005, 0.005, np.inf, 0, 0]),
    "units and signs": (["-0.51 nM", "> 12.3 nM", "\u22120.5e3"], ".", [0.005, 0.05, 0.005]),
    "numbers of a workbook": ([0.51, 2, None], None, [0.005, 0.005, 0.0]),
    "nothing": ([], None, []),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_column_decides_which_digit_is_the_last(name: str) -> None:
    cells, mark, expected = COLUMNS[name]
    assert roundings(cells, mark).tolist() == pytest.approx(expected)
