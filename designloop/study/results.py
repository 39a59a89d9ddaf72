"""Results: what each cell of a study came to, as the statistics and the report read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TRACES = ("true", "recommended", "common")
"""Best true value tested; true value of the strategy's own recommendation; the same for the common recommender."""


@dataclass(frozen=True)
class Trace:
    """A step function along one campaign: from each point on, its value holds until the next. All of shape (m,)."""

    weeks: Floats
    designs: Floats
    """Designs submitted by then."""
    cost: Floats
    values: Floats
    """True values. Of the trace `true` they never fall; recommendations may. Never NaN: before the first point there is
    no value.
    """


@dataclass(frozen=True)
class CellResult:
    """One campaign of a study."""

    key: str
    labels: Mapping[str, str]
    """Axis -> label, in the order of the study's axes: {"oracles": "nk", "strategies": "thompson"}."""
    instance: int
    """Which instance of the landscape; cells with the same one share the truth."""
    seed: int
    """The campaign's seed; cells that share landscape, lab, instance and seed meet the same luck."""
    seconds: float
    """Time inside the campaign."""
    error: str | None = None
    """Why it failed; a failed cell has no traces."""
    traceback: str = ""
    """Where that was raised, as Python prints it."""
    optimum: float | None = None
    """The landscape's highest value, where it is known."""
    designs: int = 0
    weeks: float = 0.0
    cost: float = 0.0
    """What it had spent at its end."""
    event_hash: str = ""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """What the strategy was given: corpus, starts, labels (starts with a value), measurements (wells that gave a
    value), and asked: the sequences whose truth the assay asked for.
    """
    traces: Mapping[str, Trace] = field(default_factory=dict)
    """By the names in `TRACES`."""


@dataclass(frozen=True)
class StudyResults:
    """All cells of a study, and which of its axes means what."""

    name: str
    axes: Mapping[str, tuple[str, ...]]
    """Axis -> its labels, in order."""
    compared: str
    """The axis whose labels are compared with each other (as a rule `strategies`)."""
    landscape: str | None
    """The axis whose labels are landscapes (as a rule `oracles`); None where there is one landscape."""
    floor: str | None
    """The label on the compared axis that scores and acceleration are counted from (as a rule `random-viable`)."""
    thresholds: Mapping[str, float]
    """Landscape's label ("" where there is one) -> the true value a campaign is to reach."""
    cells: tuple[CellResult, ...]
    confirmations: tuple[CellResult, ...] = ()
    """Campaigns of options that a decision chose, on fresh instances and seeds; in no comparison."""
    description: Mapping[str, Any] = field(default_factory=dict)
    """The study's own description, resolved."""

    @property
    def done(self) -> tuple[CellResult, ...]:
        """Cells that came to an end."""
        return tuple(cell for cell in self.cells if cell.error is None)
