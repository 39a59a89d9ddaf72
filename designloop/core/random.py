"""Named random streams: every random quantity has its own stream.

A stream depends only on the seed and on its name, not on earlier draws or their order. Two strategies under one seed
therefore meet the same delays, failures and noise.
"""

import random
import sys
import threading
from hashlib import blake2b
from struct import unpack
from typing import Any

import numpy as np


def stream(seed: int, *name: str | int) -> np.random.Generator:
    """The random generator called `name` under `seed`: `stream(0, "assay-noise", design.id, replicate)`."""
    return np.random.Generator(np.random.Philox(key=int.from_bytes(_key(seed, name), "little")))


def brief_stream(seed: int, *name: str | int) -> np.random.Generator:
    """The same generator for immediate use: the next call in this thread resets it.

    Creating a generator costs more than a few draws, so each thread has one, whose key is set again.
    """
    return _set_to(_key(seed, name))


class Streams:
    """Brief streams of one seed whose names share a prefix, which is hashed once."""

    def __init__(self, seed: int, *beginning: str | int) -> None:
        self._begun = blake2b(repr((int(seed), *beginning, ""))[:-3].encode(), digest_size=16)

    def brief(self, *rest: str | int) -> np.random.Generator:
        """As `brief_stream(seed, *beginning, *rest)`."""
        return self.named(end_of_name(*rest))

    def named(self, end: bytes) -> np.random.Generator:
        """As `brief`, by the `end_of_name` of several streams, which is made once."""
        key = self._begun.copy()
        key.update(end)
        return _set_to(key.digest())


def end_of_name(*rest: str | int) -> bytes:
    """The end of the name of a stream, as it is hashed."""
    return f"{', '.join(map(repr, rest))})".encode()


def _set_to(key: bytes) -> np.random.Generator:
    """The generator of the current thread, at the start of the stream of a key."""
    bits, state, start, generator = _own.parts
    state["key"] = unpack("<QQ", key)
    bits.state = start
    return generator


class _Own(threading.local):
    """The generator of a thread, and the state to which it is reset."""

    def __init__(self) -> None:
        bits = np.random.Philox(key=0)
        nothing = (0, 0, 0, 0)  # plain numbers are read faster than arrays
        state: dict[str, Any] = {"counter": nothing}
        start: Any = {**bits.state, "state": state, "buffer": nothing}
        self.parts = bits, state, start, np.random.Generator(bits)


_own = _Own()


def _key(seed: int, name: tuple[str | int, ...]) -> bytes:
    return blake2b(repr((int(seed), *name)).encode(), digest_size=16).digest()


def seed_from(rng: np.random.Generator) -> int:
    """A 63-bit seed drawn from `rng`, for libraries with their own generator (torch)."""
    return int(rng.integers(0, 2**63 - 1))


def global_states() -> dict[str, Any]:
    """The states of the global random generators."""
    words: Any = np.random.get_state()  # noqa: NPY002 - to see it untouched
    states: dict[str, Any] = {"random": random.getstate(), "numpy": (words[1].tobytes(), *words[2:])}
    if (torch := sys.modules.get("torch")) is not None:
        states["torch"] = torch.get_rng_state().numpy().tobytes()
    return states


def seed_global(seed: int) -> None:
    """Seed the global random generators: to see whether something draws from them."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - to see whether values depend on it
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(seed)
