"""The garbage collector rests within a block, and runs again behind it."""

import gc

import pytest

from designloop.core.uncollected import uncollected


def fails() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()  # the outer block has not ended
        raise KeyError


def test_the_collector_rests_within_the_block_and_runs_again_also_after_an_error():
    assert gc.isenabled()
    with pytest.raises(KeyError):
        fails()
    assert gc.isenabled()
