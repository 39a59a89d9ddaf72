"""The history is everything that a scientist knows at a given time: a fold over events.

It never contains a true value, or a guess about a design that is still in the lab.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.clock import as_weeks
from designloop.core.fold import Fold
from designloop.core.known import Known, Left
from designloop.core.lab_card import LabCard
from designloop.core.money import Quote, less
from designloop.core.records import PRIOR_ROUND, Design, Event, Outcome, Pending, Prediction
from designloop.core.rows import Row, completed, standard_errors, starting_rows
from designloop.core.spaces import Space, hull
from designloop.core.stagnation import Stagnation, stagnation


@dataclass(frozen=True)
class History:
    """What is known now, and which designs are still in the lab.

    Columns (`sequences`, `values`, ...) have one row for each design with an outcome, in the order of design ids;
    starting sequences that were measured come first, as round 0, with ids -1, -2, ...
    """

    space: Space
    known: Known = field(default_factory=Known)
    now: int = 0
    round: int = PRIOR_ROUND
    left: Left = field(default_factory=Left)
    quote: Quote = field(default_factory=Quote)
    lab: LabCard = field(default_factory=LabCard)
    """What the lab declares of itself; empty where a history is made without a lab."""
    label: str = ""
    scale: str = "linear"
    floor: float | None = None
    rows: Mapping[int, Row] = field(default_factory=dict)
    waiting: Mapping[int, Pending] = field(default_factory=dict)
    designs: Mapping[int, Design] = field(default_factory=dict)
    predicted: Mapping[int, Mapping[str, Prediction]] = field(default_factory=dict)
    """Design id -> model -> (mean, standard deviation) predicted when it was chosen, pending designs included."""
    parents: Mapping[int, str] = field(default_factory=dict)
    """Design id -> the sequence from which it was bred, pending designs included; only designs that were bred."""
    beliefs: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Round -> the notes of its proposal, such as the weight of each surrogate; only rounds that have notes."""
    retesting: Mapping[int, Pending] = field(default_factory=dict)
    open_rounds: Mapping[int, int] = field(default_factory=dict)
    """Round -> minute of submission, for rounds that are not closed."""
    closed_rounds: dict[int, int] = field(default_factory=dict)
    """Round -> minutes from its submission until it closed; the last item is the round that closed last."""
    submitted_at: Mapping[int, int] = field(default_factory=dict)
    """Round -> minute of submission, for all rounds."""
    passed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Stage -> number of new designs that have left it, and the sum of the minutes since their submission."""
    reserved: Mapping[str, float] = field(default_factory=dict)
    """Item -> the amount reserved for what may fall due for designs in the lab; `left` does not contain it."""
    vetoed: frozenset[str] = frozenset()
    """Sequences that people removed from a batch; they are not chosen again."""
    last_submitted_at: int | None = None
    is_too_dear: bool = False
    """True if the money paid for none of the designs last proposed, and nothing has come back since."""
    has_nothing_new: bool = False
    """True if the last proposal contained no new design, and no round has closed since."""

    @classmethod
    def opening(cls, space: Space, known: Known, event: Event, lab: LabCard | None = None) -> "History":
        """The history at the start of a campaign in a lab; `event` is its `opened` event."""
        data = event.data
        return cls(
            space=space,
            known=known,
            now=event.minute,
            left=Left.of(data.get("budget", {})),
            quote=Quote.of(data.get("quote", {})),
            lab=lab or LabCard(),
            label=data.get("label", ""),
            scale=data.get("scale", "linear"),
            floor=data.get("floor"),
            rows={row.design.id: row for row in starting_rows(known.starts)},
        )

    def after(self, events: Iterable[Event]) -> "History":
        """The history after these events. Unknown kinds of events are ignored."""
        fold = Fold(self)
        for event in events:
            fold.learn(event)
        return replace(self, **fold.changes())

    def extended(self, space: Space, event: Event) -> "History":
        """The history when its campaign is extended, with the space of the new phase.

        `event` is the `extended` event. Measurements, and designs in the lab, are kept.
        """
        data = event.data
        left = Left.of(data["budget"], data["spent"])
        left = replace(left, cost=less(left.cost, *self.reserved.values()))
        return replace(self, space=space, label=data["label"], left=left, is_too_dear=False, has_nothing_new=False)

    @cached_property
    def hull(self) -> Space:
        """The plain space of the models' features: it contains the current space, and all designs and starts.

        Rows outside the current space (of an earlier phase, or of the prior) are used for training, but never chosen.
        """
        named = (design.sequence for design in (*self.designs.values(), *(row.design for row in self._rows)))
        return hull(self.space, [*named, *(start.sequence for start in self.known.starts)])

    # -- the clock -----------------------------------------------------------------------------------------------

    @property
    def week(self) -> float:
        """Weeks since the campaign opened."""
        return as_weeks(self.now)

    @property
    def expected_turnaround(self) -> float | None:
        """Weeks from a batch's submission until its round closes: the median so far; None before the first."""
        return as_weeks(round(median(self.closed_rounds.values()))) if self.closed_rounds else None

    @cached_property
    def stagnation(self) -> Stagnation | None:
        """The round that closed last, if at least nine tenths of its values equal the best value; else None."""
        return stagnation(self.rows.values(), next(reversed(self.closed_rounds), None))

    # -- columns: one row for each design with an outcome ----------------------------------------------------------

    @cached_property
    def _rows(self) -> list[Row]:
        prior = [self.rows[key] for key in sorted((k for k in self.rows if k < 0), reverse=True)]
        return completed(prior + [self.rows[key] for key in sorted(k for k in self.rows if k >= 0)])

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """Design ids, shape (n,)."""
        return np.array([row.design.id for row in self._rows], dtype=np.int64)

    @cached_property
    def sequences(self) -> list[str]:
        """Sequences of the designs with an outcome, n of them."""
        return [row.design.sequence for row in self._rows]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Measured values, shape (n,); higher is better, NaN where there is none."""
        return np.array([row.value for row in self._rows], dtype=float)

    @cached_property
    def readings(self) -> NDArray[np.float64]:
        """`values`, clipped to a detection limit that some of the design's wells exceeded; shape (n,)."""
        return np.array([row.reading for row in self._rows], dtype=float)

    @cached_property
    def std_errors(self) -> NDArray[np.float64]:
        """Standard errors of `values`, 0 where they are exact, NaN where they are unknown; shape (n,).

        NaN does not mean that there is no value: see `is_measured`. See also `standard_errors`.
        """
        return standard_errors(self._rows)

    @cached_property
    def sides(self) -> NDArray[np.int64]:
        """-1 where a value is a lower limit of detection, 1 where it is an upper limit, else 0; shape (n,)."""
        return np.array([row.side for row in self._rows], dtype=np.int64)

    @cached_property
    def n_replicates(self) -> NDArray[np.int64]:
        """Number of wells with a value, shape (n,)."""
        return np.array([len(row.values) for row in self._rows], dtype=np.int64)

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """The outcome of each design, n of them."""
        return [row.outcome for row in self._rows]

    @cached_property
    def rounds(self) -> NDArray[np.int64]:
        """The round in which each design was chosen, shape (n,); `rounds == 3` are the rows of round 3."""
        return np.array([row.design.round for row in self._rows], dtype=np.int64)

    @cached_property
    def predictions(self) -> Mapping[str, NDArray[np.float64]]:
        """Model -> (mean, standard deviation) predicted for each design when it was chosen, shape (n, 2).

        In the assay's units. NaN where there is no prediction: starting sequences, filled-in designs, and rounds
        in which the model was not fitted. Models are sorted by name.
        """
        models = sorted({model for row in self._rows for model in self.predicted.get(row.design.id, {})})
        return {model: np.array([self._prediction(row, model) for row in self._rows], dtype=float) for model in models}

    def _prediction(self, row: Row, model: str) -> Prediction:
        return self.predicted.get(row.design.id, {}).get(model, (np.nan, np.nan))

    @cached_property
    def plates(self) -> list[str | None]:
        """The plate on which each design was first measured, n of them."""
        return [row.plate for row in self._rows]

    @cached_property
    def measured_at(self) -> NDArray[np.int64]:
        """The minute at which each design was first measured, or got its outcome without a value; shape (n,)."""
        return np.array([row.measured_at for row in self._rows], dtype=np.int64)

    @cached_property
    def is_measured(self) -> NDArray[np.bool_]:
        """True for rows with a value, shape (n,)."""
        return np.isfinite(self.values)

    # -- designs in the lab ----------------------------------------------------------------------------------------

    @property
    def pending(self) -> list[Pending]:
        """Designs that are submitted and not yet observed, in the order of their ids."""
        return [self.waiting[key] for key in sorted(self.waiting)]

    @cached_property
    def pending_sequences(self) -> list[str]:
        """The sequences of pending designs."""
        return [pending.design.sequence for pending in self.pending]

    @cached_property
    def taken(self) -> frozenset[str]:
        """Sequences that may not be chosen as new designs: measured, pending, vetoed, or known to be unmeasurable."""
        ended = (row.design.sequence for row in self._rows if not row.outcome.may_be_chosen_again)
        return frozenset([*ended, *self.pending_sequences, *self.vetoed])

    @cached_property
    def n_taken_inside(self) -> int:
        """Number of taken sequences in the space. Starting sequences may be outside."""
        return int(self.space.contains(sorted(self.taken)).sum())

    def n_before(self, station: str) -> int:
        """Designs and retests in the lab that have yet to enter one of its stations."""
        return self.lab.n_before(station, self.waiting.values(), self.retesting.values())

    def weeks_to_leave(self, station: str) -> float | None:
        """Mean weeks from the submission of a new design until it leaves a station; None before the first has left."""
        n, minutes = self.passed.get(station, (0, 0))
        return as_weeks(minutes) / n if n else None

    @property
    def n_designs(self) -> int:
        """Designs chosen so far."""
        return len(self.designs)
