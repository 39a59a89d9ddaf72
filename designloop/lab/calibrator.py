"""The calibrator knows the true values of controls, and calibrates a plate by their readings."""

from collections.abc import Iterable, Sequence
from math import isnan, sqrt

import numpy as np

from designloop.core.errors import ConfigError
from designloop.lab.assay import Assay
from designloop.lab.calibration import Blank, Calibration, Standard, calibration
from designloop.lab.controls import BLANK, PARENT, REFERENCE
from designloop.lab.noise import Terms
from designloop.lab.truths import Truths


class Calibrator:
    """The controls of an assay for one oracle: `parent` is the sequence of the control of that name, if there is one.

    `floor` is the value of a blank on a log scale, if it is known.
    """

    def __init__(self, assay: Assay, terms: Terms, parent: str | None, floor: float | None, truths: Truths) -> None:
        self._terms = terms
        self._truths = truths
        self._own = {control.name: control.sequence for control in assay.controls if control.sequence}
        self._sequences = self._own if parent is None else {**self._own, PARENT: parent}
        given = {control.name: control.value for control in assay.controls if control.value is not None}
        self._blanks = {BLANK, *(name for name, value in given.items() if value == 0 and terms.is_multiplicative)}
        built_in = {BLANK: 0.0, REFERENCE: 1.0} if terms.is_multiplicative else {BLANK: floor, REFERENCE: 0.0}
        self._values: dict[str, float | None] = {**given, **built_in}
        self._standards = _standards(assay)
        # The controls of `wells_per_control` are many and read far from the background, so its error is neglected.
        self._are_many = assay.wells_per_control is not None

    @property
    def sequences(self) -> list[str]:
        """The sequences of controls, whose true values are needed to read a plate."""
        return list(self._sequences.values())

    def look_up(self) -> None:
        """Look up the values of controls that have a sequence. Raises ConfigError where one has none."""
        self._truths.read(list(self._own.values()), "of controls")
        for name, sequence in self._own.items():
            if not self._truths.is_measured(sequence) or not self._truths.expresses(sequence):
                raise ConfigError(
                    f"lab.assay.controls: the sequence of control '{name}' has no value in the oracle; give another "
                    "sequence, or a `value`"
                )

    def value(self, control: str) -> float | None:
        """The true value of a control; None where a blank has no defined reading, or the parent is not viable."""
        if control not in self._sequences:
            return self._values[control]
        value = self._truths.value(self._sequences[control])
        return None if isnan(value) else value

    def calibrated(self, readings: Iterable[tuple[str, float]]) -> Calibration:
        """The calibration of a plate by its controls: (name, reading) of each well."""
        blanks, standards = list[float](), list[Standard]()
        for name, reading in readings:
            if name in self._blanks:
                blanks.append(reading)
            elif name in self._standards and (value := self.value(name)) is not None:
                is_far = name == PARENT and self._are_many
                standards.append(Standard(reading, value, 0.0 if is_far else self._terms.background_sd))
        return calibration(self._terms, self._blank(blanks), standards)

    def _blank(self, readings: Sequence[float]) -> Blank:
        """The mean of the blanks; the nominal background if there are none."""
        if not readings:
            return Blank(self._terms.background)
        sd = 0.0 if self._are_many else self._terms.background_sd / sqrt(len(readings))
        return Blank(float(np.mean(readings)), sd)


def _standards(assay: Assay) -> frozenset[str]:
    """The controls that values are normalised to."""
    # A reliability refers to the reported values, so normalisation must not remove what it counts as noise.
    if assay.normalise is False or assay.noise.reliability is not None:
        return frozenset()
    known = (control.name for control in assay.controls if control.calibrates)
    return frozenset((PARENT, *known) if assay.normalise is True else assay.normalise)
