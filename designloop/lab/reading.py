"""Reading a plate: from true values, noise, controls and limits to the reading of each well."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, hypot, isnan
from typing import Any

import numpy as np

from designloop.core.plates import Well, is_edge, plate_shape
from designloop.core.random import Streams, brief_stream
from designloop.core.records import Outcome
from designloop.core.spaces import Space
from designloop.lab.assay import Assay
from designloop.lab.ledger import Ticket
from designloop.lab.truths import Truths
from designloop.oracles.base import Oracle

PARENT = "parent"
BLANK = "blank"
REFERENCE = "reference"
"""The lab's own control, where the space has no parent: 1 in its units on a linear scale, 0 on a log scale."""
Reading = dict[str, Any]
"""outcome, value, std_error, well."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate that was read. `layout` refers to tickets by their index in `tickets`."""

    name: str
    tickets: list[Ticket]
    layout: list[Well]
    replicate: int
    round: int


@dataclass(frozen=True, slots=True)
class Shift:
    """The effects common to all wells of a plate."""

    common: float
    edge: float
    shape: tuple[int, int]

    def at(self, well: Well) -> float:
        return self.common + (self.edge if is_edge(well, self.shape) else 0.0)


class Reader:
    """The assay's noise and limits, for one oracle and one seed."""

    def __init__(self, assay: Assay, plate_size: int, oracle: Oracle, space: Space, seed: int, truths: Truths) -> None:
        self._assay = assay
        terms = self._terms = assay.noise.terms(oracle.scale)
        self._sd = terms.sd
        self._control_variance = self._sd**2 - terms.design**2
        self._variance = self._control_variance + terms.design**2  # of a design's well
        # A reliability refers to the reported values, so normalisation must not remove what it counts as noise.
        self._is_normalised = assay.normalise and assay.noise.reliability is None
        self._floor = oracle.floor if oracle.floor is not None else (0.0 if oracle.scale == "linear" else None)
        self._shape = plate_shape(plate_size)
        self._n_controls = assay.n_controls(plate_size)
        self._seed = seed
        self._wells, self._constructs = Streams(seed, "lab", "well"), Streams(seed, "lab", "construct")
        self._truths = truths
        self._construct: dict[int, float] = {}
        self.parent = space.parent

    @property
    def controls(self) -> dict[str, int]:
        """Control wells of a plate by content: {parent or reference: n, blank: n}, or empty."""
        if self._n_controls == 0:
            return {}
        return {PARENT if self.parent is not None else REFERENCE: self._n_controls, BLANK: self._n_controls}

    def needs(self, plate: Plate) -> list[str]:
        """Sequences whose true values are needed to read a plate, including the parent where it is a control."""
        sequences = [t.design.sequence for t in plate.tickets if t.is_open]
        return [*sequences, self.parent] if self.parent is not None and self._n_controls else sequences

    def read(self, plate: Plate, rng: np.random.Generator) -> tuple[list[Reading], list[Reading | None]]:
        """The controls, and one reading per ticket: None where its well was lost or it has no value."""
        terms = self._terms
        run = brief_stream(self._seed, "lab", "run", plate.round, plate.replicate)
        shift = Shift(terms.plate * rng.standard_normal() + terms.run * run.standard_normal(), terms.edge, self._shape)
        controls = [reading for well in plate.layout if well.control for reading in self._control(well, shift, rng)]
        blank = self._blank([c["value"] for c in controls if c["control"] == BLANK])
        normalise, sd = self._normalisation([c["value"] - blank for c in controls if c["control"] == PARENT])
        readings: list[Reading | None] = [None] * len(plate.tickets)
        for well in plate.layout:
            if well.design is not None:
                ticket = plate.tickets[well.design]
                value = self._well(ticket, well, plate.replicate, shift)
                if value is not None:
                    readings[well.design] = {**self._judged(normalise(value - blank), sd), "well": well.name}
        return controls, readings

    def _control(self, well: Well, shift: Shift, rng: np.random.Generator) -> list[Reading]:
        """The event of a control well; none where a blank has no defined reading, or the parent is not viable."""
        if well.control == BLANK:
            truth = 0.0 if self._terms.is_multiplicative else self._floor
        elif well.control == PARENT and self.parent is not None:
            truth = self._truths.value(self.parent)
        else:  # a reference of the lab's own, 1 in its units
            truth = 1.0 if self._terms.is_multiplicative else 0.0
        if truth is None or isnan(truth):
            return []
        value = self._signal(truth, shift.at(well), rng, self._control_variance)
        return [{"control": well.control, "value": value, "well": well.name}]

    def _well(self, ticket: Ticket, well: Well, replicate: int, shift: Shift) -> float | None:
        """The reading of a design's well; None where the well was lost or there is no value."""
        truth = self._truths.value(ticket.design.sequence)
        if not ticket.is_open or isnan(truth):
            return None
        error = shift.at(well) + self._construct_error(ticket.design.id)  # before the well's stream, which is brief
        rng = self._wells.brief(ticket.design.id, ticket.round.number, replicate)
        if rng.random() < self._assay.lost_wells:
            return None
        return self._signal(truth, error, rng, self._variance)

    def _blank(self, readings: list[float]) -> float:
        """The reading of an empty well, which is subtracted from every value; 0 on a log scale."""
        if not self._terms.is_multiplicative:
            return 0.0
        return float(np.mean(readings)) if readings else self._terms.background

    def _construct_error(self, design: int) -> float:
        """The error of a design's construct, common to all its wells."""
        if self._terms.design == 0:
            return 0.0
        if design not in self._construct:
            self._construct[design] = self._terms.design * self._constructs.brief(design).standard_normal()
        return self._construct[design]

    def _signal(self, truth: float, shift: float, rng: np.random.Generator, variance: float) -> float:
        """The reading of a well. Except for the edge effect, multiplicative terms have mean 1: exp(x - var / 2)."""
        terms = self._terms
        error = shift + terms.well(rng)
        background = terms.background + terms.background_sd * float(rng.standard_normal())
        if terms.is_multiplicative:
            return background + truth * exp(error - variance / 2)
        return background + truth + error

    def _normalisation(self, parents: list[float]) -> tuple[Callable[[float], float], float]:
        """The normalisation to the plate's parent wells, back in the oracle's units, and the sd that remains."""
        if not (self._is_normalised and parents and self.parent is not None):
            return _as_it_is, self._sd
        mean, known = float(np.mean(parents)), self._truths.value(self.parent)
        left = self._terms.without_batch_effects(len(parents)).sd
        if not self._terms.is_multiplicative:
            return lambda value: value - (mean - known), left
        if mean <= 0 or known <= 0:  # no signal to be relative to
            return _as_it_is, self._sd
        return lambda value: value * known / mean, left

    def _judged(self, value: float, sd: float) -> Reading:
        """The outcome, the value or the limit that it exceeds, and the standard error from the nominal terms."""
        terms = self._terms
        lower, upper = self._assay.lower, self._assay.upper
        outcome = Outcome.OBSERVED
        if lower is not None and value < lower:
            outcome, value = Outcome.BELOW_DETECTION, lower
        elif upper is not None and value > upper:
            outcome, value = Outcome.ABOVE_DETECTION, upper
        scale = abs(value) if terms.is_multiplicative else 1.0
        return {"outcome": str(outcome), "value": value, "std_error": hypot(scale * sd, terms.background_sd)}


def _as_it_is(value: float) -> float:
    return value
