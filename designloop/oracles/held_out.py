"""How well a surrogate predicts rows of a table that it was not fitted to: drawn at random, and far from the rest."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.random import stream
from designloop.core.records import Event, Outcome, Start
from designloop.core.spaces import Space
from designloop.oracles.landscape import Landscape
from designloop.surrogates.base import Posterior, Surrogate, check_posterior
from designloop.surrogates.regression import rank_correlation

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
_FEWEST = 10
"""Rows of either part without which an error says nothing."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Predictions of rows that were held out, compared with their measurements."""

    n_fitted: int
    n_rows: int
    r2: float
    """1 - mean squared error / variance of the rows; 0 for the mean, and below 0 for a worse prediction."""
    rank_correlation: float
    error: float
    """Root mean squared difference, in the table's units."""
    spread: float
    """Standard deviation of the rows' measurements."""

    @classmethod
    def of(cls, predicted: Array, measured: Array, n_fitted: int) -> "HeldOut":
        """The comparison of (n,) predictions with their measurements."""
        squared, variance = float(np.mean((predicted - measured) ** 2)), float(np.var(measured))
        r2 = 1.0 - squared / variance if variance > 0 else 0.0
        rank = rank_correlation(predicted, measured, np.ones(len(measured)))
        return cls(n_fitted, len(measured), r2, rank, squared**0.5, variance**0.5)

    def __str__(self) -> str:
        return (
            f"R2 {self.r2:.2f}, rank correlation {self.rank_correlation:.2f}, error {self.error:.3g} where values have "
            f"a standard deviation of {self.spread:.3g}"
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """A surrogate fitted to a table, and what it was worth on rows that it had not seen."""

    posterior: Posterior
    """Fitted to all rows that were used."""
    n_used: int
    n_rows: int
    held_out: HeldOut
    """Rows drawn at random."""
    far: HeldOut | None
    """The rows with the most substitutions, for a surrogate fitted to the others; None if they cannot be told."""
    distance: int
    """More substitutions than this, from the parent or the commonest letters, are far."""

    def sentences(self, surrogate: str) -> Iterator[str]:
        """What a user of the landscape has to know."""
        used = f"{self.n_used:,} of {many(self.n_rows, 'row')}" if self.n_used < self.n_rows else "all rows"
        yield f"the truth is a model, {surrogate} fitted to {used} of the table, and not the table"
        yield f"on {many(self.held_out.n_rows, 'row')} held out at random: {self.held_out}"
        if self.far is not None:
            farther = f"on the {many(self.far.n_rows, 'row')} with more than {many(self.distance, 'substitution')}"
            yield f"{farther}, fitted to the others: {self.far}"
        else:
            yield "whether it extrapolates is not known: the rows have no distances to order them by"


def space_around(landscape: Landscape) -> Space:
    """Every sequence of a table's alphabet, from its shortest to its longest."""
    table = landscape.truth.table
    lengths = [len(sequence) for sequence in table.sequences]
    return Space(alphabet=table.alphabet, parent=table.parent, min_length=min(lengths), max_length=max(lengths))


def fit_of(table: Landscape, surrogate: Surrogate, share: float, most: int) -> Fit:
    """The surrogate fitted to at most `most` rows of a table, and its errors on a held-out `share` of them.

    Raises InputError if the table has too few rows.
    """
    n_rows = len(table.truth.values)
    rng = stream(0, "fitted", "rows")
    rows = rng.permutation(n_rows)[:most]
    n_out = round(share * len(rows))
    if n_out < _FEWEST:
        raise InputError(
            f"{table.path} has {many(n_rows, 'row')} with a value, of which {n_out} would be held out; a fitted "
            f"landscape needs at least {_FEWEST} of them to measure its error"
        )
    taught = _Taught(table, surrogate)
    held_out = taught.error(rows[n_out:], rows[:n_out])
    far, distance = _far(taught, rows, share)
    return Fit(taught.fitted(rows), len(rows), n_rows, held_out, far, distance)


@dataclass(frozen=True)
class _Taught:
    """A surrogate that is fitted to rows of a table, as if they had been measured before a campaign."""

    landscape: Landscape
    surrogate: Surrogate

    def fitted(self, rows: Rows) -> Posterior:
        """The posterior given these rows, whatever their order."""
        truth, space = self.landscape.truth, space_around(self.landscape)
        errors = None if truth.variances is None else np.sqrt(truth.variances)
        starts = [
            Start(
                truth.table.sequences[row],
                float(truth.measured[row]),
                None if errors is None else float(errors[row]),
                Outcome.OBSERVED,
            )
            for row in np.sort(rows).tolist()
        ]
        facts = {"scale": self.landscape.scale, "floor": self.landscape.floor}
        history = History.opening(space, Known(starts=tuple(starts)), Event(0, "opened", None, facts))
        posterior = self.surrogate.fit(history, stream(0, "fitted", "fit"))
        check_posterior(posterior, self.surrogate)
        return posterior

    def error(self, fitted: Rows, asked: Rows) -> HeldOut:
        """The error on some rows when others are fitted."""
        truth = self.landscape.truth
        predicted = self.fitted(fitted).moments([truth.table.sequences[row] for row in asked.tolist()])[0]
        return HeldOut.of(np.asarray(predicted), truth.measured[asked], len(fitted))


def _far(taught: _Taught, rows: Rows, share: float) -> tuple[HeldOut | None, int]:
    """The error on about the `share` of rows with the most substitutions, and their least number less one."""
    distances = _distances(taught.landscape, rows)
    if distances is None:
        return None, 0
    limit = int(np.quantile(distances, 1.0 - share))
    limit = limit if (distances > limit).sum() >= _FEWEST else limit - 1
    is_far = distances > limit
    if is_far.sum() < _FEWEST or (~is_far).sum() < _FEWEST:
        return None, 0
    return taught.error(rows[~is_far], rows[is_far]), limit


def _distances(landscape: Landscape, rows: Rows) -> NDArray[np.int64] | None:
    """Substitutions of each row from the parent, else from the commonest letters; None if lengths differ."""
    table = landscape.truth.table
    codes = table.alphabet.encode([table.sequences[row] for row in rows.tolist()])
    if (codes == PAD).any():
        return None
    counts = np.stack([(codes == letter).sum(axis=0) for letter in range(len(table.alphabet))])
    from_here = counts.argmax(axis=0) if table.parent is None else table.alphabet.encode([table.parent])[0]
    return np.asarray((codes != from_here).sum(axis=1))
