"""Upper confidence bound of a whole batch, by joint draws."""

import numpy as np

from designloop.acquisition.lazy import lazily
from designloop.acquisition.monte_carlo import Joint, MonteCarlo, Sample
from designloop.acquisition.ucb import UCB
from designloop.surrogates.base import Floats


class QUCB(MonteCarlo, UCB):
    """score = E[max over the batch of mean + beta · sqrt(π/2) · |value - mean|] (Wilson et al. 2017), by joint draws.

    For one design it is ucb. BoTorch's beta is the square of this one. Each design's bound includes log P(viable).
    """

    def _batch(self, joint: Joint) -> list[int]:
        bounds = self._bounds(joint.sample(joint.sequences)) + joint.log_viability
        # The maximum must start somewhere: below all bounds, where every candidate gains its mean bound.
        best = np.full(len(bounds), bounds.min())
        if joint.pending:
            best = self._bounds(joint.sample(joint.pending)).max(axis=1)
        return lazily(joint.of.n, np.ascontiguousarray(bounds.T), best, np.zeros(bounds.shape[1]))

    def _bounds(self, sample: Sample) -> Floats:
        return np.asarray(sample.means + self.beta * np.sqrt(np.pi / 2.0) * np.abs(sample.deviations))
