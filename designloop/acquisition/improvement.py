"""Probability of improvement, expected improvement and its logarithm, over the threshold."""

from typing import ClassVar

import numpy as np

from designloop.acquisition.base import Acquisition
from designloop.surrogates.base import Floats

_TINY = 1e-9
_ASYMPTOTIC = -1e4


class LogEI(Acquisition):
    """score = log E[max(value - threshold, 0)] (Ament et al. 2023), finite where EI itself underflows."""

    is_logarithm: ClassVar[bool] = True

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """Log EI, shape (n,): log std + log h(z), with z = (mean - threshold) / std, h(z) = φ(z) + z Φ(z)."""
        std = np.maximum(std, _TINY)
        return np.asarray(np.log(std) + log_h((mean - threshold) / std))


class EI(Acquisition):
    """score = log of E[max(value - threshold, 0)] (Jones et al. 1998), cut off at double precision.

    The logarithm allows log P(viable) to be added. It does not change the order, except that candidates whose EI
    underflows are tied.
    """

    is_logarithm: ClassVar[bool] = True

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """Log of EI + the smallest positive double, shape (n,)."""
        return np.log(expected_improvement(mean, std, threshold) + np.finfo(float).tiny)


class PI(Acquisition):
    """score = log P(value > threshold) = log Φ((mean - threshold) / std) (Kushner 1964)."""

    is_logarithm: ClassVar[bool] = True

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """Log Φ(z), shape (n,)."""
        from scipy.special import log_ndtr

        return np.asarray(log_ndtr((mean - threshold) / np.maximum(std, _TINY)))


def expected_improvement(mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
    """E[max(value - threshold, 0)] of a Gaussian, shape (n,): std · (φ(z) + z Φ(z))."""
    from scipy.special import ndtr

    std = np.maximum(std, _TINY)
    z = (mean - threshold) / std
    return np.asarray(np.maximum(std * (_phi(z) + z * ndtr(z)), 0.0))


def log_h(z: Floats) -> Floats:
    """log(φ(z) + z Φ(z)), stable far below zero with the scaled complementary error function (Ament et al., eq. 9)."""
    from scipy.special import erfcx, ndtr

    z = np.asarray(z, dtype=float)
    near = np.maximum(z, -1.0)
    direct = np.log(_phi(near) + near * ndtr(near))
    far = np.clip(z, _ASYMPTOTIC, -1.0)
    # φ(z) + z Φ(z) = φ(z) · (1 - |z| · sqrt(π/2) · erfcx(|z|/√2)); beyond 1e4 the bracket is 1/z².
    bracket = 1.0 + far * np.sqrt(np.pi / 2) * erfcx(-far / np.sqrt(2))
    bracket = np.where(far < -1e3, 1.0 / far**2, bracket)
    scaled = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) + np.log(np.maximum(bracket, np.finfo(float).tiny))
    return np.asarray(np.where(z > -1.0, direct, scaled))


def _phi(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))
