"""Viability, learnt from outcomes: a logistic model of which sequences give a value at all.

Only outcomes that depend on the sequence are used: a value, or `not_expressed`. Failed syntheses, lost wells and
sequences missing from a table carry no information.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from designloop.core.history import History
from designloop.core.records import Outcome
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places, differing_positions, letter_places, pair_places, pairs_of
from designloop.surrogates.logistic import mode, sigmoid

_PRIOR_STD = 1.0
"""Prior standard deviation of a weight: one informative letter or pair shifts the log-odds by about 1. A judgement."""
_NOVELTY_STD = 3.0
"""The same for the number of pairs that no natural sequence contains, which is more informative. A judgement."""


@dataclass(frozen=True)
class Viability:
    """P(a value) = sigmoid(bias + weights · features), Laplace's approximation at its mode."""

    view: "_View"
    bias: float
    weights: Floats | None = None

    @classmethod
    def fitted(cls, history: History) -> "Viability":
        """The mode of a logistic model with a Gaussian prior on the weights; the background rate is its bias."""
        rows = sorted(
            (sequence, outcome.has_value)
            for sequence, outcome in zip(history.sequences, history.outcomes, strict=True)
            if outcome.has_value or outcome is Outcome.NOT_EXPRESSED
        )
        labels = np.array([row[1] for row in rows], dtype=float)
        # One imagined value and one imagined failure keep the rate off 0 and 1 (Laplace's rule of succession).
        rate = (labels.sum() + 1.0) / (len(labels) + 2.0)
        bias = float(np.log(rate / (1.0 - rate)))
        view = _View(history.hull, _seen_pairs(history))
        if len(labels) == 0 or labels.all() or not labels.any():
            return cls(view, bias)
        return cls(view, bias, mode(view.sparse([row[0] for row in rows]), labels, bias))

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Probability of a value, shape (n,)."""
        logits = np.full(len(sequences), self.bias)
        if self.weights is not None and len(sequences):
            logits += self.view.weighed(sequences, self.weights)
        return sigmoid(logits)

    @property
    def background(self) -> float:
        """The rate of values over all that was built."""
        return float(sigmoid(np.array(self.bias)))


@dataclass(frozen=True)
class _View:
    """Features of the model: letters, neighbouring pairs, and the number of pairs that are absent from nature.

    They cover only positions where sequences of the space may differ, since shared letters carry no information.
    Columns stand in this order: letters by place, none, pairs, none, novelty; those called none are always zero.
    """

    space: Space
    seen: Floats
    """1 for each ordered pair in natural sequences (all pairs without a corpus), and last for none, (letters² + 1,)."""

    def sparse(self, sequences: Sequence[str]) -> Any:
        """Features scaled by their prior standard deviation, a scipy.sparse matrix (n, D)."""
        from scipy.sparse import csr_matrix

        letters, pairs = self._columns(sequences)
        novelty = self._stds.size - 1
        columns = np.hstack([letters, pairs + self._n_letter_columns, np.full((len(letters), 1), novelty)])
        values = self._stds[columns]
        values[:, -1] *= (1.0 - self.seen[pairs]).sum(axis=1)
        ends = columns.shape[1] * np.arange(len(columns) + 1)
        return csr_matrix((values.ravel(), columns.ravel(), ends), shape=(len(columns), novelty + 1))

    def weighed(self, sequences: Sequence[str], weights: Floats) -> Floats:
        """Features times weights, (n,), by looking up the few that are not zero, since climbing needs thousands."""
        letters, pairs = self._columns(sequences)
        of_letters, of_pairs, of_novelty = np.split(self._stds * weights, [self._n_letter_columns, -1])
        of_pairs = of_pairs + of_novelty * (1.0 - self.seen)
        return np.asarray(of_letters[letters].sum(axis=1) + of_pairs[pairs].sum(axis=1))

    def _columns(self, sequences: Sequence[str]) -> tuple[Places, Places]:
        """Columns of letters, (n, places), and of pairs, counted from the first pair, (n, neighbours)."""
        codes, n_letters, places = self.space.padded_codes(sequences), len(self.space.alphabet), self._places
        left = np.union1d(places, places - 1)
        left = left[(left >= 0) & (left < codes.shape[1] - 1)]
        return letter_places(codes[:, places], n_letters), pairs_of(codes[:, left], codes[:, left + 1], n_letters)

    @cached_property
    def _places(self) -> Places:
        return differing_positions(self.space)

    @property
    def _n_letter_columns(self) -> int:
        return len(self._places) * len(self.space.alphabet) + 1

    @cached_property
    def _stds(self) -> Floats:
        """The prior standard deviation of each column's weight, (D,)."""
        stds = np.full(self._n_letter_columns + len(self.seen) + 1, _PRIOR_STD)
        stds[[self._n_letter_columns - 1, -2]], stds[-1] = 0.0, _NOVELTY_STD
        return stds


def _seen_pairs(history: History) -> Floats:
    """Pairs of the corpus, without designs, since a design's own pairs are no evidence of its viability."""
    n_letters = len(history.space.alphabet)
    if not history.known.corpus:
        return np.ones(n_letters**2 + 1)
    seen = np.zeros(n_letters**2 + 1)
    seen[pair_places(history.space.alphabet.encode(history.known.corpus), n_letters)] = 1.0
    seen[-1] = 1.0
    return seen
