"""The interface of networks over letters, whether they are trained here or elsewhere.

The input is letters, (B, L) int64 codes with `gap` for a hidden letter and `pad` after the end of shorter sequences.
The output is the logits of each letter at the requested positions.
"""

from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from designloop.core.alphabet import PAD


class Memory(Protocol):
    """The state of a causal network that reads sequences letter by letter."""

    logits: Tensor
    """Logits of the next letter, (B, letters)."""

    def keep(self, n: int) -> None:
        """Keep only the first n sequences."""
        ...


class LetterNetwork(nn.Module):
    """The base class of networks over letters."""

    def __init__(self, n_letters: int, width: int) -> None:
        super().__init__()
        self.n_letters, self.width = n_letters, width
        self.gap, self.edge, self.pad = n_letters, n_letters + 1, n_letters + 2

    @property
    def device(self) -> torch.device:
        """The device of its weights."""
        return next(self.parameters()).device

    def forward(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """Logits (B, M, letters) at the positions `at`, (B, M), of `letters`, (B, L); without `at`, at all L positions.

        The logits of a causal network at a position predict the letter there from those before it.
        """
        raise NotImplementedError

    def hidden(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """The hidden states before the output layer, (B, M, width), normalised to mean 0 and variance 1."""
        raise NotImplementedError

    def begin(self, lengths: Tensor) -> Memory:
        """The state of a causal network before the first letter of sequences of these lengths, (B,)."""
        raise NotImplementedError

    def step(self, letters: Tensor, memory: Any) -> None:
        """Read one more letter of each sequence, (B,), and update the logits of the next letter."""
        raise NotImplementedError


def letters_of(codes: NDArray[np.integer[Any]], network: LetterNetwork) -> Tensor:
    """Codes (n, L) as input letters, (n, L) int64, with the network's own padding instead of PAD."""
    letters = torch.from_numpy(codes.astype("int64"))
    return letters.masked_fill(letters == PAD, network.pad)


def gathered(x: Tensor, at: Tensor) -> Tensor:
    """(B, T, C) at the tokens (B, M) -> (B, M, C)."""
    return x.gather(1, at[:, :, None].expand(-1, -1, x.shape[-1]))
