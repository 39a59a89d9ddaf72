"""A row is a design with its outcome and the readings of its wells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from designloop.core.limits import likely, unit_of
from designloop.core.records import PRIOR_ROUND, Design, Outcome, Start

_SIDES = {Outcome.BELOW_DETECTION: -1, Outcome.ABOVE_DETECTION: 1}
_ROUNDING = 1e-12
_SHARED = 4.0
"""The weight of the pooled spread, in additional wells of one design. A judgement."""


@dataclass(frozen=True, slots=True)
class Row:
    """A design with its outcome, and the values of its replicates."""

    design: Design
    outcome: Outcome
    measured_at: int
    """The minute of its first measurement, or of the outcome of a design without a value."""
    plate: str | None = None
    values: tuple[float, ...] = ()
    std_errors: tuple[float | None, ...] = ()
    """The standard error that the lab states for each value: 0 where it is exact, None where it is unknown."""
    sides: tuple[int, ...] = ()
    """For each value: -1 where it is the limit that the design lies below, 1 above it, 0 where it was observed."""

    @property
    def value(self) -> float:
        """Mean of the replicates, NaN where there is none.

        It is weighted by precision; if there are exact values, it is their mean. It is unweighted if an error is
        unknown, or if errors grow with the readings, as in a multiplicative assay: there a low reading would have a
        higher weight, which would bias the mean downwards.

        If only some wells are beyond a detection limit, it is the mean of the likelihood of all wells (`likely`), which
        may be beyond the limit.
        """
        if len(self.values) < 2:  # the usual case, and every decision computes it for every row
            return self.values[0] if self.values else float("nan")
        return self._likely[0] if self.is_split else float(np.average(self.values, weights=self._precision))

    @property
    def reading(self) -> float:
        """`value`, clipped to a limit that some wells exceeded: a value that the assay could have read."""
        return float(np.clip(self.value, *self._limits)) if self.is_split else self.value

    @property
    def std_error(self) -> float:
        """Standard error of `value` from the lab's errors; NaN if there is no value, or if an error is unknown."""
        if self.is_split:
            return self._likely[1]
        errors = [error for error in self.std_errors if error is not None]
        if not errors or len(errors) < len(self.values):
            return float("nan")
        if len(errors) == 1:
            return errors[0]
        weights, unit = self._precision, unit_of(max(errors))
        squares = ((weight * (error / unit)) ** 2 for weight, error in zip(weights, errors, strict=True))
        return unit * sqrt(sum(squares)) / sum(weights)

    @property
    def side(self) -> int:
        """-1 if all wells are below a limit of detection, 1 if all are above one, else 0."""
        return self.sides[0] if len(set(self.sides)) == 1 else 0

    @property
    def is_split(self) -> bool:
        """True if some wells are beyond a limit and others are not."""
        return len(set(self.sides)) > 1

    def read(self, value: float, std_error: float | None, outcome: Outcome) -> "Row":
        """The row with one more well; its outcome is that of its wells, or `observed` where these differ."""
        return Row(
            self.design,
            outcome if not self.values or self.outcome is outcome else Outcome.OBSERVED,
            self.measured_at,
            self.plate,
            (*self.values, value),
            (*self.std_errors, std_error),
            (*self.sides, side_of(outcome)),
        )

    @property
    def _limits(self) -> tuple[float, float]:
        """The highest limit that a well is below, and the lowest limit that a well is above."""
        lower = [value for value, side in zip(self.values, self.sides, strict=True) if side < 0]
        upper = [value for value, side in zip(self.values, self.sides, strict=True) if side > 0]
        return max(lower, default=-inf), min(upper, default=inf)

    @property
    def _likely(self) -> tuple[float, float]:
        """Mean and standard deviation of the likelihood of split wells; the latter is NaN without any error."""
        read = [i for i, side in enumerate(self.sides) if side == 0]
        if any(self.std_errors[i] == 0 for i in read):
            exact = [self.values[i] for i in read if self.std_errors[i] == 0]
            return float(np.mean(exact)), 0.0
        errors = self._errors_of_wells(read)
        if errors is None:
            return float(np.mean(self.values)), float("nan")
        return likely(self.values, errors, self.sides)

    def _errors_of_wells(self, read: Sequence[int]) -> tuple[float, ...] | None:
        """A positive error for each well; None if errors are unknown and all wells are equal.

        Errors that grow with the readings, or are 0 at a limit, are replaced by a common error: that of the wells that
        were `read`, if any. Unknown errors are estimated by the spread of the wells, with limits as values, which
        usually underestimates them.
        """
        stated = [error for error in self.std_errors if error is not None]
        if len(stated) < len(self.values):
            spread = float(np.std(self.values, ddof=1))
            return (spread,) * len(self.values) if spread else None
        if all(stated) and not self._grows_with_the_reading:
            return tuple(stated)
        unit = unit_of(max(stated))
        typical = unit * sqrt(float(np.mean([(stated[i] / unit) ** 2 for i in read or range(len(stated))])))
        return (typical,) * len(stated) if typical else None

    @property
    def _precision(self) -> list[float]:
        if any(error is None for error in self.std_errors):
            return [1.0] * len(self.values)
        if not all(self.std_errors):
            return [float(error == 0) for error in self.std_errors]
        if self._grows_with_the_reading:
            return [1.0] * len(self.values)
        known = [error for error in self.std_errors if error is not None]
        unit = unit_of(min(known))
        return [1.0 / (error / unit) ** 2 for error in known]

    @property
    def _grows_with_the_reading(self) -> bool:
        """True if errors differ and increase with the readings, at most in proportion to them."""
        wells = sorted((abs(value), error or 0.0) for value, error in zip(self.values, self.std_errors, strict=True))
        return wells[0][1] < wells[-1][1] and all(
            error <= larger <= error * (1.0 + _ROUNDING) * (higher / value if value else float("inf"))
            for (value, error), (higher, larger) in pairwise(wells)
        )


def starting_rows(starts: Sequence[Start]) -> Iterable[Row]:
    """A row for each sequence with a result. Starts of one sequence are replicates; a value overrides a failure."""
    rows: dict[str, Row] = {}
    for ordinal, start in enumerate(starts, start=1):
        if start.is_unmeasured:
            continue
        outcome = Outcome(start.outcome or Outcome.OBSERVED)
        design = Design(-ordinal, start.sequence, PRIOR_ROUND)
        row = rows.get(start.sequence) or Row(design, outcome, 0, start.plate)
        rows[start.sequence] = row if start.value is None else row.read(start.value, start.std_error, outcome)
    return rows.values()


def side_of(outcome: Outcome) -> int:
    """-1 below detection, 1 above it, else 0."""
    return _SIDES.get(outcome, 0)


def mark_of(side: int) -> str:
    """`< ` or `> ` for a value that is a limit of detection, else nothing."""
    return ("", "> ", "< ")[side]


def completed(rows: Sequence[Row]) -> list[Row]:
    """The rows, where split ones of unknown error have the error estimated from replicates of other designs, if any.

    Wells that differ by more than these have a larger error, pooled as that of other designs.
    """
    lacking = [i for i, row in enumerate(rows) if row.is_split and None in row.std_errors]
    found, shared = list(rows), _shared_variance(rows) if lacking else 0.0
    for i in lacking if shared else ():
        wells = _nearest(rows[i])
        own = (float(np.var(wells)) * len(wells) + _SHARED * shared) / (len(wells) - 1 + _SHARED)
        found[i] = replace(rows[i], std_errors=(sqrt(max(shared, own)),) * len(wells))
    return found


def _nearest(row: Row) -> NDArray[np.float64]:
    """The values of split wells, those beyond a limit as near to the others as the limit permits: the least spread."""
    values, sides = np.array(row.values), np.array(row.sides)
    read = float(np.mean(values[sides == 0] if (sides == 0).any() else values))
    return np.select([sides < 0, sides > 0], [np.minimum(values, read), np.maximum(values, read)], values)


def standard_errors(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Standard errors of the rows' values, (n,): from the lab, or from the spread of replicates; else NaN.

    An error that the lab does not give is s / √n for a design of n ≥ 2 wells. s² is the variance among its wells,
    pooled with the variance over all such designs with the weight of 4 wells, because two or three wells are little
    data. With wells at a limit, s² is the pooled variance. If all replicates are equal (rounded), the error is unknown.
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
    """Variance of one well, from designs of unknown error with at least two wells, none at a limit; 0 without data.

    Replicates that are equal up to rounding are not used.
    """
    telling = [row for row in rows if len(row.values) > 1 and None in row.std_errors and not any(row.sides)]
    if not telling:
        return 0.0
    n_wells = np.array([len(row.values) for row in telling])
    squares = np.array([np.var(row.values) for row in telling]) * n_wells
    shared = float(squares.sum() / (n_wells - 1).sum())
    return shared if shared > (_ROUNDING * max(abs(row.value) for row in telling)) ** 2 else 0.0


def error_of_a_well(errors: NDArray[np.float64], n_wells: NDArray[np.int64]) -> float:
    """Root mean square standard error of one well, from rows with a known error above 0; NaN if there are none."""
    with_error = errors > 0
    if not with_error.any():
        return float("nan")
    unit = unit_of(float(errors[with_error].max()))
    return unit * float(np.sqrt(np.mean((errors[with_error] / unit) ** 2 * n_wells[with_error])))
