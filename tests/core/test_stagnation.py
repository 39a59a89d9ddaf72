"""A batch of which almost all values equal the best value is said wherever a person looks."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

import numpy as np
import pytest
from histories import SPACES, distinct, history_of
from stubs import Scripted, small

import designloop as dl
from designloop.cli.shared.summaries import lines_of
from designloop.core.history import History
from designloop.core.records import Event, Start
from designloop.core.stagnation import Stagnation
from designloop.lab.noise import Noise
from designloop.progress.campaigns import reporting
from designloop.report.campaign import page_of
from designloop.report.record import Record
from designloop.storage.log import MemoryLog
from designloop.storage.result import result_of
from designloop.storage.summary import summarise

SPACE = SPACES["one length"]
NAMES = distinct(SPACE, 64)
PLATEAU = Stagnation(2, 10, 10, 1.0, is_exact=True, is_limit=False, is_everything=False)
SENTENCE = (
    "10 of 10 values of round 2 equal the best value, 1: try a more diverse acquisition function, larger draws "
    "(`scale` of thompson) or another generator; or stop now and save the rest of the budget"
)


def batch(round_: int, first: int, values: Sequence[float], error: float | None = 0.0, **data: Any) -> list[Event]:
    """A batch from its choice until it closes; NaN for a design that failed."""
    ids = range(first, first + len(values))
    events = [Event(round_, "chosen", i, {"sequence": NAMES[i], "round": round_, "origin": "x"}) for i in ids]
    events += [Event(round_, "submitted", i, {"round": round_}) for i in ids]
    for i, value in zip(ids, values, strict=True):
        facts = {"outcome": "observed", "value": value, "std_error": error, "round": round_, **data}
        lost = {"outcome": "lost", "stage": "any", "round": round_}
        events.append(Event(round_ + 9, *(("failed", i, lost) if np.isnan(value) else ("observed", i, facts))))
    return [*events, closed(round_)]


def closed(round_: int) -> Event:
    return Event(round_ + 9, "round_closed", None, {"round": round_, "n_results": 1, "n_lost": 0})


FIRST = batch(1, 0, [0.0] * 9 + [1.0])
OPENED = Event(0, "opened", None, {"seed": 0, "label": "x", "starts": []})


def told(*events: Event, starts: Sequence[Start] = ()) -> Stagnation | None:
    """The stagnation in a history, which that in the summary of the same events must equal."""
    history = history_of(SPACE, starts=starts).after(events)
    log = MemoryLog()
    its = [{"sequence": s.sequence, "value": s.value, "std_error": s.std_error} for s in starts]
    log.append([Event(0, "opened", None, {**OPENED.data, "starts": its}), *events])
    assert summarise(log).stagnation == history.stagnation
    return history.stagnation


def test_a_batch_that_equals_the_best_value_stagnates() -> None:
    assert told(*FIRST) is None
    assert told(*FIRST, *batch(2, 10, [1.0] * 10)) == PLATEAU
    assert PLATEAU.in_words() == SENTENCE
    assert PLATEAU.in_words(is_over=True).endswith("or another generator; or a smaller budget would have sufficed")


def test_nine_tenths_are_enough_and_less_is_not() -> None:
    assert told(*FIRST, *batch(2, 10, [1.0] * 9 + [0.5])) == Stagnation(2, 9, 10, 1.0, True, False, False)
    assert told(*FIRST, *batch(2, 10, [1.0] * 8 + [0.5] * 2)) is None


def test_a_batch_that_reaches_a_new_best_value_does_not_stagnate_unless_all_of_it_does() -> None:
    assert told(*FIRST, *batch(2, 10, [1.0] * 9 + [1.25])) is None
    assert told(*FIRST, *batch(2, 10, [1.25] * 10)) == Stagnation(2, 10, 10, 1.25, True, False, False)


def test_a_plateau_below_the_best_value_or_a_better_start_is_none() -> None:
    assert told(*FIRST, *batch(2, 10, [0.5] * 10)) is None
    assert told(*FIRST, *batch(2, 10, [1.0] * 10), starts=[Start(NAMES[50], 2.0, 0.0)]) is None
    assert told(*FIRST, *batch(2, 10, [1.0] * 10), starts=[Start(NAMES[50], 1.0, 0.0)]) == PLATEAU


def test_designs_without_a_value_do_not_count() -> None:
    assert told(*FIRST, *batch(2, 10, [1.0] * 10 + [np.nan] * 5)) == PLATEAU


@pytest.mark.parametrize("n", [1, 7])
def test_of_a_few_values_all_may_be_equal_by_chance(n: int) -> None:
    assert told(*FIRST, *batch(2, 10, [1.0] * n)) is None
    assert told(*FIRST, *batch(2, 10, [1.0] * 8)) is not None


def test_it_is_the_round_that_closed_last_and_an_open_one_says_nothing() -> None:
    flat = batch(2, 10, [1.0] * 10)
    assert told(*FIRST, *flat[:-1]) is None
    assert told(*FIRST, *flat, *batch(3, 20, [0.5] * 10)) is None
    assert told(*FIRST, *flat[:-1], *batch(3, 20, [0.5] * 10), flat[-1]) == PLATEAU


def test_within_errors_is_within_one_standard_error_of_each_value() -> None:
    near = [0.91, 0.95, 1.0, 0.99, 0.92, 1.05, 1.01, 1.0, 0.96, 0.98]
    assert told(*FIRST, *batch(2, 10, near)) is None
    assert told(*FIRST, *batch(2, 10, near, error=None)) is None  # an unknown error excuses no difference
    found = told(*FIRST, *batch(2, 10, near, error=0.15))
    assert found == Stagnation(2, 10, 10, 1.05, False, False, False)
    assert found.in_words().startswith(
        "10 of 10 values of round 2 are within one standard error of the best value, 1.05:"
    )
    assert told(*FIRST, *batch(2, 10, near, error=0.05)) is None


def test_equal_truths_under_noise_are_not_called_a_plateau() -> None:
    """Noise alone spreads the values by more than one standard error from the highest."""
    noise = 1.0 + 0.1 * np.random.default_rng(0).normal(size=40)
    assert told(*FIRST, *batch(2, 10, noise.tolist(), error=0.1)) is None


def test_an_upper_limit_of_detection_is_named() -> None:
    found = told(*FIRST, *batch(2, 10, [2.0] * 10, error=0.1, outcome="above_detection"))
    assert found == Stagnation(2, 10, 10, 2.0, True, True, False)
    assert found.in_words().endswith(
        "the best value, 2, which is the assay's upper limit: use an assay with a higher limit, or stop now and save "
        "the rest of the budget"
    )


def test_where_every_value_is_the_same_there_is_nothing_to_learn_from() -> None:
    found = told(*batch(1, 0, [0.0] * 10))
    assert found == Stagnation(1, 10, 10, 0.0, True, False, True)
    assert found.in_words() == (
        "10 of 10 values of round 1 equal the best value, 0, and no measured design differs from another: begin with "
        "other starting sequences, or use a generator that changes more letters"
    )


@pytest.mark.parametrize(("shift", "stretch"), [(100.0, 1.0), (-3.0, 1e-9)])
def test_units_do_not_matter(shift: float, stretch: float) -> None:
    def moved(*values: float) -> list[float]:
        return [shift + stretch * value for value in values]

    first = batch(1, 0, moved(*[0.0] * 9, 1.0))
    assert told(*first, *batch(2, 10, moved(*[1.0] * 10))) is not None
    assert told(*first, *batch(2, 10, moved(*[1.0] * 9, 1.25))) is None


class Plateau(dl.Oracle):
    """The value 1 everywhere."""

    @property
    def space(self) -> dl.Space:
        return SPACE

    def __call__(self, sequences: Sequence[str]) -> Any:
        return [1.0 for _ in sequences]


def flat(n_designs: int = 16) -> dl.Campaign:
    exact = dl.Lab.preset("good", plate_size=24, assay={"noise": Noise()})
    rounds = dl.scheduling.Rounds(batch_size=16)
    return small(oracle=Plateau(), lab=exact, strategy=Scripted(), scheduler=rounds, budget={"designs": n_designs})


def test_progress_says_it_in_a_line_after_the_round_closes() -> None:
    history, out = history_of(SPACE).after(FIRST), StringIO()
    with reporting(out, quiet=False) as report:
        assert report is not None
        for event in batch(2, 10, [1.0] * 10):
            history = history.after([event])
            report(history, [event])
        report(history, [Event(20, "closed", None, {"reason": "it is enough"})])
    lines = out.getvalue().splitlines()
    assert lines.count(f"note: {SENTENCE}") == 1
    place = lines.index(f"note: {SENTENCE}")
    assert lines[place - 1].endswith("round 2 closed")
    assert len(lines) > place + 1


def test_summary_notebook_json_and_report_say_it() -> None:
    log = MemoryLog()
    log.append([OPENED, *FIRST, *batch(2, 10, [1.0] * 10)])
    record = Record.of(log)
    assert record.summary.stagnation == PLATEAU
    assert f"  stagnation   {SENTENCE}" in lines_of(record.summary)
    assert record.summary.as_dict()["stagnation"]["n_equal"] == 10
    assert f"Stagnation: {SENTENCE}." in page_of(record).lead
    assert SENTENCE in result_of(log)._repr_html_()


def test_nothing_is_said_where_values_differ() -> None:
    log = MemoryLog()
    log.append([OPENED, *FIRST])
    record = Record.of(log)
    assert (record.summary.stagnation, record.summary.stagnation_in_words) == (None, "")
    assert "tagnation" not in " ".join([*lines_of(record.summary), *page_of(record).lead])


def test_a_whole_campaign_on_a_plateau_is_told_in_all_its_rounds_and_at_its_end() -> None:
    found = list[Stagnation | None]()

    def follow(history: History, events: Sequence[Event]) -> None:
        found.extend(history.stagnation for event in events if event.kind == "round_closed")

    result = flat(32).run(progress=follow)
    assert [its and (its.round, its.is_everything) for its in found] == [(1, True), (2, True)]
    assert result.stagnation == found[-1]
    assert result.stagnation_in_words in result._repr_html_()
