"""A row is a design with its outcome, and what each of its wells said."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from designloop.core.records import Design, Outcome

_SIDES = {Outcome.BELOW_DETECTION: -1, Outcome.ABOVE_DETECTION: 1}
_ROUNDING = 1e-12
_SHARED = 4.0
"""The spread of all designs counts as much as so many more wells of one design. A judgement."""


@dataclass(frozen=True, slots=True)
class Row:
    """A design with its outcome, and the values of its replicates."""

    design: Design
    outcome: Outcome
    measured_at: int
    plate: str | None = None
    values: tuple[float, ...] = ()
    std_errors: tuple[float | None, ...] = ()
    """The standard error that the lab states for each value: 0 where it is exact, None where it is unknown."""
    sides: tuple[int, ...] = ()
    """For each value: -1 where it is the limit that the design lies below, 1 above it, 0 where it was observed."""

    @property
    def value(self) -> float:
        """Mean of the replicates, NaN where there is none.

        Weighted by their precision; exact ones alone where there are any; the plain mean where an error is unknown.
        The plain mean too where errors grow with the readings, as a multiplicative assay states them: there a well
        that happened to read low would weigh more, and so the more wells, the lower the mean.
        """
        if len(self.values) < 2:  # as a rule: and every decision asks it of every row
            return self.values[0] if self.values else float("nan")
        return float(np.average(self.values, weights=self._precision))

    @property
    def std_error(self) -> float:
        """Standard error of `value` as the lab states it; NaN where there is no value, or an error is unknown."""
        errors = [error for error in self.std_errors if error is not None]
        if not errors or len(errors) < len(self.values):
            return float("nan")
        if len(errors) == 1:
            return errors[0]
        weights = self._precision
        return sqrt(sum((weight * error) ** 2 for weight, error in zip(weights, errors, strict=True))) / sum(weights)

    @property
    def side(self) -> int:
        """-1 where the value is a limit that every well fell below, 1 where every one rose above it, else 0.

        Where some wells gave a value and others a limit, the mean of both counts as observed.
        """
        return self.sides[0] if len(set(self.sides)) == 1 else 0

    def read(self, value: float, std_error: float | None, outcome: Outcome) -> "Row":
        """The row once one more well was read; its outcome is that of the first value."""
        return Row(
            self.design,
            self.outcome if self.values else outcome,
            self.measured_at,
            self.plate,
            (*self.values, value),
            (*self.std_errors, std_error),
            (*self.sides, side_of(outcome)),
        )

    @property
    def _precision(self) -> list[float]:
        if any(error is None for error in self.std_errors):
            return [1.0] * len(self.values)
        if not all(self.std_errors):
            return [float(error == 0) for error in self.std_errors]
        if self._grows_with_the_reading:
            return [1.0] * len(self.values)
        return [1.0 / error**2 for error in self.std_errors if error is not None]

    @property
    def _grows_with_the_reading(self) -> bool:
        """True where errors differ, and of any two wells the higher has the larger error and no larger share of it."""
        wells = sorted((abs(value), error or 0.0) for value, error in zip(self.values, self.std_errors, strict=True))
        return wells[0][1] < wells[-1][1] and all(
            error <= larger <= error * (1.0 + _ROUNDING) * (higher / value if value else float("inf"))
            for (value, error), (higher, larger) in pairwise(wells)
        )


def side_of(outcome: Outcome) -> int:
    """-1 below detection, 1 above it, else 0."""
    return _SIDES.get(outcome, 0)


def standard_errors(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Standard errors of the rows' values, (n,): as the lab states them, or from the spread of replicates; else NaN.

    An error that the lab does not state is s / √n for a design of n ≥ 2 wells. s² is the variance among its wells,
    pooled with that of all such designs as if 4 more wells had shown the latter, for two or three wells say little of
    their own. Equal replicates alone (rounded readings) leave it unknown.
    """
    errors = np.array([row.std_error for row in rows], dtype=float)
    lacking = [i for i, row in enumerate(rows) if np.isnan(errors[i]) and len(row.values) > 1]
    if not lacking:
        return errors
    n_wells = np.array([len(rows[i].values) for i in lacking])
    squares = np.array([np.var(rows[i].values) for i in lacking]) * n_wells
    shared = float(squares.sum() / (n_wells - 1).sum())
    if shared > (_ROUNDING * max(abs(rows[i].value) for i in lacking)) ** 2:
        errors[lacking] = np.sqrt((squares + _SHARED * shared) / (n_wells - 1 + _SHARED) / n_wells)
    return errors


def error_of_a_well(errors: NDArray[np.float64], n_wells: NDArray[np.int64]) -> float:
    """Root mean square standard error of one well, from rows whose error is known (not NaN) and not 0; NaN for none."""
    with_error = errors > 0
    if not with_error.any():
        return float("nan")
    return float(np.sqrt(np.mean(errors[with_error] ** 2 * n_wells[with_error])))
