"""An Ehrlich function: a landscape in closed form whose feasible sequences are walks of a Markov chain.

`c` spaced motifs of length `k` must be present in a sequence that makes no forbidden transition. The value is the
product over motifs of a response to the best position's share of matched elements: of the k elements, steps of
ceil(k / q) count, where q is the quantization. Stanton et al. 2024, arXiv 2407.00236. The same arguments and seed give the instance of pytorch-holo 0.0.5, draw for
draw, so that published results stay comparable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, prod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import Codes, states
from designloop.core.errors import ConfigError, InputError
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle

if TYPE_CHECKING:
    import torch

_N_SCREENED = 10_000
_MAX_STATES = 256


@dataclass(frozen=True, slots=True)
class Instance:
    """What a seed draws: the chain, and what a sequence must hold."""

    transitions: NDArray[np.float32]
    """Probability of the next state (column) after a state (row), shape (V, V); 0 is forbidden."""
    stationary: NDArray[np.float32]
    """Share of each state in the long run, shape (V,)."""
    motifs: NDArray[np.int64]
    """States of each motif, shape (c, k)."""
    offsets: NDArray[np.int64]
    """Place of each motif's elements, counted from its first, shape (c, k)."""


class Ehrlich(Oracle):
    """A holo-compatible Ehrlich function. Values lie in 0..1; a forbidden transition makes a sequence NaN.

    The highest value is 1 where the steps that a quantization leaves divide the motif's length, and below it elsewhere:
    with motif_length 5 and quantization 3, elements count in steps of 2, and a complete motif as 4 of 5.
    """

    floor: ClassVar[float | None] = 0.0

    num_states: int = Field(32, ge=2, le=_MAX_STATES, description="letters of the alphabet")
    length: int = Field(32, ge=2, description="letters of every sequence")
    num_motifs: int = Field(4, ge=1, description="motifs that must be present")
    motif_length: int = Field(4, ge=2, description="elements of each motif")
    quantization: int | None = Field(
        None,
        ge=1,
        description="levels of a motif's presence; left out: motif_length. Elements count in steps of "
        "ceil(motif_length / quantization); where steps do not divide motif_length, the highest value is below 1",
    )
    epistasis_factor: float = Field(0.0, ge=0.0, description="how much a half-present motif is penalised")
    seed: int = Field(0, ge=0, description="draws the instance")

    @model_validator(mode="after")
    def _can_be_solved(self) -> "Ehrlich":
        if self.num_motifs * self.motif_length > self.length:
            raise ValueError(
                f"{self.num_motifs} motifs of {self.motif_length} elements need at least "
                f"{self.num_motifs * self.motif_length} letters, and length is {self.length}; "
                "lengthen the sequences or ask for fewer or shorter motifs"
            )
        return self

    @property
    def optimum(self) -> float | None:
        """The value of `optimal_solution`; None where the epistasis is so strong that less of a motif may be more."""
        complete = self._response[-1]
        return prod([complete] * self.num_motifs) if abs(self._response).max() <= complete else None

    @cached_property
    def space(self) -> Space:
        """Every sequence of this length over the numbered states, feasible or not."""
        return Space.of_length(states(self.num_states), self.length)

    @property
    def instance(self) -> Instance:
        """The chain, motifs and spacings that the seed draws."""
        return _instance(self.num_states, self.length, self.num_motifs, self.motif_length, self.seed)

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Values in 0..1, shape (n,), NaN where a transition is forbidden. Raises InputError for a wrong length."""
        if len(sequences) == 0:
            return np.zeros(0)
        codes = self.space.alphabet.encode(sequences)
        if codes.shape[1] != self.length or (codes[:, -1] < 0).any():
            row = next(i for i, sequence in enumerate(sequences) if len(sequence) != self.length)
            raise InputError(
                f"sequence {row + 1} has {len(sequences[row])} letters, and this Ehrlich function is over {self.length}"
            )
        return self.values(codes)

    def values(self, codes: Codes) -> NDArray[np.float64]:
        """As a call, for encoded sequences, shape (n, length)."""
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
        """A motif's factor by how many elements are matched, shape (k + 1,); cubic in the share, as holo's."""
        step = ceil(self.motif_length / (self.quantization or self.motif_length))
        share = np.arange(self.motif_length + 1) // step / (self.motif_length / step)
        return np.asarray(share * (1.0 + self.epistasis_factor * share * (share - 1.0)))

    def initial_solution(self, n: int = 1) -> list[str]:
        """`n` feasible sequences: always the same ones for one `n`, those of holo's `initial_solution(n)`."""
        import torch

        generator = torch.Generator().manual_seed(self.seed)
        start, rows = torch.from_numpy(self.instance.stationary), torch.from_numpy(self.instance.transitions)
        walks = _walk(start, rows, self.length, n, generator)
        return self.space.alphabet.decode(walks.numpy())

    def optimal_solution(self) -> str:
        """A feasible sequence that holds every motif: one after another, each element repeated up to the next."""
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
        """True where chance solves the instance: one of 10,000 random feasible sequences holds every motif."""
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


@lru_cache(maxsize=64)
def _instance(num_states: int, length: int, num_motifs: int, motif_length: int, seed: int) -> Instance:
    """The reference's draws, in its order: chain, shuffled bands, one walk cut into motifs, each motif's spacings."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    transitions = _draw_transitions(num_states, generator)
    stationary = _stationary(transitions)
    motifs = _walk(stationary, transitions, num_motifs * motif_length, 1, generator).reshape(num_motifs, motif_length)
    slack = (length - num_motifs * motif_length) // num_motifs
    offsets = [_draw_offsets(motif_length, slack, generator) for _ in range(num_motifs)]
    return Instance(transitions.numpy(), stationary.numpy(), motifs.numpy(), np.stack(offsets))


def _draw_transitions(num_states: int, generator: "torch.Generator") -> "torch.Tensor":
    """A chain whose states each lead to a band of others, the bands shuffled, and always to themselves; (V, V)."""
    import torch

    dense = (torch.randn(num_states, num_states, generator=generator) / 0.5).softmax(dim=-1)
    distance = (torch.arange(num_states)[:, None] - torch.arange(num_states)[None]).abs()
    band = torch.minimum(distance, num_states - distance) <= int(num_states * 0.4)
    allowed = band[torch.randperm(num_states, generator=generator)] | torch.eye(num_states, dtype=torch.bool)
    sparse = torch.where(allowed, dense, torch.zeros_like(dense))
    sparse = sparse / sparse.sum(dim=-1, keepdim=True)
    _check_connected(sparse.numpy() > 0)
    return sparse


def _check_connected(allowed: NDArray[np.bool_]) -> None:
    """Raise ConfigError unless every state leads to every other (the reference refuses such a chain as well)."""
    reach = allowed
    for _ in range(int(np.ceil(np.log2(len(allowed)))) + 1):
        reach = reach.astype(np.float32) @ reach.astype(np.float32) > 0
    if not reach.all():
        raise ConfigError("this seed draws a chain in which some state cannot reach another; take another seed")


def _stationary(transitions: "torch.Tensor") -> "torch.Tensor":
    """The chain's long-run distribution, shape (V,), solved as the reference does: its last bits decide later draws."""
    import torch

    n = len(transitions)
    system = torch.cat([(torch.eye(n) - transitions).T, torch.ones(1, n)])
    right = torch.zeros(n + 1, 1)
    right[-1] = 1
    q, r = torch.linalg.qr(system)
    solution: torch.Tensor = torch.linalg.solve(r, q.T @ right)
    return solution.squeeze(-1)


def _walk(
    start: "torch.Tensor", transitions: "torch.Tensor", n_steps: int, n: int, generator: "torch.Generator"
) -> "torch.Tensor":
    """`n` walks of the chain, shape (n, n_steps) int64."""
    import torch

    states_ = [torch.multinomial(start, n, replacement=True, generator=generator)]
    while len(states_) < n_steps:
        states_.append(torch.multinomial(transitions[states_[-1]], 1, generator=generator).squeeze(-1))
    return torch.stack(states_, dim=1)


def _draw_offsets(motif_length: int, slack: int, generator: "torch.Generator") -> NDArray[np.int64]:
    """Where a motif's elements stand: gaps of one, and the slack spread at random and rounded down; shape (k,)."""
    import torch

    weights = torch.rand(motif_length - 1, generator=generator)
    gaps = 1 + (slack * (weights / weights.sum())).floor().to(torch.int64)
    return np.concatenate([[0], np.cumsum(gaps.numpy())])
