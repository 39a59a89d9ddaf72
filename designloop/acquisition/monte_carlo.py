"""Monte Carlo: acquisition functions of a whole batch, by joint draws of its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.acquisition.base import Acquisition, Choice, in_turn
from designloop.core.errors import ContractError
from designloop.pending_rules.base import Belief, PendingRule
from designloop.surrogates.base import Draw, Floats, Posterior


@dataclass(frozen=True)
class Sample:
    """Joint draws at some sequences: the mean of each draw's belief plus its deviation, each (d, m)."""

    means: Floats
    deviations: Floats

    @property
    def values(self) -> Floats:
        """The draws, (d, m)."""
        return self.means + self.deviations


@dataclass(frozen=True)
class Joint:
    """One choice of a batch: candidates worth a look, best alone first, and the functions drawn to compare them."""

    of: Choice
    posterior: Posterior
    """Without pending designs if `pending` names them, else conditioned on their assumed values."""
    pending: tuple[str, ...]
    thresholds: Floats
    """The value to improve on in each draw, (d,)."""
    places: NDArray[np.int64]
    """Places of the candidates in the choice, (m,)."""
    scores: Floats
    """Their scores alone, without log P(viable), (m,)."""
    functions: Draw

    @cached_property
    def sequences(self) -> list[str]:
        return [self.of.candidates[i] for i in self.places]

    @cached_property
    def log_viability(self) -> Floats:
        """Log P(viable) of the candidates, (m,)."""
        return self.of.log_viability[self.places]

    def sample(self, sequences: Sequence[str]) -> Sample:
        """The draws at these sequences, with exactly the posterior's means and standard deviations.

        The draws contribute the correlations, and the posterior the moments, which leaves less Monte Carlo error.
        """
        n = len(self.thresholds)
        if len(sequences) == 0:
            return Sample(np.zeros((n, 0)), np.zeros((n, 0)))
        mean, std = self.posterior.model_moments(sequences)
        means = in_turn(np.atleast_2d(mean), n)
        deviations = self.functions(sequences) - means
        if np.isnan(deviations).any():
            raise ContractError(
                "draws of the posterior are NaN at some candidates; `draw` must return a number for each"
            )
        deviations = deviations - deviations.mean(axis=0)
        spread = deviations.std(axis=0)
        return Sample(means, deviations * np.where(spread > 0, std / np.where(spread > 0, spread, 1.0), 0.0))


class MonteCarlo(Acquisition):
    """The base of acquisition functions that choose a batch by joint draws of all its values.

    `score` is the function of a single candidate. The generator climbs it, and it selects the candidates to draw.
    """

    most: ClassVar[int] = 5000
    """Candidates that take part in the choice: those with the highest scores alone."""

    pending: PendingRule = Field(
        default_factory=lambda: PendingRule._read("joint"),
        description="values assumed for designs that are still in the lab; joint: they are part of the batch",
    )
    n_draws: int = Field(512, ge=2, le=65_536, description="joint draws of the values of the candidates")

    def _chosen(self, of: Choice) -> list[int]:
        joint = self._drawn(of)
        return [int(joint.places[place]) for place in self._batch(joint)] if len(joint.places) else []

    def _batch(self, joint: Joint) -> list[int]:
        """Places in `joint.sequences` of the n chosen ones, best first."""
        raise NotImplementedError

    def _drawn(self, of: Choice) -> Joint:
        is_joint = self.pending.is_joint
        belief = self.pending.believed(of.posterior, of.pending, of.threshold, of.rng)
        score = self._averaged(*self._moments(belief.posterior, of.candidates), belief.threshold)
        first = np.argsort(-score - of.log_viability, kind="stable")[: max(self.most, of.n)]
        if is_joint:
            belief = Belief(of.posterior, of.threshold)
        thresholds = in_turn(np.reshape(belief.threshold, (-1,)), self.n_draws)
        functions = belief.posterior.draw(self.n_draws, of.rng)
        pending = of.pending.sequences if is_joint else ()
        return Joint(of, belief.posterior, pending, thresholds, first, score[first], functions)
