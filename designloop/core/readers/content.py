"""The content of a file: its bytes, or its lines of text. A compressed file is recognised by its first bytes."""

import bz2
import codecs
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import IO

from designloop.core.errors import InputError

_EXCEL, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""First bytes of .xlsx (a zip archive, as .ods is) and .xls."""
_NO_TEXT = {
    b"RDX": "R data (.RData)", b"X\n\x00\x00": "R data (.rds)", b"\x89HDF": "HDF5", b"\x93NUMPY": "an array of numpy",
    b"PAR1": "Parquet (name it .parquet)", b"\x80\x04": "a pickle of Python", b"%PDF": "PDF", b"SQLite": "SQLite",
}  # fmt: skip
"""First bytes of other files, after decompression."""
_UNPACKED: dict[bytes, Callable[[Path], IO[bytes]]] = {
    b"\x1f\x8b": gzip.GzipFile,  # type: ignore[dict-item]  # also .bgz, a row of gzip members
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
_NOT_UNPACKED = {b"\x28\xb5\x2f\xfd": "zstandard"}
_PACKED = {".gz": "gzip", ".bgz": "gzip", ".bz2": "bzip2", ".xz": "xz"}
"""What the ending of a compressed file says."""
_CONTROL = bytes(sorted({*range(32)} - {*b"\t\n\v\f\r\x1a"}))
"""Bytes that text does not hold."""
_TEXT = "utf-8-sig"  # spreadsheets put a byte order mark before the first letter


def lines(file: Path) -> StringIO:
    """The lines of a text file, each with its end. Raises InputError if it is not text, or cannot be read."""
    return StringIO(text_of(file)[0])


def text_of(file: Path) -> tuple[str, tuple[str, ...]]:
    r"""The text of a file, its lines ended by `\n`, and remarks on its encoding. Raises InputError as `lines`."""
    read = content(file)
    if read.startswith(_OLD_EXCEL) or (read.startswith(_EXCEL) and b"opendocument" in read[:200]):
        raise InputError(f"{file} is a spreadsheet that is not read (.xls, .ods); save it as .xlsx or CSV")
    if read.startswith(_EXCEL):
        raise InputError(
            f"{file} is an Excel file or an archive, not text; name it .xlsx if it is one, or unpack it, or save the "
            "sheet as CSV"
        )
    if what := next((what for sign, what in _NO_TEXT.items() if read.startswith(sign)), ""):
        raise InputError(f"{file} is not text, but {what}; save the table as CSV, or the sequences as FASTA")
    text, said = _decoded(read, file)
    return StringIO(text, newline=None).getvalue(), said


def _decoded(data: bytes, file: Path) -> tuple[str, tuple[str, ...]]:
    """The text of UTF-8, UTF-16 with a byte order mark ("Unicode text" of Excel), or Windows-1252; and remarks."""
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if is_wide else _TEXT), ()
    except UnicodeDecodeError as error:
        if not is_wide and (text := _of_windows(data)):
            return text, (f"{file} is read as Windows-1252, because it is not UTF-8; check letters such as µ and ä",)
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{file}, line {line}: not {'UTF-16' if is_wide else 'UTF-8'} text ({error.reason}); save it as UTF-8, or "
            "give another"
        ) from error


def _of_windows(data: bytes) -> str:
    """The text of Windows-1252, which Excel writes in Western Europe; empty where it is binary, or damaged UTF-8."""
    if len(data.translate(None, _CONTROL)) < len(data) or not data.decode(errors="ignore").isascii():
        return ""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return ""


def content(file: Path) -> bytes:
    """All bytes of a file, decompressed. Raises InputError where it cannot be read."""
    with _named(file), opened(file) as stream:
        return stream.read()


def first_bytes(file: Path, n: int = 64) -> bytes:
    """The first bytes of a file, decompressed. Raises InputError where it cannot be read."""
    with _named(file), opened(file) as stream:
        return stream.read(n)


def opened(file: Path) -> IO[bytes]:
    """The file to read bytes from, decompressed. Raises InputError for a compression that is not read."""
    with file.open("rb") as stream:
        begins = stream.read(8)
    for sign, opened in _UNPACKED.items():
        if begins.startswith(sign):
            return opened(file)
    if what := next((name for sign, name in _NOT_UNPACKED.items() if begins.startswith(sign)), ""):
        raise InputError(f"{file} is compressed by {what}, which is not read; decompress it, or compress it by gzip")
    if begins and (what := _PACKED.get(file.suffix.lower(), "")):
        raise InputError(f"{file} cannot be read: it is not compressed by {what}, as its ending says; rename it")
    return file.open("rb")


@contextmanager
def _named(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:  # among them gzip.BadGzipFile
        raise InputError(f"{file} cannot be read: {error}; create or copy it again") from error
