"""Models whose tokens spell several letters at once, as those of byte-pair encodings (ProtGPT2)."""

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
    """A causal model from token to token, each of one letter or several.

    A sequence's likelihood is that of the one way its tokenizer cuts it, though it might be spelt in many: so
    likelihoods of a length add up to less than one. Samples and infills are written token by token, of those that fit
    the letters known and allowed there and end no later than the sequence: no sample is thrown away, and what comes of
    a token is weighed as in every causal model's infill. P(letter | the others) cuts and scores the sequence anew with
    each letter there. The log-likelihood of a token is spread evenly over its letters.
    """

    unit: ClassVar[str] = "tokens"
    is_weighed_throughout: ClassVar[bool] = True
    spelling: Spelling = field(kw_only=True)

    def trained_on(self, codes: Codes) -> NDArray[np.int32]:
        """The tokens into which the tokenizer cuts them, (n, T)."""
        return self.spelling.tokens(codes)

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each letter's probability: its share of its token's, (n, longest), 0 behind the end."""
        codes = self.alphabet.encode(sequences)
        tokens = self.trained_on(codes)
        sizes = self.spelling.n_letters[tokens]
        shares, found = self._told(tokens) / sizes, np.zeros(codes.shape)
        found[codes != PAD] = np.repeat(shares[tokens != PAD], sizes[tokens != PAD])
        return found

    def _write(
        self, may: NDArray[np.bool_], lengths: NDArray[np.int64], uniforms: Floats, temperature: float
    ) -> tuple[Codes, Floats]:
        """One chunk of tries, token by token: codes (n, L), log weights (n,)."""
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
        """Which tokens may come behind the first `ends`, (n,), letters of `may`, (n, L, letters); (n, tokens)."""
        spelt, sizes = self.spelling.spelt, self.spelling.n_letters
        fits = np.ones((len(may), len(spelt)), dtype=bool)
        for letter in range(spelt.shape[1]):
            n_longer = int((sizes > letter).sum())  # these come first
            places = ends + letter
            here = may[np.arange(len(may)), np.minimum(places, may.shape[1] - 1)] & (places < may.shape[1])[:, None]
            fits[:, :n_longer] &= here[:, spelt[:n_longer, letter]]
        return fits
