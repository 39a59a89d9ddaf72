"""The posterior of an ensemble: several networks trained together, whose spread is the uncertainty.

Lakshminarayanan et al. 2017. Each surrogate defines its networks and their training; this module defines the posterior.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from designloop.core.alphabet import Codes
from designloop.core.spaces import Space
from designloop.surrogates.base import Draw, Floats
from designloop.surrogates.scale import Measured, ValueScale
from designloop.surrogates.viability import Viability

if TYPE_CHECKING:
    from torch import Tensor

Networks = Callable[[Sequence[str]], Floats]
"""Values of all members on the model's scale: n sequences -> (members, n)."""
Draws = Literal["mixtures", "members"]
"""A draw is a mixture of members with their mean and covariance, or one of the members."""
_CHUNK = 4096
_JITTER = 1e-2
_MISFIT = 0.1
"""Variance of networks about a true value, as a share of the variance of values, which limits the weight of a row.
A judgement.
"""


@dataclass(frozen=True)
class Lesson:
    """Training targets of the members: values perturbed by their errors, and the weight of each row."""

    values: "Tensor"
    """On the model's scale, each member's own, (members, n): the measured ones with a draw of their errors."""
    weights: "Tensor"
    """Inverse variance of a row about the prediction of a network, normalised to mean one, (n,)."""
    sides: "Tensor"
    """-1 if the value is below a limit, 1 if it is above one, else 0, (n,)."""
    noise: float
    """Variance of one more well, on the model's scale."""

    @classmethod
    def of(cls, measured: Measured, scale: ValueScale, n_members: int, rng: np.random.Generator) -> "Lesson":
        """Values are perturbed by their errors, so that members disagree where measurements say little."""
        import torch

        target, errors = scale.to_model(measured.values), measured.errors(scale)
        misfit = _MISFIT * errors.spread(target)
        told, one = measured.beyond(target, errors, misfit)
        variances = one.in_full(misfit)
        weights = 1.0 / (misfit + variances)
        values = told + np.sqrt(variances) * rng.standard_normal((n_members, len(target)))
        weights = weights / weights.mean() if len(weights) else weights
        own, counting, sides = (torch.from_numpy(a.astype(np.float32)) for a in (values, weights, measured.sides))
        return cls(own, counting, sides, errors.of_a_well(misfit))

    def squared_errors(self, values: "Tensor", rows: "Tensor | slice" = slice(None)) -> "Tensor":
        """Weighted squared errors of members' values at some of the rows, (members, rows).

        A network has no likelihood. For a detection limit, the error is the distance to the limit, and 0 beyond it.
        """
        gaps, sides = values - self.values[:, rows], self.sides[rows]
        is_wrong = (sides == 0) | (gaps * sides < 0)
        return self.weights[rows] * (gaps * is_wrong) ** 2


def held_by(n_weights: int) -> float:
    """Minimum bytes of n weights in training: weights, gradients and two moments of each."""
    return 4.0 * 4 * n_weights


def trained(
    weights: "list[Tensor]",
    loss: "Callable[[list[Tensor]], Tensor]",
    *,
    steps: int,
    learning_rate: float,
    weight_decay: float = 0.0,
    is_annealed: bool = False,
) -> "list[Tensor]":
    """Weights after `steps` steps of AdamW; annealed: with cosine decay of the learning rate to zero."""
    import torch

    weights = [weight.requires_grad_() for weight in weights]
    optimiser = torch.optim.AdamW(weights, lr=learning_rate, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps) if is_annealed else None
    for _ in range(steps):
        value = loss(weights)
        optimiser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        if schedule is not None:
            schedule.step()
    return [weight.detach() for weight in weights]


def evaluated(space: Space, n_members: int, forward: "Callable[[Codes], Tensor]") -> Networks:
    """Networks as functions of sequences; `forward` maps codes (n, L) to values (members, n)."""
    import torch

    def networks(sequences: Sequence[str]) -> Floats:
        codes = space.padded_codes(sequences)
        with torch.inference_mode():
            parts = [forward(codes[i : i + _CHUNK]).numpy() for i in range(0, len(codes), _CHUNK)]
        return np.hstack(parts).astype(float) if parts else np.zeros((n_members, 0))

    return networks


@dataclass(frozen=True)
class EnsemblePosterior:
    """The members of an ensemble, which conditioning may shift."""

    networks: Networks
    scale: ValueScale
    viable: Viability
    draws: Draws = "mixtures"
    noise: float = 0.0
    believed: tuple[str, ...] = ()
    """Sequences that were conditioned on."""
    told: tuple[float, ...] = ()
    """Their assumed values, on the model's scale; () for k sets of values."""
    shifts: Floats | None = None
    """Weights of the members' covariance that shift each member towards them: (members, believed), or k of these."""
    residual: float = 0.0
    """Variance of true values about the mean, beyond the spread of the members; recorded predictions include it."""

    def _members(self, sequences: Sequence[str]) -> Floats:
        """Values of all members, (members, n), or (k, members, n)."""
        values = self.networks(sequences)
        if self.shifts is None:
            return values
        return values + self.shifts @ self._covariance(self.networks(self.believed), values)

    @staticmethod
    def _covariance(left: Floats, right: Floats) -> Floats:
        """Covariance over members, (n left, n right)."""
        centred = left - left.mean(axis=0)
        return np.asarray(centred.T @ (right - right.mean(axis=0)) / (len(left) - 1))

    def to_model_scale(self, values: Floats) -> Floats:
        """Values in the assay's units on the scale that members are trained on, shape as given."""
        return self.scale.to_model(values)

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the members, each (n,), on the model's scale; means (k, n) of k beliefs."""
        members = self._members(sequences)
        # The k posteriors differ only by shifts common to all members, so they have the same spread.
        first = members if members.ndim == 2 else members[0]
        # Members are a sample of the posterior, or they are the posterior.
        return members.mean(axis=-2), first.std(axis=0, ddof=1 if self.draws == "mixtures" else 0)

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value, each (n,), in the assay's units."""
        mean, std = self.model_moments(sequences)
        return self.scale.moments_to_assay(mean, np.hypot(std, np.sqrt(self.residual)))

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        """Members, each as likely, sequences -> (k, n); or k mixtures mean + Σ g_i (f_i - mean) / sqrt(m - 1)."""
        n_members = len(self.networks([]))
        if self.draws == "members":
            mixing = scale * np.eye(n_members)[rng.integers(n_members, size=k)]
        else:
            mixing = scale * rng.standard_normal((k, n_members)) / np.sqrt(n_members - 1)

        def functions(sequences: Sequence[str]) -> Floats:
            members = self._members(sequences)
            members = members if members.ndim == 3 else members[None]
            means = members.mean(axis=1)
            return np.asarray(means[np.arange(k) % len(means)] + mixing @ (members[0] - means[0]))

        return functions

    def viability(self, sequences: Sequence[str]) -> Floats:
        """Probability that a sequence gives a value at all, shape (n,)."""
        return self.viable(sequences)

    def condition(self, sequences: Sequence[str], values: Floats) -> "EnsemblePosterior":
        """Members shifted towards the values with their own covariance (an ensemble Kalman update)."""
        if len(sequences) == 0:
            return self
        # Always start from the trained networks, so that two steps equal one.
        believed = (*self.believed, *sequences)
        told = np.concatenate([np.broadcast_to(self.told, (*values.shape[:-1], len(self.told))), values], axis=-1)
        members = self.networks(believed)
        covariance = self._covariance(members, members)
        noise = max(_JITTER * float(np.trace(covariance)) / len(believed), self.noise) + 1e-9
        lacking = np.swapaxes(told[..., None, :] - members, -1, -2)
        shifts = np.swapaxes(np.linalg.solve(covariance + noise * np.eye(len(believed)), lacking), -1, -2)
        known = tuple(map(float, told)) if told.ndim == 1 else ()
        return replace(self, believed=believed, told=known, shifts=np.asarray(shifts, dtype=float))
