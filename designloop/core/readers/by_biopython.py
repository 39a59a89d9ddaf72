"""Rarer formats of sequence files, read by biopython, an extra. The lengths that a file states are checked."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import IO, Any

from designloop.core.errors import InputError
from designloop.core.readers.content import content
from designloop.core.readers.records import Numbered, Record

_ID_LINE = re.compile(r"(?m)^ID   .*?(\d+) (?:BP|AA)\.\s*$")
_SIZE = re.compile(r"\s*(\d+)\s+(\d+)")
"""Rows and columns, in the first line of PHYLIP."""


@dataclass(frozen=True, slots=True)
class ByBiopython:
    """Reads one format by `Bio.SeqIO`. A record's `line` is its number, because biopython gives no lines."""

    name: str
    kinds: tuple[str, ...]
    """biopython's names of the format; all with which the file can be read must give the same sequences."""
    is_binary: bool = False

    def __call__(self, lines: Numbered, file: Path) -> Iterator[Record]:
        """The records. Raises InputError where biopython is missing, or the file is damaged."""
        text = "" if self.is_binary else "\n".join(line for _, line in lines).strip("\n") + "\n"
        why, ways = "", list[list[Record]]()
        for kind in self.kinds:
            try:
                found = _read(BytesIO(content(file)) if self.is_binary else StringIO(text), kind)
                _check_lengths(found, text, kind)
                ways.append(found)
            except ImportError as error:
                raise InputError(
                    f"{file}: {self.name} is read by biopython; pip install 'designloop[search]', or convert the file "
                    "to FASTA"
                ) from error
            except Exception as error:  # biopython's parsers raise many kinds
                why = why or str(error) or type(error).__name__
        if not ways and (found := _wrapped(text) if self.name == "PHYLIP" else []):
            ways.append(found)
        if not ways:
            raise InputError(f"{file} cannot be read as {self.name}: {why}; it may be cut off: create or copy it again")
        if any([one.text for one in way] != [one.text for one in ways[0]] for way in ways):
            raise InputError(f"{file} can be read as {self.name} in two ways, interleaved or not; convert it to FASTA")
        yield from ways[0]


def _read(stream: IO[str] | IO[bytes], kind: str) -> list[Record]:
    from Bio import SeqIO

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="Expected sequence length")
        found = list(SeqIO.parse(stream, kind))
    return [Record(_header(one), number, [(number, str(one.seq))]) for number, one in enumerate(found, start=1)]


def _wrapped(text: str) -> list[Record]:
    """The records of a sequential PHYLIP file whose names end at a blank; empty where it is none.

    biopython reads such a file only if each sequence stands on one line.
    """
    if (size := _SIZE.match(text)) is None:
        return []
    length, found = int(size[2]), list[tuple[str, str]]()
    rows = iter([words for line in text.split("\n")[1:] if (words := line.split())])
    for name, *words in rows:
        row = "".join(words)
        while len(row) < length and (more := next(rows, None)) is not None:
            row += "".join(more)
        found.append((name, row))
    if [len(row) for _, row in found] != [length] * int(size[1]):
        return []
    return [Record(name, number, [(number, row)]) for number, (name, row) in enumerate(found, start=1)]


def _header(one: Any) -> str:
    """The name and the description of a record, those that it has."""
    words = [str(one.id), str(one.description).removeprefix(str(one.id)).strip()]
    return " ".join(word for word in words if word and not word.startswith("<unknown "))


def _check_lengths(found: list[Record], text: str, kind: str) -> None:
    """Raises ValueError where a sequence has another length than its file states, which biopython may not notice."""
    lengths = [len(record.text) for record in found]
    stated = lengths
    if kind in ("embl", "imgt", "swiss"):
        stated = [int(n) for n in _ID_LINE.findall(text)]
    elif kind.startswith("phylip") and (size := _SIZE.match(text)):
        stated = [int(size[2])] * int(size[1])
    if lengths != stated:
        raise ValueError(f"it states sequences of {_listed(stated)} letters, but has {_listed(lengths)}")


def _listed(lengths: list[int]) -> str:
    return ", ".join(map(str, [*lengths[:3], *(["..."] if len(lengths) > 3 else [])])) or "no"
