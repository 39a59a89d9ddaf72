"""An Ehrlich function: a landscape in closed form whose feasible sequences are walks of a Markov chain.

`c` spaced motifs of length `k` must be present in a sequence that makes no forbidden transition. The value is the
product over motifs of a response to the best position's share of matched elements, of which only whole steps of
ceil(k / q) elements count. Stanton et al. 2024, arXiv 2407.00236. The same arguments and seed give the instance of
pytorch-holo 0.0.5, draw for draw, so that published results stay comparable.
"""

from collections.abc import Sequence
from functools import cached_property
from math import ceil, prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import Codes, states
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle
from designloop.oracles.ehrlich_instances import Instance, instance, walks

_N_SCREENED = 10_000
_MAX_STATES = 256


class Ehrlich(Oracle):
    """A holo-compatible Ehrlich function. Values are in 0..1; a sequence with a forbidden transition is NaN.

    The highest value is 1 if the step of the quantization divides the motif length, and below 1 otherwise: with
    motif_length 5 and quantization 3, elements count in steps of 2, and a complete motif counts as 4 of 5.
    """

    floor: ClassVar[float | None] = 0.0

    num_states: int = Field(32, ge=2, le=_MAX_STATES, description="number of letters in the alphabet")
    length: int = Field(32, ge=2, le=100_000, description="length of every sequence")
    num_motifs: int = Field(4, ge=1, description="number of motifs that must be present")
    motif_length: int = Field(4, ge=2, description="number of elements in each motif")
    quantization: int | None = Field(
        None,
        ge=1,
        description="levels of a motif's presence; default: motif_length. Elements count in steps of "
        "ceil(motif_length / quantization); if the step does not divide motif_length, the highest value is below 1",
    )
    epistasis_factor: float = Field(0.0, ge=0.0, description="penalty for a partially present motif")
    seed: int = Field(0, ge=0, description="seed of the instance")

    @model_validator(mode="after")
    def _can_be_solved(self) -> "Ehrlich":
        if self.num_motifs * self.motif_length > self.length:
            raise ValueError(
                f"{many(self.num_motifs, 'motif')} of {many(self.motif_length, 'element')} need a length of at least "
                f"{self.num_motifs * self.motif_length}, got {self.length}; increase it, or use fewer or shorter motifs"
            )
        return self

    @property
    def optimum(self) -> float | None:
        """The value of `optimal_solution`; None if, by strong epistasis, a partial motif may score higher."""
        complete = self._response[-1]
        return prod([complete] * self.num_motifs) if abs(self._response).max() <= complete else None

    @cached_property
    def space(self) -> Space:
        """Every sequence of this length over the numbered states, feasible or not."""
        return Space.of_length(states(self.num_states), self.length)

    @property
    def instance(self) -> Instance:
        """The chain, motifs and spacings of the seed."""
        return instance((self.num_states, self.length, self.num_motifs, self.motif_length), self.seed)

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Values in 0..1, shape (n,), NaN with a forbidden transition. Raises InputError for a wrong length."""
        if len(sequences) == 0:
            return np.zeros(0)
        codes = self.space.alphabet.encode(sequences)
        if codes.shape[1] != self.length or (codes[:, -1] < 0).any():
            row = next(i for i, sequence in enumerate(sequences) if len(sequence) != self.length)
            raise InputError(
                f"sequence {row + 1}: this Ehrlich function expects {many(self.length, 'letter')}, got "
                f"{len(sequences[row])}"
            )
        return self.values(codes)

    def values(self, codes: Codes) -> NDArray[np.float64]:
        """As `__call__`, for encoded sequences, shape (n, length)."""
        return np.where(self.is_feasible(codes), self._presence(codes), np.nan)

    def is_feasible(self, codes: Codes) -> NDArray[np.bool_]:
        """True for each encoded sequence without a forbidden transition, shape (n,)."""
        allowed = (self.instance.transitions > 0).ravel()
        columns = np.ascontiguousarray(codes.T, dtype=np.int32)  # (L, n): steps along memory
        return np.asarray(allowed.take(columns[:-1] * self.num_states + columns[1:]).all(axis=0))

    def _presence(self, codes: Codes) -> NDArray[np.float64]:
        columns = np.ascontiguousarray(
            codes.T, dtype=np.uint8
        )  # (L, n): states are fewer than 257, and bytes are quick
        product = np.ones(len(codes))
        for motif, offsets in zip(self.instance.motifs, self.instance.offsets, strict=True):
            product *= self._response[_most_matched(columns, motif, offsets)]
        return product

    @cached_property
    def _response(self) -> NDArray[np.float64]:
        """The factor of a motif by the number of matched elements, shape (k + 1,); cubic in the share, as in holo."""
        step = ceil(self.motif_length / (self.quantization or self.motif_length))
        share = np.arange(self.motif_length + 1) // step / (self.motif_length / step)
        return np.asarray(share * (1.0 + self.epistasis_factor * share * (share - 1.0)))

    def initial_solution(self, n: int = 1) -> list[str]:
        """`n` feasible sequences: those of holo's `initial_solution(n)`, always the same for one `n`."""
        return self.space.alphabet.decode(walks(self.instance, self.length, n, self.seed))

    def optimal_solution(self) -> str:
        """A feasible sequence with every motif, one after another, each element repeated up to the next."""
        motifs, offsets = self.instance.motifs, self.instance.offsets
        repeats = np.diff(offsets, axis=1, append=offsets[:, -1:] + 1)
        states_ = np.repeat(motifs.ravel(), repeats.ravel())
        codes = np.concatenate([states_, np.full(self.length - len(states_), states_[-1])])
        return self.space.alphabet.decode(codes[None])[0]

    def corpus(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` feasible sequences drawn from the instance's chain: the analogue of natural sequences."""
        codes = np.empty((n, self.length), dtype=np.int16)
        steps = _cumulative(self.instance.transitions)
        codes[:, 0] = _pick(_cumulative(self.instance.stationary)[None].repeat(n, axis=0), rng)
        for place in range(1, self.length):
            codes[:, place] = _pick(steps[codes[:, place - 1]], rng)
        return self.space.alphabet.decode(codes)

    @cached_property
    def is_degenerate(self) -> bool:
        """True if random search solves the instance: one of 10,000 random feasible sequences has every motif."""
        tried = self.corpus(_N_SCREENED, stream(self.seed, "ehrlich-screen"))
        complete = self([self.optimal_solution()])[0]
        return bool((self(tried) >= complete).any())


def _most_matched(columns: NDArray[np.uint8], motif: NDArray[np.int64], offsets: NDArray[np.int64]) -> NDArray[Any]:
    """Elements of the motif matched at each sequence's best position, shape (n,); `columns` is (L, n)."""
    n_places = len(columns) - int(offsets[-1])
    matched = np.zeros((n_places, columns.shape[1]), dtype=np.uint8)
    for state, offset in zip(motif.tolist(), offsets.tolist(), strict=True):
        matched += columns[offset : offset + n_places] == state
    return np.asarray(matched.max(axis=0))


def _cumulative(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Running sums along the last axis that end at exactly 1; a probability of 0 leaves no gap to fall into."""
    sums = np.cumsum(np.maximum(probabilities, 0.0).astype(np.float64), axis=-1)
    return np.asarray(sums / sums[..., -1:])


def _pick(cumulative: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """One state for each row of running sums, shape (n,)."""
    return np.asarray((cumulative <= rng.random((len(cumulative), 1))).sum(axis=1))
