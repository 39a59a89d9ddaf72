"""A deep ensemble: small convolutional networks, each with its own bootstrap, trained as one batched network."""

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from designloop.core.alphabet import Codes
from designloop.core.history import History
from designloop.core.random import seed_from
from designloop.surrogates.base import Surrogate
from designloop.surrogates.ensemble import EnsemblePosterior, Lesson, evaluated, held_by, trained
from designloop.surrogates.features import one_hot
from designloop.surrogates.scale import Measured, Transform
from designloop.surrogates.viability import Viability

if TYPE_CHECKING:
    from torch import Tensor


class DeepEnsemble(Surrogate):
    """Members differ in their initial weights and in bootstrap weights of the designs (exponential: Newton and Raftery
    1994). Their spread is the uncertainty (Lakshminarayanan et al. 2017).
    """

    members: int = Field(10, ge=2, le=1_000, description="number of networks")
    channels: int = Field(32, ge=1, le=4_096, description="channels of each convolution")
    kernel: int = Field(
        5,
        ge=1,
        le=1_000,
        description="letters in the window of a convolution, at most the length of the longest sequence",
    )
    hidden: int = Field(32, ge=1, le=4_096, description="units of the last hidden layer")
    steps: int = Field(300, ge=1, description="training steps")
    minibatch: int = Field(128, ge=1, le=1_000_000, description="designs in one training step")
    learning_rate: float = Field(3e-3, gt=0, description="learning rate of AdamW, with cosine decay to zero")
    weight_decay: float = Field(1e-2, ge=0, description="weight decay of AdamW")
    transform: Transform = Field("standard", description="scale of the values")

    def fit(self, history: History, rng: np.random.Generator) -> EnsemblePosterior:
        """Networks trained on the measured designs; untrained networks if nothing is measured."""
        measured, space = Measured.of(history), history.hull
        scale, n_letters = measured.scale(self.transform), len(space.alphabet)
        lesson = Lesson.of(measured, scale, self.members, rng)
        weights = _trained(self, space.padded_codes(measured.sequences), lesson, n_letters, rng)
        networks = evaluated(space, self.members, lambda asked: _forward(weights, _hot(asked, n_letters)))
        return EnsemblePosterior(networks, scale, Viability.fitted(history), noise=lesson.noise)

    def least_memory(self, length: int, n_letters: int, n_natural: int) -> float:
        """Memory of the hidden layers of all members, in bytes."""
        n_windows = length - min(self.kernel, length) + 1
        return held_by(self.members * self.channels * n_windows * self.hidden)


def _first_weights(part: DeepEnsemble, length: int, n_letters: int, rng: np.random.Generator) -> list["Tensor"]:
    """(weight, bias) of a convolution, a hidden layer and an output, for all members at once."""
    import torch

    generator = torch.Generator().manual_seed(seed_from(rng))
    kernel, m = min(part.kernel, length), part.members
    n_windows = length - kernel + 1
    n_seen = part.channels * n_windows

    def scaled(*shape: int, fan: int) -> "Tensor":
        return torch.randn(shape, generator=generator).mul_((2.0 / fan) ** 0.5)

    return [
        scaled(m * part.channels, n_letters, kernel, fan=n_letters * kernel),
        torch.zeros(m * part.channels),
        scaled(m, n_seen, part.hidden, fan=n_seen),
        torch.zeros(m, 1, part.hidden),
        scaled(m, part.hidden, 1, fan=part.hidden),
        torch.zeros(m, 1, 1),
    ]


def _forward(weights: list["Tensor"], hot: "Tensor") -> "Tensor":
    """Values of all members, (members, n), of one-hot sequences (n, letters, L)."""
    import torch
    from torch.nn.functional import conv1d, relu

    kernel, bias, hidden, hidden_bias, out, out_bias = weights
    n, m = len(hot), len(hidden)
    seen = relu(conv1d(hot, kernel, bias))  # (n, m * C, windows): every member reads the same letters
    flat = seen.reshape(n, m, -1).transpose(0, 1)  # (m, n, C * windows)
    return (torch.baddbmm(out_bias, relu(torch.baddbmm(hidden_bias, flat, hidden)), out)).squeeze(2)


def _hot(codes: Codes, n_letters: int) -> "Tensor":
    import torch

    letters = one_hot(codes, n_letters).reshape(len(codes), codes.shape[1], n_letters)
    return torch.from_numpy(letters.astype(np.float32)).transpose(1, 2)


def _trained(
    part: DeepEnsemble, codes: Codes, lesson: Lesson, n_letters: int, rng: np.random.Generator
) -> list["Tensor"]:
    """Weights of all members after training on squared errors (`Lesson`), weighted by the bootstrap."""
    import torch

    weights = _first_weights(part, codes.shape[1], n_letters, rng)
    if len(codes) == 0:
        return weights
    hot = _hot(codes, n_letters)
    bootstrap = torch.from_numpy(rng.exponential(size=(part.members, len(codes))).astype(np.float32))

    def loss(weights: list["Tensor"]) -> "Tensor":
        rows = torch.from_numpy(rng.integers(len(codes), size=min(part.minibatch, len(codes))))
        return (bootstrap[:, rows] * lesson.squared_errors(_forward(weights, hot[rows]), rows)).mean(dim=1).sum()

    return trained(
        weights,
        loss,
        steps=part.steps,
        learning_rate=part.learning_rate,
        weight_decay=part.weight_decay,
        is_annealed=True,
    )
