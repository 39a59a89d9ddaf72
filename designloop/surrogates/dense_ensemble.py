"""A dense ensemble: small fully connected networks on one-hot letters, as in ALDE (Yang et al. 2025)."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from designloop.core.alphabet import PAD, Codes
from designloop.core.history import History
from designloop.core.random import seed_from
from designloop.surrogates.base import Surrogate
from designloop.surrogates.ensemble import Draws, EnsemblePosterior, Lesson, evaluated, held_by, trained
from designloop.surrogates.scale import Measured, Transform
from designloop.surrogates.viability import Viability

if TYPE_CHECKING:
    from torch import Tensor

_SLOPE = 0.01
"""Of the activation below zero (leaky ReLU), as ALDE's."""


class DenseEnsemble(Surrogate):
    """Members differ in their initial weights and in the subset of designs that each one is trained on.

    The defaults are those of ALDE for one-hot letters (Nature Communications 16, 714). ALDE divides values by the
    highest. Here the lowest measured value also becomes 0, which is the same if a dead design was measured, and does
    not depend on shifts.
    """

    members: int = Field(5, ge=2, le=1_000, description="number of networks")
    hidden: tuple[Annotated[int, Field(ge=1, le=4_096)], ...] = Field(
        (30, 30), min_length=1, description="units of each hidden layer"
    )
    share: float = Field(
        0.9, gt=0, le=1, description="share of the designs that each member is trained on, drawn at random"
    )
    steps: int = Field(300, ge=1, description="training steps, each on all designs of a member")
    learning_rate: float = Field(1e-3, gt=0, description="learning rate of Adam")
    transform: Transform = Field("unit", description="scale of the values; `unit`: from 0 (lowest) to 1 (highest)")
    draws: Draws = Field("members", description="a posterior draw is one member, or a random mixture of all members")

    def fit(self, history: History, rng: np.random.Generator) -> EnsemblePosterior:
        """Networks trained on the measured designs; untrained networks if nothing is measured."""
        measured, space = Measured.of(history), history.hull
        scale, n_letters = measured.scale(self.transform), len(space.alphabet)
        lesson = Lesson.of(measured, scale, self.members, rng)
        weights = _trained(self, space.padded_codes(measured.sequences), lesson, n_letters, rng)
        networks = evaluated(space, self.members, lambda asked: _forward(weights, _places(asked, n_letters)))
        return EnsemblePosterior(networks, scale, Viability.fitted(history), self.draws, lesson.noise)

    def least_memory(self, length: int, n_letters: int, n_natural: int) -> float:
        """Memory of the weights of all members in training, in bytes."""
        return held_by(self.members * sum(n * width for n, width in pairwise((length * n_letters, *self.hidden))))


def _first_weights(part: DenseEnsemble, n_inputs: int, rng: np.random.Generator) -> list["Tensor"]:
    """(weight, bias) of each layer for all members at once, uniform within 1 / sqrt(inputs): torch's way and ALDE's.

    The first weight is a table with a row for each letter at each place, and one for none: (inputs + 1, members · h).
    """
    import torch

    generator, m = torch.Generator().manual_seed(seed_from(rng)), part.members

    def uniform(*shape: int, fan: int) -> "Tensor":
        return torch.rand(shape, generator=generator).mul_(2.0).sub_(1.0).mul_(float(fan) ** -0.5)

    first, *rest = part.hidden
    weights = [uniform(n_inputs + 1, m * first, fan=n_inputs), uniform(m * first, fan=n_inputs)]
    for fan, width in zip(part.hidden, (*rest, 1), strict=True):
        weights += [uniform(m, fan, width, fan=fan), uniform(m, 1, width, fan=fan)]
    return weights


def _places(codes: Codes, n_letters: int) -> "Tensor":
    """The row of the first table that each letter reads, (n, L); PAD reads the last one."""
    import torch

    length = codes.shape[1]
    rows = codes.astype(np.int64) + np.arange(length) * n_letters
    return torch.from_numpy(np.where(codes == PAD, length * n_letters, rows))


def _forward(weights: list["Tensor"], places: "Tensor") -> "Tensor":
    """Values of all members, (members, n)."""
    import torch
    from torch.nn.functional import embedding_bag, leaky_relu

    table, bias, *layers = weights
    # One-hot letters times a matrix is a sum of its rows, and much quicker read than multiplied.
    seen = embedding_bag(places, table, mode="sum", padding_idx=len(table) - 1) + bias
    values = seen.reshape(len(places), len(layers[0]), -1).transpose(0, 1)  # (m, n, h)
    for weight, shift in zip(layers[::2], layers[1::2], strict=True):
        values = torch.baddbmm(shift, leaky_relu(values, _SLOPE), weight)
    return values.squeeze(2)


def _trained(
    part: DenseEnsemble, codes: Codes, lesson: Lesson, n_letters: int, rng: np.random.Generator
) -> list["Tensor"]:
    """Weights of all members after training on the squared errors of their own designs (`Lesson`)."""
    import torch

    weights = _first_weights(part, codes.shape[1] * n_letters, rng)
    if len(codes) == 0:
        return weights
    places = _places(codes, n_letters)
    n_own = max(int(part.share * len(codes)), 1)
    ranks = rng.random((part.members, len(codes))).argsort(axis=1).argsort(axis=1)
    own = torch.from_numpy((ranks < n_own).astype(np.float32)) / n_own

    def loss(weights: list["Tensor"]) -> "Tensor":
        return (own * lesson.squared_errors(_forward(weights, places))).sum()

    return trained(weights, loss, steps=part.steps, learning_rate=part.learning_rate)
