"""How a network's weights are bettered: by AdamW, or its matrices by Muon and the rest by AdamW.

Torch has a Muon of its own from 2.9 on. This one asks for no newer torch, and takes all matrices of a shape at once.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn

from designloop.language_models.base import Optimizer

_WEIGHT_DECAY = 0.01
_MOMENTUM = 0.95
_SPECTRAL_RATE = 10 / 3
"""Muon's step, in the largest singular value of a square matrix, over the learning rate: both are well set together."""
_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Of the iteration that brings singular values near 1: steep at 0, and so rough at 1 (Jordan et al. 2024)."""
_ITERATIONS = 5


def optimizer_of(
    kind: Optimizer, network: nn.Module, learning_rate: float, products: torch.dtype = torch.float32
) -> torch.optim.Optimizer:
    """The optimizer of all weights of a network whose blocks are named `blocks`; Muon multiplies in `products`."""
    if kind == "adamw":
        return _AdamW(network.parameters(), learning_rate)
    matrices = {name: weight for name, weight in network.named_parameters() if _is_map(name, weight)}
    rest = [weight for name, weight in network.named_parameters() if name not in matrices]
    return _Muon(rest, sorted(matrices.values(), key=_shape), learning_rate, products)


class _AdamW(torch.optim.AdamW):
    def __init__(self, weights: Iterable[Any], learning_rate: float) -> None:
        super().__init__(weights, lr=learning_rate, betas=(0.9, 0.98), weight_decay=_WEIGHT_DECAY, fused=True)


class _Muon(_AdamW):
    """Muon (Jordan et al. 2024) for matrices, and AdamW for the rest.

    A step of a matrix is its momentum with all singular values near 1: it moves as far in the directions of which
    gradients say little as in those of which they say much, and so a network learns in fewer steps.
    """

    def __init__(
        self, rest: Sequence[Tensor], matrices: Sequence[Tensor], learning_rate: float, products: torch.dtype
    ) -> None:
        self._products = products
        super().__init__([{"params": list(rest)}, {"params": list(matrices)}], learning_rate)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Take one step; matrices have no gradients afterwards, so that AdamW leaves them alone."""
        group = self.param_groups[1]
        rate = group["lr"] * _SPECTRAL_RATE
        for _, alike in groupby(group["params"], key=_shape):  # each shape at once: one small product costs as much
            weights = list(alike)
            changes = orthogonal(torch.stack([*map(self._ahead, weights)]).to(self._products)).to(weights[0].dtype)
            for weight, change in zip(weights, changes, strict=True):
                rows, columns = weight.shape
                weight.mul_(1 - group["lr"] * _WEIGHT_DECAY).sub_(change, alpha=rate * max(1, rows / columns) ** 0.5)
                weight.grad = None
        super().step()

    def _ahead(self, weight: Tensor) -> Tensor:
        """The gradient and the momentum, as Nesterov adds them."""
        if weight.grad is None:
            raise RuntimeError("a matrix without a gradient: every weight of the network takes part in its loss")
        if not self.state[weight]:  # whose step AdamW wants to see when it is loaded
            self.state[weight].update(step=torch.tensor(0.0), momentum=torch.zeros_like(weight))
        momentum: Tensor = self.state[weight]["momentum"]
        return weight.grad.lerp(momentum.lerp_(weight.grad, 1 - _MOMENTUM), _MOMENTUM)


def orthogonal(matrices: Tensor) -> Tensor:
    """Matrices, (n, rows, columns), with the same singular vectors and all singular values about 1: .7 to 1.2."""
    is_tall = matrices.shape[1] > matrices.shape[2]
    x: Tensor = matrices.mT if is_tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = _QUINTIC
    for _ in range(_ITERATIONS):
        squares = x @ x.mT
        x = a * x + (b * squares + c * squares @ squares) @ x
    return x.mT if is_tall else x


def _is_map(name: str, weight: Tensor) -> bool:
    """Whether it is a matrix from numbers to numbers, and not from or to letters."""
    return name.startswith("blocks.") and weight.ndim == 2


def _shape(weight: Tensor) -> tuple[int, ...]:
    return tuple(weight.shape)
