"""A letter network: what a neural model asks of the network inside it, whether trained here or elsewhere.

It reads letters, (B, L) int64 codes with `gap` where a letter is hidden and `pad` behind the end of shorter sequences,
and tells the logits of each letter at the places asked for.
"""

from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from designloop.core.alphabet import PAD


class Memory(Protocol):
    """What a causal network remembers of the sequences it is reading, letter by letter."""

    logits: Tensor
    """Of the next letter, (B, letters)."""

    def keep(self, n: int) -> None:
        """Go on with the first n sequences alone."""
        ...


class LetterNetwork(nn.Module):
    """The base of networks over letters."""

    def __init__(self, n_letters: int, width: int) -> None:
        super().__init__()
        self.n_letters, self.width = n_letters, width
        self.gap, self.edge, self.pad = n_letters, n_letters + 1, n_letters + 2

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next(self.parameters()).device

    def forward(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """Logits (B, M, letters) at the positions `at`, (B, M), of `letters`, (B, L); without `at`, at all L.

        A causal network's logits at a position are of the letter there, and do not see it.
        """
        raise NotImplementedError

    def hidden(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """What it found before it told them, (B, M, width), each to mean 0 and variance 1."""
        raise NotImplementedError

    def begin(self, lengths: Tensor) -> Memory:
        """What a causal network knows before the first letter of sequences of these lengths, (B,)."""
        raise NotImplementedError

    def step(self, letters: Tensor, memory: Any) -> None:
        """Read one more letter of each sequence, (B,): the memory then knows the logits of the next."""
        raise NotImplementedError


def letters_of(codes: NDArray[np.integer[Any]], network: LetterNetwork) -> Tensor:
    """Codes (n, L) as the network's letters, (n, L) int64, its own padding in the place of PAD."""
    letters = torch.from_numpy(codes.astype("int64"))
    return letters.masked_fill(letters == PAD, network.pad)


def gathered(x: Tensor, at: Tensor) -> Tensor:
    """(B, T, C) at the tokens (B, M) -> (B, M, C)."""
    return x.gather(1, at[:, :, None].expand(-1, -1, x.shape[-1]))
