"""An evolved oracle: its natural sequences have evolved under selection on its landscape.

They are drawn by Markov chain Monte Carlo from p(x) proportional to exp(strength * value(x) / sd) over viable
sequences, the equilibrium of selection and drift (Sella and Hirsh 2005, PNAS 102, 9541) with log fitness linear in the
value.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import Codes
from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.core.notices import warn
from designloop.core.random import stream
from designloop.core.spaces import compress
from designloop.oracles.ehrlich import Ehrlich
from designloop.oracles.metropolis import Walk
from designloop.oracles.nk import NK
from designloop.oracles.wrapper import Wrapper

_N_JUDGED = 5000
_MAX_DRAWS = 200
_CHAINS = 2500
"""Chains that step together: as many as a processor's cache holds well."""
_READS_CODES = (Ehrlich, NK)
"""Oracles whose `values` accepts encoded sequences, which saves decoding each mutant."""


class Evolved(Wrapper):
    """An oracle whose natural sequences evolved under selection of a given strength. Values are unchanged."""

    strength: float = Field(
        1.0, ge=0, description="selection strength, in nats per sd of value; 0: all viable sequences are equally likely"
    )
    generations: int = Field(
        50, ge=0, description="generations of burn-in; each tries one mutation per free position of a sequence"
    )

    @cached_property
    def sd(self) -> float:
        """Standard deviation of the values of 5,000 ancestors, which are always the same.

        A strength therefore means the same in every campaign. Raises ConfigError if all values are equal.
        """
        values = self.oracle(self.ancestors(_N_JUDGED, stream(0, "evolved", "sd")))
        sd = float(values.std())
        if not sd > 0:
            raise ConfigError(
                f"oracle '{self.kind}': {_N_JUDGED:,} sequences of '{self.oracle.kind}' all have the value "
                f"{values[0]:g}, so selection has no effect; use `strength: 0`, or another landscape"
            )
        return sd

    def corpus(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` sequences, each the end of its own chain, which started at one of `ancestors`.

        Chains converge slowly under strong selection towards a few much better sequences; `generations` then determines
        how far evolution has come. Raises ConfigError if no ancestor is viable.
        """
        scale = self.strength / self.sd if self.strength else 0.0

        def log_weights(codes: Codes) -> NDArray[np.float64]:
            values = self._values(codes)
            return np.where(np.isnan(values), -np.inf, scale * values)

        codes = self.space.padded_codes(self.ancestors(n, rng))
        for first in range(0, n, _CHAINS):
            walk = Walk(codes[first : first + _CHAINS], self.space, log_weights)
            walk.steps(self.generations * len(self.space.free_positions), rng)
            codes[first : first + _CHAINS] = walk.codes
        return self.space.alphabet.decode(codes)

    def ancestors(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` viable sequences at the start of evolution: from the wrapped oracle's corpus, or drawn from the space.

        If fewer are found, they are repeated, with a warning. Raises ConfigError if none is found.
        """
        found: list[str] = []
        for _ in range(_MAX_DRAWS):
            drawn = self.oracle.corpus(n, rng) or self.space.sample(n, rng)
            found += compress(drawn, ~np.isnan(self.oracle(list(drawn))))
            if len(found) >= n:
                return found[:n]
        if not found:
            raise ConfigError(
                f"oracle '{self.kind}': none of {many(_MAX_DRAWS * n, 'sequence')} of '{self.oracle.kind}' is viable, "
                "so evolution has no start; use an inner oracle with natural sequences"
            )
        warn(
            f"oracle '{self.kind}': only {many(len(found), 'viable sequence')} of '{self.oracle.kind}' found in "
            f"{many(_MAX_DRAWS * n, 'draw')}; they are repeated to start evolution from {n:,}; better use an inner "
            "oracle with natural sequences"
        )
        return [found[i] for i in rng.integers(len(found), size=n)]

    def _values(self, codes: Codes) -> NDArray[np.float64]:
        """Values of encoded sequences, shape (n,); NaN outside the space, where the oracle is not called."""
        if type(self.oracle) in _READS_CODES:
            return self.oracle.values(codes)  # type: ignore[attr-defined, no-any-return]  # both of them have it
        sequences = self.space.alphabet.decode(codes)
        values, inside = np.full(len(codes), np.nan), self._is_inside(sequences)
        values[inside] = self.oracle(compress(sequences, inside))
        return values

    def _is_inside(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        if self.space.pool is None and self.space.max_edits is None:  # letters and lengths are the walk's own to keep
            return np.ones(len(sequences), dtype=bool)
        return self.space.contains(sequences)
