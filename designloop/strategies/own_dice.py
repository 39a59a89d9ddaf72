"""Notices a strategy that draws from Python's or NumPy's global generators, which no seed of a run sets."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from designloop.core.faults import called, within
from designloop.core.notices import warn
from designloop.core.parts import Part


@contextmanager
def with_global_dice_seen(strategy: Part) -> Iterator[None]:
    """A block in which `strategy` chooses. Warns if its user's code drew from a global generator."""
    if all(type(part).__module__.startswith("designloop.") for part in within(strategy)):
        yield
        return
    before = _states()
    yield
    used = [name for name, state in _states().items() if state != before[name]]
    if used:
        warn(
            f"{called(strategy)} draws from the global generator of {' and of '.join(used)}, which the seed of a run "
            "does not set: the same seed may give other designs. Draw from the argument `rng`"
        )


def _states() -> dict[str, object]:
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002  # its state is read, and nothing is drawn
    return {"`random`": random.getstate(), "`numpy.random`": (name, np.asarray(keys).tobytes(), *rest)}
