"""Tables in the shape of a plate: columns 1 to 12 under a header, rows A to H; also of 24, 48, 384 and 1536 wells."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from designloop.core.plates import place_of
from designloop.core.plates import well_name as name_of
from designloop.core.readers.plate_reads import ROWS, Read, Row, Well, is_unlettered, reads_below, starts_in

_WIDEST = max(ROWS)
COLUMNS = ("plate", "well", "value")
_NAMES = frozenset({"plate:", "plate id", "plate id:", "plate name", "plate number", "barcode", "barcode:"})
"""What plate readers write before the name of a plate, in lower case."""
_SPOKEN = re.compile(r"plate(?: id| name| no\.?| number)?\s*[:#]?\s*\S*\d\S*", re.IGNORECASE)
"""A line that names a plate in words: `Plate R1P1`. The name has a digit."""
_LABEL = "label:"
"""With what a line begins in which i-control names what it measures."""


def well_name(text: object) -> str | None:
    """The name of a well without leading zeros: A1 for `a01`; None where it is no well of a plate of 1,536."""
    place = place_of(str(text))
    is_well = place is not None and place[0] < ROWS[_WIDEST] and place[1] < _WIDEST
    return name_of(place) if place is not None and is_well else None


@dataclass(frozen=True, slots=True)
class Block:
    """One plate of a file, as it was read once."""

    title: str
    cells: Sequence[Well]
    n_columns: int
    plate: str = ""
    """The name in the last line above it, or above an earlier plate, that says so: `Plate R1P1`; empty without one."""
    read: str = ""
    """The name of the read; empty where the file gives none."""
    label: str = ""
    """The label above it, which may name a read, or a plate: the only cell of the line, if no label is written."""

    @property
    def size(self) -> int:
        """Wells of the plate."""
        return self.n_columns * ROWS[self.n_columns]


def blocks(rows: Sequence[Row]) -> list[Block]:
    """Every plate among the rows, and every read of it; what stands around them is not read, but for their names."""
    found, used, plate = list[Block](), 0, ""
    for at, (_, cells) in enumerate(rows):
        if at >= used and (starts := starts_in(cells)):
            reads, n_rows = reads_below(rows[at:], starts)
            above = _texts(rows[used:at])
            plate = _plate(above) or plate
            found += _named(reads, above, cells, plate)
            used = at + 1 + n_rows if reads else used
    return found


def may_hold(text: str, separator: str) -> bool:
    """Whether text may hold the header of a plate: a quick test."""
    plain = text.replace('"', "").replace(" ", "")
    return any(separator.join(f"{zero}{number}" for number in range(1, 7)) in plain for zero in ("", "0"))


def _texts(rows: Sequence[Row]) -> list[list[str]]:
    """The cells of some rows that are not empty."""
    return [[str(cell).strip() for cell in cells if cell not in (None, "")] for _, cells in rows]


def _named(
    reads: Sequence[Read], above: Sequence[Sequence[str]], header: Sequence[object], plate: str
) -> Iterator[Block]:
    """The reads with their names. `plate` is the name that a line above them, or above earlier ones, gives."""
    alone = above[-1][0] if above and len(above[-1]) == 1 else ""
    for read in reads:
        corner = "" if header[read.place - 1] is None else str(header[read.place - 1]).strip()
        is_title = corner not in ("", "<>") and not is_unlettered(header, read.place) and not corner.isdecimal()
        heading = corner if is_title else alone
        title = corner if is_title else _plate(above) or alone
        yield Block(title, read.cells, read.n_columns, plate, read.name, _label(above) or heading)


def _plate(above: Sequence[Sequence[str]]) -> str:
    """The name of a plate in the last line that gives one; empty where none does."""
    named = [texts[1] for texts in above if len(texts) > 1 and texts[0].lower() in _NAMES]
    spoken = [" ".join(texts) for texts in above if _SPOKEN.fullmatch(" ".join(texts))]
    return next(reversed(named or spoken), "")


def _label(above: Sequence[Sequence[str]]) -> str:
    """The label that i-control writes; empty where there is none."""
    labels = [
        " ".join(texts)[len(_LABEL) :].strip() for texts in above if texts and texts[0].lower().startswith(_LABEL)
    ]
    return labels[-1] if labels else ""
