"""A wrapper is an oracle around another: it says what that one says, but for what its own class changes."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.spaces import Space
from designloop.oracles.base import Oracle, Scale


class Wrapper(Oracle):
    """An oracle that passes everything on. A class derived from it overrides what it changes."""

    oracle: Oracle = Field(description="the oracle that it is put around")

    @property
    def space(self) -> Space:
        """The sequences the oracle speaks of."""
        return self.oracle.space

    @property
    def scale(self) -> Scale:
        """The scale noise acts on."""
        return self.oracle.scale

    @property
    def floor(self) -> float | None:
        """What "no signal" reads as."""
        return self.oracle.floor

    @property
    def optimum(self) -> float | None:
        """The highest value, where it is known."""
        return self.oracle.optimum

    @property
    def is_degenerate(self) -> bool:
        """True where chance solves the instance; False where the oracle does not say."""
        return getattr(self.oracle, "is_degenerate", False)

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """As the oracle says."""
        return self.oracle(sequences)

    def measures(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """As the oracle says, shape (n,)."""
        return self.oracle.measures(sequences)

    def corpus(self, n: int, rng: np.random.Generator) -> list[str]:
        """As the oracle says."""
        return self.oracle.corpus(n, rng)

    @property
    def remarks(self) -> tuple[str, ...]:
        """As the oracle says."""
        return self.oracle.remarks

    def optimal_solution(self) -> str | None:
        """A sequence that the oracle itself gives the highest value; None where it names none."""
        known = getattr(self.oracle, "optimal_solution", None)
        return None if known is None else known()

    @property
    def first_seed(self) -> int:
        """The highest seed within: drawn instances have one seed in all of it, and begin at that."""
        return max(super().first_seed, self.oracle.first_seed)

    def drawn(self, seed: int) -> Self | None:
        """With what it is put around drawn by the same seed."""
        changes: dict[str, Any] = {"oracle": self.oracle.drawn(seed)}
        changes |= {"seed": seed} if "seed" in type(self).model_fields else {}
        changes = {name: value for name, value in changes.items() if value is not None}
        return self.with_(**changes) if changes else None
