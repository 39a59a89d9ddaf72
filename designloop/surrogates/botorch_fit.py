"""Fits the hyperparameters of a Gaussian process with GPyTorch and BoTorch, an extra that is imported on use.

The posterior mode in the logarithms of the hyperparameters. BoTorch's own priors are those of inputs in the unit cube.
"""

import warnings
from math import log
from typing import Any

import gpytorch
import torch
from botorch.exceptions.errors import ModelFittingError
from botorch.fit import fit_gpytorch_mll
from botorch.models.gpytorch import GPyTorchModel
from gpytorch.constraints import GreaterThan, Interval
from gpytorch.priors import NormalPrior
from linear_operator.operators import DiagLinearOperator

from designloop.surrogates.hyperparameters import (
    BETWEEN,
    LEAST_RESIDUAL,
    LENGTHSCALE,
    LONGEST,
    RESIDUAL,
    Hyper,
    Taught,
)
from designloop.surrogates.stationary import KernelName

_SHORTEST = 1e-3
_FLAT = 0.05
"""Maximum slope of the log density at a mode, per unit of the mean or of the logarithm of another hyperparameter."""


class NotFitted(Exception):
    """No mode was found; the message is the reason."""


class _Errors(gpytorch.likelihoods.GaussianLikelihood):  # type: ignore[misc]  # gpytorch has no types
    """Noise of variance shares · residual + errors."""

    def __init__(self, taught: Taught) -> None:
        least = LEAST_RESIDUAL * taught.spread
        super().__init__(noise_constraint=GreaterThan(least, transform=torch.exp, inv_transform=torch.log))
        self.shares, self.errors = torch.from_numpy(taught.shares), torch.from_numpy(taught.errors)
        prior = NormalPrior(log(RESIDUAL.median * taught.spread), RESIDUAL.std)
        self.register_prior("residual_prior", prior, lambda its: (its.noise - least).log())

    def _shaped_noise_covar(self, base_shape: torch.Size, *args: Any, **fields: Any) -> Any:
        return DiagLinearOperator(self.shares * self.noise + self.errors)


class _Process(gpytorch.models.ExactGP, GPyTorchModel):  # type: ignore[misc]  # as above
    """A constant mean and a stationary kernel."""

    def __init__(self, name: KernelName, taught: Taught, likelihood: _Errors) -> None:
        features, values = torch.from_numpy(taught.features), torch.from_numpy(taught.values)
        super().__init__(features, values, likelihood)
        positive = {"transform": torch.exp, "inv_transform": torch.log}
        own = gpytorch.kernels.RBFKernel if name == "hamming" else gpytorch.kernels.MaternKernel
        self.name, self.mean_module = name, gpytorch.means.ConstantMean()
        self.covar_module = gpytorch.kernels.ScaleKernel(
            own(lengthscale_constraint=Interval(_SHORTEST, LONGEST)),
            outputscale_constraint=GreaterThan(1e-9 * taught.spread, **positive),
        )
        self.register_prior(
            "lengthscale_prior",
            NormalPrior(log(LENGTHSCALE.median), LENGTHSCALE.std),
            lambda its: its.covar_module.base_kernel.lengthscale.log(),
        )
        between = NormalPrior(log(BETWEEN.median * taught.spread), BETWEEN.std)
        self.register_prior("between_prior", between, lambda its: its.between.log())

    @property
    def between(self) -> torch.Tensor:
        """Variance between two sequences at the typical distance."""
        scale, squares = self.covar_module.outputscale, self.covar_module.base_kernel.lengthscale.flatten() ** -2
        r = (5.0 * squares).sqrt()
        matern = 1.0 - (1.0 + r + r**2 / 3.0) * torch.exp(-r)
        differing: torch.Tensor = scale * (matern if self.name == "matern" else -torch.expm1(-0.5 * squares))
        return differing

    def forward(self, features: torch.Tensor) -> Any:
        """The prior of the values of these rows."""
        return gpytorch.distributions.MultivariateNormal(self.mean_module(features), self.covar_module(features))


def fitted(name: KernelName, taught: Taught, first: Hyper) -> Hyper:
    """The mode of the hyperparameters, searched from `first`. Raises NotFitted where the search does not end at one."""
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        likelihood = _Errors(taught)
        model = _begun(_Process(name, taught, likelihood).double(), first)
        density = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
        try:
            # A search may end early with a warning (in BoTorch's default, without), so its end is checked below.
            fit_gpytorch_mll(density, max_attempts=1, warning_handler=lambda _: True)
        except (ModelFittingError, RuntimeError, ValueError) as error:
            raise NotFitted(str(error).splitlines()[0]) from error
        _check_is_mode(density, len(taught.values))
        scaled = model.covar_module
        found = (model.mean_module.constant, scaled.base_kernel.lengthscale, scaled.outputscale, likelihood.noise)
        return Hyper(*(float(one.detach().reshape(())) for one in found))


def _check_is_mode(density: Any, n: int) -> None:
    """Raise NotFitted where the log posterior density still rises."""
    density.train()
    model = density.model
    loss = -n * density(model(*model.train_inputs), model.train_targets)
    slopes = torch.autograd.grad(loss, list(model.parameters()))
    steepest = max(float(slope.abs().max()) for slope in slopes)
    if not steepest < _FLAT:
        raise NotFitted(f"the search ended where the log density has a slope of {steepest:.2g}")


def _begun(model: _Process, first: Hyper) -> _Process:
    model.mean_module.constant.data.fill_(first.mean)
    model.covar_module.base_kernel.lengthscale = min(first.lengthscale, 0.9 * LONGEST)
    model.covar_module.outputscale = first.variance
    model.likelihood.noise = first.residual
    return model
