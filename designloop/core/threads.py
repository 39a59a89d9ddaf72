"""Single-threaded computation: floating-point sums depend on their order, and a run must give the same hash."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block, torch and numpy's linear algebra use one thread, even if they are imported later."""
    before = sys.modules["torch"].get_num_threads() if "torch" in sys.modules else None
    variable = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    _set_threads(1)
    try:
        with _loaded(frozenset(sys.modules)).limit(limits=1):
            yield
    finally:
        if variable is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = variable
        _set_threads(before or int(variable or os.cpu_count() or 1))


@lru_cache(maxsize=1)
def _loaded(modules: frozenset[str]) -> "ThreadpoolController":
    """The libraries with threads of their own. To look for them takes milliseconds, and only an import brings more."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread_here() -> None:
    """Make torch use one thread for calls from the current thread."""
    _set_threads(1)


def _set_threads(n: int) -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(n)
