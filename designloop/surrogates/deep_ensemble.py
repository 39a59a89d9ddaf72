"""A deep ensemble: small convolutional networks, each on its own bootstrap, trained together as one batched network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from designloop.core.alphabet import Codes
from designloop.core.history import History
from designloop.core.random import seed_from
from designloop.core.space import Space
from designloop.surrogates.base import Draw, Floats, Surrogate
from designloop.surrogates.features import one_hot
from designloop.surrogates.scale import Measured, Transform, ValueScale
from designloop.surrogates.viability import Viability

if TYPE_CHECKING:
    from torch import Tensor

_CHUNK = 4096
_JITTER = 1e-2


class DeepEnsemble(Surrogate):
    """Members differ by their first weights and by bootstrap weights of the designs (exponential: Newton and Raftery
    1994); their spread is the uncertainty (Lakshminarayanan et al. 2017).
    """

    members: int = Field(10, ge=2, description="networks")
    channels: int = Field(32, ge=1, description="channels of each convolution")
    kernel: int = Field(5, ge=1, description="letters a convolution sees; cut to the longest sequence")
    hidden: int = Field(32, ge=1, description="units of the last hidden layer")
    steps: int = Field(300, ge=1, description="steps of training")
    minibatch: int = Field(128, ge=1, description="designs in one step of training")
    learning_rate: float = Field(3e-3, gt=0, description="step size of AdamW, falling to zero as a cosine")
    weight_decay: float = Field(1e-2, ge=0, description="pull of the weights towards zero")
    transform: Transform = Field("standard", description="model standardised values, or normal scores of the ranks")

    def fit(self, history: History, rng: np.random.Generator) -> "EnsemblePosterior":
        """Networks trained on the measured designs; untrained ones where nothing was measured."""
        measured = Measured.of(history)
        scale = ValueScale.fitted(measured.values, self.transform)
        codes = history.space.padded_codes(measured.sequences)
        weights = _trained(self, codes, scale.to_model(measured.values), len(history.space.alphabet), rng)
        return EnsemblePosterior(history.space, scale, weights, Viability.fitted(history))


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
    part: DeepEnsemble, codes: Codes, target: Floats, n_letters: int, rng: np.random.Generator
) -> tuple[Floats, ...]:
    """Weights of all members after training on weighted squared error, as arrays."""
    import torch

    weights = [tensor.requires_grad_() for tensor in _first_weights(part, codes.shape[1], n_letters, rng)]
    if len(target):
        hot, wanted = _hot(codes, n_letters), torch.from_numpy(target.astype(np.float32))
        bootstrap = torch.from_numpy(rng.exponential(size=(part.members, len(target))).astype(np.float32))
        optimiser = torch.optim.AdamW(weights, lr=part.learning_rate, weight_decay=part.weight_decay)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, part.steps)
        for _ in range(part.steps):
            rows = torch.from_numpy(rng.integers(len(target), size=min(part.minibatch, len(target))))
            loss = (bootstrap[:, rows] * (_forward(weights, hot[rows]) - wanted[rows]) ** 2).mean(dim=1).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimiser.step()
            schedule.step()
    return tuple(weight.detach().numpy() for weight in weights)


@dataclass(frozen=True)
class EnsemblePosterior:
    """The belief of a `DeepEnsemble`: each function drawn is a member, moved by what was conditioned on."""

    space: Space
    scale: ValueScale
    weights: tuple[Floats, ...]
    viable: Viability
    believed: tuple[str, ...] = ()
    """Sequences that were conditioned on."""
    told: tuple[float, ...] = ()
    """The values they are believed to have, on the model's scale; () where they are believed to have k sets of them."""
    shifts: Floats | None = None
    """What each member lacks at them, through the members' covariance: (members, believed), or k of these."""

    @property
    def noise(self) -> float:
        """None: members come to what they are told."""
        return 0.0

    def _members(self, sequences: Sequence[str]) -> Floats:
        """Values of all members, (members, n), or (k, members, n)."""
        values = self._networks(sequences)
        if self.shifts is None:
            return values
        return values + self.shifts @ self._covariance(self._networks(self.believed), values)

    def _networks(self, sequences: Sequence[str]) -> Floats:
        import torch

        n_letters, weights = len(self.space.alphabet), [torch.from_numpy(weight) for weight in self.weights]
        codes = self.space.padded_codes(sequences)
        with torch.inference_mode():
            parts = [
                _forward(weights, _hot(codes[i : i + _CHUNK], n_letters)).numpy() for i in range(0, len(codes), _CHUNK)
            ]
        return np.hstack(parts).astype(float) if parts else np.zeros((len(weights[2]), 0))

    @staticmethod
    def _covariance(left: Floats, right: Floats) -> Floats:
        """Covariance over members, (n left, n right)."""
        centred = left - left.mean(axis=0)
        return np.asarray(centred.T @ (right - right.mean(axis=0)) / (len(left) - 1))

    def to_model_scale(self, values: Floats) -> Floats:
        return self.scale.to_model(values)

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        members = self._members(sequences)
        # Beliefs of one call differ by what they add to all members alike, so that one's spread is every one's.
        return members.mean(axis=-2), (members if members.ndim == 2 else members[0]).std(axis=0, ddof=1)

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        return self.scale.moments_to_assay(*self.model_moments(sequences))

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        """Mixtures mean + Σ g_i (f_i - mean) / sqrt(m - 1), k of them, with the members' mean and covariance."""
        n_members = len(self.weights[2])
        mixing = scale * rng.standard_normal((k, n_members)) / np.sqrt(n_members - 1)

        def functions(sequences: Sequence[str]) -> Floats:
            members = self._members(sequences)
            members = members if members.ndim == 3 else members[None]
            means = members.mean(axis=1)
            return np.asarray(means[np.arange(k) % len(means)] + mixing @ (members[0] - means[0]))

        return functions

    def viability(self, sequences: Sequence[str]) -> Floats:
        return self.viable(sequences)

    def condition(self, sequences: Sequence[str], values: Floats) -> "EnsemblePosterior":
        """Members moved towards the values by the Gaussian rule on their own covariance (an ensemble Kalman update)."""
        if len(sequences) == 0:
            return self
        # Always from the networks as they were trained, so that two steps are the same as one.
        believed = (*self.believed, *sequences)
        told = np.concatenate([np.broadcast_to(self.told, (*values.shape[:-1], len(self.told))), values], axis=-1)
        members = self._networks(believed)
        covariance = self._covariance(members, members)
        noise = _JITTER * float(np.trace(covariance)) / len(believed) + 1e-9
        lacking = np.swapaxes(told[..., None, :] - members, -1, -2)
        shifts = np.swapaxes(np.linalg.solve(covariance + noise * np.eye(len(believed)), lacking), -1, -2)
        known = tuple(map(float, told)) if told.ndim == 1 else ()
        return replace(self, believed=believed, told=known, shifts=np.asarray(shifts, dtype=float))
