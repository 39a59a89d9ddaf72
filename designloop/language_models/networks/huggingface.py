"""Networks of the `transformers` library with the interface of our own: letters in, logits of letters out.

Shapes are as in `transformer.py`. V is the tokenizer's whole vocabulary; only tokens that spell letters are used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from designloop.language_models.formats.spelling import Spelling
from designloop.language_models.networks.letter_network import LetterNetwork, gathered
from designloop.language_models.networks.transformer import norm


class HuggingFaceNetwork(LetterNetwork):
    """The base of masked and causal networks: a model and the ids of its tokens."""

    model: Any
    numbers: Tensor
    """Ids of the letters, the gap, the edge (which is not used) and padding."""
    before: Tensor
    """Ids of the special tokens before a sequence, and after it."""
    after: Tensor

    def __init__(self, model: Any, spelling: Spelling) -> None:
        super().__init__(len(spelling.ids), int(model.config.hidden_size))
        self.model = model
        mask = spelling.pad if spelling.mask is None else spelling.mask
        numbers = [*spelling.ids, mask, spelling.pad, spelling.pad]
        self.register_buffer("numbers", torch.tensor(numbers), persistent=False)
        self.register_buffer("before", torch.tensor(spelling.before, dtype=torch.int64), persistent=False)
        self.register_buffer("after", torch.tensor(spelling.after, dtype=torch.int64), persistent=False)

    def _told(self, logits: Tensor) -> Tensor:
        """(..., V) -> (..., letters)."""
        return logits.index_select(-1, self.numbers[: self.n_letters]).float()

    def _begun(self, letters: Tensor) -> Tensor:
        """Tokens (B, T): the special tokens before a sequence, then its own."""
        return torch.cat([self.before.expand(len(letters), -1), self.numbers[letters]], 1)


class MaskedNetwork(HuggingFaceNetwork):
    """A masked language model: it predicts each letter from all that are not hidden."""

    def forward(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """Logits (B, M, letters), as in every letter network."""
        logits = self._by_length(letters, lambda tokens: self._told(self.model(**tokens).logits))
        return logits if at is None else gathered(logits, at)

    def hidden(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """The output of the last block at each letter, (B, M, C)."""
        hidden = self._by_length(
            letters, lambda tokens: norm(self.model(**tokens, output_hidden_states=True).hidden_states[-1].float())
        )
        return hidden if at is None else gathered(hidden, at)

    def _by_length(self, letters: Tensor, ask: Callable[[dict[str, Tensor]], Tensor]) -> Tensor:
        """The output at each letter, (B, L, C), 0 at padding."""
        # Sequences are never padded: ESM counts padding when it scales by the share of masks (transformers issue 44162,
        # fixed since), so the other sequences of a batch would change the result.
        lengths = (letters != self.pad).sum(dim=1)
        told: Tensor | None = None
        for length in sorted(set(lengths.tolist())):
            rows = torch.nonzero(lengths == length)[:, 0]
            tokens = torch.cat([self._begun(letters[rows, :length]), self.after.expand(len(rows), -1)], 1)
            n_before = len(self.before)
            found = ask({"input_ids": tokens, "attention_mask": torch.ones_like(tokens)})[:, n_before:][:, :length]
            if told is None:
                told = found.new_zeros(*letters.shape, found.shape[-1])
            told[rows, :length] = found
        return letters.new_zeros(*letters.shape, 1).float() if told is None else told


class CausalNetwork(HuggingFaceNetwork):
    """A causal language model: it predicts each letter or token from those before it, without knowing the length."""

    def forward(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """Logits (B, M, letters), as every letter network's."""
        logits = self.model(**self._padded(letters)).logits[:, len(self.before) - 1 :]
        return self._told(logits if at is None else gathered(logits, at))

    def hidden(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """The output of the last block from which each letter is predicted, (B, M, C)."""
        told = self.model(**self._padded(letters), output_hidden_states=True)
        hidden = norm(told.hidden_states[-1][:, len(self.before) - 1 :].float())
        return hidden if at is None else gathered(hidden, at)

    def _padded(self, letters: Tensor) -> dict[str, Tensor]:
        """The input from which all letters are predicted: all but the last."""
        tokens = self._begun(letters[:, :-1])
        attended = torch.ones_like(tokens)
        attended[:, len(self.before) :] = letters[:, :-1] != self.pad
        return {"input_ids": tokens, "attention_mask": attended}

    def begin(self, lengths: Tensor) -> "Past":
        """The state before the first letter."""
        return self._read(self.before.expand(len(lengths), -1), None)

    def step(self, letters: Tensor, memory: "Past") -> None:
        """Read one more letter of each sequence, (B,)."""
        after = self._read(self.numbers[letters][:, None], memory.seen)
        memory.seen, memory.logits = after.seen, after.logits

    def _read(self, tokens: Tensor, seen: Any) -> "Past":
        told = self.model(input_ids=tokens, use_cache=True, **{self._cache: seen})
        return Past(getattr(told, self._cache), self._told(told.logits[:, -1]))

    @cached_property
    def _cache(self) -> str:
        """The name of the model's cache argument: `cache` since transformers 5, except in older models."""
        return "cache" if "cache" in signature(self.model.forward).parameters else "past_key_values"


@dataclass
class Past:
    """The state of a causal model while it reads: the library's cache of keys and values."""

    seen: Any
    logits: Tensor
    """Logits of the next letter, (B, letters)."""

    def keep(self, n: int) -> None:
        """Keep only the first n sequences."""
        if n < len(self.logits):
            self.seen.batch_select_indices(torch.arange(n))
