"""The description of a wet lab: stages, an assay, a calendar and prices. SimPy simulates it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic_core import core_schema

from designloop.core.calendar import Calendar
from designloop.core.clock import DAY, MOST_DAYS
from designloop.core.config import build
from designloop.core.errors import ConfigError
from designloop.core.faults import asked_first
from designloop.core.lab_card import LabCard
from designloop.core.machine_runs import MachineRuns
from designloop.core.money import Quote, in_whole_cents
from designloop.core.parts import Part
from designloop.core.past import Past
from designloop.core.people import People
from designloop.core.schema import or_preset
from designloop.core.spaces import Space
from designloop.lab.account import ITEMS, later
from designloop.lab.arrivals import listed
from designloop.lab.assay import Assay
from designloop.lab.background import MOST_JOBS, Background, check_background
from designloop.lab.card import lab_card
from designloop.lab.consistency import check_limit, check_stages
from designloop.lab.cost import Cost
from designloop.lab.run_prices import machine_runs
from designloop.lab.starting_points import PRESETS, document_of, is_file_of_lab, merged, path_of, preset_data
from designloop.lab.warm_up import MOST_WEEKS, first_day
from designloop.oracles.base import Oracle, Scale, check_ready, scale_of, space_of
from designloop.stages.base import Stage
from designloop.stages.consumable import Bought
from designloop.stages.station import Station

if TYPE_CHECKING:
    from designloop.lab.catching_up import CaughtUp
    from designloop.lab.run import LabRun


class CloseAt(Part):
    """When a round closes early, at whichever condition is met first. Open designs are `lost`, but are charged."""

    share: float | None = Field(
        None, gt=0, le=1, description="share of the designs that have returned, with or without a value"
    )
    days: float | None = Field(None, gt=0, le=MOST_DAYS, description="working days after submission")


class Lab(Part):
    """Builds and tests designs. A batch is charged when it is submitted, and rent every week.

    What may fall due later, such as plates, is reserved at its worst case when a batch is submitted.
    """

    name: str = Field("lab", description="name of the lab")
    plate_size: int = Field(96, ge=1, le=100_000, description="wells per plate, controls included")
    calendar: Calendar = Field(Calendar(), description="dates on which the lab works")
    people: tuple[People, ...] = Field((), description="groups of people that stages share")
    stages: tuple[Stage, ...] = Field((), description="steps before the assay, in order")
    wip_limit: int | None = Field(
        None, ge=1, description="work-in-progress limit: designs in the stages at once; others wait outside"
    )
    background: tuple[Background, ...] = Field(
        (), max_length=MOST_JOBS, description="other people's work, which takes machines and people of the stages"
    )
    warm_up_weeks: float = Field(
        0.0, ge=0, le=MOST_WEEKS, description="weeks in which the background runs before week 0, unrecorded"
    )
    assay: Assay = Field(Assay(), description="plates, readers, noise and limits of detection")
    cost: Cost = Field(Cost(), description="prices")
    close_at: CloseAt = Field(CloseAt(), description="when a round closes early; default: never")

    @classmethod
    def preset(cls, name: str, **changes: Any) -> "Lab":
        """The preset `name`, one of `PRESETS`, or the file of a lab (YAML), with `changes`, as in YAML."""
        return cls.model_validate({"preset": name, **changes})

    @model_validator(mode="before")
    @classmethod
    def _preset_is_expanded(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str):
            value = {"preset": value}
        if not isinstance(value, dict):
            return value
        value = dict(value)
        if "preset" in value:
            value = merged(_begun(value.pop("preset"), info.context), value)
        return value

    @model_validator(mode="after")
    def _is_consistent(self) -> "Lab":
        check_stages(self.stages, self.assay.name, self.people, self.calendar)
        check_limit(self.stages, self.wip_limit)
        check_background(self.background, self.stages, self.calendar.workdays)
        if self.assay.layout is None:  # a file is read when it is used
            try:
                self.assay.template(self.plate_size)
            except ConfigError as error:
                raise ValueError(f"assay: {error}") from None
        self._check_rounds_stay_open()
        self._check_items()
        self._check_wells_are_priced_in_cents()
        return self

    def _check_rounds_stay_open(self) -> None:
        """Raise ValueError where every round closes before its first result."""
        days = self.close_at.days
        if days is not None and days < self.shortest_days:
            raise ValueError(
                f"close_at.days is {days:g}, but a design takes at least {self.shortest_days:g} working days, so that "
                "all would be lost; raise it, or close rounds at a `share`"
            )

    @property
    def consumables(self) -> tuple[tuple[Bought, str], ...]:
        """Each consumable, and the stage or assay that uses it up."""
        stations = (stage for stage in self.stages if isinstance(stage, Station))
        at_stages = ((consumable, station.name) for station in stations for consumable in station.consumables)
        return (*at_stages, *((consumable, self.assay.name) for consumable in self.cost.consumables))

    @property
    def machine_runs(self) -> tuple[MachineRuns, ...]:
        """The runs of machines that cost or use up something."""
        is_limited, shared = self.wip_limit is not None, self.shared_stations
        return machine_runs(self.stages, self.retest_stages, self.people, is_limited=is_limited, shared=shared)

    @property
    def shared_stations(self) -> frozenset[str]:
        """The stations at which other people's work may be in a run with designs."""
        return frozenset(at.name for job in self.background for at in job.route(self.stages) if at.mixes)

    def _check_wells_are_priced_in_cents(self) -> None:
        """Raise ValueError where a well that is read again costs a fraction of a cent."""
        if self.assay.min_z_prime is not None:
            try:
                in_whole_cents(self.cost.per_replicate)
            except ValueError as error:
                raise ValueError(f"cost.per_replicate, with assay.min_z_prime: {error}") from None

    def _check_items(self) -> None:
        """Raise ValueError where two items of what falls due after submission have one name."""
        runs = {item for runs in self.machine_runs for item, _ in runs.prices}
        dues = (item for item, _, _ in later(self.stages, ()))
        consumables = (consumable.name for consumable, _ in self.consumables)
        names = [*ITEMS, *dues, *runs, *consumables]
        if clash := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"'{clash}' names two items of the bill; rename the stage or the consumable")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The name of a preset or of a file, or a mapping with `preset`."""
        written = handler.resolve_ref_schema(handler(schema))
        return or_preset(written, PRESETS, "preset, or file of a lab, to start from", or_file=True)

    @property
    def knows_urgency(self) -> bool:
        """Whether urgent batches go before others anywhere."""
        queues = {stage.queue for stage in self.stages if isinstance(stage, Station)}
        return "priority" in queues or self.wip_limit is not None

    def check_suits(self, scale: Scale, *, has_urgent: bool) -> None:
        """Raise ValueError where noise overflows on the scale of an oracle, or urgent batches go before no others."""
        self.assay.noise.terms(scale)
        if has_urgent and not self.knows_urgency:
            raise ValueError(
                "scheduler.urgent: no batch goes first in this lab; set `queue: priority` at a stage with machines"
            )

    @property
    def retest_stages(self) -> tuple[Stage, ...]:
        """The stages of a retest; none where no stage has `retest_from`."""
        marked = [index for index, stage in enumerate(self.stages) if stage.retest_from]
        return self.stages[marked[0] :] if marked else ()

    @property
    def shortest_days(self) -> float:
        """A lower bound on the working days until a result (stages in calendar days not counted)."""
        return (
            sum(stage.shortest_days for stage in self.stages)
            + self.assay.days.shortest
            + self.assay.analysis_days.shortest
        )

    def check_ready(self, oracle: Oracle) -> None:
        """Raise ConfigError where the oracle lacks something, or where a control does not suit it.

        Raises InputError where the file of the layout or of other people's work is wrong.
        """
        check_ready(oracle)
        self.calendar.check_ready()
        templates, scale = self.assay.templates(self.plate_size), scale_of(oracle)
        for job in self.background:
            listed(job, self.calendar, first_day(self.warm_up_weeks) * DAY)
        self.assay.check_scale(scale)
        self.assay.check_quality(templates, scale, oracle.floor)
        with asked_first(oracle, "optimum` or `floor"):
            highest = oracle.optimum if self.assay.lower is not None else None
            floor = oracle.floor
        self.assay.check_limits(floor, highest)
        for control in self.assay.controls:
            if control.sequence is not None and not space_of(oracle).contains([control.sequence])[0]:
                raise ConfigError(
                    f"lab.assay.controls: the sequence of control '{control.name}' is not in the oracle's space; "
                    "correct it, or give a `value` instead"
                )

    @property
    def card(self) -> LabCard:
        """What the lab declares of itself to schedulers."""
        return lab_card(self)

    def quote(self, space: Space) -> Quote:
        """The price list for designs of `space`. Raises ConfigError where it lacks the price of a design."""
        quote = self.cost.quote(space, _ordered(self.stages), _ordered(self.retest_stages))
        template = self.assay.template(self.plate_size)
        fill = self.assay.n_to_start(template.n_places) if self.assay.wait_days is None else 1
        return replace(
            quote,
            later=later(self.stages, self.retest_stages),
            runs=self.machine_runs,
            supplies=self.cost.supplies(template.n_controls),
            plate_fill=fill if self.stages else template.n_places,  # without stages, all are there at once
            places=template.n_places if self.assay.replicates_together else None,
            plate_places=template.n_places,
            further_readings=self.assay.most_further_readings,
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is likely to be a mistake: other people's work that fills a station for ever."""
        from designloop.lab.load import overloads

        return overloads(self) if self.background else ()

    def without_background(self) -> "Lab":
        """The same lab without other people's work. Under one seed, everything else in it is the same."""
        return self.with_(background=())

    def start(self, oracle: Oracle, seed: int, *, space: Space, seconds: float | None = None) -> "LabRun":
        """A run of the lab, at minute 0. `seconds` limits the wall time of each call of the oracle."""
        from designloop.lab.run import LabRun

        return LabRun(self, oracle, seed, space, seconds)

    def begin(
        self, oracle: Oracle, seed: int, past: Past | None, *, space: Space, seconds: float | None = None
    ) -> "LabRun | CaughtUp":
        """A run of the lab at minute 0; with a past, at its last minute, and with what is in the lab then."""
        from designloop.lab.catching_up import caught_up

        def start(under: int) -> "LabRun":
            return self.start(oracle, under, space=space, seconds=seconds)

        return start(seed) if past is None else caught_up(start, past, seed)


def _begun(name: Any, context: Any) -> dict[str, Any]:
    """The plain data that a description begins with; a file is checked by itself, so that a mistake has its line."""
    if not is_file_of_lab(name):
        return preset_data(name)
    document = document_of(path_of(name, (context or {}).get("folder")))
    build(Lab, document)
    data = dict(document.data)
    return merged(preset_data(data.pop("preset")), data) if "preset" in data else data


def _ordered(stages: Iterable[Stage]) -> float:
    """The price of the stages that are paid with the order."""
    return sum(stage.cost for stage in stages if stage.due == "ordered")
