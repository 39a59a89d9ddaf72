"""A trained n-gram model: it samples, infills, and computes likelihoods."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.cache import remembered_of
from designloop.core.notices import record, warn
from designloop.core.spaces import Space
from designloop.language_models.base import Adaptation, Floats, places_asked
from designloop.language_models.inference.lengths import Lengths
from designloop.language_models.inference.markov_infilling import Infilling, contexts_of, is_exact
from designloop.language_models.inference.trained import Drawing, TrainedModel

_KEPT_COUNT = 1.0
"""Pseudocount of the pretrained row for each context when a model is adapted, even if `kl` is 0."""


@dataclass(frozen=True)
class MarkovModel(TrainedModel):
    """A trained n-gram model. Likelihoods are exact, and draws are exact by backward messages.

    With a table of more than half a million numbers (DNA: order 8), many missing letters near each other are drawn by
    ten Gibbs sweeps. This is an approximation, and a warning says so. Temperature t draws from the joint probability to
    the power 1/t.
    """

    alphabet: Alphabet
    table: Floats
    """Probability of each letter after each context, shape (positions or 1, contexts, letters)."""
    lengths: Lengths

    @property
    def order(self) -> int:
        """Letters of context."""
        order, contexts = 0, self.table.shape[1]
        while contexts > 1:
            order, contexts = order + 1, contexts // (len(self.alphabet) + 1)
        return order

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each letter's probability given the letters before it, (n, longest), 0 after the end."""
        codes = self.alphabet.encode(sequences)
        contexts = contexts_of(codes, self.order, len(self.alphabet))
        cells = (self._table_at(np.arange(codes.shape[1])) * self.table.shape[1] + contexts) * len(self.alphabet)
        log_p = np.log(self.table).ravel()[cells + np.maximum(codes, 0)]
        return np.where(codes == PAD, 0.0, log_p)

    def _infilled(self, codes: Codes, missing: NDArray[np.bool_], how: Drawing) -> Codes:
        """`codes` with the letters at `missing`, (n, L), drawn jointly given all the others.

        The previous letters there do not matter. `passes` is for networks and has no effect here.
        """
        copy = np.asarray(codes, dtype=np.int16).copy()
        draw = Infilling(self.table, self.order, copy, missing, how.space, how.temperature)
        if self.order <= 1:
            return draw.jointly(how.rng.random(codes.shape))
        uniforms = how.rng.random(codes.shape)
        if not draw.by_fillings(uniforms):
            return draw.codes
        if draw.is_small:
            return draw.by_messages(uniforms)
        remembered_of(self, "told", "sweeps", lambda: warn(self._of_sweeps()), most=1)
        record(self._of_sweeps())  # in every run, also where an earlier run of this process has told it
        return draw.by_gibbs(how.rng)

    def _of_sweeps(self) -> str:
        n_letters = len(self.alphabet)
        exact = max(order for order in range(self.order) if is_exact(order, n_letters))
        return (
            f"the n-gram model of order {self.order} draws many missing letters near each other approximately, by ten "
            f"Gibbs sweeps, because its table of {self.table.shape[1] * n_letters:,} numbers is too large for exact "
            f"draws; over {n_letters} letters draws are exact up to `order: {exact}`"
        )

    def letter_probabilities(self, codes: Codes, asked: NDArray[np.bool_]) -> Floats:
        """P(letter | all the others), exact, (places, letters)."""
        rows, columns = places_asked(codes, asked)
        here = np.arange(codes.shape[1]) == columns[:, None]
        space = Space(alphabet=self.alphabet, min_length=1, max_length=max(codes.shape[1], 1))
        told = Infilling(self.table, self.order, codes[rows], here, space, 1.0)
        found = np.zeros((len(rows), len(self.alphabet)))
        for column in np.unique(columns).tolist():
            places = np.flatnonzero(columns == column)
            weights = told.conditional(places, column)
            found[places] = weights / weights.sum(axis=1, keepdims=True)
        return found

    def embed(self, sequences: Sequence[str]) -> Floats:
        """Frequencies of letters and of neighbouring pairs, (n, letters + letters²)."""
        codes, n_letters = self.alphabet.encode(sequences), len(self.alphabet)
        found = np.zeros((len(codes), n_letters * (n_letters + 1)))
        is_letter = codes != PAD
        rows, columns = np.nonzero(is_letter)
        np.add.at(found, (rows, codes[rows, columns]), 1.0)
        rows, columns = np.nonzero(is_letter[:, 1:])
        np.add.at(found, (rows, n_letters + codes[rows, columns] * n_letters + codes[rows, columns + 1]), 1.0)
        return np.asarray(found / np.maximum(is_letter.sum(axis=1, keepdims=True), 1))

    def adapt(
        self, sequences: Sequence[str], weights: Floats, adaptation: Adaptation, rng: np.random.Generator
    ) -> "MarkovModel":
        """The exact table that minimises the weighted negative log-likelihood plus `kl` times KL(old row ‖ new row).

        Weights are divided by their mean. A context that no sequence shows keeps its row. `steps` has no effect.
        """
        codes, n_letters = self.alphabet.encode(sequences), len(self.alphabet)
        shares = np.repeat((weights / np.mean(weights))[:, None], codes.shape[1], axis=1)
        counts = counts_of(codes, self.order, len(self.table), n_letters, shares)
        seen = counts.sum(axis=2, keepdims=True)
        kept = adaptation.kl * seen + _KEPT_COUNT
        return replace(self, table=(counts + kept * self.table) / (seen + kept))

    def _table_at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(positions, len(self.table) - 1)


def counts_of(codes: Codes, order: int, n_positions: int, n_letters: int, weights: Floats | None = None) -> Floats:
    """Counts of each letter after each context, shape (positions or 1, contexts, letters).

    A letter counts with its weight, (n, L), or once.
    """
    n_contexts = (n_letters + 1) ** order
    rows, positions = np.nonzero(codes != PAD)
    table = np.minimum(positions, n_positions - 1)
    cells = (table * n_contexts + contexts_of(codes, order, n_letters)[rows, positions]) * n_letters
    by = None if weights is None else weights[rows, positions]
    counts = np.bincount(cells + codes[rows, positions], by, minlength=n_positions * n_contexts * n_letters)
    return counts.reshape(n_positions, n_contexts, n_letters).astype(np.float64)
