"""What each surrogate predicted, and what came back: the evidence by which `auto` weighs its candidates."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from designloop.core.history import History
from designloop.surrogates.base import Floats, Posterior
from designloop.surrogates.features import Places
from designloop.surrogates.regression import rank_correlation
from designloop.surrogates.scale import Measured, ValueScale

_ROUNDS = 4
"""Rounds that are looked back on."""
_FEWEST = 8
"""Designs of a round without which it says nothing."""
_HIGHEST = 0.999


@dataclass(frozen=True)
class Gains:
    """The log evidence of each candidate per counted design, up to a constant, and what it is computed from."""

    total: Floats
    """(candidates,)."""
    out_of_fold: Mapping[str, float | None]
    """Rank correlation of predictions out of fold with the readings; None if the surrogate has none."""


def evidence(fitted: Mapping[str, Posterior], measured: Measured, history: History, *, decay: float) -> Gains:
    """How well candidates predicted the latest rounds: out of fold, and when the designs were chosen.

    Rounds are looked at one by one, so that what is told apart are designs of one batch, and not good batches from bad
    ones. A round counts `decay` times as much as the round after it. Predictions made when designs were chosen count
    only where every candidate has them.
    """
    left: dict[str, Floats | None] = {name: getattr(its, "left_out", None) for name, its in fitted.items()}
    known = {name: its for name, its in left.items() if its is not None}
    total, scale = np.zeros(len(fitted)), measured.scale("ranks")
    place = {sequence: i for i, sequence in enumerate(measured.sequences)}
    for age, rows in enumerate(_latest(history)):
        mine = np.array([place[history.sequences[i]] for i in rows])
        readings = history.readings[rows]
        if len(rows) >= _FEWEST and len(known) == len(left):
            own = [_to_ranks(fitted[name], its[mine], scale) for name, its in known.items()]
            total += decay**age * _gains(own, readings, scale)
        told = _recorded(history, rows, list(fitted))
        is_told = np.isfinite(told).all(axis=0)
        if is_told.sum() >= _FEWEST:
            own = [scale.to_model(its[is_told]) for its in told]
            total += decay**age * _gains(own, readings[is_told], scale)
    flat = np.ones(len(measured.values))
    rho = {n: None if its is None else rank_correlation(its, measured.readings, flat) for n, its in left.items()}
    return Gains(total, rho)


def _latest(history: History) -> list[Places]:
    """Rows with a value of each of the latest rounds, latest first."""
    rows = np.flatnonzero(history.is_measured)
    rounds = history.rounds[rows]
    return [rows[rounds == r] for r in np.unique(rounds)[::-1][:_ROUNDS]]


def _recorded(history: History, rows: Places, names: list[str]) -> Floats:
    """Means that candidates predicted when these rows were chosen, (candidates, rows); NaN where there is none."""
    nothing = np.full((len(history.sequences), 2), np.nan)
    return np.stack([history.predictions.get(name, nothing)[rows, 0] for name in names])


def _to_ranks(posterior: Posterior, values: Floats, scale: ValueScale) -> Floats:
    """Predictions on a posterior's own scale, on the scale of ranks."""
    own: ValueScale | None = getattr(posterior, "scale", None)
    return values if own is None else scale.to_model(own.to_assay(values))


def _gains(predicted: list[Floats], readings: Floats, scale: ValueScale) -> Floats:
    """Log evidence of each prediction of one round, (candidates,): of the order, and of the values as normal scores.

    A rank correlation ρ of n designs counts n/2 · -log(1 - ρ²), the log likelihood ratio against no correlation if
    scores are normal. The values count the logarithm of their Gaussian density with the variance that fits best.
    """
    flat, n, target = np.ones(len(readings)), len(readings), scale.to_model(readings)
    rho = np.array([rank_correlation(its, readings, flat) for its in predicted])
    missed = np.array([np.mean((its - target) ** 2) for its in predicted])
    least = (1.0 - _HIGHEST**2) * max(float(target.var()), 1e-9)
    ordered = -np.log(1.0 - np.clip(rho, 0.0, _HIGHEST) ** 2)
    return np.asarray(n / 2.0 * (ordered - np.log(np.maximum(missed, least))))
