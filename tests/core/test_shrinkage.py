"""Values are shrunk by their share of noise; an unknown error is no exact value."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, events_of, history_of, observed

from designloop.core.shrinkage import errors_in_full, shrunk_means

SPACE = SPACES["one length"]
A, B, C = distinct(SPACE, 3)


def test_without_noise_nothing_is_shrunk():
    history = history_of(SPACE, [Told(A, 1.0), Told(B, 4.0), Told(C, "lost")])
    np.testing.assert_allclose(shrunk_means(history), [1.0, 4.0, np.nan])


def test_values_are_shrunk_to_their_mean_by_their_share_of_noise():
    """Values 0 and 4 with errors 1: between them 4 - 1 = 3, so each keeps 3/4 of its distance to the mean."""
    history = history_of(SPACE, [Told(A, 0.0, 1.0), Told(B, 4.0, 1.0)])
    np.testing.assert_allclose(shrunk_means(history), [2 - 2 * 3 / 4, 2 + 2 * 3 / 4])


def test_values_keep_a_tenth_at_least_where_all_could_be_noise():
    """Values 0 and 4 with errors 5: their variance is 4, of which .4 is kept: each at .4 / 25.4 of its distance."""
    history = history_of(SPACE, [Told(A, 0.0, 5.0), Told(B, 4.0, 5.0)])
    np.testing.assert_allclose(shrunk_means(history), [2 - 2 * 0.4 / 25.4, 2 + 2 * 0.4 / 25.4])


@pytest.mark.parametrize("unit", [1e9, 1e-9])
def test_units_are_nothing(unit):
    """Values in moles a litre are shrunk as much as in nanomoles."""
    rows = [Told(A, 0.0, 1.0), Told(B, 4.0, 1.0), Told(C, 1.0, 3.0)]
    in_unit = [Told(row.sequence, row.ending * unit, row.std_error * unit) for row in rows]
    expected = shrunk_means(history_of(SPACE, rows)) * unit
    np.testing.assert_allclose(shrunk_means(history_of(SPACE, in_unit)), expected)


def test_an_unknown_error_is_that_of_a_typical_well():
    """Errors .3 of one well and .1 of four (.2 a well): a well has √((.09 + .04) / 2)."""
    history = history_of(SPACE, [Told(A, 0.0, None), Told(B, 4.0, 0.3)])
    history = history.after(events_of([Told(C, None)], first=2))
    history = history.after([observed(2, 1.0, 0.2) for _ in range(4)])
    np.testing.assert_allclose(errors_in_full(history), [np.sqrt(0.065), 0.3, 0.1])


def test_where_no_error_is_known_replicates_count():
    """Half of the variance between designs, 4 / 2, is taken for one well's noise; it is over n for n equal wells."""
    history = history_of(SPACE, [Told(A, 0.0, None)]).after(events_of([Told(B, None)], first=1))
    history = history.after([observed(1, 4.0, None) for _ in range(8)])
    np.testing.assert_allclose(errors_in_full(history), [np.sqrt(2.0), 0.5])
    shrunk = shrunk_means(history)
    assert shrunk[0] > 4.0 - shrunk[1] > 0
