"""Records: small frozen values that are passed between the rooms, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any


class Outcome(StrEnum):
    """How a design ended: with a value, with a value beyond the assay's limits, or with the reason for no value.

    chosen → submitted → (in stage …) → one outcome
    """

    OBSERVED = "observed"
    BELOW_DETECTION = "below_detection"
    ABOVE_DETECTION = "above_detection"
    SYNTHESIS_FAILED = "synthesis_failed"
    BUILD_FAILED = "build_failed"
    NOT_EXPRESSED = "not_expressed"
    LOST = "lost"
    UNMEASURED = "unmeasured"

    @property
    def has_value(self) -> bool:
        """True where the assay returned a number, including a limit of detection."""
        return self in (Outcome.OBSERVED, Outcome.BELOW_DETECTION, Outcome.ABOVE_DETECTION)

    @property
    def may_be_chosen_again(self) -> bool:
        """True where the same sequence could give a value if built again under a new id."""
        return not self.has_value and self is not Outcome.UNMEASURED


@dataclass(frozen=True, slots=True)
class Design:
    """A chosen candidate, with an id (its index in the campaign, from 0) and its round."""

    id: int
    sequence: str
    round: int


MOST_REPLICATES = 1_000
"""The largest number of wells of a design in a batch."""


@dataclass(frozen=True, slots=True)
class Order:
    """A scheduler's decision: submit this number of new designs and of retests, with this number of replicates."""

    n_designs: int
    n_retests: int = 0
    replicates: int = 1
    """Wells of each new design, and of each retest where `retest_replicates` is None."""
    money: float = inf
    """The most that the order may cost. A proposal that costs more is cut, best designs first."""
    rounds_left: float = field(default=inf, compare=False)
    """A forecast: number of orders of this size, this one included, that the budget allows; inf if unknown."""
    may_split: bool = False
    """True if the strategy decides how many wells measure leaders again (`n_retests: auto`).

    Then a proposal has at most `n_designs` new designs, and at least `n_designs` and at most `n_designs` + `n_retests`
    designs in all, at least one of them new.
    """
    retest_replicates: int | None = None
    """Wells of each retest."""
    urgent: bool = False
    """Whether the batch goes first where a queue knows urgency."""

    @property
    def wells_per_retest(self) -> int:
        """Wells of each retest: `retest_replicates`, or `replicates` without it."""
        return self.replicates if self.retest_replicates is None else self.retest_replicates

    @property
    def wells(self) -> int:
        """Wells of the order: new designs and retests, with their replicates. No proposal has more.

        Where the strategy may split the order, every place may have the larger number of replicates.
        """
        if self.may_split:
            return (self.n_designs + self.n_retests) * max(self.replicates, self.wells_per_retest)
        return self.n_designs * self.replicates + self.n_retests * self.wells_per_retest


@dataclass(frozen=True, slots=True)
class Wait:
    """A scheduler's decision: wait for the next result, or until that minute, whichever comes first."""

    until: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A scheduler's decision: end the campaign, for this reason."""

    reason: str


PRIOR_ROUND = 0
"""The round of starting sequences that were measured before the first batch, which is round 1."""

PEOPLE = "people"
"""The origin of a design that people added to a batch of a live campaign."""

FILL = "fill"
"""The origin of a choice that fills an incomplete batch: drawn uniformly from the space, not by the strategy."""


Prediction = tuple[float, float]
"""Mean and standard deviation of a predicted value, in the assay's units."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A sequence that a strategy chose, with its origin and its prediction (in the assay's units)."""

    sequence: str
    origin: str = "strategy"
    """Where it comes from, such as the name of a generator; shown in the report."""
    mean: float | None = None
    std: float | None = None
    viability: float | None = None
    predictions: Mapping[str, Prediction] | None = field(default=None, hash=False)
    """Name of a surrogate -> its (mean, standard deviation), for every surrogate that the strategy considered."""
    replicates: int | None = None
    """Its wells; None: as many as the order says. All wells of a proposal are at most `Order.wells`."""
    parent: str | None = None
    """The sequence from which it was bred: of a crossover, the mother; of a search in several steps, the sequence with
    which it began. None: it was not bred, but sampled, enumerated or given."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A strategy's answer to an order: new sequences, and the ids of measured designs to measure again."""

    choices: tuple[Choice, ...]
    retests: tuple[int, ...] = ()
    notes: Mapping[str, Any] | None = field(default=None, hash=False)
    """What the strategy believed and why, as JSON values; recorded with the batch and shown in the report.

    The report reads `weights` and `out_of_fold`, {surrogate: number}: the weight of each surrogate, and its rank
    correlation with values that it was not fitted to (None if unknown); and `scale`, the name of the target's scale.
    """
    retest_replicates: tuple[int, ...] = ()
    """Wells of each retest, in the order of `retests`; empty: as many as the order says."""

    def wells(self, order: Order) -> tuple[int, ...]:
        """Wells of each design and then of each retest, if the proposal answers this order."""
        new = (order.replicates if choice.replicates is None else choice.replicates for choice in self.choices)
        return (*new, *(self.retest_replicates or (order.wells_per_retest,) * len(self.retests)))


@dataclass(frozen=True, slots=True)
class Batch:
    """What is submitted to the lab at one time: new designs, known designs to retest, wells for each."""

    round: int
    designs: tuple[Design, ...]
    retests: tuple[Design, ...] = ()
    replicates: int = 1
    wells_of: Mapping[int, int] = field(default_factory=dict, hash=False)
    """Design id -> its wells, for designs and retests that do not have `replicates` of them."""
    urgent: bool = False
    """Whether it goes first where a queue knows urgency."""

    def n_wells(self, design: Design) -> int:
        """Wells of one design."""
        return self.wells_of.get(design.id, self.replicates)

    @property
    def wells(self) -> tuple[int, ...]:
        """Wells of each design and then of each retest."""
        return tuple(map(self.n_wells, (*self.designs, *self.retests)))


@dataclass(frozen=True, slots=True)
class Pending:
    """A design that is submitted and not yet observed, with its stage and its time of submission."""

    design: Design
    stage: str
    submitted_at: int
    waits_for: str | None = None
    """The stage to which it went back after a failure, until it enters it."""


@dataclass(frozen=True, slots=True)
class Start:
    """A sequence known before the first batch, with its value or its outcome, if any."""

    sequence: str
    value: float | None = None
    std_error: float | None = None
    """0 if the value is exact, None if its error is unknown."""
    outcome: Outcome | None = None
    """Its outcome, if it was measured before week 0; else None."""
    plate: str | None = None

    @property
    def is_unmeasured(self) -> bool:
        """True where there is neither a value nor an outcome: it has not been built."""
        return self.value is None and self.outcome is None


@dataclass(frozen=True, slots=True, init=False)
class Event:
    """Something that happened: the minute, the kind, the design, and its data (JSON values only).

    kind                  design  data
    opened                -       seed, label, budget, quote, scale, floor, starts, description, files
    code_changed          -       path, digest (a Python file of the user was changed before the run was resumed)
    chosen                id      sequence, round, origin, mean, std, viability; predictions if there are any:
                                  {surrogate: [mean, std]}; replicates if the strategy gave them; parent if it was bred
    retest                id      round; replicates if the strategy gave them
    believed              -       round, notes (those of the proposal)
    short                 -       round, ordered, chosen (the strategy proposed fewer new designs than ordered)
    cut                   -       round, money, kept (designs), numbers of designs and retests that were not affordable
    recommended           id      by ("strategy" or "common"), round
    submitted             id      round, replicates, retest; urgent if it is
    entered, left         id      stage, round
    went_back             id      stage, to, round (it failed at a stage, and passes the lab again from another one)
    run_started           -       stage, run, machine, designs (ids; a run of a machine of a station); background if it
                                  holds other people's work: {job: items}; began (the minute) if before week 0
    run_ended             -       stage, run, machine; people and freed (the minute) where it needs people; again (the
                                  minute at which a design failed, and from which to which one they are hands-on in
                                  second attempts) if there were any
    machine_down          -       stage, machine, until, why (a breakdown or maintenance that a run meets)
    stock_short           -       item, stage, needs, in_stock (a run or plate that could start waits for a delivery)
    stock_ordered         -       item, stage, packs, arrives (the minute)
    stock_arrived         -       item, stage, units, in_stock
    failed                id      stage, outcome, round, retest
    observed              id      outcome, value, std_error, replicate, round, retest, plate, well, assay; wells, if
                                  the value is the mean of several (told of a live campaign)
    control               -       control, known (its true value), value (its reading), plate, well, assay
    plate_lost            -       plate
    plate_rejected        -       plate, assay, z_prime (lower than is accepted; None where controls read the same)
    round_closed          -       round, n_results, n_lost; last (the minute of the last result) where it was earlier
    charged               -       {item: amount}
    reserved              -       {item: the amount that is reserved for it from now on}, for what may fall due later
    waited                -       - (the scheduler waited until this minute, at which nothing came back)
    closed                -       reason
    asked                 -       round, decision, anyway, rounds_left (people asked for a batch of a live campaign)
    plated                -       round, plates: {plate: {well: [design, replicate] or the name of a control}}
    told                  -       file, digest, n (people told a file of results); unit, and the column of
                                  the values, if the file has them; repeats (the entries that told what it repeats)
    imported              -       files, digests, rounds ({their number in the files: round}), designs, n (people told
                                  past rounds); unit if the files say one
    well_lost             id      round, replicate, retest (one well of a design will not have a value)
    declared              -       designs, plates, rounds, outcome, why (people declared them lost or failed)
    undone                -       of, why (the entry that is undone); only ("results") where its designs stay in the
                                  lab; again (later entries whose files repeated what is undone)
    reopened              -       round, submitted_at (a closed round is open again, since results of it were undone)
    vetoed                id      round, instead (the design in its wells), why (people removed it from its batch)
    added                 -       round, designs, why (people added designs of their own to a batch)
    extended              -       phase, changes (each key of the description that changes, whole), changed (in words),
                                  label, budget (in all), spent, files

    Commands of people also say their `entry`, `by` whom and `at` which moment; other events that they may undo say its
    number.
    A record is in the order of its minutes. A result of a live campaign that was measured before the entry ahead of it
    says so: `measured` is the minute of its measurement.
    """

    minute: int
    kind: str
    design: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def __init__(
        self, minute: int, kind: str, design: int | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        # Setting the slots directly halves the time; a long simulation creates hundreds of thousands of events.
        _set_minute(self, minute)
        _set_kind(self, kind)
        _set_design(self, design)
        _set_data(self, {} if data is None else data)

    @property
    def measured_at(self) -> int:
        """The minute of the measurement, for the event of a result; the minute of the event, unless it says another."""
        return int(self.data.get("measured", self.minute))


_set_minute, _set_kind, _set_design, _set_data = (
    vars(Event)[name].__set__ for name in ("minute", "kind", "design", "data")
)


class Level(StrEnum):
    """How much a remark matters: a warning, or a fault that makes the results of its run unreliable."""

    WARNING = "warning"
    UNRELIABLE = "unreliable"


@dataclass(frozen=True, slots=True)
class Remark:
    """What a run said while it ran, such as a warning. It is recorded, and is no event: no part of a run causes it."""

    minute: int
    sentence: str
    level: Level = Level.WARNING


@dataclass(frozen=True, slots=True)
class Truth:
    """The true value of a sequence (None: not viable), written by the assay into the sealed table."""

    minute: int
    sequence: str
    value: float | None
