"""Thompson sampling: draw a function from the posterior, and choose its best candidate."""

import numpy as np
from pydantic import Field

from designloop.acquisition.base import Acquisition, Choice
from designloop.acquisition.distances import distances_from
from designloop.core.errors import ContractError
from designloop.pending_rules.base import PendingDesigns
from designloop.surrogates.base import Draw, Floats, Posterior


class Thompson(Acquisition):
    """One function drawn for each pick (Thompson 1933; for batches: Kandasamy et al. 2018)."""

    scale: float = Field(
        0.5, gt=0, description="scale of the draws' deviations from the posterior mean; 1: exact draws"
    )
    min_distance: int = Field(
        1,
        ge=1,
        description="number of letters by which picks of one batch differ at least (edits, if lengths differ); "
        "waived for a pick if no candidate is left that far from the others",
    )

    def targets(
        self, posterior: Posterior, pending: PendingDesigns, threshold: float, n: int, rng: np.random.Generator
    ) -> Draw:
        """One draw for each pick, (n, sequences); k fantasies take turns."""
        belief = self.pending.believed(posterior, pending, threshold, rng, scale=self.scale)
        return belief.posterior.draw(n, rng, scale=self.scale)

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """The mean, shape (n,), which is the expected value of a draw."""
        return mean

    def _chosen(self, of: Choice) -> list[int]:
        """For each draw, its best candidate that no earlier draw chose, at `min_distance` from those if possible."""
        scores = self.targets(of.posterior, of.pending, of.threshold, of.n, of.rng)(of.candidates) + of.log_viability
        if np.isnan(scores).any():
            raise ContractError(
                "draws of the posterior are NaN at some candidates; `draw` must return a number for each"
            )
        taken: list[int] = []
        is_near = np.zeros(len(of.candidates), dtype=bool)
        for row in scores[: len(of.candidates)]:
            row[taken] = -np.inf
            apart = np.where(is_near, -np.inf, row)
            taken.append(int(np.argmax(apart if np.isfinite(apart).any() else row)))
            if self.min_distance > 1:
                is_near |= distances_from(of.candidates[taken[-1]], of.candidates) < self.min_distance
        return taken
