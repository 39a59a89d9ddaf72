"""Tables in the shape of a plate: columns 1 to 12 under a header, rows A to H; also of 24, 48, 384 and 1536 wells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from designloop.core.plates import place_of
from designloop.core.plates import well_name as name_of
from designloop.core.readers.plate_reads import ROWS, Read, Row, Well, is_unlettered, reads_below, starts_in

_WIDEST = max(ROWS)
COLUMNS = ("plate", "well", "value")
_NAMES = frozenset({"plate:", "plate id", "plate id:", "plate name", "plate number", "barcode", "barcode:"})
"""What plate readers write before the name of a plate, in lower case."""
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
    read: str = ""
    """The name of the read; empty where the file gives none."""
    label: str = ""
    """The label above it, which may name a read, or a plate."""

    @property
    def size(self) -> int:
        """Wells of the plate."""
        return self.n_columns * ROWS[self.n_columns]


def blocks(rows: Sequence[Row]) -> list[Block]:
    """Every plate among the rows, and every read of it; what stands around them is not read, but for their names."""
    found, used = list[Block](), 0
    for at, (_, cells) in enumerate(rows):
        if at >= used and (starts := starts_in(cells)):
            reads, n_rows = reads_below(rows[at:], starts)
            found += _named(reads, [its for _, its in rows[used:at]], cells)
            used = at + 1 + n_rows if reads else used
    return found


def may_hold(text: str, separator: str) -> bool:
    """Whether text may hold the header of a plate: a quick test."""
    plain = text.replace('"', "").replace(" ", "")
    return any(separator.join(f"{zero}{number}" for number in range(1, 7)) in plain for zero in ("", "0"))


def _named(reads: Sequence[Read], above: Sequence[Sequence[object]], header: Sequence[object]) -> Iterator[Block]:
    texts = [[str(cell).strip() for cell in cells if cell not in (None, "")] for cells in above]
    title, label = _title(texts), _label(texts)
    for read in reads:
        corner = "" if header[read.place - 1] is None else str(header[read.place - 1]).strip()
        is_title = corner not in ("", "<>") and not is_unlettered(header, read.place) and not corner.isdecimal()
        yield Block(corner if is_title else title, read.cells, read.n_columns, read.name, label)


def _title(above: Sequence[Sequence[str]]) -> str:
    """The name of a plate in a line above it, or the only cell of the line just above."""
    named = [texts[1] for texts in above if len(texts) > 1 and texts[0].lower() in _NAMES]
    if named:
        return named[-1]
    return above[-1][0] if above and len(above[-1]) == 1 else ""


def _label(above: Sequence[Sequence[str]]) -> str:
    """The label that i-control writes; empty where there is none."""
    labels = [
        " ".join(texts)[len(_LABEL) :].strip() for texts in above if texts and texts[0].lower().startswith(_LABEL)
    ]
    return labels[-1] if labels else ""
