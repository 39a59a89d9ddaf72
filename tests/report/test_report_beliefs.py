"""What the strategy believed: weights, correlations and coverage by round, each by hand, and drawn as they are."""

from typing import Any

import numpy as np
import pytest

from designloop.core.records import Event
from designloop.report.beliefs import belief_table, beliefs, beliefs_of
from designloop.report.campaign import page_of
from designloop.report.interactive import traces
from designloop.report.marks import Bars, Figure, Points
from designloop.report.record import Record
from designloop.report.static import drawn
from designloop.report.writing import html, markdown
from designloop.storage.log import MemoryLog

OPENED = Event(0, "opened", None, {"seed": 0, "label": "x", "starts": []})
NOTED = {"weights": {"motifs": 3.0, "linear": 1.0}, "out_of_fold": {"motifs": 0.5, "linear": None}, "scale": "asinh"}
Said = dict[str, list[float]]


def batch(round_: int, rows: list[tuple[float | None, Said]], notes: Any = None, first: int = 0) -> list[Event]:
    """A batch; each row has its value (None: lost) and what the surrogates said."""
    events = [Event(round_, "believed", None, {"round": round_, "notes": notes})] if notes else []
    for i, (_, said) in enumerate(rows, start=first):
        facts = {"sequence": "ACGT"[i % 4] * (i + 1), "round": round_, "origin": "x"}
        events.append(Event(round_, "chosen", i, {**facts, "predictions": said} if said else facts))
    events += [Event(round_, "submitted", i, {"round": round_}) for i in range(first, first + len(rows))]
    for i, (value, _) in enumerate(rows, start=first):
        if value is None:
            events.append(Event(9, "failed", i, {"round": round_, "stage": "any", "outcome": "lost"}))
        else:
            facts = {
                "round": round_,
                "outcome": "observed",
                "value": value,
                "std_error": 0.0,
                "plate": "p",
                "well": "A1",
            }
            events.append(Event(9, "observed", i, facts))
    return events


def record_of(*events: Event) -> Record:
    log = MemoryLog()
    log.append([OPENED, *events])
    return Record.of(log)


FIRST = batch(1, [(1.0, {}), (2.0, {})])
SECOND = batch(
    2,
    [
        (1.0, {"motifs": [1.1, 1.0], "linear": [9.0, 1.0]}),
        (2.0, {"motifs": [1.9, 1.0], "linear": [8.0, 1.0]}),
        (3.0, {"motifs": [3.2, 0.01], "linear": [7.0, 100.0]}),
        (None, {"motifs": [5.0, 1.0], "linear": [5.0, 1.0]}),
    ],
    NOTED,
    first=2,
)
RECORD = record_of(*FIRST, *SECOND)


def test_weights_are_shares_and_calibration_is_with_what_came_back():
    """Motifs ranks all three rightly, and misses the third interval; linear ranks them backwards."""
    linear, motifs = beliefs_of(RECORD)
    assert (linear.surrogate, linear.weight, linear.out_of_fold, linear.scale) == ("linear", 0.25, None, "asinh")
    assert (motifs.surrogate, motifs.weight, motifs.out_of_fold, motifs.n) == ("motifs", 0.75, 0.5, 3)
    assert (motifs.correlation, linear.correlation) == (pytest.approx(1.0), pytest.approx(-1.0))
    assert motifs.inside is not None
    assert linear.inside is not None
    assert (motifs.inside.share, linear.inside.share) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_the_table_has_a_row_for_each_round_and_surrogate():
    table = belief_table(RECORD)
    assert table is not None
    assert table.rows == (
        ("2", "linear", "25%", "–", "3", "−1.00", "33%", "asinh"),
        ("2", "motifs", "75%", "0.50", "3", "1.00", "67%", "asinh"),
    )
    assert [column.title for column in table.columns][:2] == ["round", "surrogate"]
    assert "Scale: that of the surrogate with the largest weight; –: ranks or assay units." in table.caption


def test_a_table_without_any_scale_has_no_column_for_it():
    notes = {"weights": {"a": 1.0}}
    table = belief_table(record_of(*FIRST, *batch(2, [(1.0, {"a": [1.0, 1.0]})], notes, first=2)))
    assert table is not None
    assert ("scale" in [column.title for column in table.columns], "Scale" in table.caption) == (False, False)
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_a_surrogate_that_only_some_rounds_have_is_shown_in_those():
    third = batch(
        3, [(1.0, {"forest": [1.0, 1.0]}), (2.0, {"forest": [2.0, 1.0]})], {"weights": {"forest": 2}}, first=6
    )
    found = [(b.round, b.surrogate, b.weight) for b in beliefs_of(record_of(*FIRST, *SECOND, *third))]
    assert found == [(2, "linear", 0.25), (2, "motifs", 0.75), (3, "forest", 1.0)]


def test_designs_in_the_lab_and_retests_do_not_judge_a_surrogate():
    waiting = [event for event in SECOND if event.kind != "observed"]
    (linear, motifs) = beliefs_of(record_of(*FIRST, *waiting))
    assert (linear.n, linear.correlation, motifs.inside, motifs.weight) == (0, None, None, 0.75)
    again = {
        "round": 3,
        "outcome": "observed",
        "value": 99.0,
        "std_error": 0.0,
        "retest": True,
        "plate": "p",
        "well": "A2",
    }
    assert beliefs_of(record_of(*FIRST, *SECOND, Event(19, "observed", 2, again))) == beliefs_of(RECORD)


def figure(record: Record) -> Figure:
    found = beliefs(record)
    assert found is not None
    return found


def test_bars_are_stacked_to_the_whole_in_every_round():
    weights, correlations, inside = figure(RECORD).panels
    bars = [mark for mark in weights.marks if isinstance(mark, Bars)]
    assert [(bar.name, list(bar.at), list(bar.length), list(bar.bases())) for bar in bars] == [
        ("linear", [2], [0.25], [0.0]),
        ("motifs", [2], [0.75], [0.25]),
    ]
    points = {mark.name: mark for mark in correlations.marks if isinstance(mark, Points)}
    assert {name: np.round(mark.y, 9).tolist() for name, mark in points.items()} == {"linear": [-1.0], "motifs": [1.0]}
    ranges = [mark for mark in inside.marks if isinstance(mark, Points)]
    assert [mark.name for mark in ranges] == ["linear", "motifs"]
    assert ranges[0].x[0] < 2 < ranges[1].x[0]  # side by side
    assert [entry.name for entry in figure(RECORD).entries()] == ["linear", "motifs"]


def test_the_caption_says_the_last_weights_and_what_is_what():
    said = figure(RECORD).caption
    assert said.startswith("Weights in round 2: motifs 75%, linear 25%.")
    for word in ("Weight:", "Rank correlation:", "90% interval", "95% confidence intervals"):
        assert word in said


def test_without_weights_calibration_is_drawn_alone_and_without_predictions_the_weights():
    bare = figure(record_of(*FIRST, *[event for event in SECOND if event.kind != "believed"]))
    assert [panel.title for panel in bare.panels] == ["Rank correlation", "90% intervals"]
    assert bare.caption.startswith("2 surrogates were considered.")
    only = figure(record_of(*FIRST, *batch(2, [(1.0, {}), (2.0, {})], NOTED, first=2)))
    assert [panel.title for panel in only.panels] == ["Weight"]


def test_a_strategy_that_compares_nothing_has_neither_figure_nor_table():
    record = record_of(*FIRST)
    assert (beliefs(record), belief_table(record)) == (None, None)
    nothing = record_of(*FIRST, *batch(2, [(1.0, {})], {"weights": {"a": 0.0}, "why": "nothing is known"}, first=2))
    assert beliefs(nothing) is None


def test_many_rounds_have_ticks_that_can_be_read():
    events = [e for r in range(1, 41) for e in batch(r, [(1.0, {"a": [1.0, 1.0]})], {"weights": {"a": 1}}, first=r)]
    axis = figure(record_of(*events)).panels[0].x
    assert len(axis.ticks) <= 12
    assert axis.ticks[0] == (1.0, "1")
    table = belief_table(record_of(*events))
    assert table is not None
    assert table.has_search


def test_the_page_and_the_picture_show_them(record, page):
    """The shared run names a surrogate with markup; it is shown and not obeyed."""
    shown = {its.name: its for its in page.figures()}["surrogates"]
    assert shown.title in markdown(page)
    written = html(page)
    assert "wrong &lt;b&gt;" in written
    assert "Surrogates by round" in written
    assert len(drawn(shown).axes) == 3
    names = {trace.get("name") for trace in traces(shown)}
    assert names >= {"truth"}
    table = belief_table(record)
    assert table is not None
    by_name = {row[1]: row for row in table.rows if row[0] == "2"}
    assert (by_name["truth"][2], by_name["wrong <b>"][2]) == ("75%", "25%")
    assert float(by_name["truth"][5]) > 0.8
    assert by_name["wrong <b>"][5].startswith("−")


def test_the_section_of_predictions_holds_them():
    section = {section.name: section for section in page_of(RECORD).sections}["predictions"]
    assert "surrogates" in [getattr(block, "name", "") for block in section.blocks]
