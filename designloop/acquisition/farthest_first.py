"""Farthest-first: good candidates, as different from each other as possible."""

import numpy as np
from pydantic import Field

from designloop.acquisition.base import Choice
from designloop.acquisition.distances import distances_from
from designloop.acquisition.ucb import UCB
from designloop.surrogates.base import Floats


class FarthestFirst(UCB):
    """The candidates with the highest bounds mean + beta · std, each as far as possible from those before it.

    It starts from the pending designs, or else from the best candidate (Gonzalez 1985). The distance is the number of
    different letters, or of edits if lengths differ, times P(viable).
    """

    top: int = Field(10, ge=1, description="candidates considered for each design of the batch, best bounds first")

    def _chosen(self, of: Choice) -> list[int]:
        belief = self.pending.believed(of.posterior, of.pending, of.threshold, of.rng)
        score = self._averaged(*self._moments(belief.posterior, of.candidates), belief.threshold) + of.log_viability
        first = np.argsort(-score, kind="stable")[: self.top * of.n]
        sequences = [of.candidates[i] for i in first]
        nearest = np.full(len(first), np.inf)
        for pending in of.pending.sequences if self.pending.believes else ():
            nearest = np.minimum(nearest, distances_from(pending, sequences))
        taken: list[int] = []
        while len(taken) < min(of.n, len(first)):
            # Candidates are in the order of their scores, which breaks ties.
            taken.append(_farthest(nearest, of.log_viability[first], taken))
            nearest = np.minimum(nearest, distances_from(sequences[taken[-1]], sequences))
        return [int(first[i]) for i in taken]


def _farthest(nearest: Floats, log_viability: Floats, taken: list[int]) -> int:
    """The candidate with the highest log(distance · P(viable)); the first, if there is nothing to be far from."""
    if not np.isfinite(nearest).all():
        return 0
    with np.errstate(divide="ignore"):
        far = np.log(nearest) + log_viability
    far = np.maximum(far, -1e300)  # a distance of 0 differs from a candidate that is already chosen
    far[taken] = -np.inf
    return int(np.argmax(far))
