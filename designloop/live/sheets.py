"""Order sheets and plate maps of a round, as files for suppliers, for the bench and for the results."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from designloop.core.errors import LiveError
from designloop.core.files import whole
from designloop.core.plates import plate_shape, row_letters, wells_of
from designloop.core.records import Design
from designloop.live.names import design_name, no_round
from designloop.live.record import Record

_NUCLEIC = ("dna", "rna")
_SUPPLIED = (96, 384)
"""Sizes of the plates on which suppliers send oligonucleotides."""
_PLATES = re.compile(r"(R\d+P|idt-plate-)\d+\.csv")
"""Files of one plate."""
Rows = list[Sequence[Any]]


@dataclass(frozen=True)
class Sheets:
    """The files of one round. Raises LiveError for a round that was not ordered."""

    record: Record
    round: int

    def __post_init__(self) -> None:
        if self.round not in self.record.tickets.submitted_at:
            raise LiveError(no_round(self.round, self.record.tickets.submitted_at))

    @cached_property
    def tables(self) -> Mapping[str, Rows]:
        """Name of a file -> its rows, the header first."""
        plates = {f"{name}.csv": self._map(name) for name in self.plates}
        return {**dict(self._orders()), "plate-map.csv": self._wells(), "results.csv": self._results(), **plates}

    @cached_property
    def plates(self) -> Mapping[str, Mapping[str, Any]]:
        """The plates of the assay: plate -> well -> what it holds."""
        tickets = self.record.tickets
        return {name: its for name, its in tickets.plates.items() if tickets.round_of[name] == self.round}

    @property
    def fasta(self) -> str:
        """The sequences as they are chosen, without the letters before and after."""
        return "".join(f">{self._name(one.id)}\n{one.sequence}\n" for one in self._new)

    @property
    def names(self) -> list[str]:
        """The names of all files; an Excel file only where openpyxl is installed."""
        return [*self.tables, "order.fasta", *(["order.xlsx"] if find_spec("openpyxl") else [])]

    def write(self, folder: Path) -> list[Path]:
        """Write all files, each of them whole; an Excel file only where openpyxl is installed.

        Plates that the round had before, and has no more, are removed.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise LiveError(f"{folder} is a file; give a folder for the files of the round with --out") from None
        for path in folder.iterdir():
            if _PLATES.fullmatch(path.name) and path.name not in self.tables:
                path.unlink()
        texts = {name: _as_csv(rows) for name, rows in self.tables.items()} | {"order.fasta": self.fasta}
        for name, text in texts.items():
            with whole(folder / name) as part:
                part.write_text(text, encoding="utf-8")
        written = [folder / name for name in texts]
        return [*written, folder / "order.xlsx"] if _write_book(self._order(), folder / "order.xlsx") else written

    # -- order sheets ------------------------------------------------------------------------------------------------

    @cached_property
    def _new(self) -> list[Design]:
        """The designs that must be built, by their ids."""
        designs = self.record.history.designs
        return [
            designs[t.design]
            for t in sorted(self.record.tickets.of_round(self.round), key=lambda t: t.design)
            if not t.is_retest
        ]

    def _orders(self) -> Iterator[tuple[str, Rows]]:
        yield "order.csv", self._order()
        if self.record.history.space.alphabet.name in _NUCLEIC and self._new:
            for ordinal, rows in enumerate(self._supplier_plates(), start=1):
                yield f"idt-plate-{ordinal}.csv", [("Well Position", "Name", "Sequence"), *rows]
            # Twist publishes no template. Its upload finds these two columns, as public programs that write for it say.
            yield "twist.csv", [("Name", "Sequence"), *((self._name(one.id), self._dna(one)) for one in self._new)]

    def _order(self) -> Rows:
        rows = ((self._name(one.id), one.id, self._whole(one), len(self._whole(one))) for one in self._new)
        return [("name", "design", "sequence", "length"), *rows]

    def _supplier_plates(self) -> Iterator[Rows]:
        """Designs on plates of a supplier, row by row, each in one well."""
        size = self.record.campaign.lab.plate_size
        wells = wells_of(size if size in _SUPPLIED else _SUPPLIED[0])
        for at in range(0, len(self._new), len(wells)):
            yield [(well, self._name(one.id), self._dna(one)) for well, one in zip(wells, self._new[at:], strict=False)]

    def _whole(self, design: Design) -> str:
        return self.record.campaign.lab.whole(design.sequence, self.record.history.space.alphabet)

    def _dna(self, design: Design) -> str:
        """The sequence as a supplier of DNA takes it: that of RNA with T for U."""
        return self._whole(design).replace("U", "T").replace("u", "t")

    # -- plates ------------------------------------------------------------------------------------------------------

    def _wells(self) -> Rows:
        """Every well that holds something."""
        header = ("plate", "well", "content", "design", "replicate", "sequence")
        return [header, *((plate, well, *self._held(its)) for plate, well, its in self._contents())]

    def _held(self, its: Any) -> tuple[Any, ...]:
        if isinstance(its, str):
            return its, "", "", ""
        design, replicate = its
        return self._name(design), design, replicate, self.record.history.designs[design].sequence

    def _results(self) -> Rows:
        """A table to fill in and to tell: a row for each well of a design."""
        header = ("plate", "well", "name", "replicate", "value", "outcome")
        wells = ((plate, well, its) for plate, well, its in self._contents() if not isinstance(its, str))
        return [header, *((plate, well, self._name(its[0]), its[1], "", "") for plate, well, its in wells)]

    def _contents(self) -> Iterator[tuple[str, str, Any]]:
        """(plate, well, content), in reading order."""
        for plate, held in self.plates.items():
            yield from ((plate, well, held[well]) for well in wells_of(self._size) if well in held)

    def _map(self, plate: str) -> Rows:
        """A plate in its shape, under its name."""
        n_rows, n_columns = plate_shape(self._size)
        rows: Rows = [(plate, *range(1, n_columns + 1))]
        for row in range(n_rows):
            letters = row_letters(row)
            rows.append((letters, *(self._content(plate, f"{letters}{column + 1}") for column in range(n_columns))))
        return rows

    def _content(self, plate: str, well: str) -> str:
        its = self.plates[plate].get(well, "")
        return its if isinstance(its, str) else self._name(its[0])

    @property
    def _size(self) -> int:
        return self.record.campaign.lab.plate_size

    def _name(self, design: int) -> str:
        return design_name(self.record.campaign.name, design)


def _as_csv(rows: Rows) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _write_book(rows: Rows, path: Path) -> bool:
    """Write a table as an Excel file; False where openpyxl, an extra, is not installed."""
    try:
        import openpyxl
    except ImportError:
        return False
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("order")
    for row in rows:
        sheet.append(list(row))
    with whole(path) as part:
        book.save(part)
    return True
