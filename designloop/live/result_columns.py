"""The columns of a result file, found by their usual names: which names designs, and which holds values and errors."""

from collections.abc import Iterator, Sequence

import numpy as np

from designloop.core.errors import InputError
from designloop.core.readers.headers import folded, places_of
from designloop.core.readers.table import Table
from designloop.core.readers.units import named_and_unit
from designloop.live.result_file import ResultFile

NAMING = (
    *("design", "name", "design name", "design id"),
    *("sample", "sample name", "sample id", "construct", "variant", "id"),
    *("probenname", "konstrukt", "variante"),
)
"""Columns that usually name designs."""
_SAMPLES = ("probe",)
"""A sample in German. In English it is a reagent, of files that have a column `well`."""
_MUTANTS = ("mutant", "mutants", "mutation", "mutations")
"""Columns that usually name mutants."""
_VALUES = ("value", "mean", "result", "activity", "signal", "messwert", "wert", "mittelwert")
"""Columns that usually hold values."""
_ERRORS = ("std_error", "standard error", "sem", "se")
"""Columns that usually hold standard errors."""
_NO_RESULTS = ("length", "content", "index", "no", "no.", "nr", "nr.", "#", "unnamed: 0")
"""Columns of numbers that are no results unless they are named."""
_ORDERED = ("name", "design", "sequence", "length")
"""The columns of order sheets."""


def naming(table: Table, how: ResultFile) -> str:
    """The column that names the designs. Raises InputError where there is none."""
    if (given := how.design or how.mutant) is not None:
        table.column(given)  # raises with the nearest name
        return given
    samples = () if table.has("well") else _SAMPLES
    if named := first_of(table, (*NAMING, how.sequence, *_MUTANTS, *samples, how.well)):
        return named
    raise InputError(
        f"{table.file}: no column names designs, sequences or wells (columns: {', '.join(table.names)}); name it, as "
        "in `--set design=COLUMN`"
    )


def value_column(table: Table, how: ResultFile) -> str | None:
    """The column of the values; None with replicates in columns, or where the file only has outcomes."""
    if how.value is not None or how.replicates:
        return how.value
    if named := first_of(table, _VALUES):
        return named
    numeric = _numeric(table, how)
    if len(numeric) == 1:
        return numeric[0]
    if table.has(how.outcome):
        return None
    if all(map(table.has, _ORDERED)) and not numeric:
        raise InputError(
            f"{table.file} is an order sheet: it has no results; add a column of values, or fill in results.csv"
        )
    what = f"columns {', '.join(numeric)} have numbers" if numeric else f"none of {', '.join(table.names)} has numbers"
    wells = f", or replicates, as in `--set replicates=[{','.join(numeric)}]`" if len(numeric) > 1 else ""
    raise InputError(f"{table.file}: which column holds the values? {what}; name it, as in `--set value=COLUMN`{wells}")


def has_values(table: Table, how: ResultFile) -> bool:
    """Whether a column of values is named, or some column may be one."""
    return bool(how.value or how.replicates or first_of(table, _VALUES) or _numeric(table, how))


def others(table: Table, file: ResultFile) -> tuple[list[str], list[str]]:
    """The columns of numbers and those of words that are neither named nor of another use."""
    numeric = _numeric(table, file)
    return numeric, [name for name in table.names if folded(name) not in {*_taken(file), *map(folded, numeric)}]


def _numeric(table: Table, how: ResultFile) -> list[str]:
    """The columns of numbers that are neither named nor of another use."""
    return [name for name in table.names if folded(name) not in _taken(how) and _is_numeric(table, name)]


def error_column(table: Table, how: ResultFile, value: str | None) -> str | None:
    """The column of the standard errors of the values, if there is one."""
    if how.errors or value is None:
        return how.std_error
    return first_of(table, _ERRORS)


def unread_error(table: Table, how: ResultFile) -> str | None:
    """The column of standard errors that is beside columns of replicates, and not named."""
    return first_of(table, _ERRORS) if how.replicates and not how.errors else None


def first_of(table: Table, names: Sequence[str]) -> str | None:
    """The first of these columns that is there, also with a unit, as the table writes its name; None where none is."""
    exact = (table.names[places_of(name, table.names)[0]] for name in names if table.has(name))
    bare = [named_and_unit(name)[0] for name in table.names]
    with_unit = (table.names[place] for name in names for place in _only(places_of(name, bare)))
    return next(exact, next(with_unit, None))


def _only(places: Sequence[int]) -> Sequence[int]:
    """The places, if there is one: `value (nM)` beside `value (AU)` is not clear."""
    return places if len(places) == 1 else []


def unit_of(table: Table, how: ResultFile) -> str:
    """The unit of the values, by their cells or by the header. Raises InputError where these differ."""
    found = dict.fromkeys(unit for name in (*_named(how.value), *how.replicates) for unit in _units(table, name))
    if len(found) > 1:
        raise InputError(f"{table.file}: the values are in {' and in '.join(found)}; write them in one unit")
    return next(iter(found), "")


def _named(name: str | None) -> Sequence[str]:
    return [] if name is None else [name]


def _units(table: Table, name: str) -> Iterator[str]:
    units = table.measured(name).unit, named_and_unit(name)[1]
    yield from filter(None, units)


def _taken(how: ResultFile) -> set[str]:
    """The columns that cannot hold values, folded."""
    named = (*NAMING, *_MUTANTS, *_ERRORS, *_NO_RESULTS, *how.facts, *how.columns, how.design or "", "")
    return {folded(name) for name in named}


def _is_numeric(table: Table, name: str) -> bool:
    try:
        return bool((~np.isnan(table.measured(name).values)).any()) if places_of(name, table.names) else False
    except InputError:
        return False
