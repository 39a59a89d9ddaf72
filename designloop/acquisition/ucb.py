"""Upper confidence bound: optimism in the face of uncertainty."""

from pydantic import Field

from designloop.acquisition.base import Acquisition
from designloop.surrogates.base import Floats


class UCB(Acquisition):
    """score = mean + beta · std (Auer 2002; Srinivas et al. 2010, with a fixed beta)."""

    beta: float = Field(1.0, ge=0, description="number of standard deviations above the mean")

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """Mean + beta · std, shape (n,)."""
        return mean + self.beta * std
