"""Expected improvement of a whole batch, over a known or a noisy best value, by joint draws."""

import numpy as np

from designloop.acquisition.improvement import LogEI
from designloop.acquisition.lazy import lazily
from designloop.acquisition.monte_carlo import Joint, MonteCarlo
from designloop.surrogates.base import Floats


class QLogEI(MonteCarlo, LogEI):
    """score = log E[max over the batch of max(value - threshold, 0)] (Ament et al. 2023), by joint draws.

    The batch grows greedily. A candidate adds log P(viable) to the logarithm of its gain; earlier choices and pending
    designs count as viable.
    """

    def _batch(self, joint: Joint) -> list[int]:
        best = np.maximum(self._best(joint), joint.sample(joint.pending).values.max(axis=1, initial=-np.inf))
        values = np.ascontiguousarray(joint.sample(joint.sequences).values.T)
        return lazily(joint.of.n, values, best, joint.log_viability)

    def _best(self, joint: Joint) -> Floats:
        """The value to improve on in each draw, (d,)."""
        return joint.thresholds


class QLogNEI(QLogEI):
    """score = that of qlog-ei over the best measured design of each draw (Letham et al. 2019; Ament et al. 2023).

    It does not take the best posterior mean for the best value, so it suits noisy measurements.
    """

    def _best(self, joint: Joint) -> Floats:
        measured = joint.of.pending.measured_sequences
        return joint.sample(measured).values.max(axis=1) if measured else joint.thresholds
