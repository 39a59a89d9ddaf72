"""Plates in result files: which plate of the campaign each label of a file means, and how that is known."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.live.agreeing import is_told
from designloop.live.names import is_like_a_plate, no_plate, plates_in
from designloop.live.result_rows import ResultRow, ResultRows
from designloop.live.tickets import Tickets
from designloop.live.twins import Twins

_ORDINAL = re.compile(r"(?:P|PLATE|PLATTE)?\s*(\d{1,4})", re.IGNORECASE)
_SHOWN = 8
_FEWEST = 3
"""Different values that two plates share, at least, before this is said."""
_CERTAIN = 8
"""Different values that two plates share, at least, if they are certainly of one file."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A plate of the campaign, and how it is known."""

    plate: str
    how: str


class PlateLabels:
    """The labels of a file whose rows name wells; `given` is the plate of a file with one label, if people say it."""

    def __init__(self, tickets: Tickets, read: ResultRows, given: str | None) -> None:
        self._tickets, self._plates, self._given = tickets, tickets.plates, given
        self._read, self._rows = read, dict[str, list[ResultRow]]()
        for row in read.rows:
            self._rows.setdefault(row.plate, []).append(row)

    def meant(self) -> dict[str, Meant]:
        """Label in the file -> plate of the campaign. Raises InputError where it is not clear.

        A label that names no plate is that of the sheet or of the file's name, or the plate of which all of the file
        was told before, or the only one with wells to come.
        """
        if self._given is not None:
            self._check_given(self._given)
        return {label: self._of(label) for label in self._rows}

    def remarks(self, meant: Mapping[str, Meant]) -> Iterator[str]:
        """Which plates were taken, and how they are known; and a word where this is doubtful.

        Raises InputError where all values are those that were told of another plate.
        """
        hows = dict.fromkeys(one.how for one in meant.values())
        for how in hows:
            labels = [label for label, one in meant.items() if one.how == how]
            n_values = sum(row.value is not None for label in labels for row in self._rows[label])
            names = [meant[label].plate for label in labels]
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            yield f"plate{'s' * (len(names) > 1)} {', '.join(names[:_SHOWN])}{more} ({how}): {many(n_values, 'value')}"
        for label, one in meant.items():
            named = plates_in(self._read.file, self._plates)
            if self._given is not None and named and self._given not in named:
                yield f"{self._read.file}: its name says {named[0]}, but it is taken as plate {self._given}"
            if (twin := self._twins.of(self._with_value(label), one.plate)) is None:
                continue
            if twin.n_values == twin.n_rows and twin.n_different >= _CERTAIN:
                raise InputError(
                    f"{self._read.file}: {twin}, and none differs, so it is not plate {one.plate} too; give another "
                    f"file, or undo the entry that told plate {twin.plate} from it"
                )
            if twin.n_different >= _FEWEST:
                yield f"{twin}; check that plate {one.plate} was not told from the same file"

    @cached_property
    def _twins(self) -> "Twins":
        return Twins(self._tickets)

    def _with_value(self, label: str) -> list[ResultRow]:
        return [row for row in self._rows[label] if row.value is not None]

    # -- by a name -----------------------------------------------------------------------------------------------------

    def _check_given(self, given: str) -> None:
        """Raise InputError where the plate that people give is none, or where the file says another one."""
        if given not in self._plates:
            raise InputError(no_plate(given, self._plates))
        if len(self._rows) > 1:
            raise InputError(f"the file has the plates {', '.join(self._rows)}, so it is not plate {given} alone")
        for what, text in (("plate", next(iter(self._rows), "")), ("sheet", self._read.sheet)):
            named = plates_in(text, self._plates)
            if given not in named and (named or is_like_a_plate(text)):
                raise InputError(
                    f"the file has the {what} '{text}', but `--plate {given}` is given; remove `--plate`, or choose "
                    "the sheet (`--set sheet=NAME`)"
                )

    def _of(self, label: str) -> Meant:
        if self._given is not None:
            return Meant(self._given, "as given")
        named = self._named(label)
        if named is not None:
            return named
        if len(self._rows) == 1:
            return self._guessed(label)
        raise InputError(self._unclear(label))

    def _named(self, label: str) -> Meant | None:
        """The plate that the label names, or the sheet, or the file; None where none does. Raises InputError."""
        sheet = plates_in(self._read.sheet, self._plates)
        for text, how in ((label, "named in the file"), (self._read.sheet, "the name of the sheet")):
            its = plates_in(text, self._plates)
            if len(its) > 1:
                raise InputError(self._unclear(text))
            if its and sheet and its[0] not in sheet and len(self._rows) == 1:
                raise InputError(f"sheet '{self._read.sheet}' has the plate '{label}'; correct one of the two names")
            if its:
                return Meant(its[0], how)
            if is_like_a_plate(text):
                raise InputError(f"{self._read.file}: {no_plate(text, self._plates)}")
        its = plates_in(self._read.file, self._plates)
        if len(self._rows) > 1 or not (its or is_like_a_plate(self._read.file)):
            return None
        if len(its) != 1:
            raise InputError(self._unclear(self._read.file))
        return Meant(its[0], "the name of the file")

    # -- by its values -------------------------------------------------------------------------------------------------

    def _guessed(self, label: str) -> Meant:
        """The plate of a file that names none. Raises InputError where it may be of several plates."""
        rows = self._with_value(label)
        told = [name for name in self._plates if self._is_told_on(name, rows)]
        if told:
            return Meant(told[0], "not named; all of this was told of it before")
        waiting = [name for name in self._plates if any(self._is_to_come(name))]
        if len(waiting) != 1 or not _may_be(label, waiting[0]):
            raise InputError(self._unclear(label))
        if (twin := self._twins.of(rows, waiting[0], rounded=True)) is not None:
            raise InputError(
                f"{self._read.file}: no plate is named, and only {waiting[0]} has results to come; but {twin}. If the "
                f"file is that of {waiting[0]}, say so (`--plate {waiting[0]}`). If it corrects {twin.plate}, undo the "
                f"entry that told it, and tell the file with `--plate {twin.plate}`"
            )
        return Meant(waiting[0], "not named; the only one with results to come")

    def _unclear(self, label: str) -> str:
        waiting = [name for name in self._plates if any(self._is_to_come(name))]
        its = f"plate '{label}'" if label else "the plate"
        return (
            f"{its} of the file may be any of {', '.join(waiting or self._plates) or 'none'}; write its "
            "name above it or into the column `plate`, or give it as in `--plate R1P1`; of a plate that was read "
            "several times, choose one reading, as in `--set reading=GFP`"
        )

    def _is_told_on(self, plate: str, rows: Sequence[ResultRow]) -> bool:
        """Whether everything that the rows say of the designs of a plate was told before."""
        wells = [(row, its) for row in rows if (its := self._aliquot(plate, row.well)) is not None]
        tickets, round_ = self._tickets.tickets, self._tickets.round_of[plate]
        return bool(wells) and all(
            is_told(tickets[round_, design], row, replicate) for row, (design, replicate) in wells
        )

    def _is_to_come(self, plate: str) -> Iterator[bool]:
        """For each well of a design, whether its result is to come."""
        for its in self._plates[plate].values():
            if not isinstance(its, str):
                yield its[1] in self._tickets.tickets[self._tickets.round_of[plate], its[0]].to_come

    def _aliquot(self, plate: str, well: str) -> tuple[int, int] | None:
        """(design, replicate) of a well; None where it holds no design."""
        its = self._plates[plate].get(well)
        return None if its is None or isinstance(its, str) else (its[0], its[1])


def _may_be(label: str, plate: str) -> bool:
    """Whether a label that names no plate may mean this one: `plate 2` is not R1P1. Readers call their first one 1."""
    ordinal = _ORDINAL.fullmatch(label.strip())
    return ordinal is None or label.strip() == "1" or plate.endswith(f"P{int(ordinal[1])}")
