"""A determinantal point process: quality against similarity."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import Field

from designloop.acquisition.distances import distances_from
from designloop.acquisition.monte_carlo import Joint, MonteCarlo
from designloop.acquisition.ucb import UCB
from designloop.surrogates.base import Floats

_OWN = 1e-3
"""Share of a candidate's similarity that is its own, so that more can be chosen than the draws have directions."""
_REACH = 0.1
"""Share of different letters at which similarity is 1/e. A judgement."""


class DPP(MonteCarlo, UCB):
    """The batch with the highest determinant of quality · similarity · quality (Kulesza and Taskar 2012), greedily.

    Log quality is weight · (mean + beta · std) + log P(viable) / 2. Each step multiplies the determinant most, with the
    updates of Chen et al. 2018. Pending designs count as chosen.
    """

    weight: float = Field(1.0, ge=0, description="weight of mean + beta · std in log quality; 0: diversity alone")
    similarity: Literal["posterior", "letters"] = Field(
        "posterior",
        description="posterior: correlation of the joint draws; letters: exp(-10 · share of different letters)",
    )

    def _batch(self, joint: Joint) -> list[int]:
        log_quality = 2.0 * self.weight * (joint.scores - joint.scores.max()) + joint.log_viability
        n, m = min(joint.of.n, len(log_quality)), len(log_quality)
        every = [*joint.sequences, *joint.pending]
        similar = _by_letters(every) if self.similarity == "letters" else _by_draws(joint, every)
        chosen = _Chosen(similar, len(every))
        for place in range(m, len(every)):
            chosen.add(place)
        taken: list[int] = []
        while len(taken) < n:
            score = np.log(chosen.residuals[:m]) + log_quality
            score[taken] = -np.inf
            taken.append(int(np.argmax(score)))
            chosen.add(taken[-1])
        return taken


class _Chosen:
    """The part of each sequence that is unlike all chosen ones, (m,): the conditional variances of the similarity."""

    def __init__(self, similar: Callable[[int], Floats], m: int) -> None:
        self._similar = similar
        self._factors = np.zeros((0, m))
        self.residuals = np.ones(m)

    def add(self, place: int) -> None:
        """One more row of the Cholesky factor of the chosen ones and all others."""
        row = (1.0 - _OWN) * self._similar(place)
        row = (row - self._factors[:, place] @ self._factors) / np.sqrt(self.residuals[place])
        self._factors = np.vstack([self._factors, row])
        self.residuals = np.maximum(self.residuals - row**2, 1e-9)


def _by_draws(joint: Joint, sequences: list[str]) -> Callable[[int], Floats]:
    """Correlations of the joint draws of one sequence and all, (m,)."""
    deviations = joint.sample(sequences).deviations.T
    directions = deviations / np.maximum(np.linalg.norm(deviations, axis=1, keepdims=True), 1e-12)
    return lambda place: np.asarray(directions @ directions[place])


def _by_letters(sequences: list[str]) -> Callable[[int], Floats]:
    length = max(map(len, sequences))
    return lambda place: np.exp(-distances_from(sequences[place], sequences) / (_REACH * length))
