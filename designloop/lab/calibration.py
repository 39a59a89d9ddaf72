"""Calibration: the blank of a plate, and its factor or shift by the controls of known value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designloop.lab.noise import Terms


@dataclass(frozen=True, slots=True)
class Standard:
    """A control well of known value, and its reading."""

    reading: float
    value: float
    background_sd: float = 0.0
    """Standard deviation of the background, in the units of `value`; 0 where it is negligible."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the readings of a plate become values: (reading - blank) · known / read - shift."""

    blank: float
    sd: float
    """Standard deviation of the noise that remains, without that of the background."""
    known: float = 1.0
    read: float = 1.0
    shift: float = 0.0

    def value(self, reading: float) -> float:
        """The value of a reading, in the oracle's units."""
        return (reading - self.blank) * self.known / self.read - self.shift


def calibration(terms: Terms, blanks: Sequence[float], standards: Sequence[Standard]) -> Calibration:
    """The calibration by the readings of blanks and of standards. Without standards, the plate's effects remain.

    On a linear scale, the mean of the blanks is subtracted (the nominal background if there are none). Then the plate's
    factor is the slope of a line through the blank: the mean of reading / value over the standards above 0, each
    weighted by its precision. On a log scale, the mean of reading - value is subtracted.
    """
    if not terms.is_multiplicative:
        return _shifted(terms, standards)
    blank = float(np.mean(blanks)) if blanks else terms.background
    usable = [standard for standard in standards if standard.value > 0]
    known, read, variance = _slope(blank, terms.well_variance, usable) if usable else (1.0, 0.0, 0.0)
    if read <= 0:  # no signal to be relative to
        return Calibration(blank, terms.sd)
    return Calibration(blank, terms.without_batch_effects(variance).sd, known, read)


def _shifted(terms: Terms, standards: Sequence[Standard]) -> Calibration:
    if not standards:
        return Calibration(0.0, terms.sd)
    known, read = _mean([s.value for s in standards]), float(np.mean([s.reading for s in standards]))
    left = terms.without_batch_effects(terms.well_variance / len(standards))
    return Calibration(0.0, left.sd, shift=read - known)


def _slope(blank: float, well_variance: float, standards: Sequence[Standard]) -> tuple[float, float, float]:
    """A value, what it reads on this plate above the blank, and the relative variance of that reading."""
    signals, values = [s.reading - blank for s in standards], [s.value for s in standards]
    variances = np.array([well_variance + (s.background_sd / s.value) ** 2 for s in standards])
    if len(set(values)) == 1:
        return values[0], float(np.mean(signals)), float(variances[0]) / len(standards)
    precisions = 1 / variances if variances.all() else np.ones(len(standards))
    slope = float(np.average(np.divide(signals, values), weights=precisions))
    return 1.0, slope, 1 / float(precisions.sum()) if variances.all() else 0.0


def _mean(values: Sequence[float]) -> float:
    """The mean; exact where all are equal."""
    return values[0] if len(set(values)) == 1 else float(np.mean(values))
