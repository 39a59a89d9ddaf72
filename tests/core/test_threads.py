"""Inside a campaign everything computes in one thread; outside, as many as there were."""

import subprocess
import sys

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from designloop.core.threads import one_thread


def threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_linear_algebra_has_one_thread_within_and_its_own_again_after() -> None:
    assert np.eye(2) @ np.eye(2) is not None  # the library is loaded
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        with one_thread():
            assert threads() == {1}
        assert threads() == before


def test_a_library_that_is_imported_between_two_blocks_has_one_thread_in_the_second() -> None:
    program = """
from designloop.core.threads import one_thread
with one_thread():
    pass
import numpy
from threadpoolctl import threadpool_info, threadpool_limits
threadpool_limits(2)
with one_thread():
    print({library["num_threads"] for library in threadpool_info()})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "{1}\n"
