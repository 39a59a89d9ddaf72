"""Instances of Ehrlich functions: drawn from a seed exactly as by the reference implementation, and cached.

Drawing an instance requires torch. The instances of the shipped campaigns come with the package, and others are cached
bit for bit, so that torch is imported only for new instances.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from designloop.core.cache import content_key, filed, folder
from designloop.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

Size = tuple[int, int, int, int]
"""num_states, length, num_motifs, motif_length."""
SHIPPED = Path(__file__).with_name("ehrlich_instances.npz")
_NAMES = ("transitions", "stationary", "motifs", "offsets")


@dataclass(frozen=True, slots=True)
class Instance:
    """The chain, and the motifs with their spacings."""

    transitions: NDArray[np.float32]
    """Probability of the next state (column) after a state (row), shape (V, V); 0 is forbidden."""
    stationary: NDArray[np.float32]
    """Share of each state in the long run, shape (V,)."""
    motifs: NDArray[np.int64]
    """States of each motif, shape (c, k)."""
    offsets: NDArray[np.int64]
    """Place of each motif's elements, counted from its first, shape (c, k)."""


def instance(size: Size, seed: int) -> Instance:
    """The instance of a seed: from memory, the package, the cache or torch. Raises ConfigError for an invalid chain."""
    return _kept(size, seed, folder())


@lru_cache(maxsize=64)
def _kept(size: Size, seed: int, _: Path | None) -> Instance:
    found = _shipped(size, seed)
    if found is not None:
        return found
    stem = f"ehrlich-{content_key(size=size, seed=seed)[:24]}.npz"
    try:
        return filed(stem, lambda: drawn(size, seed), lambda it, file: write(arrays(it), file), _load, _UNREADABLE)
    except OSError:  # the cache is not writable: draw it again
        return drawn(size, seed)


_UNREADABLE = (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error)


def _shipped(size: Size, seed: int) -> Instance | None:
    """The instance in the package's file, whose arrays have an axis of seeds, from 0 on, before their own."""
    with np.load(SHIPPED) as kept:
        name = shipped_name(size)
        is_there = f"{name}motifs" in kept and seed < len(kept[f"{name}motifs"])
        return Instance(*(kept[name + field][seed] for field in _NAMES)) if is_there else None


def shipped_name(size: Size) -> str:
    """How the names of a size's arrays begin in the package's file: `32-32-4-4/`."""
    return "-".join(map(str, size)) + "/"


def arrays(it: Instance) -> dict[str, NDArray[Any]]:
    """The arrays of an instance by their names."""
    return {name: getattr(it, name) for name in _NAMES}


def write(named: Mapping[str, NDArray[Any]], file: Path) -> None:
    """Write arrays, compressed, under their names."""
    with file.open("wb") as out:
        np.savez_compressed(out, **dict[str, Any](named))


def _load(file: Path) -> Instance:
    with np.load(file) as kept:
        return Instance(*(kept[name] for name in _NAMES))


def walks(of: Instance, n_steps: int, n: int, seed: int) -> NDArray[np.int64]:
    """`n` walks of an instance's chain, shape (n, n_steps), as the reference draws its initial solutions."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    return _walk(torch.from_numpy(of.stationary), torch.from_numpy(of.transitions), n_steps, n, generator).numpy()


@lru_cache(maxsize=64)
def drawn(size: Size, seed: int) -> Instance:
    """The reference's draws, in its order: chain, shuffled bands, one walk cut into motifs, each motif's spacings."""
    import torch

    num_states, length, num_motifs, motif_length = size
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
        raise ConfigError("this seed gives a chain in which some state cannot reach another; use another seed")


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
