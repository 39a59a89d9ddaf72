"""Probability of optimality: the share of joint draws in which a candidate is the best."""

import numpy as np
from numpy.typing import NDArray

from designloop.acquisition.improvement import PI
from designloop.acquisition.monte_carlo import Joint, MonteCarlo
from designloop.surrogates.base import Floats


class ProbabilityOfOptimality(MonteCarlo, PI):
    """P(the candidate is the best viable one): the batch most likely to hold the best candidate.

    Pending designs compete. Once every draw has its best candidate in the batch, the best of the others are next. The
    generator climbs the probability of improvement.
    """

    @property
    def can_weigh_cost(self) -> bool:
        """False: P(viable) decides which candidate is the best, so it must be a probability."""
        return False

    def _batch(self, joint: Joint) -> list[int]:
        values = joint.sample([*joint.sequences, *joint.pending]).values
        order = np.argsort(-values, axis=1, kind="stable")
        n, m = min(joint.of.n, len(joint.sequences)), len(joint.sequences)
        logs = np.append(joint.log_viability, np.zeros(len(joint.pending)))
        taken: list[int] = []
        while len(taken) < n:
            logs[taken] = -np.inf
            share = probabilities_of_best(order, np.exp(logs - logs[:m].max()) if taken else np.exp(logs))[:m]
            share[taken] = -1.0
            n_best = max(1, int((share > 0).sum()))
            taken += [int(i) for i in np.argsort(-share, kind="stable")[: min(n_best, n - len(taken))]]
            logs[m:] = -np.inf  # pending designs have had their turn
        return taken


def probabilities_of_best(order: NDArray[np.int64], viable: Floats) -> Floats:
    """P(viable, and better than all other viable ones) of m candidates, (m,), averaged over d draws.

    `order` lists the candidates of each draw, best first, (d, m); `viable` is P(viable), (m,).
    """
    its = viable[order]
    no_better = np.cumprod(1.0 - its, axis=1)
    no_better = np.concatenate([np.ones((len(order), 1)), no_better[:, :-1]], axis=1)
    return np.bincount(order.ravel(), (its * no_better).ravel(), minlength=len(viable)) / len(order)
