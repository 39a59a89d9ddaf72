"""Memory: a campaign that cannot fit into this machine's memory is refused before any work begins."""

import os
from collections.abc import Iterable
from math import inf

from designloop.core.errors import ConfigError
from designloop.core.parts import Part

_SWAP = "SwapTotal:"
_GIGABYTE = 1e9


def memory_here() -> float:
    """Bytes of memory of this machine, swap included; infinity where they are unknown."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") + _swap()
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return inf


def _swap() -> int:
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            kilobytes = next((line.split()[1] for line in lines if line.startswith(_SWAP)), "0")
    except OSError:  # not Linux
        return 0
    return 1024 * int(kilobytes)


def check_fits(parts: Iterable[Part], length: int, n_letters: int, n_natural: int) -> None:
    """Raise ConfigError where the lower bound of a part's memory exceeds that of this machine."""
    here = memory_here()
    for part in parts:
        need = part.least_memory(length, n_letters, n_natural)
        if need > here:
            raise ConfigError(
                f"'{part.known_as}' needs at least {_size(need)} of memory, and this machine has {_size(here)}; "
                "make it smaller, or use a larger machine"
            )


def _size(n_bytes: float) -> str:
    return f"{n_bytes / _GIGABYTE:,.3g} GB"
