"""An acquisition function under test: its description, its candidates, and a Gaussian posterior over them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pytest

from designloop.acquisition.base import Acquisition
from designloop.core.alphabet import DNA
from designloop.core.errors import ContractError
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.pending_rules.base import PendingDesigns
from designloop.surrogates.base import Draw, Floats
from designloop.testing.gaussian import Gaussian

_SPACE = Space(alphabet=DNA, min_length=6, max_length=6)
N_CANDIDATES, _N_PENDING, _N_MEASURED = 24, 3, 5
_THRESHOLD = 0.5


@dataclass(frozen=True)
class Choosing:
    """An acquisition function and what it may know: candidates, pending and measured designs with a joint Gaussian."""

    part: Acquisition
    shift: float = 0.0
    """Added to all values."""
    spread: float = 1.0
    """Multiplies all standard deviations."""
    slope: float = 1.0
    """Multiplies all means."""

    @cached_property
    def names(self) -> list[str]:
        """Distinct sequences: candidates, pending and measured designs."""
        drawn = dict.fromkeys(_SPACE.sample(200, stream(0, "acquisition-contract")))
        return list(drawn)[: N_CANDIDATES + _N_PENDING + _N_MEASURED]

    @property
    def candidates(self) -> list[str]:
        """The candidates, in no order."""
        return self.names[:N_CANDIDATES]

    @cached_property
    def posterior(self) -> Gaussian:
        """A joint Gaussian over all names."""
        found = Gaussian.random(self.names, seed=3)
        mean, covariance = self.slope * found.mean + self.shift, self.spread**2 * found.covariance
        return replace(found, mean=mean, covariance=covariance, noise=0.01)

    @cached_property
    def pending(self) -> PendingDesigns:
        """Designs in the lab, and the values of those that were measured."""
        waiting, known = self.names[N_CANDIDATES:][:_N_PENDING], sorted(self.names[-_N_MEASURED:])
        values = np.sort(self.posterior.model_moments(known)[0])
        return PendingDesigns(tuple(sorted(waiting)), values, tuple(known))

    @property
    def threshold(self) -> float:
        """The value to improve on."""
        return self.slope * _THRESHOLD + self.shift

    @property
    def unequal(self) -> Floats:
        """Log P(viable) of the candidates, some of them equal, (n,)."""
        return np.asarray(-0.5 * (np.arange(N_CANDIDATES) % 4), dtype=np.float64)

    def places(
        self,
        n: int,
        candidates: Sequence[str] | None = None,
        log_viability: Floats | None = None,
        *,
        idle: bool = False,
        seed: int = 0,
    ) -> list[int]:
        """Places of the n chosen candidates. With `idle`, nothing is pending. A ContractError fails the test."""
        asked = self.candidates if candidates is None else candidates
        lab = PendingDesigns(measured=self.pending.measured, measured_sequences=self.pending.measured_sequences)
        known = self.posterior, lab if idle else self.pending, self.threshold
        try:
            return self.part.choose(asked, n, *known, rng(seed), log_viability)
        except ContractError as error:
            pytest.fail(str(error), pytrace=False)

    def chosen(self, n: int, candidates: Sequence[str] | None = None, log_viability: Floats | None = None) -> list[str]:
        """The n chosen candidates."""
        asked = self.candidates if candidates is None else candidates
        return [asked[place] for place in self.places(n, asked, log_viability)]

    def targets(self, n: int, seed: int = 0) -> Draw:
        """The functions that a generator optimises for n designs."""
        return self.part.targets(self.posterior, self.pending, self.threshold, n, rng(seed))


def rng(seed: int = 0) -> np.random.Generator:
    """The generator that an acquisition function draws from."""
    return stream(seed, "acquisition-contract", "choose")
