"""The equipment of a lab, read from its description as plain data: what designs wait for at each stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from designloop.core.calendar import Calendar, WorkingTime
from designloop.core.people import People, ShiftTime
from designloop.operations.hours import Hours, calendar_hours, shift_hours, working_hours

Kind = Literal["machine", "place", "reader"]


@dataclass(frozen=True, slots=True)
class Equipped:
    """A stage, or the assay, with its machines, places or readers; `number` is None where nothing limits it."""

    name: str
    kind: Kind = "place"
    number: int | None = None
    load: int = 1
    is_working: bool = True
    """Whether its durations count working days."""
    people: str | None = None
    n_people: int = 1
    gathers: bool = False
    """Whether designs wait for their batch; meanwhile they take no place within the work-in-progress limit."""
    per_day: float | None = None
    """Plates of a reader on a working day."""

    @property
    def in_words(self) -> str:
        """`2 machines`, `1 reader`; nothing where there is no limit."""
        if self.number is None:
            return ""
        return f"{self.number:,} {self.kind}{'' if self.number == 1 else 's'}"


@dataclass(frozen=True)
class Equipment:
    """All stages of a lab in order, the assay last, its people and its calendar."""

    stages: tuple[Equipped, ...]
    people: tuple[People, ...]
    calendar: Calendar
    wip_limit: int | None = None

    @classmethod
    def of(cls, lab: Mapping[str, Any]) -> "Equipment":
        """The equipment in the description of a lab."""
        stages = tuple(_stage(stage) for stage in lab.get("stages", ()))
        people = tuple(People.model_validate(group) for group in lab.get("people", ()))
        calendar = Calendar.model_validate(lab.get("calendar", {}))
        return cls((*stages, _assay(lab.get("assay", {}))), people, calendar, lab.get("wip_limit"))

    @cached_property
    def _working(self) -> WorkingTime:
        return WorkingTime(self.calendar)

    def hours(self, stage: Equipped, end: int) -> Hours:
        """The clock of a stage: working hours, or all of them."""
        return working_hours(self._working, end) if stage.is_working else calendar_hours(end)

    def shifts(self, people: People, end: int) -> Hours:
        """The hours of a group on shift."""
        return shift_hours(ShiftTime(people, self._working), end)

    def reading_ends(self, minute: int, stage: Equipped) -> int:
        """The minute at which a reader that takes a plate is free again."""
        return self._working.after(minute, round(24 * 60 / stage.per_day)) if stage.per_day else minute


def _stage(data: Mapping[str, Any]) -> Equipped:
    """A stage of one's own has none of these keys: events do not say what its visits seize."""
    is_machine = data.get("machines") is not None
    return Equipped(
        data["name"],
        "machine" if is_machine else "place",
        data["machines"] if is_machine else data.get("capacity"),
        data.get("load", 1),
        is_working=data.get("clock", "working") == "working",
        people=data.get("people"),
        n_people=data.get("n_people", 1),
        gathers=data.get("release") == "together",
    )


def _assay(data: Mapping[str, Any]) -> Equipped:
    """A reader limits the assay only if it reads so many plates a day."""
    per_day = data.get("plates_per_day")
    number = data.get("readers", 1) if per_day is not None else None
    return Equipped(data.get("name", "assay"), "reader", number, per_day=per_day)
