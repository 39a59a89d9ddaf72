"""Notices a strategy that draws from Python's or NumPy's global generators, which no seed of a run sets."""

from collections.abc import Iterator
from contextlib import contextmanager

from designloop.core.faults import called, within
from designloop.core.notices import warn
from designloop.core.parts import Part
from designloop.core.random import global_states

_GENERATORS = {"random": "`random`", "numpy": "`numpy.random`"}
"""Those of torch are left out: a strategy that trains a network may seed them from its own `rng`."""


@contextmanager
def with_global_dice_seen(strategy: Part) -> Iterator[None]:
    """A block in which `strategy` chooses. Warns if its user's code drew from a global generator."""
    if all(type(part).__module__.startswith("designloop.") for part in within(strategy)):
        yield
        return
    before = global_states()
    yield
    after = global_states()
    used = [name for key, name in _GENERATORS.items() if after[key] != before[key]]
    if used:
        warn(
            f"{called(strategy)} draws from the global generator of {' and of '.join(used)}, which the seed of a run "
            "does not set: the same seed may give other designs. Draw from the argument `rng`"
        )
