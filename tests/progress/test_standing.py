"""The state of a run in words, as the progress display shows it."""

import numpy as np
from histories import SPACES

from designloop.core.history import History
from designloop.core.records import Design, Outcome
from designloop.core.rows import Row
from designloop.progress.campaigns import best_measured, in_short


def measured(*wells):
    row = Row(Design(7, "ACGTACGT", 1), Outcome.OBSERVED, 0)
    for value, outcome in wells:
        row = row.read(value, 0.19, outcome)
    return History(SPACES["one length"], rows={7: row})


def test_the_best_value_is_a_limit_if_all_its_wells_are_beyond_one():
    above = measured((0.9, Outcome.ABOVE_DETECTION))
    assert best_measured(above) == "best measured > 0.9 (design 7)"
    assert in_short(above).endswith("best measured > 0.9 (design 7)")
    assert best_measured(measured((0.5, Outcome.BELOW_DETECTION))) == "best measured < 0.5 (design 7)"
    assert best_measured(measured((0.9, Outcome.OBSERVED))) == "best measured 0.9 ± 0.19 (design 7)"
    split = measured((0.9, Outcome.ABOVE_DETECTION), (0.7, Outcome.OBSERVED))
    assert np.isclose(split.readings[0], 0.83, atol=0.07)
    assert best_measured(split).startswith("best measured 0.")
    assert "±" in best_measured(split)
