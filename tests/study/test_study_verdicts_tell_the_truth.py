"""Verdicts on studies whose answer is known; `benchmarks/verdicts.py` says the same of ten times as many."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, kstest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from verdicts import QUICK, Plan, drawn, judged, real, spread

from designloop.core.random import stream
from designloop.study.comparisons import ALPHA, power, sign_flip_p
from designloop.study.verdict import assess

N_STUDIES = 50


def test_copies_are_seldom_told_apart_and_their_p_values_are_uniform() -> None:
    """Of three contestants; Holm makes a call if it makes one at its first level, a third of .05."""
    each = []
    for number in range(N_STUDIES):
        values = drawn("skewed", 20, 1, 3, stream(number, "copies")).mean(axis=1)
        each.append([sign_flip_p(values[:, a] - values[:, b]) for a, b in ((0, 1), (0, 2), (1, 2))])
    n_false = sum(min(ps) <= ALPHA / 3 for ps in each)
    assert binomtest(n_false, N_STUDIES).proportion_ci(0.99).low <= ALPHA
    assert kstest([ps[0] for ps in each], "uniform").pvalue > 0.01


def test_half_a_standard_deviation_is_found_as_often_as_promised() -> None:
    sd, n_found = spread("normal", 2), 0
    for number in range(N_STUDIES):
        values = drawn("normal", 34, 2, 2, stream(number, "planted")).mean(axis=1)
        n_found += sign_flip_p(values[:, 0] - values[:, 1] + sd / 2) <= ALPHA
    low, high = binomtest(n_found, N_STUDIES).proportion_ci(0.99)
    assert low <= power(0.5, 34) <= high
    assert low > 0.5


def test_real_campaigns_of_one_strategy_differ_by_label() -> None:
    plan = Plan("real, rugged", 2, 2, 1)
    (setting,) = assess(real(plan, 0), QUICK).settings
    values = np.array([one.unit_values for one in setting.standings])
    assert values.shape == (2, 2)
    assert (values[0] != values[1]).any()
    with pytest.raises(AssertionError, match="2 units are too few for a verdict; plan 20"):
        judged(setting.pairs, plan)
