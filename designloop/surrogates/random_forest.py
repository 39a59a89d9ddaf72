"""A random forest (Breiman 2001) on letters or embeddings: regression trees of scikit-learn, each on a bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.limits import expected
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats, Surrogate
from designloop.surrogates.embeddings import EmbeddingField, features_of
from designloop.surrogates.ensemble import Draws, EnsemblePosterior, Networks
from designloop.surrogates.scale import Measured, Transform
from designloop.surrogates.viability import Viability
from designloop.surrogates.views import View

_MISFIT = 0.1
"""Variance of a tree about a true value, as a share of the variance of values, which limits the weight of a row.
A judgement.
"""
_LEAST_RESIDUAL = 1e-3
"""Of the variance of values: no forest is truer than that. A judgement."""
_ROUNDS = 2
"""How often rows beyond a detection limit are replaced by their expected values. A judgement."""
_DIGITS = 9
"""Of values and weights: a shift of all values changes later digits, by which equally good splits would be chosen."""
_CHUNK = 4096


class RandomForest(Surrogate):
    """A random forest of scikit-learn: each tree has a bootstrap, in which precise measurements are drawn more often.

    The mean is that of the trees. The spread of the trees, and the variance that they miss in designs outside their
    bootstraps, are the uncertainty. A design beyond a detection limit has the value that the forest expects beyond it.
    Trees have random streams of their own, so that equal measurements give equal forests.
    """

    trees: int = Field(100, ge=2, le=10_000, description="number of trees")
    min_leaf: int = Field(1, ge=1, le=1_000_000, description="minimum number of measured designs in a leaf")
    feature_share: float = Field(
        1.0,
        gt=0,
        le=1,
        description="share of the features among which each split is chosen; 1, as in scikit-learn: all",
    )
    transform: Transform = Field("standard", description="scale of the values")
    draws: Draws = Field("mixtures", description="a posterior draw is one tree, or a random mixture of all trees")
    embedding: EmbeddingField = Field(
        None, description="language model or file of vectors that gives the features; none: one-hot letters"
    )
    with_letters: bool = Field(False, description="add one-hot letters to the embedding")

    def check_before_run(self, space: Space, known: Known) -> None:
        """Raise ConfigError if scikit-learn is not installed."""
        _library()

    def fit(self, history: History, rng: np.random.Generator) -> EnsemblePosterior:
        """A forest grown on the measured designs; constant trees of unit spread if nothing is measured."""
        measured, view = Measured.of(history), features_of(history, self.embedding, with_letters=self.with_letters)
        scale, viable = measured.scale(self.transform), Viability.fitted(history)
        target, errors = scale.to_model(measured.values), measured.errors(scale)
        if len(target) == 0:
            return EnsemblePosterior(_prior(self.trees), scale, viable, self.draws, 1.0, residual=0.0)
        spread = errors.spread(target)
        told, one = measured.beyond(target, errors, _MISFIT * spread)
        variances = one.in_full(_MISFIT * spread)
        lesson = _Lesson(view(measured.sequences).dense().astype(np.float32), told, variances, measured.sides, spread)
        forest = self._grown(lesson)
        for _ in range(_ROUNDS if measured.sides.any() else 0):
            forest = self._grown(lesson.with_limits(forest))
        residual = forest.residual
        noise = residual + errors.of_a_well(residual)
        return EnsemblePosterior(forest.evaluated(view), scale, viable, self.draws, noise, residual=residual)

    def _grown(self, lesson: "_Lesson") -> "_Forest":
        """One tree for each bootstrap, of which the same are drawn at each call."""
        grow = _library().DecisionTreeRegressor
        rng = stream(0, "random-forest", self.trees)
        counts = rng.multinomial(len(lesson.values), lesson.weights, size=self.trees)
        seeds = rng.integers(2**31, size=self.trees).tolist()
        trees = []
        for seed, count in zip(seeds, counts, strict=True):
            tree = grow(min_samples_leaf=self.min_leaf, max_features=self.feature_share, random_state=seed)
            own = count > 0
            trees.append(
                tree.fit(lesson.features[own], np.round(lesson.values[own], _DIGITS), sample_weight=count[own])
            )
        return _Forest(tuple(trees), lesson, counts)


@dataclass(frozen=True)
class _Lesson:
    """Training data, on the model's scale."""

    features: NDArray[np.float32]
    values: Floats
    """(n,); a limit where the row lies beyond one."""
    variances: Floats
    """Of the measurements, (n,)."""
    sides: NDArray[np.int64]
    spread: float
    """Variance of values beyond their errors."""
    limits: Floats | None = None
    """The limits, where `values` already holds expected values; (n,)."""

    @property
    def weights(self) -> Floats:
        """The probability that a row is drawn for a bootstrap, (n,)."""
        precision = 1.0 / (_MISFIT * self.spread + self.variances)
        precision = np.round(precision / precision.max(), _DIGITS)
        return np.asarray(precision / precision.sum())

    def with_limits(self, forest: "_Forest") -> "_Lesson":
        """Rows beyond a limit with the value that the forest expects beyond it."""
        limits = self.values if self.limits is None else self.limits
        mean, variance = forest.left_out
        beyond = expected(mean, variance + forest.residual, limits, self.variances, self.sides)
        values = np.where(self.sides == 0, limits, beyond)
        return replace(self, values=values, limits=limits)


@dataclass(frozen=True)
class _Forest:
    """Trees, with the rows that each was grown on."""

    trees: tuple[Any, ...]
    lesson: _Lesson
    counts: NDArray[np.int64]
    """How often a row is in the bootstrap of a tree, (trees, n)."""

    def values(self, features: NDArray[np.float32]) -> Floats:
        """Values of all trees, (trees, n)."""
        return np.stack([tree.predict(features, check_input=False) for tree in self.trees])

    def evaluated(self, view: View) -> Networks:
        """The trees as functions of sequences."""

        def trees(sequences: Sequence[str]) -> Floats:
            parts = [sequences[i : i + _CHUNK] for i in range(0, len(sequences), _CHUNK)]
            grown = [self.values(view(part).dense().astype(np.float32)) for part in parts]
            return np.hstack(grown) if grown else np.zeros((len(self.trees), 0))

        return trees

    @cached_property
    def left_out(self) -> tuple[Floats, Floats]:
        """Mean and variance over the trees that have not seen a row, each (n,); over all trees if fewer than two."""
        values, is_out = self.values(self.lesson.features), self.counts == 0
        is_out |= is_out.sum(axis=0) < 2
        n_out = is_out.sum(axis=0)
        mean = (values * is_out).sum(axis=0) / n_out
        return mean, ((values - mean) ** 2 * is_out).sum(axis=0) / (n_out - 1)

    @cached_property
    def residual(self) -> float:
        """Variance of true values about the mean, beyond the spread of the trees and the errors of measurement.

        It is estimated from the trees that have not seen a design (out of bag), and lies between a thousandth and all
        of the variance of values.
        """
        lesson, (mean, variance) = self.lesson, self.left_out
        missed = (lesson.values - mean) ** 2 - variance - lesson.variances
        if not ((self.counts == 0).sum(axis=0) > 1).any() or np.ptp(lesson.values) == 0:
            return lesson.spread
        share = float(lesson.weights @ missed) / lesson.spread
        return lesson.spread * float(np.clip(share, _LEAST_RESIDUAL, 1.0))


def _prior(n_trees: int) -> Networks:
    """Constant functions with zero mean and unit variance."""
    levels = np.linspace(-1.0, 1.0, n_trees)
    levels /= levels.std(ddof=1)
    return lambda sequences: np.repeat(levels[:, None], len(sequences), axis=1)


def _library() -> Any:
    try:
        from sklearn import tree
    except ImportError as error:
        raise ConfigError(
            "`surrogate: random-forest` requires scikit-learn: pip install 'designloop[sklearn]'"
        ) from error
    return tree
