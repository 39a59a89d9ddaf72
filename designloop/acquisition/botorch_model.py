"""A joint Gaussian over numbered sequences as a model of BoTorch, and the values of its acquisition functions."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from botorch.acquisition.objective import PosteriorTransform
from botorch.models.model import Model
from botorch.posteriors.gpytorch import GPyTorchPosterior
from botorch.sampling.normal import SobolQMCNormalSampler
from gpytorch.distributions import MultivariateNormal
from torch import Tensor

from designloop.acquisition.botorch_classes import Options, arguments, class_of
from designloop.core.errors import ConfigError
from designloop.surrogates.base import Floats

_JITTER = 1e-8
"""Added to all variances, as a share of the largest, since a set may contain a sequence twice."""
_AT_ONCE = 1024


class Numbered(Model):  # type: ignore[misc]  # botorch is untyped
    """Sequences by number: `posterior` takes numbers of shape (..., q, 1).

    `covariance` is (n, n), or the variances (n,) of independent sequences.
    """

    num_outputs = 1
    batch_shape = torch.Size()

    def __init__(self, mean: Floats, covariance: Floats) -> None:
        super().__init__()
        self.mean, self.covariance = torch.from_numpy(mean), torch.from_numpy(covariance)
        self.jitter = _JITTER * max(float(self.covariance.max()), 1e-12)

    def posterior(
        self,
        X: Tensor,  # noqa: N803  # its name in botorch
        output_indices: list[int] | None = None,
        observation_noise: bool | Tensor = False,
        posterior_transform: PosteriorTransform | None = None,
    ) -> Any:
        """The joint Gaussian of the q sequences of each set; there is no noise."""
        places = X[..., 0].long()
        if self.covariance.ndim == 1:
            covariance = torch.diag_embed(self.covariance[places])
        else:
            covariance = self.covariance[places.unsqueeze(-1), places.unsqueeze(-2)]
        covariance = covariance + self.jitter * torch.eye(places.shape[-1], dtype=torch.double)
        found = GPyTorchPosterior(MultivariateNormal(self.mean[places], covariance))
        return found if posterior_transform is None else posterior_transform(found)

    def believe(self, place: int) -> None:
        """Condition on the mean of this sequence."""
        row = self.covariance[place]
        if row[place] > self.jitter:
            self.covariance = self.covariance - torch.outer(row, row) / row[place]


class Evaluated:
    """A function of BoTorch at n candidates, numbers 0 to n - 1 of a model, given those that were chosen before."""

    def __init__(
        self,
        name: str,
        options: Options,
        model: Numbered,
        best: float,
        baseline: Sequence[int],
        n_draws: int,
        seed: int,
    ) -> None:
        made, self.name, self.seed, self.model = class_of(name, options), name, seed, model
        self._takes_pending = "X_pending" in arguments(made)
        self._held: list[int] = []
        given = {"model": model, "best_f": torch.tensor(best, dtype=torch.double), "X_baseline": _numbers(baseline)}
        with self._quietly():
            given["sampler"] = SobolQMCNormalSampler(torch.Size([n_draws]), seed=seed % 2**31)
            self._function = made(**{key: its for key, its in given.items() if key in arguments(made)}, **options)

    def hold(self, place: int) -> None:
        """Count this sequence as pending: by X_pending, or else by its mean."""
        self._held.append(place)
        if self._takes_pending:
            self._function.set_X_pending(_numbers(self._held))
        else:
            self.model.believe(place)

    def values(self, n: int) -> tuple[Floats, float | None]:
        """Values of the set with each of n candidates, (n,); and without any, None if the set is empty or unknown."""
        again = self._held[-1:] if self._takes_pending else []
        sets = _numbers([*range(n), *again]).unsqueeze(1)
        chunks = [sets[i : i + _AT_ONCE] for i in range(0, len(sets), _AT_ONCE)]
        with self._quietly():
            found = np.concatenate([np.zeros(0), *(self._function(chunk).numpy() for chunk in chunks)])
        return found[:n], float(found[n]) if again else None

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Without gradients, warnings and effects on torch's generator; errors name the function."""
        with warnings.catch_warnings(), torch.no_grad(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore")
            torch.manual_seed(self.seed)
            try:
                yield
            except Exception as error:
                raise ConfigError(f"BoTorch's {self.name} failed: {error}; choose another `function`") from error


def _numbers(places: Sequence[int]) -> Tensor:
    return torch.tensor(list(places), dtype=torch.double).reshape(-1, 1)
