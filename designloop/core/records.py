"""Records: the small facts that pass between the rooms. Plain frozen values, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any


class Outcome(StrEnum):
    """How a design ended: a value, a value beyond the assay's limits, or why there is none.

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
        """True where the assay gave a number, be it only its limit."""
        return self in (Outcome.OBSERVED, Outcome.BELOW_DETECTION, Outcome.ABOVE_DETECTION)

    @property
    def may_be_chosen_again(self) -> bool:
        """True where building the same sequence once more, under a new id, could give a value."""
        return not self.has_value and self is not Outcome.UNMEASURED


@dataclass(frozen=True, slots=True)
class Design:
    """A chosen candidate: an id (its ordinal in the campaign, from 0), a batch, a place in the lab."""

    id: int
    sequence: str
    round: int


@dataclass(frozen=True, slots=True)
class Order:
    """A scheduler's word: choose so many new designs and known ones to measure again, each so often."""

    n_designs: int
    n_retests: int = 0
    replicates: int = 1
    money: float = inf
    """What the order may cost: a proposal that costs more is cut to what this pays for, best first."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A scheduler's word: wait for the next result, or until that minute, whichever comes first."""

    until: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A scheduler's word: the campaign ends, for this reason."""

    reason: str


FILL = "fill"
"""The origin of a choice that no strategy made: it fills a batch that fell short, drawn uniformly from the space."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A sequence a strategy chose, where it came from, and what was predicted of it (in the assay's units)."""

    sequence: str
    origin: str
    mean: float | None = None
    std: float | None = None
    viability: float | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A strategy's answer to an order: new sequences, and the ids of measured designs to measure again."""

    choices: tuple[Choice, ...]
    retests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What is submitted to the lab at one moment: new designs, known designs to retest, wells for each."""

    round: int
    designs: tuple[Design, ...]
    retests: tuple[Design, ...] = ()
    replicates: int = 1


@dataclass(frozen=True, slots=True)
class Pending:
    """A design submitted and not yet observed: where it is, and since when."""

    design: Design
    stage: str
    submitted_at: int


@dataclass(frozen=True, slots=True)
class Start:
    """A sequence known before the first batch: with its value where it was measured, or why that gave none."""

    sequence: str
    value: float | None = None
    std_error: float | None = None
    """0 where the value is exact, None where its error is unknown."""
    outcome: Outcome | None = None
    """How it ended in the lab's assay before week 0; None where the lab was not asked."""
    plate: str | None = None

    @property
    def is_unmeasured(self) -> bool:
        """True where there is neither a value nor an outcome: it is still to be built."""
        return self.value is None and self.outcome is None


@dataclass(frozen=True, slots=True, init=False)
class Event:
    """Something that happened: at which minute, what, to which design, and the facts (JSON values only).

    kind                  design  data
    opened                -       seed, label, budget, quote, scale, floor, starts, description, files
    code_changed          -       path, digest (a Python file of the user's own was mended before the run went on)
    chosen                id      sequence, round, origin, mean, std, viability
    retest                id      round
    short                 -       round, ordered, chosen (the strategy had so many new designs, and not all)
    cut                   -       round, money, kept (designs), and how many designs and retests it did not pay for
    recommended           id      by ("strategy" or "common"), round
    submitted             id      round, replicates, retest
    entered, left         id      stage, round
    failed                id      stage, outcome, round, retest
    observed              id      outcome, value, std_error, replicate, round, retest, plate, well, assay
    control               -       control, value, plate, well, assay
    plate_lost            -       plate
    round_closed          -       round, n_results, n_lost
    charged               -       {item: amount}
    waited                -       - (the scheduler waited until this minute, and nothing came back at it)
    closed                -       reason
    extended              -       phase, changes (each key of the description that changes, whole), changed (in words),
                                  label, budget (in all), spent, files
    """

    minute: int
    kind: str
    design: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def __init__(
        self, minute: int, kind: str, design: int | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        # A lab makes a hundred thousand in a minute: the slots are set directly, in half the time of a frozen class.
        _set_minute(self, minute)
        _set_kind(self, kind)
        _set_design(self, design)
        _set_data(self, {} if data is None else data)


_set_minute, _set_kind, _set_design, _set_data = (
    vars(Event)[name].__set__ for name in ("minute", "kind", "design", "data")
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the oracle said of a sequence (None: not viable), written by the assay into the sealed table."""

    minute: int
    sequence: str
    value: float | None
