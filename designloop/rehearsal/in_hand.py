"""In hand: the sequence that was measured highest so far, which people have, whatever a simulation recommends."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from designloop.core.counting import many
from designloop.core.history import History
from designloop.live.names import design_name
from designloop.oracles.base import Oracle, space_of
from designloop.study.results import CellResult, StudyResults, Trace

_RAISED = ("true", "recommended")


@dataclass(frozen=True)
class InHand:
    """The measured sequence with the highest value; its true value is the least that a simulation leads to."""

    name: str
    sequence: str
    measured: float
    oracle: Oracle

    @classmethod
    def of(cls, history: History, oracle: Oracle, campaign: str) -> "InHand | None":
        """That of a history; None where the truth knows none of its measured sequences."""
        places = _known(history, oracle)
        if not places:
            return None
        best = max(places, key=lambda row: (float(history.readings[row]), history.sequences[row]))
        design = int(history.ids[best])
        name = design_name(campaign, design) if design >= 0 else "a starting sequence"
        return cls(name, history.sequences[best], float(history.readings[best]), oracle)

    @property
    def words(self) -> str:
        """`UAGCAUCUA (a starting sequence, measured 2.07)`."""
        letters = self.sequence if len(self.sequence) <= 30 else f"{self.sequence[:14]}…{self.sequence[-14:]}"
        return f"{letters} ({self.name}, measured {self.measured:.3g})"

    def worth(self, instance: int) -> float:
        """Its true value in an instance of the truth; NaN where it is not viable there."""
        return float((self.oracle.drawn(instance) or self.oracle)([self.sequence])[0])


def left_out(history: History, oracle: Oracle) -> str:
    """What the truth does not know of the measured sequences, one sentence; empty where it knows all."""
    n, n_known = int(history.is_measured.sum()), len(_known(history, oracle))
    if n == n_known:
        return ""
    which = "the sequence in hand is the best of the others" if n_known else "no sequence is in hand"
    return f"{n - n_known:,} of {many(n, 'measured sequence')} are outside the space of the truth; {which}"


def _known(history: History, oracle: Oracle) -> list[int]:
    """The rows of measured sequences that the truth knows."""
    rows = np.flatnonzero(history.is_measured)
    is_known = space_of(oracle).contains([history.sequences[row] for row in rows])
    return [int(row) for row, is_in in zip(rows, is_known, strict=True) if is_in]


@dataclass(frozen=True)
class Raised:
    """Results in which no true value is below that of the sequence in hand."""

    results: StudyResults
    held: InHand | None

    @cached_property
    def worths(self) -> Mapping[int, float]:
        """Instance -> true value of the sequence in hand."""
        if self.held is None:
            return {}
        return {
            instance: self.held.worth(instance) for instance in sorted({cell.instance for cell in self.results.done})
        }

    @cached_property
    def raised(self) -> StudyResults:
        """The results, with raised traces."""
        return replace(self.results, cells=tuple(self._cell(cell) for cell in self.results.cells))

    def _cell(self, cell: CellResult) -> CellResult:
        worth = self.worths.get(cell.instance, np.nan)
        if cell.error is not None or not np.isfinite(worth):
            return cell
        changed = {name: _raised(cell.traces.get(name), worth) for name in _RAISED}
        return replace(cell, traces={**cell.traces, **changed})


def _raised(trace: Trace | None, worth: float) -> Trace:
    """The trace that begins with this value and never falls below it."""
    if trace is None:
        start = np.zeros(1)
        return Trace(start, start, start, np.full(1, worth))
    weeks, designs, cost = (np.concatenate([[0.0], getattr(trace, axis)]) for axis in ("weeks", "designs", "cost"))
    return Trace(weeks, designs, cost, np.concatenate([[worth], np.maximum(trace.values, worth)]))
