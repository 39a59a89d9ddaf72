"""Randomness by name."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from designloop.core.random import Streams, brief_stream, seed_from, stream


def test_a_stream_depends_on_its_name_alone():
    """The same seed and name give the same numbers, whatever was drawn before."""
    first = stream(0, "noise", 3).random(4)
    stream(0, "other").random(100)
    np.testing.assert_array_equal(stream(0, "noise", 3).random(4), first)


def test_names_seeds_and_the_boundaries_of_words_make_other_streams():
    streams = [(0, "a"), (1, "a"), (0, "b"), (0, "a", 1), (0, "a1"), (0, "a", "1"), (0, "ab"), (0, "a", "b"), (0,)]
    assert len({stream(*name).integers(2**62) for name in streams}) == len(streams)


def test_streams_are_the_same_in_another_process():
    program = "from designloop.core.random import stream; print(stream(7, 'noise', 'x', 2).integers(2**62))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(out.stdout) == stream(7, "noise", "x", 2).integers(2**62)


def test_a_seed_for_another_library_is_drawn_from_the_stream():
    assert seed_from(stream(0, "s")) == seed_from(stream(0, "s"))
    assert 0 <= seed_from(stream(0, "s")) < 2**63


@pytest.mark.parametrize("rest", [(3,), ("batch", 3), ("it's", 3, "")])
def test_streams_that_begin_alike_are_those_of_their_whole_names(rest):
    assert Streams(7, "lab", "x").brief(*rest).random() == stream(7, "lab", "x", *rest).random()
    assert Streams(7, "lab").brief(*rest).random() == stream(7, "lab", *rest).random()
    assert Streams(7).brief(*rest).random() == stream(7, *rest).random()


@pytest.mark.parametrize("seed", [0, 7, 2**62])
def test_a_brief_stream_draws_what_the_stream_of_its_name_draws(seed):
    """Whatever was left over of the one before: half a word, a buffer, a Gaussian."""
    for place in range(40):
        kept, brief = stream(seed, "lab", place, "x"), brief_stream(seed, "lab", place, "x")
        for draw in ("random", "standard_normal", "standard_exponential"):
            assert getattr(kept, draw)() == getattr(brief, draw)()
        assert kept.poisson(5.0) == brief.poisson(5.0)
        assert kept.integers(0, 9, size=place % 3, dtype=np.int32).tolist() == (
            brief.integers(0, 9, size=place % 3, dtype=np.int32).tolist()
        )


def test_a_thread_has_a_brief_stream_of_its_own():
    mine = brief_stream(0, "a")
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(lambda: brief_stream(0, "b").random()).result()
    assert (mine.random(), theirs) == (stream(0, "a").random(), stream(0, "b").random())
