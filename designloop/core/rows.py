"""A row is a design with its outcome, and what each of its wells said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from designloop.core.limits import likely
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

        Where only some wells lie beyond a detection limit, the mean of what all of them leave likely (`likely`): it may
        lie beyond the limit.
        """
        if len(self.values) < 2:  # as a rule: and every decision asks it of every row
            return self.values[0] if self.values else float("nan")
        return self._likely[0] if self.is_split else float(np.average(self.values, weights=self._precision))

    @property
    def reading(self) -> float:
        """`value`, but no further than a limit that some wells fell beyond: what an assay could have read."""
        return float(np.clip(self.value, *self._limits)) if self.is_split else self.value

    @property
    def std_error(self) -> float:
        """Standard error of `value` as the lab states it; NaN where there is no value, or an error is unknown."""
        if self.is_split:
            return self._likely[1]
        errors = [error for error in self.std_errors if error is not None]
        if not errors or len(errors) < len(self.values):
            return float("nan")
        if len(errors) == 1:
            return errors[0]
        weights = self._precision
        return sqrt(sum((weight * error) ** 2 for weight, error in zip(weights, errors, strict=True))) / sum(weights)

    @property
    def side(self) -> int:
        """-1 where the value is a limit that every well fell below, 1 where every one rose above it, else 0."""
        return self.sides[0] if len(set(self.sides)) == 1 else 0

    @property
    def is_split(self) -> bool:
        """True where wells do not agree on whether the design lies beyond a limit."""
        return len(set(self.sides)) > 1

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
    def _limits(self) -> tuple[float, float]:
        """The highest limit that a well fell below, and the lowest that one rose above."""
        lower = [value for value, side in zip(self.values, self.sides, strict=True) if side < 0]
        upper = [value for value, side in zip(self.values, self.sides, strict=True) if side > 0]
        return max(lower, default=-inf), min(upper, default=inf)

    @property
    def _likely(self) -> tuple[float, float]:
        """The mean of what split wells leave likely, and its standard deviation, NaN where no error is to be had."""
        read = [i for i, side in enumerate(self.sides) if side == 0]
        if any(self.std_errors[i] == 0 for i in read):
            exact = [self.values[i] for i in read if self.std_errors[i] == 0]
            return float(np.mean(exact)), 0.0
        errors = self._errors_of_wells(read)
        if errors is None:
            return float(np.mean(self.values)), float("nan")
        return likely(self.values, errors, self.sides)

    def _errors_of_wells(self, read: Sequence[int]) -> tuple[float, ...] | None:
        """An error above zero for each well; None where errors are unknown and wells do not differ.

        Errors that grow with the readings, or are 0 at a limit, are taken for equal ones: those of the wells that were
        `read`, if any. An unknown one is the wells' own spread, limits counted as values: too little, as a rule.
        """
        stated = [error for error in self.std_errors if error is not None]
        if len(stated) < len(self.values):
            spread = float(np.std(self.values, ddof=1))
            return (spread,) * len(self.values) if spread else None
        if all(stated) and not self._grows_with_the_reading:
            return tuple(stated)
        typical = sqrt(float(np.mean([stated[i] ** 2 for i in read or range(len(stated))])))
        return (typical,) * len(stated) if typical else None

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


def completed(rows: Sequence[Row]) -> list[Row]:
    """The rows; split ones of unknown error have the one that replicates of other designs show, where there are any."""
    lacking = [i for i, row in enumerate(rows) if row.is_split and None in row.std_errors]
    found, typical = list(rows), sqrt(_shared_variance(rows)) if lacking else 0.0
    for i in lacking if typical else ():
        found[i] = replace(rows[i], std_errors=(typical,) * len(rows[i].values))
    return found


def standard_errors(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Standard errors of the rows' values, (n,): as the lab states them, or from the spread of replicates; else NaN.

    An error that the lab does not state is s / √n for a design of n ≥ 2 wells. s² is the variance among its wells,
    pooled with that of all such designs as if 4 more wells had shown the latter, for two or three wells say little of
    their own; where they show a limit, it is the latter. Equal replicates alone (rounded readings) leave it unknown.
    """
    errors = np.array([row.std_error for row in rows], dtype=float)
    lacking = [i for i, row in enumerate(rows) if np.isnan(errors[i]) and len(row.values) > 1]
    shared = _shared_variance([rows[i] for i in lacking])
    if shared:
        n_wells = np.array([len(rows[i].values) for i in lacking])
        squares = np.array([np.var(rows[i].values) for i in lacking]) * n_wells
        own = np.where([any(rows[i].sides) for i in lacking], 0, n_wells - 1)  # limits show no spread of their own
        squares = np.where(own == 0, 0.0, squares)
        errors[lacking] = np.sqrt((squares + _SHARED * shared) / (own + _SHARED) / n_wells)
    return errors


def _shared_variance(rows: Sequence[Row]) -> float:
    """Variance of one well, from designs of unknown error with two wells or more, none at a limit; 0 where none says.

    Equal replicates, but for rounding, say nothing.
    """
    telling = [row for row in rows if len(row.values) > 1 and None in row.std_errors and not any(row.sides)]
    if not telling:
        return 0.0
    n_wells = np.array([len(row.values) for row in telling])
    squares = np.array([np.var(row.values) for row in telling]) * n_wells
    shared = float(squares.sum() / (n_wells - 1).sum())
    return shared if shared > (_ROUNDING * max(abs(row.value) for row in telling)) ** 2 else 0.0


def error_of_a_well(errors: NDArray[np.float64], n_wells: NDArray[np.int64]) -> float:
    """Root mean square standard error of one well, from rows whose error is known (not NaN) and not 0; NaN for none."""
    with_error = errors > 0
    if not with_error.any():
        return float("nan")
    return float(np.sqrt(np.mean(errors[with_error] ** 2 * n_wells[with_error])))
