"""Max-variance: pure exploration, the most uncertain candidates."""

import numpy as np

from designloop.acquisition.base import Acquisition
from designloop.surrogates.base import Floats

_TINY = 1e-9


class MaxVariance(Acquisition):
    """score = log variance: active learning, which ignores predicted values (MacKay 1992; Krause et al. 2008).

    Each choice narrows the uncertainty of similar candidates, so the batch is as informative as a greedy one can be.
    """

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """2 log std, in the shape of the means."""
        return np.asarray(np.broadcast_to(2.0 * np.log(np.maximum(std, _TINY)), mean.shape))
