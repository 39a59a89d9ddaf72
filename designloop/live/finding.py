"""Finds the design and the round of each row of a result file: by name, by sequence, or by plate and well."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from designloop.core.errors import InputError
from designloop.core.readers.cleaning import in_letters_of
from designloop.core.readers.headers import folded
from designloop.core.readers.layouts import NO_DESIGN
from designloop.live.judging import Found
from designloop.live.names import design_name, number_in
from designloop.live.plate_labels import plates_meant
from designloop.live.record import Record
from designloop.live.result_file import ResultFile
from designloop.live.result_rows import ResultRow, ResultRows
from designloop.live.rounds_meant import Named, RoundsMeant
from designloop.live.said import Said

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ControlWell:
    """A row of a control."""

    row: ResultRow
    name: str


class Finder:
    """Finds designs in one record."""

    def __init__(self, record: Record, how: ResultFile, said: Said) -> None:
        self._record, self._tickets = record, record.tickets
        self._name, self._said, self._sequence = record.campaign.name, said, how.sequence
        self._ignored = {*map(str.lower, how.ignore)}
        self._controls = {control.name.lower(): control.name for control in record.campaign.lab.controls}
        self.left_out: Counter[str] = Counter()

    def find(self, read: ResultRows) -> list[Found | ControlWell]:
        """The rows of designs and of controls. Raises InputError for rows that name no design of the campaign."""
        plates = plates_meant(self._tickets, read.rows, self._said.plate) if read.is_by_well else {}
        found, strange = list[Found | ControlWell | Named](), list[int]()
        for row in read.rows:
            one = self._by_well(row, plates, read) if read.is_by_well else self._by_name(row, read)
            if one is not None:
                found.append(one)
            elif not self._is_left_out(row, read):
                strange.append(row.row)
        if strange:
            raise InputError(self._unknown(strange, read))
        named = [one for one in found if isinstance(one, Named)]
        meant = RoundsMeant(self._tickets, self._record.labels, named, self._said.round)
        return [_ticketed(one, meant) if isinstance(one, Named) else one for one in found]

    # -- by name or sequence ---------------------------------------------------------------------------------------

    def _by_name(self, row: ResultRow, read: ResultRows) -> Named | ControlWell | None:
        name = self._controls.get(row.design.lower())
        if name is not None:
            return ControlWell(row, name)
        is_sequence = folded(read.by) == folded(self._sequence)
        designs = self._in_letters(row.design) if is_sequence else self._named(row, read)
        tickets = [ticket for design in designs for ticket in self._tickets.of_design(design)]
        return Named(row, tickets, read.where(row.row)) if tickets else None

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
        return self._in_letters(row.design) if its is None else [its]

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

    # -- by well ---------------------------------------------------------------------------------------------------

    def _by_well(self, row: ResultRow, plates: Mapping[str, str], read: ResultRows) -> Found | ControlWell | None:
        plate = plates[row.plate]
        held = self._tickets.plates[plate].get(row.well)
        if held is None:
            if row.value is not None:
                self.left_out["in a well that is empty on the plate map"] += 1
            return None
        if isinstance(held, str):
            return ControlWell(row, held)
        design, replicate = held
        return Found(row, self._tickets.tickets[self._tickets.round_of[plate], design], replicate)

    # -- what is left out --------------------------------------------------------------------------------------------

    def _is_left_out(self, row: ResultRow, read: ResultRows) -> bool:
        word = row.design.lower()
        if read.is_by_well:
            return True
        if word in self._ignored or word in NO_DESIGN or (not word and row.value is None):
            self.left_out[word or "empty"] += bool(word)
            return True
        return False

    def _unknown(self, rows: Sequence[int], read: ResultRows) -> str:
        named = {row.row: row.design for row in read.rows}
        shown = "; ".join(f"{read.where(row)}: '{named[row]}'" for row in rows[:_SHOWN])
        more = f"; and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
        example = design_name(self._name, 0)
        return (
            f"rows that name no design of this campaign: {shown}{more}; designs are named as in {example}, or by their "
            "number or sequence; to leave other rows out, name them, as in `--set ignore=[wt]`"
        )


def _ticketed(named: Named, meant: RoundsMeant) -> Found:
    return Found(named.row, meant.ticket(named), named.row.replicate)
