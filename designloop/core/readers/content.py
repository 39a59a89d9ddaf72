"""The content of a file: its bytes, or its lines of text. Gzipped files are decompressed."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from designloop.core.errors import InputError

_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""First bytes of .xlsx (a zip archive) and .xls."""
_TEXT = "utf-8-sig"  # spreadsheets put a byte order mark before the first letter


def lines(file: Path) -> StringIO:
    """The lines of a text file, each with its end. Raises InputError if it is not UTF-8 text, or cannot be read."""
    read = content(file)
    if read.startswith(_EXCEL):
        raise InputError(f"{file} is an Excel file or an archive; Excel files are not read: save the sheet as CSV")
    with _named(file):
        return StringIO(read.decode(_TEXT), newline=None)


def content(file: Path) -> bytes:
    """All bytes of a file. Raises InputError where it cannot be read."""
    with _named(file), gzip.open(file) if _is_packed(file) else file.open("rb") as stream:
        return stream.read()


def _is_packed(file: Path) -> bool:
    return file.suffix.lower() == ".gz"


@contextmanager
def _named(file: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text ({error.reason}); save it as UTF-8, or give another") from error
    except (OSError, EOFError, zlib.error) as error:  # among them gzip.BadGzipFile
        raise InputError(f"{file} cannot be read: {error}; create or copy it again") from error
