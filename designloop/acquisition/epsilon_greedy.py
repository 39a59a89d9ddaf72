"""Epsilon-greedy: the highest posterior means, and now and then a random candidate."""

import numpy as np
from pydantic import Field

from designloop.acquisition.base import Choice
from designloop.acquisition.greedy import Greedy


class EpsilonGreedy(Greedy):
    """Chooses the highest mean, but with probability epsilon a random candidate (Watkins 1989; Sutton and Barto 2018).

    Random candidates are drawn in proportion to P(viable). The generator climbs the mean.
    """

    epsilon: float = Field(0.1, ge=0, le=1, description="probability that a choice is random")

    def _chosen(self, of: Choice) -> list[int]:
        belief = self.pending.believed(of.posterior, of.pending, of.threshold, of.rng)
        score = self._averaged(*self._moments(belief.posterior, of.candidates), belief.threshold) + of.log_viability
        taken: list[int] = []
        for is_random in of.rng.random(min(of.n, len(score))) < self.epsilon:
            # The largest log p + Gumbel noise has probability p.
            by = of.log_viability + of.rng.gumbel(size=len(score)) if is_random else score.copy()
            by[taken] = -np.inf
            taken.append(int(np.argmax(by)))
        return taken
