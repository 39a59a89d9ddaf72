"""Finds what stands in the wells that a result file names: designs, controls, and nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.plates import wells_of
from designloop.live.judging import ControlWell, Found
from designloop.live.orientation import doubts
from designloop.live.plate_labels import PlateLabels
from designloop.live.record import Record
from designloop.live.result_rows import ResultRow, ResultRows
from designloop.live.said import Said

_MOST_OTHERS = 20


class InWells:
    """The wells of the plates of a campaign."""

    def __init__(self, record: Record, said: Said) -> None:
        self._tickets, self._said, self._size = record.tickets, said, record.campaign.lab.plate_size
        self.remarks: list[str] = []
        self.empty: list[ResultRow] = []
        """Rows with values of wells that are empty on the plate map."""

    def has(self, row: ResultRow) -> bool:
        """Whether a row names a well of a plate."""
        return row.well in self._wells

    def find(self, read: ResultRows) -> Iterator[Found | ControlWell]:
        """The rows of designs and of controls. Raises InputError for an unclear plate, or a well that is none."""
        labels = PlateLabels(self._tickets, read, self._said.plate)
        plates = labels.meant()
        self.remarks += labels.remarks(plates)
        rows = [replace(row, plate=plates[row.plate].plate) for row in read.rows]
        readings = dict[str, dict[str, float]]()
        for row in rows:
            if not self.has(row):
                raise InputError(self._no_well(row, read))
            if row.value is not None:
                readings.setdefault(row.plate, {})[row.well] = row.value
            yield from self._in_well(row)
        for plate, its in readings.items():
            others = self._others(plate) if len(readings) == 1 else {}
            self.remarks += doubts(plate, self._tickets.plates[plate], its, self._size, others)

    def _others(self, plate: str) -> Mapping[str, Mapping[str, Any]]:
        """The maps of the other plates of a round, if they are few."""
        plates, round_of = self._tickets.plates, self._tickets.round_of
        names = [name for name in plates if name != plate and round_of[name] == round_of[plate]]
        return {name: plates[name] for name in names} if len(names) <= _MOST_OTHERS else {}

    def _in_well(self, row: ResultRow) -> Iterator[Found | ControlWell]:
        held = self._tickets.plates[row.plate].get(row.well)
        if isinstance(held, str):
            yield ControlWell(row, held)
        elif held is not None:
            design, replicate = held
            yield Found(row, self._tickets.tickets[self._tickets.round_of[row.plate], design], replicate)
        elif row.value is not None:
            self.empty.append(row)

    @cached_property
    def _wells(self) -> Mapping[str, None]:
        """The wells of a plate, in reading order."""
        return dict.fromkeys(wells_of(self._size))

    def _no_well(self, row: ResultRow, read: ResultRows) -> str:
        return (
            f"{read.where(row.row)}: '{row.well}' is no well of a plate of {many(self._size, 'well')}, whose last one "
            f"is {list(self._wells)[-1]}; correct it, or leave such rows out, as in `--set ignore=[{row.well}]`"
        )
