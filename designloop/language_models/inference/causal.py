"""Causal models predict each letter from those before it, so likelihoods are exact and sampling takes one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.language_models.base import Floats, places_asked
from designloop.language_models.inference.lengths import allowed_letters, pick
from designloop.language_models.inference.neural import NeuralModel, Read, chunks, computing, softmax_logs
from designloop.language_models.inference.trained import Drawing

if TYPE_CHECKING:
    from torch import Tensor

_TRIES_A_PASS = 4
_MOST_TRIES = 32
_NUMBERS_AT_ONCE, _NUMBERS_KEPT = 2**16, 2**23
"""Limits on the numbers held for the sequences of one chunk: per letter, and for all letters.

With fewer per letter the CPU is not fully used; with more they do not fit into its cache. Each block stores the second
twice (keys and values).
"""


@dataclass(frozen=True)
class CausalModel(NeuralModel):
    """A causal model, left to right or right to left. It is given the length, which has a probability of its own."""

    backwards: bool = False
    is_weighed_throughout: ClassVar[bool] = False
    """Whether letters before a missing one affect the weights of attempts: if they have several tokenizations."""

    def trained_on(self, codes: Codes) -> Read:
        """The codes, reversed if the model reads from right to left."""
        return turned_round(codes, codes != PAD) if self.backwards else codes

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each letter's probability given those read before it, (n, longest), 0 after the end."""
        codes = self.alphabet.encode(sequences)
        told = self._told(self.trained_on(codes))
        return turned_round(told, codes != PAD) if self.backwards else told

    def _told(self, codes: Read) -> Floats:
        """The same for the input of the network, (n, T), in reading order."""
        found = np.zeros(codes.shape)
        for rows, longest in chunks((codes != PAD).sum(axis=1), self.network.n_letters):
            read = codes[rows, :longest]
            with computing():
                log_p = softmax_logs(self.network(self.letters(read)))
            letters = np.maximum(read, 0)[:, :, None].astype(np.int64)
            told = np.take_along_axis(log_p, letters, axis=2)[:, :, 0]
            found[rows, :longest] = np.where(read == PAD, 0.0, told)
        return found

    def hidden(self, letters: "Tensor") -> "Tensor":
        """The hidden state after each letter is read, (n, T, width), from which the next letter is predicted."""
        from torch.nn.functional import pad

        return self.network.hidden(pad(letters, (0, 1), value=self.network.pad))[:, 1:]

    def letter_probabilities(self, codes: Codes, asked: NDArray[np.bool_]) -> Floats:
        """P(letter | all others), (positions, letters): scores the whole sequence with each letter at the position."""
        rows, columns = places_asked(codes, asked)
        logs = np.zeros((len(rows), len(self.alphabet)))
        for letter in range(len(self.alphabet)):
            tried = codes[rows]
            tried[np.arange(len(rows)), columns] = letter
            logs[:, letter] = self._told(self.trained_on(tried)).sum(axis=1)
        return _shares(logs)

    def _infilled(self, codes: Codes, missing: NDArray[np.bool_], how: Drawing) -> Codes:
        """`codes` with the letters at `missing`, (n, L), drawn by sampling-importance-resampling (Rubin 1987).

        The missing letters are sampled from left to right in several attempts: 4 per pass, 32 for `passes=None`. One
        attempt is drawn with weights proportional to the likelihood of the known letters after them. This becomes exact
        with many attempts. If no known letter follows, one attempt is exact.
        """
        if not missing.any():
            return np.array(codes, dtype=np.int16)
        is_letter = (codes != PAD) | missing
        may = allowed_letters(how.space, codes.shape[1])[None] & missing[:, :, None]
        may[~missing] = codes[~missing][:, None] == np.arange(
            len(self.alphabet)
        )  # a known letter is the only one allowed
        if self.backwards:
            may, missing = turned_round(may, is_letter), turned_round(missing, is_letter)
        n_tries = _tries(may, missing | self.is_weighed_throughout, how.passes)
        written, log_weights = self._written(may, is_letter.sum(axis=1), n_tries, how)
        chosen = written[np.arange(len(codes)), pick(_shares(log_weights), how.rng.random(len(codes)))]
        if self.backwards:
            chosen, missing = turned_round(chosen, is_letter), turned_round(missing, is_letter)
        return np.where(missing, chosen, codes).astype(np.int16)

    def _written(
        self, may: NDArray[np.bool_], lengths: NDArray[np.int64], n_tries: int, how: Drawing
    ) -> tuple[Codes, Floats]:
        """Attempts, (n, attempts, L), of letters allowed by `may`, (n, L, letters), and log weights, (n, attempts)."""
        shape = (len(may), n_tries, may.shape[1])
        uniforms = how.rng.random(shape).reshape(-1, may.shape[1])  # by row: chunks change no draw
        codes, log_weights = np.zeros(uniforms.shape, dtype=np.int16), np.zeros(len(uniforms))
        order = np.argsort(-np.repeat(lengths, n_tries), kind="stable")  # so that the shortest come last
        most = min(_NUMBERS_AT_ONCE, _NUMBERS_KEPT // max(1, may.shape[1]))
        size = max(1, most // self.network.width)
        for start in range(0, len(order), size):
            tries = order[start : start + size]
            rows = tries // n_tries
            codes[tries], log_weights[tries] = self._write(may[rows], lengths[rows], uniforms[tries], how.temperature)
        return codes.reshape(shape), log_weights.reshape(shape[:2])

    def _write(
        self, may: NDArray[np.bool_], lengths: NDArray[np.int64], uniforms: Floats, temperature: float
    ) -> tuple[Codes, Floats]:
        """One chunk of attempts, longest first, letter by letter: codes (n, L), log weights (n,)."""
        import torch

        self.check_context(int(lengths.max(initial=0)))
        codes, log_weights = np.zeros(uniforms.shape, dtype=np.int16), np.zeros(len(uniforms))
        n_left = [int((lengths > place).sum()) for place in range(int(lengths.max(initial=0)))]
        with computing():
            device = self.network.device
            cache = self.network.begin(torch.from_numpy(lengths).to(device))
            for place, n in enumerate(n_left):
                if place:
                    cache.keep(n)
                    self.network.step(torch.from_numpy(codes[:n, place - 1].astype(np.int64)).to(device), cache)
                drawn = drawn_among(may[:n, place], cache.logits[:n].double() / temperature, uniforms[:n, place])
                codes[:n, place] = drawn[0]
                log_weights[:n] += drawn[1]
        return codes, log_weights


def drawn_among(may: NDArray[np.bool_], logits: "Tensor", uniforms: Floats) -> tuple[NDArray[np.int64], Floats]:
    """A letter (or token) drawn from those allowed by `may`, (n, letters), and log P(any allowed one), each (n,)."""
    scores = np.where(may, softmax_logs(logits), -np.inf)
    highest = scores.max(axis=1, keepdims=True)
    weights = np.exp(scores - highest)
    return pick(weights, uniforms), np.log(weights.sum(axis=1)) + highest[:, 0]


def turned_round(values: NDArray[Any], is_letter: NDArray[np.bool_]) -> NDArray[Any]:
    """Rows of `values`, (n, L, ...), with the letters reversed. Padding stays at the end."""
    lengths, places = is_letter.sum(axis=1, keepdims=True), np.arange(is_letter.shape[1])
    source = np.where(places < lengths, lengths - 1 - places, places)
    return np.take_along_axis(values, source.reshape(*source.shape, *[1] * (values.ndim - 2)), axis=1)


def _tries(may: NDArray[np.bool_], weighed: NDArray[np.bool_], passes: int | None) -> int:
    """Number of attempts: one if no letter is known or forbidden from the first `weighed` position on."""
    behind = np.logical_or.accumulate(weighed, axis=1)
    is_bound = may.any(axis=2) & ~may.all(axis=2)
    if not (behind & is_bound).any():
        return 1
    return _MOST_TRIES if passes is None else min(_MOST_TRIES, _TRIES_A_PASS * passes)


def _shares(logs: Floats) -> Floats:
    """Rows of logs as weights that sum to 1, same shape."""
    weights = np.exp(logs - logs.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
