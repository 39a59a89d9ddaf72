"""Single-threaded computation: floating-point sums depend on their order, and a run must give the same hash."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block, torch and numpy's linear algebra use one thread, even if they are imported later."""
    from threadpoolctl import threadpool_limits

    before = sys.modules["torch"].get_num_threads() if "torch" in sys.modules else None
    variable = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    _set_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        if variable is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = variable
        _set_threads(before or int(variable or os.cpu_count() or 1))


def one_thread_here() -> None:
    """Make torch use one thread for calls from the current thread."""
    _set_threads(1)


def _set_threads(n: int) -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(n)
