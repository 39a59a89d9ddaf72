"""Reading a plate: from true values, noise, controls and limits to the reading of each well."""

from dataclasses import dataclass, replace
from math import exp, hypot, isnan
from typing import Any, NamedTuple

import numpy as np

from designloop.core.plates import Templates, Well, is_edge
from designloop.core.random import Streams, brief_stream
from designloop.core.records import Outcome
from designloop.core.spaces import Space
from designloop.lab.assay import Assay
from designloop.lab.calibration import Calibration
from designloop.lab.calibrator import Calibrator
from designloop.lab.controls import PARENT
from designloop.lab.ledger import Ticket
from designloop.lab.truths import Truths
from designloop.oracles.base import Oracle

Reading = dict[str, Any]
"""outcome, value, std_error, well."""


class Aliquot(NamedTuple):
    """What one well holds of a design: one of its replicates, counted from 1."""

    ticket: Ticket
    replicate: int


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate that was read. `layout` refers to aliquots by their index in `aliquots`."""

    name: str
    aliquots: list[Aliquot]
    layout: list[Well]
    replicate: int
    """The first replicate on the plate. It has the run effect of that replicate."""
    round: int
    reading: int = 1
    """1 for its first reading, 2 for the next one."""

    def again(self) -> "Plate":
        """The same plate in its next reading, which has errors of its own."""
        name = self.name.partition("-r")[0]
        return replace(self, name=f"{name}-r{self.reading + 1}", reading=self.reading + 1)

    @property
    def is_waited_for(self) -> bool:
        """Whether any of its designs is open."""
        return any(aliquot.ticket.is_open for aliquot in self.aliquots)

    @property
    def named(self) -> tuple[int, ...]:
        """The name of its reading in random streams; none for the first."""
        return (self.reading,) if self.reading > 1 else ()


@dataclass(frozen=True, slots=True)
class Shift:
    """The effects common to all wells of a plate."""

    common: float
    edge: float
    shape: tuple[int, int]

    def at(self, well: Well) -> float:
        return self.common + (self.edge if is_edge((well.row, well.column), self.shape) else 0.0)


class Reader:
    """The assay's noise and limits, for one oracle and one seed."""

    def __init__(
        self, assay: Assay, templates: Templates, oracle: Oracle, space: Space, seed: int, truths: Truths
    ) -> None:
        self._assay = assay
        terms = self._terms = assay.noise.terms(oracle.scale)
        self._sd = terms.sd
        self._control_variance = self._sd**2 - terms.design**2
        self._variance = self._control_variance + terms.design**2  # of a design's well
        self._shape = templates[0].shape
        self._seed = seed
        self._wells, self._constructs = Streams(seed, "lab", "well"), Streams(seed, "lab", "construct")
        self._truths = truths
        self._construct: dict[int, float] = {}
        floor = oracle.floor if oracle.floor is not None else (0.0 if oracle.scale == "linear" else None)
        parent = space.parent if any(PARENT in template.controls for template in templates) else None
        self._calibrator = Calibrator(assay, terms, parent, floor, truths)
        self._calibrator.look_up()

    def needs(self, plate: Plate) -> list[str]:
        """Sequences whose true values are needed to read a plate, including those of its controls."""
        return [*(s.ticket.design.sequence for s in plate.aliquots if s.ticket.is_open), *self._calibrator.sequences]

    def read(self, plate: Plate, rng: np.random.Generator) -> tuple[list[Reading], list[Reading | None]]:
        """The controls, and one reading per aliquot: None where its well was lost or it has no value."""
        terms = self._terms
        run = brief_stream(self._seed, "lab", "run", plate.round, plate.replicate, *plate.named)
        shift = Shift(terms.plate * rng.standard_normal() + terms.run * run.standard_normal(), terms.edge, self._shape)
        controls = [reading for well in plate.layout if well.control for reading in self._control(well, shift, rng)]
        calibrated = self._calibrator.calibrated((c["control"], c["value"]) for c in controls)
        readings: list[Reading | None] = [None] * len(plate.aliquots)
        for well in plate.layout:
            if well.design is not None:
                value = self._well(plate.aliquots[well.design], well, shift, plate.named)
                if value is not None:
                    readings[well.design] = {**self._judged(value, calibrated), "well": well.name}
        return controls, readings

    def _control(self, well: Well, shift: Shift, rng: np.random.Generator) -> list[Reading]:
        """The event of a control well; none where its true value is not defined."""
        truth = self._calibrator.value(well.control or "")
        if truth is None:
            return []
        value = self._signal(truth, shift.at(well), rng, self._control_variance)
        return [{"control": well.control, "known": truth, "value": value, "well": well.name}]

    def _well(self, aliquot: Aliquot, well: Well, shift: Shift, named: tuple[int, ...]) -> float | None:
        """The reading of a design's well; None where the well was lost or there is no value."""
        ticket = aliquot.ticket
        truth = self._truths.value(ticket.design.sequence)
        if not ticket.is_open or isnan(truth):
            return None
        error = shift.at(well) + self._construct_error(ticket.design.id)  # before the well's stream, which is brief
        rng = self._wells.brief(ticket.design.id, ticket.round.number, aliquot.replicate, *named)
        if rng.random() < self._assay.lost_wells:
            return None
        return self._signal(truth, error, rng, self._variance)

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

    def _judged(self, reading: float, calibrated: Calibration) -> Reading:
        """The outcome, the value or the limit that it exceeds, and the standard error from the nominal terms."""
        terms, value = self._terms, calibrated.value(reading)
        lower, upper = self._assay.lower, self._assay.upper
        outcome = Outcome.OBSERVED
        if lower is not None and value < lower:
            outcome, value = Outcome.BELOW_DETECTION, lower
        elif upper is not None and value > upper:
            outcome, value = Outcome.ABOVE_DETECTION, upper
        scale = abs(value) if terms.is_multiplicative else 1.0
        error = hypot(scale * calibrated.sd, terms.background_sd, calibrated.error_of_blank(value))
        return {"outcome": str(outcome), "value": value, "std_error": error}
