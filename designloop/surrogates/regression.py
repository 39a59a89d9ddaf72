"""Fits the linear model: a scale of the values, row weights, shares of the views, variances by the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from designloop.core.history import History
from designloop.surrogates.base import Floats, model_means
from designloop.surrogates.blocks import MANY, Blocks, Shares, evenly
from designloop.surrogates.calibration import Calibration, LeftOut
from designloop.surrogates.censoring import settled
from designloop.surrogates.decades import asinh_scale
from designloop.surrogates.evidence import Evidence, Observed, Point, contrast
from designloop.surrogates.features import Places
from designloop.surrogates.gaussian import Gaussian, InRows
from designloop.surrogates.linear_posterior import LinearPosterior
from designloop.surrogates.rows import Rows
from designloop.surrogates.scale import Errors, Measured, ValueScale, average_ranks
from designloop.surrogates.viability import Viability
from designloop.surrogates.views import View

_MOST_IN_ROWS = 2000
"""Rows of a fit with more features than rows: it then holds some 32 MB for each of five matrices. A judgement."""


@dataclass(frozen=True)
class Fit:
    """A posterior, with what the fit learnt about it."""

    posterior: LinearPosterior
    correlation: float
    """Rank correlation of `left_out` with the readings, in which rows count by their weight."""
    shares: tuple[float, ...]
    """Share of each view in the variance between sequences."""

    @property
    def left_out(self) -> Floats:
        """Each training value predicted from the others, model's scale, (n,)."""
        return self.posterior.left_out


@dataclass(frozen=True)
class Regression:
    """The training data of a linear model of several views side by side.

    `axes` has the shares to choose from for each view after the first.
    """

    measured: Measured
    views: tuple[View, ...]
    rows: tuple[Rows, ...]
    axes: tuple[tuple[float, ...], ...]
    viable: Viability
    length: int
    """Of the longest sequence."""

    @classmethod
    def of(cls, history: History, views: Sequence[View], axes: Sequence[Sequence[float]] = ()) -> "Regression":
        """The measured rows of a history."""
        measured = Measured.of(history)
        rows = [view(measured.sequences) for view in views]
        length = history.hull.max_length
        return cls(measured, tuple(views), tuple(rows), tuple(map(tuple, axes)), Viability.fitted(history), length)

    def best(self, transform: str, emphasis: float) -> Fit:
        """The fit whose left-out predictions rank the readings best, of those on the scales to try.

        With more than 1,000 rows, the scale is that of the best fit to 1,000.
        """
        tried, n = scales(self.measured, transform), len(self.measured.values)
        if n > MANY and len(tried) > 1:
            some = self.picked(evenly(n, MANY))
            tried = [max(tried, key=lambda scale: some.fitted(scale, emphasis).correlation)]
        return max((self._fitted(scale, emphasis) for scale in tried), key=lambda fit: fit.correlation)

    def _fitted(self, scale: ValueScale, emphasis: float) -> Fit:
        """With more features than rows, of which memory and time grow with the square and the cube: to 2,000 rows.

        The other rows are predicted by a fit that has not seen them.
        """
        n, width = len(self.measured.values), sum(its.shape[1] for its in self.rows)
        if not _MOST_IN_ROWS < n < width:
            return self.fitted(scale, emphasis)
        kept = _leading(self.measured.readings, _MOST_IN_ROWS)
        fit = self.picked(kept).fitted(scale, emphasis)
        left_out = model_means(fit.posterior, self.measured.sequences)
        left_out[kept] = fit.left_out
        return replace(fit, posterior=replace(fit.posterior, left_out=left_out))

    def picked(self, places: Places) -> "Regression":
        """Some of the rows."""
        return replace(self, measured=self.measured.picked(places), rows=tuple(its.picked(places) for its in self.rows))

    def fitted(self, scale: ValueScale, emphasis: float) -> Fit:
        """The posterior at the maximum of the evidence; exact, except for rows beyond a detection limit.

        Shares are chosen as if a value beyond a limit were the limit.
        """
        measured = self.measured
        target, errors = scale.to_model(measured.values), measured.errors(scale)
        spread = errors.spread(target)
        weights = emphasised(measured.readings, emphasis * errors.reliability(target))
        bias = _mean(target, weights / (spread + errors.in_full(spread)))
        told, one = measured.beyond(target, errors, spread / 2.0)
        observed = Observed(self.rows[0], told - bias, (1.0 + one.unknown) / weights, one.known / weights)
        chosen = self._chosen(observed, spread)
        scales, known, belief = settled(chosen.evidence, measured.sides, chosen.point)
        noise = scales.residual + errors.of_a_well(scales.residual)
        means, calibration = belief.weights(known.values), Calibration(0.0, scales.residual)
        predicted = np.zeros(0)
        if len(target):
            lacking, beside = known.values - known.rows.times(means), told - known.values - bias
            left = _left_out(belief, lacking, beside, one, measured.sides)
            calibration, predicted = Calibration.of(left, float(target.var()) or spread), told - left.missed
        if isinstance(belief, InRows) and len(target) > MANY:
            belief = belief.without_kernel()
        posterior = LinearPosterior(
            *(chosen.view, scale, bias, scales.residual, noise, belief, known.values, means, self.viable, calibration),
            predicted,
        )
        return Fit(posterior, rank_correlation(predicted, measured.readings, weights), chosen.shares)

    def _chosen(self, observed: Observed, spread: float) -> "_Chosen":
        """The views of highest evidence; without values, the first view alone."""
        n = len(observed.values)
        if len(self.views) == 1 or n == 0:
            width = contrast(self.rows[0]) if n else float(self.length)
            shares = (1.0, *[0.0] * len(self.axes))
            return _Chosen(self.views[0], Evidence(observed, spread, width), None, shares)
        place, point = self._shares.best(observed, spread)
        each = zip(self.views, self._shares.factors(place), self.rows, strict=True)
        kept = [(view, factor, rows.shape[1]) for view, factor, rows in each if factor]
        return _Chosen(Blocks(*zip(*kept, strict=True)), point.evidence, point, self._shares.at(place))

    @cached_property
    def _shares(self) -> Shares:
        return Shares.of(self.rows, self.axes)


@dataclass(frozen=True)
class _Chosen:
    """The features of a fit, and a point near the maximum of their evidence."""

    view: View
    evidence: Evidence
    point: Point | None
    shares: tuple[float, ...]


def _left_out(belief: Gaussian, lacking: Floats, beside: Floats, errors: Errors, sides: NDArray[np.int64]) -> LeftOut:
    """Each row predicted from the others: Rasmussen and Williams 2006, section 5.4.2, with K⁻¹ y = (y - X · w) / v.

    `lacking` is y - X · w. `beside` is the difference between a row's value and the y used for it, as for limits.
    """
    precision = belief.inverse_diagonal
    missed = lacking / belief.variances_of_rows / precision + beside
    of_weights = np.maximum(1.0 / precision - belief.variances_of_rows, 0.0)
    return LeftOut(missed, of_weights + errors.known, 1.0 + errors.unknown, sides)


def _leading(readings: Floats, most: int) -> Places:
    """So many rows, ascending: half are those with the highest readings, the others evenly spaced over the rest."""
    best_first = np.argsort(-readings, kind="stable")
    best, rest = best_first[: most // 2], np.sort(best_first[most // 2 :])
    return np.sort(np.append(best, rest[evenly(len(rest), most - most // 2)]))


def _mean(target: Floats, weights: Floats) -> float:
    return float(np.average(target, weights=weights)) if len(target) else 0.0


def scales(measured: Measured, transform: str) -> list[ValueScale]:
    """The scales to fit on: two for `auto` if values span decades, else one."""
    if transform in ("ranks", "standard", "unit"):
        return [measured.scale(transform)]  # type: ignore[arg-type]
    curve, ranks = asinh_scale(measured.readings, measured.std_errors), measured.scale("ranks")
    if curve is None:
        return [ranks]
    return [curve] if transform == "asinh" else [ranks, curve]


def emphasised(values: Floats, power: float) -> Floats:
    """(2 · share of designs not above it) ** power, normalised to mean one, so that good designs count more."""
    if len(values) == 0:
        return np.ones(0)
    weights = np.asarray((2.0 * (average_ranks(values) - 0.5) / len(values)) ** power)
    return np.asarray(np.maximum(weights / weights.mean(), 1e-3))


def rank_correlation(one: Floats, other: Floats, weights: Floats) -> float:
    """Spearman's correlation of weighted rows; 0 if one of them is constant."""
    if len(one) < 2:
        return 0.0
    ranks = np.stack([average_ranks(one), average_ranks(other)])
    ranks -= np.average(ranks, axis=1, weights=weights)[:, None]
    covariance = (weights * ranks) @ ranks.T
    scale = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    return float(covariance[0, 1]) / scale if scale > 0 else 0.0
