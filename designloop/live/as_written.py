"""How precisely a result file writes its values and errors, by which they are recognised where another file rounds."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from designloop.core.readers.measurements import Array, Measurements
from designloop.core.readers.rounding import roundings
from designloop.core.readers.table import Table
from designloop.live.result_file import ResultFile


class AsWritten:
    """The values and the errors of a table as it writes them; `errors` are those of each row, None where unknown."""

    def __init__(self, table: Table, file: ResultFile, errors: Sequence[float | None]) -> None:
        names = file.replicates or ((file.value,) if file.value else ())
        self._values = [_roundings(table, name) for name in names]
        self._errors, stated = errors, Measurements(table, file, None).stated
        self._is_stated = np.ones(len(table), bool) if stated is None else stated > 0
        name = file.std_error or file.std_dev
        self._error_roundings = np.zeros(len(table)) if name is None else _roundings(table, name)

    def facts(self, row: int, replicate: int) -> dict[str, Any]:
        """The fields of a `ResultRow` that say how one of its values, counted from 1, and its error are written."""
        rounding = float(self._values[replicate - 1][row]) if self._values else 0.0
        is_estimated = bool(self._errors[row]) and not self._is_stated[row]
        error_rounding = float(self._error_roundings[row])
        return {"rounding": rounding, "error_rounding": error_rounding, "is_error_estimated": is_estimated}


def _roundings(table: Table, name: str) -> Array:
    return roundings(table.column(name), table.measured(name).decimal)
