"""Acquisition functions score candidates under a posterior and choose n of them, given the pending designs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from designloop.core.errors import ContractError
from designloop.core.parts import Part
from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Draw, Floats, Posterior, model_means

_BELIEVER_DRAWS = 256
_BELIEVER_CANDIDATES = 1000
_LEAST_VIABLE = -1e12
"""Lower bound of log P(viable), so that a candidate of probability 0 differs from one that is already chosen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates for one choice of n designs, and the information for it."""

    candidates: Sequence[str]
    n: int
    posterior: Posterior
    pending: PendingDesigns
    threshold: float
    rng: np.random.Generator
    log_viability: Floats
    """Log P(viable) of each candidate; zeros if unknown."""


class Acquisition(Part):
    """Scores candidates on the posterior's model scale, where `threshold` is the value to improve on.

    The posterior arguments do not include the pending designs. Within one call, `pending` conditions them on assumed
    values of these designs.
    """

    shelf: ClassVar[str] = "acquisition"
    to_define: ClassVar[tuple[str, ...]] = ("score",)
    is_logarithm: ClassVar[bool] = False
    """Whether scores are logarithms of the quantity that is averaged over fantasies (improvement, its probability)."""
    needs_std: ClassVar[bool] = True
    """Whether scores use the standard deviation, which costs far more than the mean."""

    pending: PendingRule = Field(
        default_factory=lambda: PendingRule._read("kriging-believer"),
        description="values assumed for designs that are still in the lab",
    )
    cost_weight: float = Field(
        0.0,
        ge=0,
        le=10,
        description="power of its price by which the score of a design is divided; 1: value per money; 0: prices are "
        "ignored. For ei, log-ei, pi, qlog-ei and qlog-nei",
    )

    @model_validator(mode="after")
    def _only_gains_are_divided(self) -> Self:
        if self.cost_weight and not self.can_weigh_cost:
            raise ValueError(
                f"`cost_weight`: the score of {self.known_as} is no gain that a price can divide; use ei, log-ei, pi, "
                "qlog-ei or qlog-nei"
            )
        return self

    @property
    def can_weigh_cost(self) -> bool:
        """True where a number that is added to log P(viable) scales the gain of a candidate, as a price does."""
        return self.is_logarithm

    @classmethod
    def adopt(cls, value: Any) -> Self | None:
        """The part for `botorch:Name`, short for `{kind: botorch, function: Name}`; otherwise None."""
        fields = {"kind": value} if isinstance(value, str) else value
        kind = fields.get("kind") if isinstance(fields, Mapping) else None
        if not isinstance(kind, str) or not kind.startswith("botorch:"):
            return None
        return cls._read({**fields, "kind": "botorch", "function": kind.removeprefix("botorch:")})

    def targets(
        self, posterior: Posterior, pending: PendingDesigns, threshold: float, n: int, rng: np.random.Generator
    ) -> Draw:
        """The functions to optimise, as one callable sequences -> (k, n sequences): k = n for Thompson, else 1.

        The same state of `rng` gives the same functions; `choose` uses them too.
        """
        belief = self.pending.believed(posterior, pending, threshold, rng)

        def function(sequences: Sequence[str]) -> Floats:
            mean, std = self._moments(belief.posterior, sequences)
            return self._averaged(mean, std, belief.threshold)[None, :]

        return function

    def _moments(self, posterior: Posterior, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Means, and standard deviations if the score uses them (else zeros)."""
        if self.needs_std:
            return posterior.model_moments(sequences)
        return model_means(posterior, sequences), np.zeros(len(sequences))

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """Scores of candidates with these moments, on a scale to which log P(viable) may be added.

        Element by element: means are (n,), or (k, n) with thresholds (k, 1) for k beliefs at once.
        """
        raise NotImplementedError

    def choose(
        self,
        candidates: Sequence[str],
        n: int,
        posterior: Posterior,
        pending: PendingDesigns,
        threshold: float,
        rng: np.random.Generator,
        log_viability: Floats | None = None,
    ) -> list[int]:
        """Indices of n distinct candidates (all, if there are fewer), best first. Their order does not matter.

        `log_viability`: what is added to the score of each candidate, (n,): log P(viable), less the log of its price.
        """
        viable = np.zeros(len(candidates)) if log_viability is None else np.maximum(log_viability, _LEAST_VIABLE)
        order = np.array(sorted(range(len(candidates)), key=candidates.__getitem__), dtype=int)
        known = posterior, pending, threshold, rng
        taken = self._chosen(Choice([candidates[i] for i in order], n, *known, viable[order]))
        return [int(order[place]) for place in taken]

    def _chosen(self, of: Choice) -> list[int]:
        """Greedily, one at a time. The belief assigns each chosen candidate its mean, which reduces the uncertainty of
        similar ones (the kriging believer of Ginsbourger et al. 2010, with the covariance of joint draws).
        """
        belief = self.pending.believed(of.posterior, of.pending, of.threshold, of.rng)
        mean, std = belief.posterior.model_moments(of.candidates)
        score = self._averaged(mean, std, belief.threshold) + of.log_viability
        first = np.argsort(-score, kind="stable")[: max(_BELIEVER_CANDIDATES, of.n)]
        mean = mean[..., first]
        sample = belief.posterior.draw(_BELIEVER_DRAWS, of.rng)([of.candidates[i] for i in first])
        believer = _Believer(std[first], sample if mean.ndim == 1 else sample - in_turn(mean, len(sample)))
        taken: list[int] = []
        for _ in range(min(of.n, len(first))):
            score = self._averaged(mean, believer.std, belief.threshold) + of.log_viability[first]
            score[taken] = -np.inf
            taken.append(int(np.argmax(score)))
            believer.believe(taken[-1])
        return [int(first[i]) for i in taken]

    def _averaged(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """The score, (n,); over k beliefs, the mean on the scale before the logarithm, as Snoek et al. average EI."""
        score = np.asarray(self.score(mean, std, threshold))
        if score.shape != mean.shape or np.isnan(score).any():
            what = "NaN" if score.shape == mean.shape else f"an array of shape {score.shape}"
            raise ContractError(
                f"acquisition '{self.known_as}' scores {mean.shape[-1]} candidates with {what}; "
                f"`score` must return one number for each mean, shape {mean.shape}"
            )
        if score.ndim == 1:
            return score
        if not self.is_logarithm:
            return np.asarray(score.mean(axis=0))
        from scipy.special import logsumexp

        return np.asarray(logsumexp(score, axis=0) - np.log(len(score)))


def in_turn(means: Floats, n: int) -> Floats:
    """Means of n draws that were taken in turn from k beliefs with means (k, m); shape (n, m)."""
    return np.asarray(means[np.arange(n) % len(means)])


class _Believer:
    """Standard deviations of candidates, (n,), after each chosen one; means do not change."""

    def __init__(self, std: Floats, sample: Floats) -> None:
        self.std = std
        centred = sample - sample.mean(axis=0)
        norm = np.sqrt((centred**2).sum(axis=0))
        # Directions come from the sample, lengths from the posterior, so that draws agree with its moments.
        self._residual = centred * (std / np.maximum(norm, 1e-12))
        self._floor = 1e-3 * float(std.max(initial=0.0))

    def believe(self, place: int) -> None:
        """Remove the part of all residuals that lies along the residual of this candidate."""
        direction = self._residual[:, place]
        length = float(np.linalg.norm(direction))
        if length <= self._floor:
            return
        unit = direction / length
        self._residual = self._residual - np.outer(unit, unit @ self._residual)
        self.std = np.sqrt((self._residual**2).sum(axis=0))
