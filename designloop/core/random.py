"""Randomness by name: every random quantity has a stream of its own.

A stream depends on the seed and on its name, and on nothing else: not on what was drawn before, nor in which order.
That is what lets two strategies, compared under one seed, meet the same delays, failures and noise.
"""

from hashlib import blake2b

import numpy as np


def stream(seed: int, *name: str | int) -> np.random.Generator:
    """The random generator called `name` under `seed`: `stream(0, "assay-noise", design.id, replicate)`."""
    key = blake2b(repr((int(seed), *name)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def seed_from(rng: np.random.Generator) -> int:
    """A 63-bit seed drawn from `rng`, for libraries that keep a generator of their own (torch)."""
    return int(rng.integers(0, 2**63 - 1))
