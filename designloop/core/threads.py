"""One thread: sums depend on their order, so a run that promises the same hash computes in one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block torch and numpy's linear algebra compute in one thread, also if imported only there."""
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
    """Let torch compute in one thread when it is called from the thread that this is called in."""
    _set_threads(1)


def _set_threads(n: int) -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(n)
