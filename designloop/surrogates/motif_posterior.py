"""The posterior of a motif ensemble: particles, each of which is a member with some noise on its filters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Codes
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats
from designloop.surrogates.decades import Decades
from designloop.surrogates.features import Places
from designloop.surrogates.scale import ValueScale
from designloop.surrogates.viability import Viability
from designloop.surrogates.views import codes_within

Singles = NDArray[np.float32]
FLOOR = np.float32(0.1)
"""Added to the score of every filter before the logarithm, so that an absent motif does not make a value zero."""
_COEFFICIENT = 1.0
"""Prior variance of the coefficients, of which the trained ones are 1, when pending designs are assumed."""
_WEAK = 0.1
"""An entry below this share of a filter's largest is not part of its motif."""
_MOST = 4_000_000
"""Features of particles that are held at once."""


@dataclass(frozen=True)
class Link:
    """Between the sum of a motif model and the value on the model's scale, (v - centre) / spread.

    v is the sum, or on a scale of decades asinh(exp(sum)), so that the sum is the logarithm of the value in its unit.
    """

    is_log: bool = False
    centre: float = 0.0
    spread: float = 1.0

    @classmethod
    def of(cls, scale: ValueScale) -> "Link":
        """The link for values on this scale."""
        return cls(True, scale.centre, scale.spread) if isinstance(scale, Decades) else cls()

    def values(self, sums: Floats) -> Floats:
        """Sums -> values on the model's scale, the shape kept."""
        bent = np.logaddexp(sums, 0.5 * np.logaddexp(0.0, 2.0 * sums)) if self.is_log else sums
        return np.asarray((bent - self.centre) / self.spread)

    def slopes(self, sums: Floats) -> Floats:
        """Derivative of the values in the sums."""
        bent = np.exp(sums - 0.5 * np.logaddexp(0.0, 2.0 * sums)) if self.is_log else np.ones_like(sums)
        return np.asarray(bent / self.spread)

    def targets(self, values: Floats) -> Floats:
        """Values on the model's scale -> v, to which a model is trained."""
        return values * self.spread + self.centre


@dataclass(frozen=True)
class Windows:
    """Where filters may lie: `width` places, from `first` on, before the beginning too, at `n_starts` starts."""

    width: int
    first: int
    n_starts: int

    @classmethod
    def of(cls, length: int, widest: int) -> "Windows":
        """Windows of half of the length, at least 12 places and at most `widest`."""
        width = min(length, max(12, min(length // 2, widest)))
        return cls(width, -(width // 2), length)


@dataclass(frozen=True)
class Particles:
    """P motif models: filters (P, letters, W · K) and a bias followed by K coefficients, (P, 1 + K)."""

    filters: Singles
    coefficients: Floats
    windows: Windows

    def __len__(self) -> int:
        return len(self.filters)

    def features(self, codes: Codes, which: Places) -> Floats:
        """1 and the logarithms of the filters' scores, (k, m, 1 + K), for codes (k, m, L) under the models `which`."""
        from designloop.surrogates.motif_kernels import features

        n_filters = self.coefficients.shape[-1] - 1
        its = self.windows.first, self.windows.n_starts
        return np.asarray(features(codes, which, *its, self.filters, n_filters, FLOOR), dtype=float)

    def of_all(self, codes: Codes) -> Floats:
        """The same for one set of sequences, codes (n, L), under every model: (P, n, 1 + K)."""
        every = np.broadcast_to(codes, (len(self), *codes.shape))
        return self.features(every, np.arange(len(self)))


@dataclass(frozen=True)
class MotifDraw:
    """Functions drawn from a motif posterior: particles in turn."""

    posterior: "MotifPosterior"
    which: Places
    coefficients: Floats
    """(k, 1 + K)."""

    def __call__(self, sequences: Sequence[str]) -> Floats:
        codes = self.posterior.space.padded_codes(sequences)
        return self.own(np.broadcast_to(codes, (len(self.which), *codes.shape)))

    def own(self, codes: Codes) -> Floats:
        """Each function at its own sequences, codes (k, m, L) -> (k, m)."""
        found = self.posterior.particles.features(codes_within(self.posterior.space, codes), self.which)
        return self.posterior.link.values(np.einsum("kmf,kf->km", found, self.coefficients))

    def motifs(self) -> Codes:
        """The filters of each function, (k, K, W, 2): places and the best letters there, strongest first."""
        filters, n_filters = self.posterior.particles.filters[self.which], self.coefficients.shape[1] - 1
        filters = filters.reshape(*filters.shape[:2], -1, n_filters)[:, :, ::-1].transpose(0, 3, 2, 1)
        strengths = filters.max(axis=-1)  # (k, K, W)
        places = np.argsort(-strengths, axis=-1, kind="stable")
        found = np.stack([places, np.take_along_axis(filters.argmax(axis=-1), places, axis=-1)], axis=-1)
        is_weak = np.take_along_axis(strengths, places, axis=-1) <= _WEAK * strengths.max(axis=-1, keepdims=True)
        found[is_weak] = -1
        return np.asarray(found, dtype=np.int16)


@dataclass(frozen=True)
class MotifPosterior:
    """Particles are equally likely. Conditioning updates their coefficients, as in a Bayesian linear model."""

    space: Space
    scale: ValueScale
    link: Link
    particles: Particles
    viable: Viability
    residual: float
    """Variance of true values about a prediction out of fold."""
    noise: float
    rows: Codes
    """The training rows, (n, L)."""
    weights: Floats
    """Their weights, mean one, (n,)."""
    left_out: Floats
    """The prediction of each training row by the member that has not seen it, model's scale, (n,)."""
    believed: tuple[str, ...] = ()
    told: Floats | None = None
    """Assumed values of `believed`, (p,), or (k, p) for k posteriors at once."""

    def to_model_scale(self, values: Floats) -> Floats:
        return self.scale.to_model(values)

    def model_means(self, sequences: Sequence[str]) -> Floats:
        return self.model_moments(sequences)[0]

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        size = max(1, _MOST // self._coefficients[0].size)
        codes = self.space.padded_codes(sequences)
        parts = [self._moments(codes[i : i + size]) for i in range(0, max(len(codes), 1), size)]
        mean, std = (np.concatenate(its, axis=-1) for its in zip(*parts, strict=True))
        return mean, std

    def _moments(self, codes: Codes) -> tuple[Floats, Floats]:
        found = self.particles.of_all(codes)
        values = self.link.values(np.einsum("pnf,kpf->kpn", found, self._coefficients))
        mean = values.mean(axis=1)
        return mean if self.told is not None and self.told.ndim == 2 else mean[0], values[0].std(axis=0)

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        mean, std = self.model_moments(sequences)
        return self.scale.moments_to_assay(mean, np.hypot(std, np.sqrt(self.residual)))

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> MotifDraw:
        which = (rng.integers(len(self.particles)) + np.arange(k)) % len(self.particles)
        return MotifDraw(self, which, self._coefficients[np.arange(k) % len(self._coefficients), which])

    def viability(self, sequences: Sequence[str]) -> Floats:
        return self.viable(sequences)

    def condition(self, sequences: Sequence[str], values: Floats) -> "MotifPosterior":
        if len(sequences) == 0:
            return self
        told = np.zeros(0) if self.told is None else self.told
        told = np.concatenate([np.broadcast_to(told, (*values.shape[:-1], told.shape[-1])), values], axis=-1)
        return replace(self, believed=(*self.believed, *sequences), told=told)

    @cached_property
    def _coefficients(self) -> Floats:
        """Coefficients of the particles given the assumed values, (k, P, 1 + K); k is 1 without several beliefs."""
        if self.told is None:
            return self.particles.coefficients[None]
        known = self.particles.of_all(self.rows)
        found = self.particles.of_all(self.space.padded_codes(self.believed))
        told, own = np.atleast_2d(self.told), self.particles.coefficients
        return np.stack([self._updated(*its, told) for its in zip(known, found, own, strict=True)], axis=1)

    def _updated(self, known: Floats, found: Floats, own: Floats, told: Floats) -> Floats:
        """Coefficients of one particle, (k, 1 + K), from features of training rows (n, ·) and assumed rows (p, ·).

        One Gauss-Newton step: the link is linear near the values that the particle predicts.
        """
        rows = known * self.link.slopes(known @ own)[:, None]
        precision = np.eye(len(own)) / _COEFFICIENT + (rows.T * self.weights) @ rows / self.noise
        new = found * self.link.slopes(found @ own)[:, None]
        gain = np.linalg.solve(precision + new.T @ new / self.noise, new.T / self.noise)
        return np.asarray(own + (told - self.link.values(found @ own)) @ gain.T)
