"""The closed forms of a random choice agree with counting every choice."""

from itertools import combinations, product

import numpy as np
import pytest

from designloop.hindsight.chance import Draw, best_of, hits_of, mean_of

VALUES = np.array([0.0, 1.0, 1.0, 4.0, 9.0, 2.5])
OTHERS = np.array([3.0, 7.0, 8.0])


def every(values: np.ndarray, n: int) -> list[np.ndarray]:
    return [values[list(places)] for places in combinations(range(len(values)), n)]


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_one_draw_is_that_of_all_subsets(n: int) -> None:
    drawn, draw = every(VALUES, n), Draw(VALUES, n)
    assert draw.mean == pytest.approx(np.mean([its.mean() for its in drawn]))
    assert draw.variance == pytest.approx(np.var([its.mean() for its in drawn]))
    assert best_of([draw]).expected == pytest.approx(np.mean([its.max() for its in drawn]))
    assert hits_of([draw], 2.5).expected == pytest.approx(np.mean([(its >= 2.5).sum() for its in drawn]))


def test_several_draws_are_independent() -> None:
    draws, both = [Draw(VALUES, 2), Draw(OTHERS, 2)], list(product(every(VALUES, 2), every(OTHERS, 2)))
    best = [max(one.max(), other.max()) for one, other in both]
    hits = [(one >= 4).sum() + (other >= 4).sum() for one, other in both]
    assert best_of(draws).expected == pytest.approx(np.mean(best))
    assert hits_of(draws, 4.0).expected == pytest.approx(np.mean(hits))
    assert mean_of(draws).expected == pytest.approx(np.mean([np.concatenate(pair).mean() for pair in both]))
    wide, narrow = Draw(VALUES, 4), Draw(OTHERS, 1)
    its = mean_of([wide, narrow])
    assert its.expected == pytest.approx((4 * VALUES.mean() + OTHERS.mean()) / 5)
    assert (its.high - its.low) / 2 == pytest.approx(1.959964 * np.sqrt(16 * wide.variance + narrow.variance) / 5)
    low, high = np.quantile(hits, [0.025, 0.975], method="inverted_cdf")
    assert (hits_of(draws, 4.0).low, hits_of(draws, 4.0).high) == (low, high)


def test_all_of_a_list_has_no_range() -> None:
    for spread in (mean_of([Draw(VALUES, 6)]), best_of([Draw(VALUES, 6)]), hits_of([Draw(VALUES, 6)], 4.0)):
        assert spread.low == spread.high == pytest.approx(spread.expected)
