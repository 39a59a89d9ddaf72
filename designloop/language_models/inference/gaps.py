"""Models that fill gaps: masked and any-order. They predict a letter from all known letters around it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.random import stream
from designloop.language_models.base import MASKED_SHARE, Floats, places_asked
from designloop.language_models.inference.lengths import allowed_letters, pick
from designloop.language_models.inference.neural import NeuralModel, chunks, computing, softmax_logs
from designloop.language_models.inference.trained import Drawing

_ORDERS, _PASSES = 4, 16
_EVERY = {"any-order": 2, "masked": round(1 / MASKED_SHARE)}
"""Every how many letters one is hidden in a pass, as in the training of the objective."""


@dataclass(frozen=True)
class GapModel(NeuralModel):
    """A masked or any-order model. Missing letters are drawn in random order, each given those already present.

    Temperature t draws each letter from its probability to the power 1/t. A masked model was trained with few gaps at
    once, so with many missing letters it extrapolates.
    """

    def _infilled(self, codes: Codes, missing: NDArray[np.bool_], how: Drawing) -> Codes:
        """`codes` with the letters at `missing`, (n, L), drawn given all the others, in a random order.

        One pass of the network per letter, or at most `passes`. Letters drawn in the same pass do not see each other.
        `passes=1` is fastest, and good if few letters are missing.
        """
        filled = np.where(missing, 0, codes).astype(np.int16)
        keys, uniforms = how.rng.random(codes.shape), how.rng.random(codes.shape)  # by row: chunks change no draw
        turns = turns_of(missing, keys, how.passes)
        allowed = allowed_letters(how.space, codes.shape[1])
        for rows, longest in chunks(((codes != PAD) | missing).sum(axis=1)):
            here = rows[:, None], np.arange(longest)
            filled[here] = self._filled(filled[here], turns[here], uniforms[here], allowed, how.temperature)
        return filled

    def _filled(
        self,
        codes: Codes,
        turns: NDArray[np.int64],
        uniforms: Floats,
        allowed: NDArray[np.bool_],
        temperature: float,
    ) -> Codes:
        """One chunk of `codes` with its missing letters drawn, pass by pass."""
        for turn in range(int(turns.max(initial=-1)) + 1):
            rows = np.flatnonzero((turns == turn).any(axis=1))
            here = turns[rows] == turn
            log_p = self._logs(codes[rows], turns[rows] >= turn, here)
            places, columns = np.nonzero(here)
            scores = np.where(allowed[columns], log_p / temperature, -np.inf)
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            codes[rows[places], columns] = pick(weights, uniforms[rows[places], columns])
        return codes

    def log_likelihood(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each sequence's probability, (n,), deterministic. Its kind depends on the objective.

        any-order: the mean of the probabilities under 4 fixed orders of up to 16 passes each, which sums to 1 over all
        sequences. masked: the pseudo-likelihood of Salazar et al. 2020 with 7 passes, which does not. Both include the
        log probability of the length.
        """
        if self.objective == "masked":
            return super().log_likelihood(sequences)
        width = max(map(len, sequences), default=0)
        if width == 0:
            return self.lengths.of_each(sequences)
        orders = np.array([stream(0, "any-order", order).random(width) for order in range(_ORDERS)])
        found = np.array([self.order_log_likelihood(sequences, order, passes=_PASSES) for order in orders])
        return np.asarray(np.logaddexp.reduce(found, axis=0) - np.log(_ORDERS))

    def letter_log_likelihoods(self, sequences: Sequence[str], *, passes: int | None = None) -> Floats:
        """Natural log of each letter's probability given the others, shape (n, longest), 0 after the end.

        Each of `passes` passes hides every `passes`-th letter. The default is 2 for any-order and 7 for masked, which
        is trained with 15% hidden. With as many passes as letters, each letter is given all others: this is the
        pseudo-log-likelihood of Salazar et al. 2020.
        """
        codes = self.alphabet.encode(sequences)
        log_p = np.zeros(codes.shape)
        passes = passes or _EVERY[self.objective]
        for offset in range(min(passes, codes.shape[1])):
            hidden = (codes != PAD) & (np.arange(codes.shape[1]) % passes == offset)
            log_p += self._log_p(codes, hidden, hidden)
        return log_p

    def order_log_likelihood(self, sequences: Sequence[str], keys: Floats, *, passes: int | None = None) -> Floats:
        """Exact log P(sequence), (n,), when letters are predicted in the order of rising `keys`, (L,).

        One pass of the network per letter, or `passes`; letters of the same pass do not see each other. Its mean over
        orders is a lower bound of the log mean probability. Hoogeboom et al. 2022, eq. 3.
        """
        codes = self.alphabet.encode(sequences)
        turns = turns_of(codes != PAD, np.broadcast_to(keys[: codes.shape[1]], codes.shape), passes)
        total = np.zeros(len(codes))
        for turn in range(int(turns.max(initial=-1)) + 1):
            total += self._log_p(codes, turns >= turn, turns == turn).sum(axis=1)
        return np.asarray(total + self.lengths.of_each(sequences))

    def letter_probabilities(self, codes: Codes, asked: NDArray[np.bool_]) -> Floats:
        """P(letter | all others), (positions, letters), with one gap at a time and one pass for each."""
        rows, columns = places_asked(codes, asked)
        found = np.zeros((len(rows), len(self.alphabet)))
        for places, longest in chunks((codes != PAD).sum(axis=1)[rows]):
            gap = np.arange(longest) == columns[places, None]
            found[places] = np.exp(self._logs(codes[rows[places], :longest], gap, gap))
        return found

    def open_probabilities(self, codes: Codes) -> Floats:
        """P(letter) at every position when nothing is hidden, also not that position; (n, L, letters), 0 at padding.

        The network was trained for this if some of the letters that it had to predict were visible, as in ESM-2.
        """
        found = np.zeros((*codes.shape, len(self.alphabet)))
        nothing, everywhere = np.zeros(codes.shape, dtype=bool), codes != PAD
        for rows, longest in chunks(everywhere.sum(axis=1)):
            here = rows[:, None], np.arange(longest)
            told = np.zeros((len(rows), longest, len(self.alphabet)))
            told[everywhere[here]] = np.exp(self._logs(codes[here], nothing[here], everywhere[here]))
            found[here] = told
        return found

    def gap_probabilities(self, codes: Codes, gaps: NDArray[np.bool_]) -> Floats:
        """P(letter | known letters) at each of the `gaps`, (n, L), all unknown at the same time: (gaps, letters).

        Like `letter_probabilities`, but for several unknown letters per sequence.
        """
        found = np.zeros((*gaps.shape, len(self.alphabet)))
        for rows, longest in chunks(((codes != PAD) | gaps).sum(axis=1)):
            here = rows[:, None], np.arange(longest)
            told = np.zeros((len(rows), longest, len(self.alphabet)))
            told[gaps[here]] = np.exp(self._logs(codes[here], gaps[here], gaps[here]))
            found[here] = told
        return found[gaps]

    def _log_p(self, codes: Codes, hidden: NDArray[np.bool_], read: NDArray[np.bool_]) -> Floats:
        """Log P(letter | letters that are not `hidden`) at the positions `read`, 0 elsewhere; shape (n, L)."""
        found = np.zeros(codes.shape)
        for rows, longest in chunks((codes != PAD).sum(axis=1)):
            here = rows[:, None], np.arange(longest)
            told, letters = np.zeros((len(rows), longest)), codes[here][read[here]]
            told[read[here]] = self._logs(codes[here], hidden[here], read[here])[np.arange(len(letters)), letters]
            found[here] = told
        return found

    def _logs(self, codes: Codes, hidden: NDArray[np.bool_], read: NDArray[np.bool_]) -> Floats:
        """Natural log of P(letter | letters not hidden) where `read`, in row-major order: (number read, letters)."""
        import torch

        from designloop.language_models.networks.looking_up import logits_of

        with computing():
            letters = self.letters(np.where(hidden, self.network.gap, codes))
            return softmax_logs(logits_of(self.network, letters, torch.from_numpy(read).to(letters.device)))


def turns_of(missing: NDArray[np.bool_], keys: Floats, passes: int | None) -> NDArray[np.int64]:
    """The pass in which each missing letter is drawn, by the rank of its key in its row, (n, L); -1 elsewhere."""
    ranks = np.where(missing, keys, 2.0).argsort(axis=1).argsort(axis=1)
    if passes is not None:
        counts = missing.sum(axis=1, keepdims=True)
        ranks = np.where(counts > passes, ranks * passes // np.maximum(counts, 1), ranks)
    return np.where(missing, ranks, -1)
