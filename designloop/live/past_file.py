"""A past file holds rounds that were ordered and measured before: a row for each design or well."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from designloop.core.readers.headers import Column
from designloop.core.records import Outcome
from designloop.live.result_file import ResultFile


class PastFile(ResultFile):
    """How a table of past rounds is written. What is not given is found by the usual names of columns."""

    belongs: ClassVar[Mapping[str, str]] = {"measured": "the column of the dates of measurement is `date`"}

    date: Column = Field("measured", description="column of the dates of the measurements; else one called date")
    ordered: Column = Field("ordered", description="column of the dates on which the rounds were ordered")
    who: Column = Field("who", description="column of who chose each design, if there is one")

    @property
    def facts(self) -> tuple[str, ...]:
        """The columns of everything but values and errors."""
        return (*ResultFile.facts.fget(self), "date", self.ordered, self.who)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What the files of past rounds do not say, but people do."""

    round: int | None = None
    """The round of all rows."""
    ordered: datetime | None = None
    """When the round was ordered; with `every`, when the first was."""
    measured: datetime | None = None
    """When the round was measured."""
    every: int | None = None
    """Minutes from one round to the next, which is ordered when the results are there."""
    missing: Outcome | None = None
    """What became of designs without a value and without an outcome; None: their results are to come."""
