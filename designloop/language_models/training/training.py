"""The training loop of a network on natural sequences."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from designloop.core.alphabet import PAD, Codes
from designloop.core.random import seed_from, stream
from designloop.language_models.base import Objective, Optimizer
from designloop.language_models.networks.devices import device_named, one_thread
from designloop.language_models.networks.letter_network import letters_of
from designloop.language_models.networks.transformer import Network, new_network
from designloop.language_models.training.minibatches import by_length, minibatches
from designloop.language_models.training.objectives import losses, question
from designloop.language_models.training.optimizers import optimizer_of

_WARM_UP = 0.05
_LAST_RATE = 0.02
_HELD_OUT_ROUNDS = 4
Watch = Callable[["Training[Any]", float, int], None]
"""Called after each step with (training, loss in nats per letter, letters read)."""


class Recipe(Protocol):
    """The part of a network's description that training uses: its shape, its objective and its optimiser."""

    @property
    def objective(self) -> Objective: ...
    @property
    def depth(self) -> int: ...
    @property
    def full_width(self) -> int: ...
    @property
    def heads(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def minibatch(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def optimizer(self) -> Optimizer: ...
    @property
    def pretrain_seed(self) -> int: ...
    @property
    def device(self) -> str: ...
    def in_bfloat16(self, device: torch.device) -> bool: ...


R = TypeVar("R", bound=Recipe)


@dataclass
class Training(Generic[R]):
    """A network in training. What step k reads and hides depends only on k and the seed, so training can resume."""

    description: R
    network: Network
    step: int = 0
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        products = torch.bfloat16 if self.description.in_bfloat16(self.network.device) else torch.float32
        d = self.description
        self.optimizer = optimizer_of(d.optimizer, self.network, d.learning_rate, products)

    @classmethod
    def begun(cls, description: R, n_letters: int) -> "Training[R]":
        """Training before its first step: a new network on the description's device."""
        generator = torch.Generator().manual_seed(description.pretrain_seed)
        d = description
        network = new_network(n_letters, d.depth, d.full_width, d.heads, generator, causal=d.objective == "causal")
        return cls(description, network.to(device_named(d.device)))

    def run(self, codes: Codes, watch: Watch | None = None) -> None:
        """Train on encoded natural sequences, (n, L), until all steps are taken."""
        lengths = (codes != PAD).sum(axis=1)
        seed = self.description.pretrain_seed
        rest = islice(minibatches(lengths, self.description.minibatch, seed), self.step, self.description.steps)
        for rows in rest:
            letters = letters_of(codes[rows, : int(lengths[rows].max())], self.network)
            loss = self._take(letters, _generator(seed, self.step))
            self.step += 1
            if watch is not None:
                watch(self, loss, int(lengths[rows].sum()))

    def _take(self, letters: Tensor, generator: torch.Generator) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.description.learning_rate * _schedule(self.step / self.description.steps)
        loss = self._loss(letters, generator)
        _descend(loss, self.optimizer, self.network)
        return loss.item()

    def _loss(self, letters: Tensor, generator: torch.Generator) -> Tensor:
        device = self.network.device
        asked = question(self.description.objective, letters, self.network, generator)
        on_device = type(asked)(*(part.to(device) for part in asked))
        with torch.autocast(device.type, torch.bfloat16, enabled=self.description.in_bfloat16(device)):
            nats, _ = losses(self.network, letters.to(device), on_device)
        return (nats * on_device.weights).sum()

    def held_out_loss(self, codes: Codes) -> float:
        """Loss on held-out sequences in nats per letter: a mean over a few fixed questions."""
        lengths = (codes != PAD).sum(axis=1)
        total, n_read = 0.0, 0
        self.network.eval()
        with torch.inference_mode():
            for place, rows in enumerate(by_length(np.arange(len(codes)), lengths, self.description.minibatch)):
                letters = letters_of(codes[rows, : int(lengths[rows].max())], self.network)
                for time_round in range(1 if self.description.objective == "causal" else _HELD_OUT_ROUNDS):
                    loss = self._loss(letters, _generator(self.description.pretrain_seed, -1, place, time_round))
                    total += loss.item() * int(lengths[rows].sum())
                    n_read += int(lengths[rows].sum())
        self.network.train()
        return total / max(n_read, 1)


def trained(description: Recipe, codes: Codes, n_letters: int, watch: Watch | None = None) -> Network:
    """A network trained on encoded natural sequences, (n, L), on one thread."""
    with one_thread():
        training = Training.begun(description, n_letters)
        training.run(codes, watch)
    return training.network.eval().requires_grad_(False)


def _generator(seed: int, *place: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed_from(stream(seed, "question", *place)))


def _descend(loss: Tensor, optimizer: torch.optim.Optimizer, network: Network) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()


def _schedule(share: float) -> float:
    """The learning rate relative to its peak after this share of the steps: linear warm-up, then cosine decay."""
    if share < _WARM_UP:
        return (share + 1e-3) / _WARM_UP
    fallen = (1 + math.cos(math.pi * (share - _WARM_UP) / (1 - _WARM_UP))) / 2
    return _LAST_RATE + (1 - _LAST_RATE) * fallen
