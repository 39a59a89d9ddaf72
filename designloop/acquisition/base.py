"""Acquisition turns a posterior into a choice of n candidates, aware of what is pending."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from designloop.core.parts import Part
from designloop.surrogates.base import Draw, Floats, Posterior

_BELIEVER_DRAWS = 256
_BELIEVER_CANDIDATES = 1000


class Acquisition(Part):
    """Scores candidates. Scores are on the posterior's model scale; `threshold` is what one must improve on there.

    Posteriors that come in already know the pending designs by the mean they are believed to have.
    """

    shelf: ClassVar[str] = "acquisition"

    def targets(self, posterior: Posterior, threshold: float, n: int, rng: np.random.Generator) -> Draw:
        """The functions to climb, as one callable sequences -> (k, n sequences): k = n for Thompson, else 1.

        The same state of `rng` gives the same functions.
        """
        return lambda sequences: self.score(*posterior.model_moments(sequences), threshold)[None, :]

    def score(self, mean: Floats, std: Floats, threshold: float) -> Floats:
        """The worth of candidates with these moments, shape (n,), on a scale to which log P(viable) may be added."""
        raise NotImplementedError

    def choose(
        self,
        candidates: Sequence[str],
        n: int,
        posterior: Posterior,
        threshold: float,
        rng: np.random.Generator,
        log_viability: Floats | None = None,
    ) -> list[int]:
        """Places of n distinct candidates (all, where there are fewer), best first.

        One is taken at a time; each taken one is believed to have its mean, which narrows what is unsure about its kin
        (the kriging believer of Ginsbourger et al. 2010, on the covariance of joint draws).
        """
        viable = np.zeros(len(candidates)) if log_viability is None else log_viability
        mean, std = posterior.model_moments(candidates)
        first = np.argsort(-(self.score(mean, std, threshold) + viable), kind="stable")[: max(_BELIEVER_CANDIDATES, n)]
        sample = posterior.draw(_BELIEVER_DRAWS, rng)([candidates[i] for i in first])
        believer = _Believer(mean[first], std[first], sample)
        taken: list[int] = []
        for _ in range(min(n, len(first))):
            score = self.score(believer.mean, believer.std, threshold) + viable[first]
            score[taken] = -np.inf
            taken.append(int(np.argmax(score)))
            believer.believe(taken[-1])
        return [int(first[i]) for i in taken]


class _Believer:
    """Standard deviations of candidates as one after the other is believed; means stay as they are."""

    def __init__(self, mean: Floats, std: Floats, sample: Floats) -> None:
        self.mean, self.std = mean, std
        centred = sample - sample.mean(axis=0)
        norm = np.sqrt((centred**2).sum(axis=0))
        # Draws agree with the moments: the directions are the sample's, the lengths the posterior's own.
        self._residual = centred * (std / np.maximum(norm, 1e-12))
        self._floor = 1e-3 * float(std.max(initial=0.0))

    def believe(self, place: int) -> None:
        """Project what is unsure about all candidates off what was unsure about this one."""
        direction = self._residual[:, place]
        length = float(np.linalg.norm(direction))
        if length <= self._floor:
            return
        unit = direction / length
        self._residual = self._residual - np.outer(unit, unit @ self._residual)
        self.std = np.sqrt((self._residual**2).sum(axis=0))
