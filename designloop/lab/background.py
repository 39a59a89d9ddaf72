"""Background is other people's work: batches that arrive at stations, and take their machines and people."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from designloop.core.clock import WEEKDAYS, Weekday, minute_of_day
from designloop.core.errors import did_you_mean
from designloop.core.files import FilePath
from designloop.core.parts import Part
from designloop.stages.base import Stage
from designloop.stages.station import Station

_SOURCES = ("rate", "calendar", "file", "run")
_MOST_ITEMS = 100_000
MOST_JOBS = 100
"""The most jobs of a lab."""


class Standing(Part):
    """A standing order: a batch on each of some weekdays, if the lab works."""

    days: tuple[Weekday, ...] = Field(WEEKDAYS, min_length=1, description="weekdays on which a batch arrives")
    times: tuple[str, ...] = Field(("09:00",), min_length=1, description="times of day, such as ['09:00', '14:00']")

    @field_validator("times")
    @classmethod
    def _times_are_of_a_day(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(value), key=minute_of_day))


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, int | float) else value


Sizes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=_MOST_ITEMS)], ...],
    BeforeValidator(_one_or_several, json_schema_input_type=int | tuple[int, ...]),
]
"""Whole numbers; in YAML, one or a list."""


class Background(Part):
    """Batches of other people's work, as they arrive: at random, on weekdays, or as a file or a run lists them."""

    name: str = Field(min_length=1, description="name of the job, as in `run_started` events")
    stages: tuple[str, ...] = Field((), description="stations that it passes, in order; none: all stations of the lab")
    rate: float | None = Field(
        None, gt=0, le=10_000, description="batches in a working week, on average, at random times (Poisson)"
    )
    calendar: Standing | None = Field(None, description="a standing order: weekdays and times of day")
    file: FilePath | None = Field(
        None,
        description="table of batches, with their `size`, and a `day` or `week` (0: when week 0 begins) or a `date`",
    )
    run: FilePath | None = Field(
        None, description="directory of a finished run, whose batches come again, each at its time"
    )
    size: Sizes = Field((), description="items of a batch, for `rate` and `calendar`; of a list, one is drawn")
    priority: Literal["first", "first-come", "last"] = Field(
        "first-come", description="before the designs of the campaign, by the queue of each station, or after them"
    )

    @model_validator(mode="after")
    def _comes_from_one_source(self) -> Self:
        given = [name for name in _SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"background '{self.name}': give one of rate, calendar, file and run{_got(given)}")
        if bool(self.size) != (given[0] in ("rate", "calendar")):
            what = "add `size`, the items of a batch" if not self.size else f"remove `size`; the {given[0]} lists sizes"
            raise ValueError(f"background '{self.name}': {what}")
        return self

    @field_validator("run")
    @classmethod
    def _run_is_its_database(cls, value: str | None) -> str | None:
        """The file whose content is recorded; a report that is written into the directory later changes nothing."""
        return None if value is None else value if value.endswith(".db") else f"{value.rstrip('/')}/campaign.db"

    def route(self, stages: Sequence[Stage]) -> tuple[Station, ...]:
        """The stations that it passes."""
        stations = {stage.name: stage for stage in stages if isinstance(stage, Station)}
        return tuple(stations[name] for name in self.stages or stations)

    def check_route(self, stages: Sequence[Stage], workdays: Sequence[Weekday]) -> None:
        """Raise ValueError where it names what is no station, passes nothing that is limited, or never comes."""
        by_name = {stage.name: stage for stage in stages}
        for name in self.stages:
            self._check_stage(name, by_name)
        route = self.route(stages)
        if len({station.name for station in route}) < len(self.stages):
            raise self._wrong("names a stage twice in `stages`; remove one")
        if not any(station.machines or station.capacity for station in route):
            raise self._wrong("takes nothing from anybody: no station on its way has `machines` or a `capacity`")
        groups = [station.one_of for station in route if station.one_of is not None]
        if twice := next((group for group in groups if groups.count(group) > 1), None):
            raise self._wrong(f"would pass several alternatives of '{twice}'; list its `stages`, with one of them")
        if self.calendar is not None and not set(self.calendar.days) & set(workdays):
            raise self._wrong("never comes: none of `calendar.days` is a workday of the lab; change them")

    def _check_stage(self, name: str, by_name: Mapping[str, Stage]) -> None:
        if name not in by_name:
            raise self._wrong(f"passes '{name}', which is no stage of the lab{did_you_mean(name, by_name)}")
        if not isinstance(by_name[name], Station):
            raise self._wrong(f"passes '{name}', a stage of one's own, which takes designs only; remove it")

    def _wrong(self, what: str) -> ValueError:
        return ValueError(f"background '{self.name}' {what}")


def _got(given: Sequence[str]) -> str:
    return f", got {' and '.join(given)}" if given else ""


def check_background(jobs: Sequence[Background], stages: Sequence[Stage], workdays: Sequence[Weekday]) -> None:
    """Raise ValueError for other people's work that could not pass a lab."""
    names = [job.name for job in jobs]
    if len(set(names)) < len(names):
        raise ValueError(f"background: jobs must have different names, got {', '.join(names)}; rename one")
    for job in jobs:
        job.check_route(stages, workdays)
