"""The results of the cells of a study, as input of the statistics and the report."""

from collections.abc import Mapping, Sequence
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
    """True values. The trace `true` never falls; recommendations may. Never NaN; there is no value before the first
    point.
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
    """The campaign's seed; cells with equal landscape, lab, instance and seed share their random numbers."""
    seconds: float
    """Time inside the campaign."""
    error: str | None = None
    """Why it failed; a failed cell has no traces."""
    traceback: str = ""
    """The Python traceback of the error."""
    optimum: float | None = None
    """The landscape's highest value, if it is known."""
    designs: int = 0
    weeks: float = 0.0
    cost: float = 0.0
    """Money spent at its end."""
    event_hash: str = ""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """Information used: corpus, starts, labels (starts with a value), measurements (wells that gave a value), and
    asked: the sequences whose true value the assay looked up.
    """
    unreliable: str | None = None
    """Why the campaign found its results to be unreliable; None if it found no reason."""
    warnings: tuple[str, ...] = ()
    """The other warnings of the campaign."""
    traces: Mapping[str, Trace] = field(default_factory=dict)
    """By the names in `TRACES`."""
    spending: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Columns `weeks`, `designs` and `cost` of a simulation that began with a past; empty for others."""


@dataclass(frozen=True)
class StudyResults:
    """All cells of a study, and the roles of its axes."""

    name: str
    axes: Mapping[str, tuple[str, ...]]
    """Axis -> its labels, in order."""
    compared: str
    """The axis whose labels are compared (usually `strategies`)."""
    landscape: str | None
    """The axis whose labels are landscapes (usually `oracles`); None for a single landscape."""
    floor: str | None
    """The reference label of scores and acceleration on the compared axis (usually `random-viable`)."""
    thresholds: Mapping[str, float]
    """Landscape's label ("" for a single landscape) -> the true value to reach."""
    cells: tuple[CellResult, ...]
    confirmations: tuple[CellResult, ...] = ()
    """Campaigns of chosen options on fresh instances and seeds; comparisons exclude them."""
    description: Mapping[str, Any] = field(default_factory=dict)
    """The study's own description, resolved."""

    @property
    def done(self) -> tuple[CellResult, ...]:
        """Finished cells, without failed ones."""
        return tuple(cell for cell in self.cells if cell.error is None)
