"""The joint Gaussian of the contract suite, for the tests of this shelf; and one with exact samples."""

import numpy as np

from designloop.surrogates.base import Draw
from designloop.testing.gaussian import Gaussian


class ExactGaussian(Gaussian):
    """Draws whose sample mean and covariance are exactly those of the Gaussian, if there are more draws than names."""

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        noise = rng.standard_normal((k, len(self.covariance)))
        white = np.linalg.qr(noise - noise.mean(axis=0))[0] * np.sqrt(k)
        functions = self.mean + scale * white @ self._root.T
        return lambda sequences: functions[:, self.places(sequences)]
