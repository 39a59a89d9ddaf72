"""A record holds the data of one run for its report: designs, wells, visits, costs. It is read from storage only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from json import loads
from math import nan, sqrt
from pathlib import Path
from statistics import stdev
from typing import Any

from designloop.core.clock import as_weeks
from designloop.core.config import read_text, to_yaml
from designloop.core.money import total
from designloop.core.records import Event, Outcome, Prediction
from designloop.core.rows import side_of
from designloop.operations.operations import Operations
from designloop.operations.visits import Visit
from designloop.report.words import with_error
from designloop.storage.log import EventLog
from designloop.storage.manifest import MANIFEST
from designloop.storage.result import Result, result_of
from designloop.storage.run_directory import CONFIG, load
from designloop.storage.summary import Summary


@dataclass(frozen=True, slots=True)
class Reading:
    """A well that was read: of a design (`design`, with the error of its value) or of a control (`control`)."""

    minute: int
    plate: str
    well: str
    value: float
    design: int | None = None
    std_error: float | None = None
    """None if it is unknown."""
    is_retest: bool = False
    control: str | None = None
    outcome: str = Outcome.OBSERVED


@dataclass(slots=True)
class Made:
    """A design, from its choice to its outcome."""

    id: int
    sequence: str
    round: int
    origin: str
    mean: float | None
    std: float | None
    viability: float | None
    outcome: str | None = None
    """None while it is pending."""
    ended_at: int | None = None
    true: float | None = None
    """True value, known only in a simulation; None if the assay never looked it up or the design is not viable."""
    readings: list[Reading] = field(default_factory=list)
    predictions: Mapping[str, Prediction] = field(default_factory=dict)
    """Surrogate -> (mean, standard deviation) that it predicted, for every surrogate that was considered."""

    @property
    def measured(self) -> float | None:
        """Mean of its wells, retests included, as in the summary; None without a well."""
        return _mean(self.readings)

    @property
    def std_error(self) -> float:
        """Standard error of `measured`: from the errors that the lab states, else from the wells' spread, else NaN."""
        return error_of_mean(self.readings)

    @property
    def side(self) -> int:
        """-1 if all wells are below a limit of detection, 1 if all are above one, else 0."""
        sides = {side_of(Outcome(reading.outcome)) for reading in self.readings}
        return sides.pop() if len(sides) == 1 else 0

    @property
    def measured_in_words(self) -> str:
        """`0.440 ± 0.020`, or `> 0.440` at a limit of detection."""
        return with_error(self.measured, self.std_error, self.side)

    @property
    def first_readings(self) -> list[Reading]:
        """The wells of its own batch. Retests are selected for high values, so they cannot test a prediction."""
        return [reading for reading in self.readings if not reading.is_retest]


def _mean(readings: list[Reading]) -> float | None:
    return sum(reading.value for reading in readings) / len(readings) if readings else None


def error_of_mean(readings: Sequence[Reading]) -> float:
    """Standard error of the mean over wells: from stated errors, else from the spread of wells, else NaN."""
    stated = [reading.std_error for reading in readings if reading.std_error is not None]
    if not readings or len(stated) < len(readings):
        spread = stdev(reading.value for reading in readings) if len(readings) > 1 else 0.0
        return spread / sqrt(len(readings)) if spread else nan
    return sqrt(sum(error**2 for error in stated)) / len(readings)


@dataclass(frozen=True, slots=True)
class Charge:
    """Money charged for an item at a given minute, in whole cents."""

    minute: int
    item: str
    amount: float


@dataclass(frozen=True)
class Record:
    """One run. `read` builds it from a directory, `of_result` from a result."""

    events: list[Event]
    truths: Mapping[str, float | None]
    summary: Summary
    corpus: tuple[str, ...]
    names: tuple[str, ...] = ()
    """The header of each sequence of the corpus; none if its file had none."""
    config_text: str = ""
    manifest_text: str = ""

    @classmethod
    def read(cls, directory: Path) -> "Record":
        """The record of the run in a directory, finished or not. Raises StoreError if there is none."""
        return cls.of_result(load(directory))

    @classmethod
    def of(cls, log: EventLog) -> "Record":
        """The record of a log."""
        return cls.of_result(result_of(log, log.documents().get("name", "campaign")))

    @classmethod
    def of_result(cls, result: Result) -> "Record":
        """The record of a result. The description of a run in memory is in its first event."""
        described = next((event.data.get("description") for event in result.events[:1]), None)
        return cls(
            events=list(result.events),
            truths={truth.sequence: truth.value for truth in result.truths},
            summary=result,
            corpus=tuple(result.documents.get("corpus", "").splitlines()),
            names=tuple(result.documents.get("names", "").splitlines()),
            config_text=_text(result.directory, CONFIG) or (to_yaml(described) if described else ""),
            manifest_text=_text(result.directory, MANIFEST),
        )

    @cached_property
    def config(self) -> dict[str, Any]:
        """The resolved configuration, as plain data."""
        return read_text(self.config_text, "config.yaml").data if self.config_text.strip() else {}

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest: seed, versions and machine."""
        return dict(loads(self.manifest_text)) if self.manifest_text.strip() else {}

    @cached_property
    def opening(self) -> Mapping[str, Any]:
        """The data of the `opened` event; empty if the campaign has not started."""
        return next((event.data for event in self.events if event.kind == "opened"), {})

    @property
    def now(self) -> int:
        """The last minute of the record."""
        return self.events[-1].minute if self.events else 0

    @property
    def plate_size(self) -> int:
        """The number of wells of a plate."""
        return int(self.config.get("lab", {}).get("plate_size", 96))

    @property
    def fill_order(self) -> str:
        """How designs fill the wells of a plate: `random`, `rows` or `columns`."""
        return str(self.config.get("lab", {}).get("assay", {}).get("fill_order", "random"))

    @cached_property
    def designs(self) -> dict[int, Made]:
        """Every design that was chosen, by its id."""
        made: dict[int, Made] = {}
        for event in self.events:
            if event.kind == "chosen":
                made[_id(event)] = _made(event)
            elif event.kind in ("failed", "observed") and (event.kind == "observed" or not event.data.get("retest")):
                _end(made[_id(event)], event)
        for reading in self.readings:
            if reading.design is not None:
                made[reading.design].readings.append(reading)
        for design in made.values():
            design.true = self.truths.get(design.sequence)
        return made

    @cached_property
    def readings(self) -> list[Reading]:
        """Every well with a value, controls included, in the order of measurement."""
        readings = [
            Reading(
                event.measured_at,
                event.data.get("plate", ""),
                event.data.get("well", ""),
                event.data["value"],
                event.design,
                event.data.get("std_error"),
                event.data.get("retest", False),
                event.data.get("control"),
                event.data.get("outcome", str(Outcome.OBSERVED)),
            )
            for event in self.events
            if event.kind in ("observed", "control") and event.data.get("value") is not None
        ]
        return sorted(readings, key=lambda reading: reading.minute)

    @cached_property
    def measured(self) -> list[Made]:
        """Designs with a value, the highest measured first."""
        with_value = [design for design in self.designs.values() if design.readings]
        return sorted(with_value, key=lambda design: (-(design.measured or 0.0), design.id))

    @cached_property
    def beliefs(self) -> Mapping[int, Mapping[str, Any]]:
        """Round -> the notes of its proposal: what the strategy believed."""
        return {event.data["round"]: event.data["notes"] for event in self.events if event.kind == "believed"}

    @cached_property
    def visits(self) -> list[Visit]:
        """Every stay of a design in a stage, ordered by its beginning."""
        return sorted(self.operations.visits.visits, key=lambda visit: (visit.began, visit.design))

    @cached_property
    def operations(self) -> Operations:
        """What the lab did."""
        return Operations.of(self.events, self.config.get("lab"))

    @cached_property
    def stages(self) -> list[str]:
        """The stages that designs entered, ordered by first entry."""
        return list(dict.fromkeys(visit.stage for visit in self.visits))

    @cached_property
    def submissions(self) -> dict[int, int]:
        """Round -> the minute of its submission."""
        first: dict[int, int] = {}
        for event in self.events:
            if event.kind == "submitted":
                first.setdefault(event.data["round"], event.minute)
        return first

    @cached_property
    def turnarounds(self) -> list[float]:
        """Weeks from submission to the first value of each design that has one, without retests."""
        return [
            as_weeks(design.first_readings[0].minute - self.submissions[design.round])
            for design in self.designs.values()
            if design.first_readings and design.round in self.submissions
        ]

    @cached_property
    def charges(self) -> list[Charge]:
        """Every charge in order of time; charges of one event in the order of their names, as in a store."""
        return [
            Charge(event.minute, item, total([amount]))
            for event in self.events
            if event.kind == "charged"
            for item, amount in sorted(event.data.items())
        ]


def _text(directory: Path | None, name: str) -> str:
    """The text of a file in a run's directory; "" if there is none, as for a run in memory or a moved directory."""
    file = None if directory is None else directory / name
    return file.read_text(encoding="utf-8") if file is not None and file.is_file() else ""


def _made(event: Event) -> Made:
    data = event.data
    mean, std, viability = (data.get(name) for name in ("mean", "std", "viability"))
    predicted = {name: (its[0], its[1]) for name, its in data.get("predictions", {}).items()}
    made = _id(event), data["sequence"], data["round"], data.get("origin", "")
    return Made(*made, mean, std, viability, predictions=predicted)


def _end(design: Made, event: Event) -> None:
    is_late = event.kind == "observed" and design.outcome is not None and not Outcome(design.outcome).has_value
    if design.outcome is None or is_late:  # a design that was declared lost may be measured after all
        design.outcome, design.ended_at = event.data["outcome"], event.measured_at


def _id(event: Event) -> int:
    assert event.design is not None, f"a '{event.kind}' event speaks of a design"
    return event.design
