"""Adapting: fine-tunes a pretrained network on measured designs, with a penalty on the KL divergence from it."""

from copy import deepcopy
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everyone writes it
from numpy.typing import NDArray
from torch import Tensor

from designloop.core.alphabet import PAD
from designloop.language_models.base import Adaptation, Floats, Objective
from designloop.language_models.networks.devices import one_thread
from designloop.language_models.networks.letter_network import LetterNetwork, letters_of
from designloop.language_models.training.objectives import losses, question

_MINIBATCH = 32


def adapted(
    prior: LetterNetwork,
    objective: Objective,
    codes: NDArray[np.integer[Any]],
    weights: Floats,
    adaptation: Adaptation,
    seed: int,
) -> LetterNetwork:
    """A copy of `prior` fine-tuned on encoded sequences, (n, L), sampled in proportion to `weights`, (n,).

    The loss is that of the objective plus `kl` times KL(adapted ‖ prior) of the same letters. Runs on one thread.
    """
    shares = np.asarray(weights, dtype=float) / np.sum(weights)
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed % 2**63)
    with one_thread(), torch.inference_mode(mode=False), torch.enable_grad():
        network = deepcopy(prior).requires_grad_(True)
        optimizer = torch.optim.Adam(network.parameters(), lr=adaptation.learning_rate, fused=True)
        for _ in range(adaptation.steps):
            rows = rng.choice(len(codes), size=min(_MINIBATCH, len(codes)), p=shares)
            width = int((codes[rows] != PAD).sum(axis=1).max())
            letters = letters_of(codes[rows, :width], network).to(network.device)
            optimizer.zero_grad(set_to_none=True)
            _loss(network, prior, objective, letters, adaptation.kl, generator).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
    return network.eval().requires_grad_(False)


def _loss(
    network: LetterNetwork,
    prior: LetterNetwork,
    objective: Objective,
    letters: Tensor,
    kl: float,
    generator: torch.Generator,
) -> Tensor:
    asked = question(objective, letters.cpu(), network, generator)
    asked = type(asked)(*(part.to(letters.device) for part in asked))
    nats, logits = losses(network, letters, asked)
    with torch.no_grad():
        before = F.log_softmax(prior(asked.shown)[asked.asked], dim=-1)
    now = F.log_softmax(logits, dim=-1)
    away = (now.exp() * (now - before)).sum(dim=-1)
    return ((nats + kl * away) * asked.weights).sum()
