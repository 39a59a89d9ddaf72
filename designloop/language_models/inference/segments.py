"""Models whose tokens spell several letters, as in byte-pair encodings (ProtGPT2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.language_models.base import Floats
from designloop.language_models.formats.spelling import Spelling
from designloop.language_models.inference.causal import CausalModel, drawn_among
from designloop.language_models.inference.neural import computing


@dataclass(frozen=True)
class SegmentModel(CausalModel):
    """A causal model over tokens of one or several letters.

    The likelihood of a sequence is that of the tokenizer's own split, although several splits spell it. Likelihoods of
    one length therefore sum to less than 1. Samples and infills are drawn token by token, from the tokens that fit the
    known and allowed letters and the length. No sample is rejected, and attempts are weighted as in every causal model.
    P(letter | the others) tokenizes and scores the sequence again with each letter. The log-likelihood of a token is
    divided evenly among its letters.
    """

    unit: ClassVar[str] = "tokens"
    is_weighed_throughout: ClassVar[bool] = True
    spelling: Spelling = field(kw_only=True)

    def trained_on(self, codes: Codes) -> NDArray[np.int32]:
        """The sequences as tokens, (n, T)."""
        return self.spelling.tokens(codes)

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each letter's probability: its share of the token's, (n, longest), 0 after the end."""
        codes = self.alphabet.encode(sequences)
        tokens = self.trained_on(codes)
        sizes = self.spelling.n_letters[tokens]
        shares, found = self._told(tokens) / sizes, np.zeros(codes.shape)
        found[codes != PAD] = np.repeat(shares[tokens != PAD], sizes[tokens != PAD])
        return found

    def _write(
        self, may: NDArray[np.bool_], lengths: NDArray[np.int64], uniforms: Floats, temperature: float
    ) -> tuple[Codes, Floats]:
        """One chunk of attempts, token by token: codes (n, L), log weights (n,)."""
        import torch

        spelt, sizes = self.spelling.spelt, self.spelling.n_letters
        codes = np.zeros((len(may), may.shape[1] + spelt.shape[1]), dtype=np.int16)  # room for a token's padding
        log_weights, ends = np.zeros(len(may)), np.zeros(len(may), dtype=np.int64)
        tokens = np.zeros(len(may), dtype=np.int64)
        with computing():
            device = self.network.device
            memory = self.network.begin(torch.from_numpy(lengths).to(device))
            for turn in range(int(lengths.max(initial=0))):
                if len(rows := np.flatnonzero(ends < lengths)) == 0:
                    break
                self.check_context(turn + 1)
                if turn:
                    self.network.step(torch.from_numpy(tokens).to(device), memory)
                fits = self._fitting(may[rows], ends[rows])
                drawn = drawn_among(fits, memory.logits[rows].double() / temperature, uniforms[rows, turn])
                tokens[rows] = drawn[0]
                log_weights[rows] += drawn[1]
                places = ends[rows, None] + np.arange(spelt.shape[1])
                codes[rows[:, None], places] = spelt[tokens[rows]]  # the next token writes over its padding
                ends[rows] += sizes[tokens[rows]]
        return codes[:, : may.shape[1]], log_weights

    def _fitting(self, may: NDArray[np.bool_], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """The tokens that fit `may`, (n, L, letters), after the first `ends`, (n,), letters; (n, tokens)."""
        spelt, sizes = self.spelling.spelt, self.spelling.n_letters
        fits = np.ones((len(may), len(spelt)), dtype=bool)
        for letter in range(spelt.shape[1]):
            n_longer = int((sizes > letter).sum())  # these come first
            places = ends + letter
            here = may[np.arange(len(may)), np.minimum(places, may.shape[1] - 1)] & (places < may.shape[1])[:, None]
            fits[:, :n_longer] &= here[:, spelt[:n_longer, letter]]
        return fits
