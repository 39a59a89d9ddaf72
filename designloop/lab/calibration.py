"""Calibration: the blank of a plate, and its factor or shift by the controls of known value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designloop.lab.noise import Terms


@dataclass(frozen=True, slots=True)
class Blank:
    """What an empty well reads: the mean of the blanks of a plate, or the nominal background."""

    reading: float
    sd: float = 0.0
    """Standard error of `reading`; 0 where it is negligible."""


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

    blank: Blank
    sd: float
    """Standard deviation of the noise that remains, without that of the background."""
    known: float = 1.0
    read: float = 1.0
    shift: float = 0.0
    per_value: float = 0.0
    """The mean of 1 / value over the standards: a blank that reads 1 too much reads so much too little per value."""

    def value(self, reading: float) -> float:
        """The value of a reading, in the oracle's units."""
        return (reading - self.blank.reading) * self.known / self.read - self.shift

    def error_of_blank(self, value: float) -> float:
        """The standard error of a value by that of the blank, which is subtracted from it and from the standards."""
        return self.blank.sd * abs(1 - value * self.per_value)


def calibration(terms: Terms, blank: Blank, standards: Sequence[Standard]) -> Calibration:
    """The calibration by the blank and by the readings of standards. Without standards, the plate's effects remain.

    On a linear scale, the blank is subtracted. Then the plate's factor is the slope of a line through the blank: the
    mean of reading / value over the standards above 0, each weighted by its precision. On a log scale, the mean of
    reading - value is subtracted.
    """
    if not terms.is_multiplicative:
        return _shifted(terms, standards)
    usable = [standard for standard in standards if standard.value > 0]
    scaled = _scaled(terms, blank, usable) if usable else None
    if scaled is None or scaled.read <= 0:  # no signal to be relative to
        return Calibration(blank, terms.sd)
    return scaled


def _shifted(terms: Terms, standards: Sequence[Standard]) -> Calibration:
    if not standards:
        return Calibration(Blank(0.0), terms.sd)
    values = [s.value for s in standards]
    known = values[0] if len(set(values)) == 1 else float(np.mean(values))  # exact where all are equal
    left = terms.without_batch_effects(terms.well_variance / len(standards))
    return Calibration(Blank(0.0), left.sd, shift=float(np.mean([s.reading for s in standards])) - known)


def _scaled(terms: Terms, blank: Blank, standards: Sequence[Standard]) -> Calibration:
    signals, values = np.array([s.reading for s in standards]) - blank.reading, np.array([s.value for s in standards])
    variances = np.array([terms.well_variance + (s.background_sd / s.value) ** 2 for s in standards])
    weights = 1 / variances if variances.all() else np.ones(len(standards))
    if len(set(values.tolist())) == 1:  # exact
        known, read, variance = float(values[0]), float(np.mean(signals)), float(variances[0]) / len(standards)
    else:
        known, read = 1.0, float(np.average(signals / values, weights=weights))
        variance = 1 / float(weights.sum()) if variances.all() else 0.0
    per_value = float(np.average(1 / values, weights=weights))
    return Calibration(blank, terms.without_batch_effects(variance).sd, known, read, per_value=per_value)
