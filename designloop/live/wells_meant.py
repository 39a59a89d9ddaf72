"""Rows that name a design, and a plate or a well too: whether the plate map has it there, and in which replicate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.live.names import is_like_a_plate, no_plate, plates_in
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Tickets

_SHOWN = 5
Place = tuple[str, str]
"""(plate, well)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A row, and what it names: designs of one sequence, or a control."""

    row: ResultRow
    named: Sequence[int] | str
    where: str


class WellsMeant:
    """The plates and wells of rows that name designs; `given` is the plate of the file, if people say it.

    A row that names a plate of the campaign must name what stands there. Wells without a plate may be those of another
    kind of plate, such as that of a supplier; they count where all of them fit the plate map.
    """

    def __init__(self, tickets: Tickets, given: str | None, file: str) -> None:
        self._tickets, self._plates, self._given, self._file = tickets, tickets.plates, given, file
        if given is not None:
            self._check_plate(given)
        self.remarks: list[str] = []

    def rows(self, holders: Sequence[Holder]) -> Iterator[ResultRow]:
        """The rows with the plates, wells and replicates that they mean. Raises InputError where these differ."""
        plates = [self._plate(one) for one in holders]
        places = [self._places(*its) for its in zip(holders, plates, strict=True)]
        is_bare = [one.row.well != "" and plate is None for one, plate in zip(holders, plates, strict=True)]
        n_bare = sum(is_bare)
        misfits = [one for one, bare, its in zip(holders, is_bare, places, strict=True) if bare and not its]
        wrong = [one for one, plate, its in zip(holders, plates, places, strict=True) if plate and not its]
        if wrong or 0 < len(misfits) < n_bare / 2:
            self._refuse(wrong or misfits)
        if misfits:
            some = f"{len(misfits):,} of {many(n_bare, 'row')}"
            self.remarks.append(f"{self._file}: wells are not read; in {some} they are others than on the plate map")
        for one, bare, its in zip(holders, is_bare, places, strict=True):
            yield self._placed(one, [] if bare and misfits else its)

    # -- what a row says -----------------------------------------------------------------------------------------------

    def _plate(self, one: Holder) -> str | None:
        """The plate of the campaign that a row names; empty for another plate, None where it names none."""
        label, given = one.row.plate, self._given
        if not label:
            return given
        its = plates_in(label, self._plates)
        if not its and is_like_a_plate(label):
            self._check_plate(label)
        if its and given is not None and given not in its:
            raise InputError(f"{one.where}: the row is of plate {its[0]}, but `--plate {given}` is given; remove it")
        return its[0] if its else given or ""

    def _check_plate(self, name: str) -> None:
        """Raise InputError where this is no plate of the campaign."""
        if name not in self._plates:
            raise InputError(f"{self._file}: {no_plate(name, self._plates)}")

    def _places(self, one: Holder, plate: str | None) -> list[Place]:
        """The places of what a row names, of those that it says; none where it says nothing of plates and wells."""
        if plate == "" or (plate is None and not one.row.well):
            return []
        plates = [plate] if plate else list(self._plates)
        wells = ((name, its) for name in plates for its in self._wells(name, one.row.well))
        return [(name, well) for name, (well, held) in wells if self._holds(name, held, one)]

    def _wells(self, plate: str, well: str) -> Iterator[tuple[str, Any]]:
        """(well, what it holds) of one well of a plate, or of all."""
        if not well:
            yield from self._plates[plate].items()
        elif (held := self._plates[plate].get(well)) is not None:
            yield well, held

    def _holds(self, plate: str, held: Any, one: Holder) -> bool:
        if isinstance(held, str) or isinstance(one.named, str):
            return bool(held == one.named)
        is_of_round = one.row.round in (None, self._tickets.round_of[plate])
        return is_of_round and held[0] in one.named and one.row.replicate in (None, held[1])

    def _placed(self, one: Holder, places: Sequence[Place]) -> ResultRow:
        """The row with its well and replicate, if there is one place, and with its plate, if all are on one."""
        if not places:
            return one.row
        if len({plate for plate, _ in places}) != 1:
            return one.row
        plate, well = places[0]
        if len(places) > 1:
            return replace(one.row, plate=plate)
        held = self._plates[plate][well]
        replicate = one.row.replicate if isinstance(held, str) else held[1]
        return replace(one.row, plate=plate, well=well, replicate=replicate)

    # -- what is refused -----------------------------------------------------------------------------------------------

    def _refuse(self, wrong: Sequence[Holder]) -> None:
        shown = [f"{one.where}: {self._sentence(one)}" for one in wrong[:_SHOWN]]
        more = [f"and {many(len(wrong) - _SHOWN, 'more row')}"] if len(wrong) > _SHOWN else []
        mend = "nothing was recorded. Perhaps some columns of the file were sorted without the others; correct it"
        raise InputError("\n".join([*shown, *more, mend]))

    def _sentence(self, one: Holder) -> str:
        row, plate = one.row, self._plate(one)
        replicate = "" if row.replicate is None else f", replicate {row.replicate},"
        round_ = "" if row.round is None else f" of round {row.round}"
        place = f"well {row.well}" if row.well else ""
        place += f" of plate {plate}" if place and plate else f"plate {plate}" if plate else ""
        return f"'{row.design}'{replicate}{round_} is not {'in' if row.well else 'on'} {place}{self._held(row, plate)}"

    def _held(self, row: ResultRow, plate: str | None) -> str:
        """What the well holds, in words; empty without a well."""
        if not plate or not row.well:
            return ""
        held = self._plates[plate].get(row.well)
        if held is None or isinstance(held, str):
            return f", which holds {held or 'nothing'}"
        return f", which holds design {held[0]}, replicate {held[1]}"
