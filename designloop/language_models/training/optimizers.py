"""Optimisers: AdamW for all weights, or Muon for matrices and AdamW for the rest.

Torch has its own Muon since 2.9. This one works with older versions, and updates all matrices of one shape together.
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
"""Muon's step (largest singular value, square matrix) over the learning rate, so that one rate suits both."""
_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients of the iteration that moves singular values towards 1: steep at 0, rough at 1 (Jordan et al. 2024)."""
_ITERATIONS = 5


def optimizer_of(
    kind: Optimizer, network: nn.Module, learning_rate: float, products: torch.dtype = torch.float32
) -> torch.optim.Optimizer:
    """The optimiser of a network whose blocks are named `blocks`. Muon multiplies matrices in the type `products`."""
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

    The step of a matrix is its momentum with all singular values near 1. It is equally large in directions of small and
    of large gradients, so a network learns in fewer steps.
    """

    def __init__(
        self, rest: Sequence[Tensor], matrices: Sequence[Tensor], learning_rate: float, products: torch.dtype
    ) -> None:
        self._products = products
        super().__init__([{"params": list(rest)}, {"params": list(matrices)}], learning_rate)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Take one step. The gradients of matrices are removed, so that AdamW skips them."""
        group = self.param_groups[1]
        rate = group["lr"] * _SPECTRAL_RATE
        for _, alike in groupby(group["params"], key=_shape):  # together: one small product would cost as much
            weights = list(alike)
            changes = orthogonal(torch.stack([*map(self._ahead, weights)]).to(self._products)).to(weights[0].dtype)
            for weight, change in zip(weights, changes, strict=True):
                rows, columns = weight.shape
                weight.mul_(1 - group["lr"] * _WEIGHT_DECAY).sub_(change, alpha=rate * max(1, rows / columns) ** 0.5)
                weight.grad = None
        super().step()

    def _ahead(self, weight: Tensor) -> Tensor:
        """The Nesterov combination of gradient and momentum."""
        if weight.grad is None:
            raise RuntimeError("a matrix has no gradient: every weight of the network must affect the loss")
        if not self.state[weight]:  # AdamW requires `step` when a state is loaded
            self.state[weight].update(step=torch.tensor(0.0), momentum=torch.zeros_like(weight))
        momentum: Tensor = self.state[weight]["momentum"]
        return weight.grad.lerp(momentum.lerp_(weight.grad, 1 - _MOMENTUM), _MOMENTUM)


def orthogonal(matrices: Tensor) -> Tensor:
    """Matrices, (n, rows, columns), with the same singular vectors and singular values of about 1 (0.7 to 1.2)."""
    is_tall = matrices.shape[1] > matrices.shape[2]
    x: Tensor = matrices.mT if is_tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = _QUINTIC
    for _ in range(_ITERATIONS):
        squares = x @ x.mT
        x = a * x + (b * squares + c * squares @ squares) @ x
    return x.mT if is_tall else x


def _is_map(name: str, weight: Tensor) -> bool:
    """Whether a weight is a matrix inside a block, not an embedding or the output layer."""
    return name.startswith("blocks.") and weight.ndim == 2


def _shape(weight: Tensor) -> tuple[int, ...]:
    return tuple(weight.shape)
