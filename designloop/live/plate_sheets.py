"""A workbook may have a sheet for each plate, with its name."""

from pathlib import Path

from designloop.core.errors import InputError
from designloop.core.files import suffix
from designloop.core.readers.workbooks import WORKBOOKS, sheet_names
from designloop.live.names import plates_in
from designloop.live.result_file import ResultFile


def with_sheet(path: str | Path, how: ResultFile, plate: str) -> ResultFile:
    """The description, with the sheet of a workbook that has the name of a plate. Raises InputError for several."""
    names = sheet_names(path) if how.sheet is None and suffix(Path(path)) in WORKBOOKS else []
    its = [name for name in names if name.upper() == plate] or [name for name in names if plates_in(name, [plate])]
    if len(its) > 1:
        raise InputError(
            f"{path}: the sheets {' and '.join(map(repr, its))} are of plate {plate}; choose one, as in "
            f"`--set sheet='{its[0]}'`"
        )
    return how.with_(sheet=its[0]) if its else how
