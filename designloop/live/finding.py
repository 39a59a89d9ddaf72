"""Finds the design and the round of each row of a result file: by name, by sequence, or by plate and well."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.cleaning import in_letters_of
from designloop.core.readers.headers import folded
from designloop.core.readers.layouts import NO_DESIGN
from designloop.live.in_wells import InWells
from designloop.live.judging import ControlWell, Found
from designloop.live.mutants_meant import MutantsMeant
from designloop.live.names import design_name, number_in
from designloop.live.record import Record
from designloop.live.result_file import ResultFile
from designloop.live.result_rows import ResultRow, ResultRows
from designloop.live.rounds_meant import Named, RoundsMeant
from designloop.live.said import Said
from designloop.live.tickets import Key, Ticket
from designloop.live.wells_meant import Holder, WellsMeant

_SHOWN = 5
_COUNTING = ("sample", "sample name", "sample id", "id", "name")
"""Columns whose numbers may count the samples of a lab."""


class Finder:
    """Finds designs in one record."""

    def __init__(self, record: Record, how: ResultFile, said: Said) -> None:
        self._record, self._tickets = record, record.tickets
        self._name, self._said, self._sequence = record.campaign.name, said, how.sequence
        self._has_layout = how.layout is not None
        self._ignored = {*map(str.lower, how.ignore)}
        self._controls = {control.name.lower(): control.name for control in record.campaign.lab.controls}
        self._mutants = MutantsMeant(how, record.history.space.alphabet, how.parent or record.history.space.parent)
        self.left_out: Counter[str] = Counter()
        self._in_wells = InWells(record, said)
        self.remarks: list[str] = []
        self.n_mutants = 0
        """Rows that name designs by their changes to the parent."""

    def find(self, read: ResultRows) -> list[Found | ControlWell]:
        """The rows of designs and of controls. Raises InputError for rows that name no design of the campaign."""
        if not read.is_by_well:
            return self._by_names(read)
        rows = [row for row in read.rows if self._in_wells.has(row) or not self._is_left_out(row.well.lower(), row)]
        found = list(self._in_wells.find(replace(read, rows=rows)))
        self.remarks += self._in_wells.remarks
        return found

    @property
    def empty(self) -> Sequence[ResultRow]:
        """Rows with values of wells that are empty on the plate map."""
        return self._in_wells.empty

    # -- by name or sequence -------------------------------------------------------------------------------------------

    def _by_names(self, read: ResultRows) -> list[Found | ControlWell]:
        holders, strange = list[Holder](), list[int]()
        for row in read.rows:
            named = self._controls.get(row.design.lower()) or self._designs(row, read)
            self._check_sequence(row, named, read)
            if named:
                holders.append(Holder(row, named, read.where(row.row)))
            elif not self._is_left_out(row.design.lower(), row):
                strange.append(row.row)
        if strange:
            raise InputError(self._unknown(strange, read))
        wells = WellsMeant(self._tickets, self._said.plate, read.file)
        # A layout says what is in the wells of the file, whatever the plate map says.
        rows = [one.row for one in holders] if self._has_layout else list(wells.rows(holders))
        self.remarks += [*wells.remarks, *self._said_mutants(), *self._said_numbers(read)]
        named_rows = [self._of_designs(*its) for its in zip(rows, holders, strict=True)]
        meant = RoundsMeant(self._tickets, self._record.labels, filter(None, named_rows), self._said.round)
        return [
            ControlWell(row, str(one.named)) if named is None else self._placed(row, meant.ticket(named))
            for row, one, named in zip(rows, holders, named_rows, strict=True)
        ]

    def _said_mutants(self) -> Iterator[str]:
        if self.n_mutants:
            yield f"{many(self.n_mutants, 'row')} by the changes to the parent"

    def _placed(self, row: ResultRow, ticket: Ticket) -> Found:
        """The row with its plate and well by the plate map, as far as they are certain, if the row names no plate."""
        its = {} if row.plate or self._has_layout else self._places.get((ticket.round, ticket.design), {})
        number = row.replicate if len(its) > 1 else next(iter(its), None)
        plates = {plate for plate, _ in its.values()}
        if number is not None and number in its:
            plate, well = its[number]
            row = replace(row, plate=plate, well=well)
        elif len(plates) == 1:
            row = replace(row, plate=plates.pop(), well="")
        return Found(row, ticket, row.replicate)

    @cached_property
    def _places(self) -> Mapping[Key, Mapping[int, tuple[str, str]]]:
        """(round, design) -> replicate -> (plate, well)."""
        found = dict[Key, dict[int, tuple[str, str]]]()
        for plate, wells in self._tickets.plates.items():
            for well, held in wells.items():
                if not isinstance(held, str):
                    found.setdefault((self._tickets.round_of[plate], held[0]), {})[held[1]] = plate, well
        return found

    def _designs(self, row: ResultRow, read: ResultRows) -> Sequence[int]:
        """The designs that a row names, which are in the lab."""
        return [design for design in self._meant(row, read) if self._tickets.of_design(design)]

    def _meant(self, row: ResultRow, read: ResultRows) -> Sequence[int]:
        """The designs that a row names, in the lab or not."""
        is_sequence = folded(read.by) == folded(self._sequence)
        return self._in_letters(row.design) if is_sequence else self._named(row, read)

    def _check_sequence(self, row: ResultRow, named: Sequence[int] | str, read: ResultRows) -> None:
        """Raise InputError where a row has the name of one design, and the sequence of another."""
        its = self._in_letters(row.sequence) if row.sequence and named else []
        if its and not set(its) & set(named):
            other = design_name(self._name, its[0])
            raise InputError(
                f"{read.where(row.row)}: '{row.design}' has the sequence of {other}, {row.sequence}; perhaps some "
                "columns of the file were sorted without the others; correct it"
            )

    def _said_numbers(self, read: ResultRows) -> Iterator[str]:
        """A remark on plain numbers that are read as those of designs: a lab may count its samples, from 1."""
        names = [row.design.removesuffix(".0") for row in read.rows if row.design]
        if (
            folded(read.by) in _COUNTING
            and names
            and all(map(str.isdecimal, names))
            and names[0] not in self._record.names
        ):
            yield (
                f"numbers in column '{read.by}' are read as those of designs: {names[0]} is "
                f"{design_name(self._name, int(names[0]))}"
            )

    def _of_designs(self, row: ResultRow, one: Holder) -> Named | None:
        """The row with the tickets of its designs; None for a control."""
        if isinstance(one.named, str):
            return None
        tickets = [ticket for design in one.named for ticket in self._tickets.of_design(design)]
        return Named(row, tickets, one.where)

    def _named(self, row: ResultRow, read: ResultRows) -> Sequence[int]:
        """The designs that a text names: by the name of an import, by number or by sequence. Raises InputError."""
        own, number = self._record.names.get(row.design.removesuffix(".0").lower()), number_in(row.design, self._name)
        if own is not None and number not in (None, own):
            either = " or ".join(design_name(self._name, design) for design in (own, number or 0))
            raise InputError(
                f"{read.where(row.row)}: '{row.design}' is the name of design {own}, and the number of design "
                f"{number}; write {either}, or its sequence"
            )
        its = own if number is None else number
        if its is not None:
            return [its]
        return self._in_letters(row.design) or self._of_mutant(row, read)

    def _of_mutant(self, row: ResultRow, read: ResultRows) -> Sequence[int]:
        """The designs of a mutant of the parent."""
        sequence = self._mutants.sequence(row.design, read.where(row.row))
        found = () if sequence is None else self._of_sequence.get(sequence, ())
        self.n_mutants += bool(found)
        return found

    def _in_letters(self, text: str) -> Sequence[int]:
        """The designs of a sequence, as it was chosen or as order sheets write it."""
        its = in_letters_of(self._record.history.space.alphabet, "".join(text.split()))
        return self._of_sequence.get(its) or self._of_ordered.get(its, ())

    @cached_property
    def _of_sequence(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for design in self._record.history.designs.values():
            found.setdefault(design.sequence, []).append(design.id)
        return found

    @cached_property
    def _of_ordered(self) -> Mapping[str, Sequence[int]]:
        """As `_of_sequence`, with the letters before and after it."""
        lab, alphabet = self._record.campaign.lab, self._record.history.space.alphabet
        its = self._of_sequence.items()
        return {in_letters_of(alphabet, lab.whole(sequence, alphabet)): designs for sequence, designs in its}

    # -- what is left out ----------------------------------------------------------------------------------------------

    def _is_left_out(self, word: str, row: ResultRow) -> bool:
        """Whether a row is of no design, by the word that names a design or a well."""
        if word in self._ignored or word in NO_DESIGN or (not word and row.value is None):
            self.left_out[word or "empty"] += bool(word)
            return True
        return row.outcome is None and not row.design

    def _vetoed(self, row: ResultRow, read: ResultRows) -> str:
        """` (vetoed)` for a design that people removed from its batch; else empty."""
        vetoed, designs = self._record.history.vetoed, self._record.history.designs
        is_vetoed = any(n in designs and designs[n].sequence in vetoed for n in self._meant(row, read))
        return " (vetoed, so not ordered)" if is_vetoed else ""

    def _unknown(self, rows: Sequence[int], read: ResultRows) -> str:
        named = {row.row: row for row in read.rows}
        shown = "; ".join(f"{read.where(n)}: '{named[n].design}'{self._vetoed(named[n], read)}" for n in rows[:_SHOWN])
        more = f"; and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
        example = design_name(self._name, 0)
        return (
            f"rows that name no design in the lab: {shown}{more}; designs are named as in {example}, or by their "
            "number or sequence; to leave other rows out, name them, as in `--set ignore=[wt]`"
        )
