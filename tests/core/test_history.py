"""The history is a fold over events: what is known, what is in the lab, what is left."""

from math import inf, sqrt

import numpy as np
import pytest
from histories import SPACES, Told, busy_history, events_of, history_of, observed

from designloop.core.alphabet import DNA
from designloop.core.clock import WEEK
from designloop.core.history import History, Known
from designloop.core.records import Design, Event, Outcome, Start
from designloop.core.rows import Row
from designloop.core.spaces import Space

SPACE = SPACES["one length"]
A, B, C = "AAAAAAAA", "CCCCCCCC", "GGGGGGGG"


def chosen(*sequences: str) -> list[Event]:
    return [event for i, s in enumerate(sequences) for event in events_of([Told(s, None)], first=i)]


def failed(design: int, outcome: str, **data: object) -> Event:
    return Event(9, "failed", design, {"outcome": outcome, "stage": "any", "round": 1, **data})


def test_a_design_is_pending_from_submission_to_its_outcome():
    history = history_of(SPACE).after(chosen(A, B))
    assert history.pending_sequences == [A, B]
    assert history.sequences == []
    assert history.taken == {A, B}
    after = history.after([Event(5, "entered", 1, {"stage": "synthesis", "round": 1}), observed(0, 2.5)])
    assert [(p.design.id, p.stage, p.submitted_at) for p in after.pending] == [(1, "synthesis", 1)]
    assert after.sequences == [A]
    assert after.values.tolist() == [2.5]
    assert history.pending_sequences == [A, B]  # the earlier history is as it was


def test_events_one_by_one_or_together_are_the_same_history():
    events = [*chosen(A, B, C), observed(2, 1.0), failed(0, "lost"), Event(WEEK, "charged", None, {"rent": 3.0})]
    together, one_by_one = history_of(SPACE).after(events), history_of(SPACE)
    for event in events:
        one_by_one = one_by_one.after([event])
    assert together == one_by_one


def test_rows_stand_in_the_order_of_ids_whatever_came_back_first():
    events = [observed(0, 1.0), observed(2, 3.0), failed(1, "not_expressed")]
    for order in (events, events[::-1]):
        history = history_of(SPACE).after([*chosen(A, B, C), *order])
        assert history.ids.tolist() == [0, 1, 2]
        np.testing.assert_array_equal(history.values, [1.0, np.nan, 3.0])


@pytest.mark.parametrize("outcome", ["lost", "synthesis_failed", "build_failed", "not_expressed"])
def test_a_design_without_a_value_stops_being_pending_and_its_sequence_may_be_chosen_again(outcome: str):
    history = history_of(SPACE).after([*chosen(A), failed(0, outcome)])
    assert history.pending == []
    assert A not in history.taken
    assert history.outcomes == [Outcome(outcome)]
    again = history.after(events_of([Told(A, 4.0)], first=1))
    assert again.sequences == [A, A]
    assert again.taken == {A}


def test_what_a_table_lacks_is_not_chosen_again():
    history = history_of(SPACE).after([*chosen(A), failed(0, "unmeasured")])
    assert history.taken == {A}


def test_replicates_are_weighted_by_their_precision():
    """Values 1 ± 1 and 4 ± 0.5 have the mean (1 + 4 · 4) / 5 and the error 1 / √5."""
    history = history_of(SPACE).after([*chosen(A), observed(0, 1.0, 1.0), observed(0, 4.0, 0.5)])
    assert history.values[0] == pytest.approx(17 / 5)
    assert history.std_errors[0] == pytest.approx(1 / sqrt(5))
    assert history.n_replicates.tolist() == [2]


def test_errors_that_grow_with_the_readings_bias_no_mean():
    """By precision 1 ± .2 and 3 ± .6 would be 1.2; by the plain mean they are 2 ± √(.2² + .6²) / 2."""
    history = history_of(SPACE).after([*chosen(A), observed(0, 1.0, 0.2), observed(0, 3.0, 0.6)])
    assert history.values[0] == 2.0
    assert history.std_errors[0] == pytest.approx(sqrt(0.4) / 2)


def test_more_wells_of_a_multiplicative_assay_leave_the_mean_where_it_is():
    rng = np.random.default_rng(0)
    readings = np.exp(rng.normal(-0.02, 0.2, size=(2000, 8)))
    rows = [
        Row(Design(0, A, 1), Outcome.OBSERVED, 9, None, tuple(row), tuple(np.hypot(0.2 * row, 0.01)))
        for row in readings
    ]
    assert np.mean([row.value for row in rows]) == pytest.approx(readings.mean())


def test_a_well_of_far_larger_error_than_its_reading_explains_weighs_little():
    history = history_of(SPACE).after([*chosen(A), observed(0, 1.0, 0.1), observed(0, 9.0, 10.0)])
    assert history.values[0] == pytest.approx(1.0, abs=1e-3)


def test_exact_replicates_have_their_plain_mean_and_no_error():
    history = history_of(SPACE).after([*chosen(A), observed(0, 1.0), observed(0, 4.0)])
    assert history.values[0] == 2.5
    assert history.std_errors[0] == 0.0


def test_an_exact_replicate_outweighs_one_with_an_error():
    history = history_of(SPACE).after([*chosen(A), observed(0, 1.0, 0.0), observed(0, 4.0, 0.5)])
    assert (history.values[0], history.std_errors[0]) == (1.0, 0.0)


def test_an_unknown_error_is_nan_beside_a_value_and_not_zero():
    """None in the event, NaN in the column; `is_measured` says that there is a value."""
    history = history_of(SPACE).after([*chosen(A, B), observed(0, 1.0, None), observed(1, 2.0, 0.0)])
    np.testing.assert_array_equal(history.std_errors, [np.nan, 0.0])
    assert history.is_measured.tolist() == [True, True]


def test_the_spread_of_replicates_is_an_unknown_error_pooled_over_designs():
    """Values (1, 3) and (5, 5): variances 2 and 0, shared 1; s² = (2 + 4 · 1) / 5 and (0 + 4 · 1) / 5, over √2."""
    wells = [observed(0, 1.0, None), observed(0, 3.0, 0.5), observed(1, 5.0, None), observed(1, 5.0, None)]
    history = history_of(SPACE).after([*chosen(A, B, C), *wells, observed(2, 4.0, None)])
    assert history.values.tolist() == [2.0, 5.0, 4.0]
    np.testing.assert_allclose(history.std_errors, [sqrt(1.2 / 2), sqrt(0.8 / 2), np.nan])


def test_equal_replicates_of_unknown_error_are_not_exact():
    """Nor where rounding makes a spread of them: the variance of twelve times 4.31 is 8e-31."""
    history = history_of(SPACE).after([*chosen(A), *[observed(0, 4.31, None) for _ in range(12)]])
    assert np.isnan(history.std_errors[0])


def test_limits_are_told_apart_and_a_well_with_a_value_ends_the_censoring():
    below, above = {"outcome": "below_detection"}, {"outcome": "above_detection"}
    wells = [observed(0, 0.1, **below), observed(0, 0.1, **below), observed(1, 9.0, **above), observed(2, 0.1, **below)]
    history = history_of(SPACE).after([*chosen(A, B, C), *wells, observed(2, 0.5)])
    assert history.sides.tolist() == [-1, 1, 0]


def test_the_hull_holds_todays_space_and_every_known_sequence():
    """Lengths and letters are the union; pool, parent and edit budget are no part of it."""
    space = Space.of_length(DNA, 4, parent="ACGT", fixed=(0,), allowed={1: "CG"}, max_edits=2)
    starts = [Start("TC", 1.0), Start("ACGTA", outcome=Outcome.NOT_EXPRESSED), Start("ATGT")]
    history = history_of(space, [Told("ACGA", 1.0), Told("AGGT", None)], starts=starts)
    assert (history.hull.min_length, history.hull.max_length) == (2, 5)
    assert history.hull.allowed == {1: "CGT", 4: "A"}
    assert history.hull.contains([*history.sequences, *history.pending_sequences, "ATGT"]).all()
    assert history.after([]).hull == history.hull


def test_the_hull_of_a_pool_holds_the_letters_of_its_sequences():
    hull = history_of(Space.of_pool(DNA, ["ACG", "ACT", "GC"])).hull
    assert hull.allowed == {0: "AG", 1: "C", 2: "GT"}


def test_a_retest_adds_to_its_design_and_is_no_new_one():
    """While it is in the lab the design keeps its value and is not pending; no design is spent."""
    history = history_of(SPACE, budget={"designs": 5}).after([*chosen(A), observed(0, 1.0, 1.0)])
    out = history.after([Event(20, "submitted", 0, {"round": 2, "retest": True})])
    assert out.values.tolist() == [1.0]
    assert out.pending == []
    assert set(out.retesting) == {0}
    assert out.left.designs == history.left.designs == 4
    back = out.after([observed(0, 3.0, 1.0, minute=30, retest=True, round=2)])
    assert back.retesting == {}
    assert back.values.tolist() == [2.0]
    assert back.std_errors[0] == pytest.approx(1 / sqrt(2))
    lost = out.after([failed(0, "lost", retest=True)])
    assert lost.retesting == {}
    assert lost.values.tolist() == [1.0]
    assert lost.outcomes == [Outcome.OBSERVED]


def test_a_second_replicate_that_failed_takes_no_value_away():
    history = history_of(SPACE).after([*chosen(A), observed(0, 1.0), failed(0, "lost")])
    assert history.values.tolist() == [1.0]
    assert history.outcomes == [Outcome.OBSERVED]


def test_the_budget_left_is_what_was_not_submitted_charged_or_waited():
    history = history_of(SPACE, budget={"designs": 10, "weeks": 8, "cost": 100.0})
    after = history.after([*chosen(A, B), Event(2 * WEEK, "charged", None, {"designs": 30.0, "rent": 12.5})])
    assert (after.left.designs, after.left.weeks, after.left.cost) == (8, 6, 57.5)
    assert after.week == 2
    assert after.now == 2 * WEEK


def test_what_is_not_limited_is_infinite():
    history = history_of(SPACE, budget={"designs": None})
    assert (history.left.designs, history.left.weeks, history.left.cost) == (inf, inf, inf)


def test_starting_sequences_with_values_come_first_as_round_zero():
    starts = [Start(B, 1.5, 0.2), Start(C), Start(A, 0.5)]
    history = history_of(SPACE, [Told(C, 2.0)], starts=starts)
    assert history.ids.tolist() == [-1, -3, 0]
    assert history.sequences == [B, A, C]
    assert history.rounds.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(history.std_errors, [0.2, np.nan, 0.0])
    assert history.n_designs == 1


def test_a_start_that_gave_no_value_is_a_row_with_its_outcome():
    """It has no value and may be built again; one that was never asked for is no row."""
    starts = [Start(B, outcome=Outcome.NOT_EXPRESSED), Start(C), Start(A, 0.5, 0.1, Outcome.OBSERVED, "0-1-1")]
    history = history_of(SPACE, starts=starts)
    assert history.ids.tolist() == [-1, -3]
    assert history.outcomes == [Outcome.NOT_EXPRESSED, Outcome.OBSERVED]
    assert history.plates == [None, "0-1-1"]
    np.testing.assert_array_equal(history.values, [np.nan, 0.5])
    assert history.taken == {A}


def test_a_round_is_open_from_its_first_submission_until_it_is_closed():
    history = history_of(SPACE).after(chosen(A, B))
    assert history.open_rounds == {1: 1}
    assert history.round == 1
    assert history.last_submitted_at == 1
    closed = history.after([Event(9, "round_closed", None, {"round": 1, "n_results": 0, "n_lost": 2})])
    assert closed.open_rounds == {}


def test_truths_guesses_and_unknown_kinds_teach_nothing():
    """A chosen design's prediction is not a value, and controls and kinds of later versions pass by."""
    events = [
        Event(1, "chosen", 0, {"sequence": A, "round": 1, "mean": 9.0, "std": 1.0, "viability": 0.5}),
        Event(1, "control", None, {"control": "parent", "value": 9.0}),
        Event(1, "a kind of tomorrow", None, {"value": 9.0}),
    ]
    history = history_of(SPACE).after(events)
    assert history.sequences == []
    assert history.pending == []


def test_limits_of_detection_are_values_with_a_word():
    history = history_of(SPACE).after([*chosen(A), observed(0, 0.1, outcome="below_detection")])
    assert history.outcomes == [Outcome.BELOW_DETECTION]
    assert history.is_measured.tolist() == [True]


def test_columns_have_one_row_for_each_outcome():
    history = busy_history(SPACE)
    n = len(history.sequences)
    columns = [
        history.values,
        history.std_errors,
        history.n_replicates,
        history.rounds,
        history.measured_at,
        history.ids,
    ]
    assert [len(c) for c in (*columns, history.outcomes, history.plates)] == [n] * 8
    assert n == len(history.rows)


def test_the_opened_event_says_how_values_are_read():
    event = Event(0, "opened", None, {"label": "mine", "scale": "log", "floor": -2.0, "quote": {"per_design": 3.0}})
    history = History.opening(SPACE, Known(corpus=(A,)), event)
    assert (history.label, history.scale, history.floor, history.known.corpus) == ("mine", "log", -2.0, (A,))
    assert history.quote.price([8, 8]) == 6.0
