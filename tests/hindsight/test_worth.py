"""Means of choices and their intervals: each choice counts the same, and the same choices do not differ."""

import numpy as np
import pytest

from designloop.core.records import Choice, Proposal
from designloop.hindsight.replayed import Replayed
from designloop.hindsight.worth import mean_with_interval, weights_of

DESIGNS = [f"{n:05d}" for n in range(200)]
VALUES = np.arange(200.0)


def replayed(first: int, picks: list[list[int]]) -> Replayed:
    """A decision with the candidates from `first` on, and the designs chosen under each seed."""
    proposals = [Proposal(tuple(Choice(DESIGNS[n]) for n in its)) for its in picks]
    return Replayed(
        1, 1, 0.0, False, (), (), len(picks[0]), 9, tuple(DESIGNS[first:]), VALUES[first:], VALUES[first:] * 0 + 2.0,
        {"it": proposals},
    )  # fmt: skip


def test_each_choice_has_the_same_weight() -> None:
    decisions = [replayed(0, [[0, 2, 4, 6]]), replayed(100, [[100]])]
    weights = weights_of(decisions, [one.picks("it") for one in decisions], DESIGNS)
    assert mean_with_interval(VALUES, weights).value == pytest.approx((0 + 2 + 4 + 6 + 100) / 5)
    assert weights.shares[[0, 100]].tolist() == [0.2, 0.2]
    everything = weights_of(decisions, [[np.arange(len(one.candidates))] for one in decisions], DESIGNS)
    assert mean_with_interval(VALUES, everything).value == pytest.approx((4 * 99.5 + 149.5) / 5)


def test_the_same_choices_do_not_differ() -> None:
    decisions = [replayed(0, [[3, 5], [4, 9]])]
    weights = weights_of(decisions, [one.picks("it") for one in decisions], DESIGNS)
    its = mean_with_interval(VALUES, weights, weights)
    assert its.value == 0.0


def test_the_interval_of_a_mean_is_that_of_a_sample() -> None:
    """100 designs of one decision under one seed: the interval is about ±1.96 sd/√n."""
    chosen = list(range(0, 200, 2))
    decisions = [replayed(0, [chosen])]
    its = mean_with_interval(VALUES, weights_of(decisions, [one.picks("it") for one in decisions], DESIGNS))
    error = VALUES[chosen].std() / 10
    assert its.value == pytest.approx(99.0)
    assert [its.low, its.high] == pytest.approx([99.0 - 1.96 * error, 99.0 + 1.96 * error], rel=0.02)


def test_seeds_that_differ_widen_the_interval() -> None:
    """Two seeds that choose the lower and the upper half: a resample may hold one seed twice."""
    decisions = [replayed(0, [list(range(100)), list(range(100, 200))])]
    its = mean_with_interval(VALUES, weights_of(decisions, [one.picks("it") for one in decisions], DESIGNS))
    assert its.value == pytest.approx(99.5)
    assert its.low < 60
    assert its.high > 140
