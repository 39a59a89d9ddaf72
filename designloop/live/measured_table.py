"""A table of sequences that were measured before a live campaign: its columns are found as those of result files."""

from collections.abc import Mapping
from typing import Any

from designloop.core.errors import InputError
from designloop.core.files import found
from designloop.core.readers.starts import named_alike
from designloop.core.readers.table import Table
from designloop.core.readers.tables import is_table, read_table
from designloop.live.result_columns import error_column, has_values, value_column
from designloop.live.result_file import ResultFile


def described(path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The description of a file of starting sequences, with the columns of a table; `given` is what people described.

    Raises InputError where it is not clear which column holds the values.
    """
    named = {"path": path, **named_alike(path), **given}
    if "layout" in named or not is_table(found(path), named.get("mutant") or "sequence"):
        return named
    how = ResultFile.model_validate({name: its for name, its in named.items() if name in ResultFile.model_fields})
    table = read_table(path, how.form)
    value = _value(table, how)
    error = error_column(table, how, value)
    columns = {"value": value, "std_error": error}
    return {**{name: its for name, its in columns.items() if its is not None}, **named}


def _value(table: Table, how: ResultFile) -> str | None:
    """The column of the values; None with replicates in columns, and where no column has numbers."""
    if how.value or how.replicates or not has_values(table, how):
        return how.value
    try:
        value = value_column(table, how)
    except InputError:
        value = None
    if value is None:
        raise InputError(
            f"{table.file}: which column holds the values? columns: {', '.join(table.names)}; name it, as in `--set "
            "prior.starts.value=COLUMN`"
        )
    return value
