"""A mixture of posteriors: each draw is from one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from designloop.core.alphabet import Codes
from designloop.core.limits import unit_of
from designloop.surrogates.base import Draw, Floats, Posterior, model_means
from designloop.surrogates.decades import Decades
from designloop.surrogates.features import Places
from designloop.surrogates.scale import ValueScale

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
"""Gauss-Hermite quadrature: moments of a Gaussian after a change of scale."""


@dataclass(frozen=True)
class _Share:
    """Draws of one component, and which functions of the mixture they are."""

    posterior: Posterior
    draw: Draw
    places: Places


@dataclass(frozen=True)
class MixtureDraw:
    """K functions, of which each component of the mixture has some."""

    mixture: "MixturePosterior"
    shares: tuple[_Share, ...]
    k: int

    def __call__(self, sequences: Sequence[str]) -> Floats:
        found = np.empty((self.k, len(sequences)))
        for its in self.shares:
            found[its.places] = self.mixture.converted(its.posterior, its.draw(sequences))
        return found

    @property
    def own(self) -> Any:
        """Each function at its own sequences only, codes (k, m, L) -> (k, m); none if a component cannot do this."""
        makers = [getattr(its.draw, "own", None) for its in self.shares]
        return None if None in makers else self._own

    def motifs(self) -> Codes | None:
        """Motifs of each function, (k, G, W, 2); functions without have others'. None if no component has motifs."""
        makers = [(its.places, getattr(its.draw, "motifs", None)) for its in self.shares]
        known = [(places, found) for places, make in makers if make is not None and (found := make()) is not None]
        if not known:
            return None
        first: Codes = known[0][1]
        motifs: Codes = first[np.arange(self.k) % len(first)]
        for places, found in known:
            if found.shape[1:] == first.shape[1:]:
                motifs[places] = found
        return motifs

    def _own(self, codes: Codes) -> Floats:
        found = np.empty(codes.shape[:2])
        for its in self.shares:
            own: Any = its.draw
            found[its.places] = self.mixture.converted(its.posterior, own.own(codes[its.places]))
        return found


@dataclass(frozen=True)
class MixturePosterior:
    """Components by name, with weights. Its model scale is that of the component with the largest weight."""

    components: Mapping[str, Posterior]
    weights: Floats
    """(components,), of sum one."""
    out_of_fold: Mapping[str, float | None]

    @cached_property
    def first(self) -> Posterior:
        """The component with the largest weight."""
        return list(self.components.values())[int(np.argmax(self.weights))]

    @property
    def noise(self) -> float:
        return self.first.noise

    @property
    def trust(self) -> float:
        """Rank correlation out of fold, from 0 to 1, averaged over components; 1 where it is unknown."""
        each = [1.0 if rho is None else max(rho, 0.0) for rho in self.out_of_fold.values()]
        return float(self.weights @ np.array(each))

    @property
    def notes(self) -> dict[str, Any]:
        """Weights and rank correlations out of fold of the components, and `asinh` scales, for the report."""
        weights = dict(zip(self.components, self.weights.tolist(), strict=True))
        notes = {"weights": weights, "out_of_fold": dict(self.out_of_fold)}
        return {**notes, "scale": "asinh"} if isinstance(getattr(self.first, "scale", None), Decades) else notes

    def to_model_scale(self, values: Floats) -> Floats:
        return self.first.to_model_scale(values)

    def converted(self, posterior: Posterior, values: Floats) -> Floats:
        """Values on the model scale of a component, on that of the mixture; the shape is kept."""
        scale: ValueScale | None = getattr(posterior, "scale", None)
        if posterior is self.first or scale is None:
            return values
        return self.to_model_scale(scale.to_assay(values))

    def model_means(self, sequences: Sequence[str]) -> Floats:
        each = zip(self.weights, self.components.values(), strict=True)
        means = [w * self.converted(its, model_means(its, sequences)) for w, its in each]
        return np.asarray(np.sum(means, axis=0))

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        return self._mixed([self._converted_moments(its, sequences) for its in self.components.values()])

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        return self._mixed([its.moments(sequences) for its in self.components.values()])

    def predictions(self, sequences: Sequence[str]) -> dict[str, tuple[Floats, Floats]]:
        """`moments` of each component."""
        return {name: its.moments(sequences) for name, its in self.components.items()}

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> MixtureDraw:
        edges = np.cumsum(self.weights)[:-1]
        whose = np.searchsorted(edges, (rng.permutation(k) + rng.random()) / k, side="right")
        shares = []
        for i, its in enumerate(self.components.values()):
            places = np.flatnonzero(whose == i)
            if len(places):
                shares.append(_Share(its, its.draw(len(places), rng, scale=scale), places))
        return MixtureDraw(self, tuple(shares), k)

    def viability(self, sequences: Sequence[str]) -> Floats:
        return self.first.viability(sequences)

    def condition(self, sequences: Sequence[str], values: Floats) -> "MixturePosterior":
        return replace(self, components={n: self._told(its, sequences, values) for n, its in self.components.items()})

    def _told(self, component: Posterior, sequences: Sequence[str], values: Floats) -> Posterior:
        scale: ValueScale | None = getattr(self.first, "scale", None)
        if component is not self.first and scale is not None:
            values = component.to_model_scale(scale.to_assay(values))
        return component.condition(sequences, values)

    def _converted_moments(self, component: Posterior, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        mean, std = component.model_moments(sequences)
        if component is self.first:
            return mean, std
        values = np.stack([self.converted(component, mean + z * std) for z in _NODES])
        weights = (_WEIGHTS / _WEIGHTS.sum()).reshape(-1, *[1] * mean.ndim)
        moved = (weights * values).sum(axis=0)
        return moved, np.sqrt(np.atleast_2d((weights * (values - moved) ** 2).sum(axis=0))[0])

    def _mixed(self, each: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
        """Moments of the mixture; of several beliefs, with the spread of the first."""
        means, stds = np.stack([mean for mean, _ in each]), np.stack([std for _, std in each])
        weights = self.weights.reshape(-1, *[1] * (means.ndim - 1))
        mean = (weights * means).sum(axis=0)
        unit = unit_of(max(float(np.abs(means - mean).max(initial=0.0)), float(stds.max(initial=0.0))))
        between = np.atleast_2d((weights * ((means - mean) / unit) ** 2).sum(axis=0))[0]
        within = self.weights @ (stds / unit) ** 2
        return mean, unit * np.sqrt(within + between)
