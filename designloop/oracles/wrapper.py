"""A wrapper is an oracle around an inner oracle. It returns the inner oracle's results, unless it overrides them."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.spaces import Space
from designloop.oracles.base import Oracle, Scale


class Wrapper(Oracle):
    """An oracle that delegates to an inner oracle. Derived classes override what they change."""

    oracle: Oracle = Field(description="the inner oracle")

    @property
    def space(self) -> Space:
        """The sequences that the inner oracle can evaluate."""
        return self.oracle.space

    @property
    def scale(self) -> Scale:
        """The scale of the noise."""
        return self.oracle.scale

    @property
    def floor(self) -> float | None:
        """The value of "no signal"."""
        return self.oracle.floor

    @property
    def optimum(self) -> float | None:
        """The highest value, if it is known."""
        return self.oracle.optimum

    @property
    def is_degenerate(self) -> bool:
        """True if random search solves the instance; False if the inner oracle does not say."""
        return getattr(self.oracle, "is_degenerate", False)

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """As the oracle says."""
        return self.oracle(sequences)

    def measures(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """As the oracle says, shape (n,)."""
        return self.oracle.measures(sequences)

    def check_ready(self) -> None:
        """As the oracle says."""
        self.oracle.check_ready()

    def corpus(self, n: int, rng: np.random.Generator) -> list[str]:
        """As the oracle says."""
        return self.oracle.corpus(n, rng)

    @property
    def remarks(self) -> tuple[str, ...]:
        """As the oracle says."""
        return self.oracle.remarks

    def optimal_solution(self) -> str | None:
        """A sequence with the highest value of the inner oracle; None if it does not define one."""
        known = getattr(self.oracle, "optimal_solution", None)
        return None if known is None else known()

    @property
    def first_seed(self) -> int:
        """The highest seed of the wrapper and the inner oracles: instances use one seed for all, from this one on."""
        return max(super().first_seed, self.oracle.first_seed)

    def drawn(self, seed: int) -> Self | None:
        """The instance in which the inner oracle is drawn with the same seed."""
        changes: dict[str, Any] = {"oracle": self.oracle.drawn(seed)}
        changes |= {"seed": seed} if "seed" in type(self).model_fields else {}
        changes = {name: value for name, value in changes.items() if value is not None}
        return self.with_(**changes) if changes else None
