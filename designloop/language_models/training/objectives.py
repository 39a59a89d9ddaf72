"""Training objectives: which letters are hidden, what they are predicted from, and the loss.

| objective | each letter is predicted from | hidden in training | likelihood |
|---|---|---|---|
| causal | those before it (or after it) | nothing; it cannot look ahead | exact |
| masked | all the others | 15% of the letters (Devlin et al. 2019; as ESM, RNA-BERT) | a pseudo-likelihood |
| any-order | any others | 1 to all, uniformly (Hoogeboom et al. 2022; as EvoDiff) | exact for one order |
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone writes it
from torch import Tensor

from designloop.language_models.base import MASKED_SHARE, Objective
from designloop.language_models.networks.letter_network import LetterNetwork

_AS_GAP, _AS_ANOTHER = 0.8, 0.1


class Question(NamedTuple):
    """What a network is shown of a minibatch, and which letters it predicts."""

    shown: Tensor
    """(B, L): letters, gaps and padding."""
    asked: Tensor
    """(B, L), True for a letter to predict."""
    weights: Tensor
    """The weight of each predicted letter, in row-major order: the weighted sum of losses is in nats per letter."""


def question(objective: Objective, letters: Tensor, network: LetterNetwork, generator: torch.Generator) -> Question:
    """One random question about each sequence of a minibatch, (B, L)."""
    is_letter = letters != network.pad
    if objective == "causal":
        return Question(letters, is_letter, _alike(is_letter))
    if objective == "masked":
        asked = _some(is_letter, generator)
        return Question(_disguised(letters, asked, network, generator), asked, _alike(asked))
    asked = hide(is_letter, generator)
    # Each sequence counts by its length, regardless of the number of hidden letters. Hoogeboom et al. 2022, eq. 5.
    lengths = is_letter.sum(dim=1, keepdim=True)
    weights = (lengths / (asked.sum(dim=1, keepdim=True) * lengths.sum())).expand(asked.shape)[asked]
    return Question(letters.masked_fill(asked, network.gap), asked, weights)


def losses(network: LetterNetwork, letters: Tensor, asked: Question) -> tuple[Tensor, Tensor]:
    """(nats of each asked letter, (N,); the logits there, (N, letters)), in row-major order."""
    logits = network(asked.shown)[asked.asked].float()
    return F.cross_entropy(logits, letters[asked.asked], reduction="none"), logits


def hide(is_letter: Tensor, generator: torch.Generator) -> Tensor:
    """Which letters to hide, (B, L): in each sequence a number that is uniform from 1 to its length.

    The numbers are spread evenly over the minibatch, which makes its loss less noisy.
    """
    n, _ = is_letter.shape
    share = (torch.randperm(n, generator=generator) + torch.rand(n, generator=generator)) / n
    lengths = is_letter.sum(dim=1)
    n_hidden = (share * lengths).floor().clamp(max=lengths - 1) + 1
    return (_ranks(is_letter, generator) < n_hidden[:, None]) & is_letter


def _some(is_letter: Tensor, generator: torch.Generator) -> Tensor:
    """`MASKED_SHARE` of the letters of each sequence, randomly rounded and at least one, (B, L)."""
    wanted = MASKED_SHARE * is_letter.sum(dim=1)
    n_asked = (wanted + torch.rand(len(wanted), generator=generator)).floor().clamp(min=1)
    return (_ranks(is_letter, generator) < n_asked[:, None]) & is_letter


def _disguised(letters: Tensor, asked: Tensor, network: LetterNetwork, generator: torch.Generator) -> Tensor:
    """The letters, (B, L), with predicted ones as gaps (80%), random letters (10%) or unchanged (10%)."""
    chance = torch.rand(letters.shape, generator=generator)
    others = torch.randint(network.n_letters, letters.shape, generator=generator)
    shown = torch.where(asked & (chance < _AS_GAP), network.gap, letters)
    return torch.where(asked & (chance >= _AS_GAP) & (chance < _AS_GAP + _AS_ANOTHER), others, shown)


def _ranks(is_letter: Tensor, generator: torch.Generator) -> Tensor:
    """The place of each letter in a random order of its sequence, (B, L)."""
    keys = torch.rand(is_letter.shape, generator=generator).masked_fill(~is_letter, 2.0)
    return keys.argsort(dim=1).argsort(dim=1)


def _alike(asked: Tensor) -> Tensor:
    n = int(asked.sum())
    return torch.full((n,), 1.0 / max(n, 1))
