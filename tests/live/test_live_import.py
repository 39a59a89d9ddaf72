"""Past rounds become rounds of a live campaign: with their dates, their failures, and the choices that follow."""

import csv
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import openpyxl
import pytest
from live_stubs import begun, small, twin, written
from stubs import CountingOracle, Scripted
from test_live_twin import DECISIONS, LAB, decisions, same

from designloop.acquisition.thompson import Thompson
from designloop.campaign import Campaign
from designloop.core.clock import DAY, WEEK
from designloop.core.errors import InputError, LiveError, Notice
from designloop.core.records import Event
from designloop.generators.mutation import Mutation
from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live
from designloop.scheduling.base import Budget, Scheduler
from designloop.scheduling.overlapping import Overlapping
from designloop.scheduling.rounds import Rounds
from designloop.strategies.base import Strategy
from designloop.strategies.genetic import Genetic
from designloop.strategies.model_guided import ModelGuided
from designloop.surrogates.bayesian_linear import BayesianLinear

HEADER = ["round", "name", "sequence", "ordered", "measured", "value", "outcome", "who"]
TWO_ROUNDS = [
    (1, "a", "AAAAAAAA", "2026-03-02 09:00", "2026-04-13 16:00", 1.5, "", "ana"),
    (1, "b", "CCCCCCCC", "2026-03-02 09:00", "2026-04-13 16:00", "<0.1", "", "ana"),
    (1, "c", "GGGGGGGG", "2026-03-02 09:00", "", "", "synthesis_failed", "ana"),
    (2, "d", "acgtacgt", "2026-04-20 09:00", "2026-05-18 09:00", 2.5, "", "ben"),
    (2, "a", "AAAAAAAA", "2026-04-20 09:00", "2026-05-18 09:00", 1.7, "", "ben"),
    (2, "a", "AAAAAAAA", "2026-04-20 09:00", "2026-05-18 10:00", 1.6, "", "ben"),
]  # fmt: skip
ROUND_1, ROUND_2 = 0, 7 * WEEK
MEASURED_1, MEASURED_2 = 6 * WEEK + 420, 11 * WEEK


def shared(name: str) -> Path:
    folder = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not (folder / name).is_file():
        pytest.skip(f"{name} is not in {folder}: set DESIGNLOOP_DATA to the folder that holds it")
    return folder / name


def kinds(events: Sequence[Event]) -> list[tuple[int, str, int | None]]:
    return [(event.minute, event.kind, event.design) for event in events]


def table(folder: Path, rows: Any = TWO_ROUNDS, name: str = "past.csv") -> Path:
    return written(folder / name, HEADER, rows)


WHOLE = [
    *((ROUND_1, kind, n) for kind in ("chosen", "submitted") for n in range(3)),
    *((MEASURED_1, kind, n) for kind, n in (("observed", 0), ("observed", 1), ("failed", 2), ("round_closed", None))),
    *((ROUND_2, kind, n) for kind, n in (("chosen", 3), ("retest", 0), ("submitted", 0), ("submitted", 3))),
    *((MEASURED_2, "observed", n) for n in (0, 3)),
    *((MEASURED_2 + 60, kind, n) for kind, n in (("observed", 0), ("round_closed", None), ("imported", None))),
]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("started")
    return begun(folder).path


@pytest.fixture
def live(started: Path, tmp_path: Path) -> Live:
    """A campaign without a round."""
    return Live(copytree(started, tmp_path / "live"), by="ana")


def test_past_rounds_become_events_in_the_order_of_time(live: Live, tmp_path: Path) -> None:
    told = live.import_rounds(table(tmp_path))
    assert kinds(told.events) == WHOLE
    assert kinds(live.record.every[1:]) == WHOLE
    read = "past.csv: 6 rows: sequences in column sequence, names in column name, values in column value"
    assert told.lines[-3].endswith("1 failure without a date: known with the last result of the round")
    assert any(line.endswith(read) for line in told.lines)
    assert told.lines[-2:] == [
        "round 1: 3 designs, ordered 2026-03-02 09:00; 2 measured, 1 failed, 0 with results to come",
        "round 2: 1 design and 1 retest, ordered 2026-04-20 09:00; 2 measured, 0 failed, 0 with results to come",
    ]


def test_a_column_of_names_that_a_table_lacks_is_said(live: Live, tmp_path: Path) -> None:
    told = live.import_rounds(table(tmp_path), columns={"design": "nmae"}, dry_run=True)
    assert any("there is no column 'nmae', so that designs have no names of their own" in line for line in told.lines)
    assert not any("names in column" in line for line in told.lines)


def test_the_history_knows_values_limits_failures_retests_and_turnarounds(live: Live, tmp_path: Path) -> None:
    live.import_rounds(table(tmp_path))
    history = live.history
    assert [row.values for _, row in sorted(history.rows.items())] == [(1.5, 1.7, 1.6), (0.1,), (), (2.5,)]
    assert history.sides.tolist() == [0, -1, 0, 0]
    assert [str(outcome) for outcome in history.outcomes] == [
        "observed", "below_detection", "synthesis_failed", "observed"
    ]  # fmt: skip
    assert history.closed_rounds == {1: MEASURED_1, 2: MEASURED_2 + 60 - ROUND_2}
    assert (history.left.designs, history.round, len(history.pending)) == (8, 2, 0)
    chosen = [event.data for event in live.record.events if event.kind == "chosen"]
    assert [(data["origin"], data["by"], data["name"]) for data in chosen[::3]] == [
        ("people", "ana", "a"), ("people", "ben", "d")
    ]  # fmt: skip
    assert [(e.data["round"], e.data["decision"]) for e in live.ask() if e.kind == "asked"] == [(3, 2)]


def test_the_same_file_adds_nothing_and_one_that_grew_adds_what_is_new(live: Live, tmp_path: Path) -> None:
    live.import_rounds(table(tmp_path, TWO_ROUNDS[:3]))
    again = live.import_rounds(table(tmp_path, TWO_ROUNDS[2::-1], "again.csv"))
    assert again.events == ()
    assert "3 known results" in again.lines
    whole = live.import_rounds(table(tmp_path, TWO_ROUNDS, "whole.csv"))
    assert kinds(whole.events) == WHOLE[10:]
    assert live.import_rounds(table(tmp_path, TWO_ROUNDS, "whole.csv"), dry_run=True).events == ()


def test_a_contradiction_is_refused_and_shown(live: Live, tmp_path: Path) -> None:
    live.import_rounds(table(tmp_path))
    before = live.record.every
    for at, column, new, message in (
        (0, 5, 1.4, r"line 2: design 0: the value is 1\.4, but it was 1\.5 \(entry 1\)"),
        (2, 6, "not_expressed", r"line 4: design 2: it is not_expressed, but synthesis_failed was told \(entry 1\)"),
        (3, 2, "ACGTACGA", "line 5: ACGTACGA is not in round 2, as it was imported; undo its entry"),
        (slice(3), 3, "2026-03-02 10:00", "round 1 was ordered 2026-03-02 10:00, but 2026-03-02 09:00 was imported"),
    ):
        rows = [list(row) for row in TWO_ROUNDS]
        for row in rows[at] if isinstance(at, slice) else [rows[at]]:
            row[column] = new
        with pytest.raises(LiveError, match=message):
            live.import_rounds(table(tmp_path, rows, "other.csv"))
    assert live.record.every == before


def test_what_contradicts_itself_or_is_there_twice_is_said(live: Live, tmp_path: Path) -> None:
    odd = [TWO_ROUNDS[2], (*TWO_ROUNDS[2][:6], "lost", "ana")]
    with pytest.raises(
        LiveError, match=r"line 3: design 0: it is lost, but synthesis_failed was told in another row"
    ) as said:
        live.import_rounds(table(tmp_path, odd))
    assert "Rows of the file contradict each other; correct it" in str(said.value)
    assert "--further" not in str(said.value)
    twice = live.import_rounds(table(tmp_path, [TWO_ROUNDS[0], TWO_ROUNDS[0]]))
    assert any(
        "1 row with the value of another row of the same design and round, first" in line for line in twice.lines
    )
    grown = live.import_rounds(
        table(tmp_path, [TWO_ROUNDS[0], TWO_ROUNDS[0], (*TWO_ROUNDS[0][:5], 1.9, "", "ana")], "2.csv")
    )
    assert [event.data["value"] for event in grown.events if event.kind == "observed"] == [1.9]


def test_files_that_are_not_there_or_name_no_sequence_are_refused_with_the_mend(live: Live, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"past\.csv does not exist"):
        live.import_rounds(tmp_path / "past.csv")
    with pytest.raises(
        InputError, match=r"has no column 'sequence' .*; name the column of the sequences, as in `--set seq"
    ):
        live.import_rounds(written(tmp_path / "p.csv", ["round", "value"], [(1, 1.5)]))


def test_a_dry_run_records_nothing(live: Live, tmp_path: Path) -> None:
    assert len(live.import_rounds(table(tmp_path), dry_run=True).events) == len(WHOLE)
    assert [event.kind for event in live.record.every] == ["opened"]


# -- the twin ----------------------------------------------------------------------------------------------------------


def exported(events: Sequence[Event], live: Live, file: Path) -> Path:
    """The rounds of a simulation as a table with dates: designs in order, a row for each well, failure or open one."""
    sequences = {event.design: event.data["sequence"] for event in events if event.kind == "chosen"}
    results = defaultdict(list)
    for event in events:
        if event.kind in ("observed", "failed"):
            facts = (
                live.record.moment(event.minute),
                *(event.data.get(name) for name in ("value", "std_error", "outcome")),
            )
            results[event.data["round"], event.design].append(facts)
    orders = sorted((e for e in events if e.kind == "submitted"), key=lambda e: (e.data["round"], e.design))
    rows = [
        (event.data["round"], sequences[event.design], live.record.moment(event.minute), *result)
        for event in orders
        for result in results.get((event.data["round"], event.design), [("", "", "", "")])
    ]
    return written(file, ["round", "sequence", "ordered", "measured", "value", "std_error", "outcome"], rows)


def simulated(scheduler: Scheduler, strategy: Strategy, designs: int = 28) -> Campaign:
    return small(lab=LAB, scheduler=scheduler, strategy=strategy, budget=Budget(designs=designs, weeks=52))


LEARNS = ModelGuided(generator=Mutation(), surrogate=BayesianLinear(), acquisition=Thompson())
SIMULATED = {
    "rounds": simulated(Rounds(batch_size=8, replicates=2, n_retests=2), Genetic()),
    "overlapping": simulated(Overlapping(batch_size=6, in_flight=2, gap_days=7), Genetic()),
    "a strategy that learns": simulated(Rounds(batch_size=6, n_retests=2), LEARNS, 12),
}


@pytest.mark.parametrize("name", SIMULATED)
def test_after_an_import_the_choice_is_that_of_the_simulation(name: str, tmp_path: Path) -> None:
    campaign = SIMULATED[name]
    events = campaign.run(seed=3).events
    at, decided = list(decisions(events))[-1]
    live = Live.begin(twin(campaign), tmp_path / "live", seed=3, start="2020-01-06 09:00")
    live.import_rounds(exported(events[:at], live, tmp_path / "past.csv"))
    assert bool(live.history.open_rounds) == (name == "overlapping"), "designs that are in the lab are to come"
    asked = live.ask(at=decided[0].minute)
    assert [same(event) for event in asked if event.kind in DECISIONS] == [
        same(event) for event in decided if event.kind in DECISIONS
    ]


# -- forms of tables ---------------------------------------------------------------------------------------------------


def test_one_file_for_each_round_with_dates_of_the_command(live: Live, tmp_path: Path) -> None:
    one = written(tmp_path / "1.csv", ["sequence", "value"], [("AAAAAAAA", 1.5), ("CCCCCCCC", 2.0)])
    live.import_rounds(one, round=1, ordered="2026-03-03", measured="2026-04-14")
    book = openpyxl.Workbook()
    for row in [("Sequence", "Activity"), ("GGGGGGGG", 3.5)]:
        book.active.append(row)
    book.save(tmp_path / "2.xlsx")
    live.import_rounds(tmp_path / "2.xlsx", round=2, ordered="2026-04-15", measured="2026-05-20")
    assert live.history.closed_rounds == {1: 42 * DAY, 2: 35 * DAY}
    assert live.history.values.tolist() == [1.5, 2.0, 3.5]


def test_replicates_in_columns_decimal_commas_and_rows_that_are_no_designs(live: Live, tmp_path: Path) -> None:
    rows = [("AAAAAAAA", "1,5", "1,75", "A1"), ("water", "0,1", "0,1", "A2"), ("CCCCCCCC", "2,25", "n.d.", "A3")]
    file = written(tmp_path / "r.csv", ["sequence", "rep1", "rep2", "well"], rows, ";")
    told = live.import_rounds(
        file, round=1, ordered="2026-03-03", measured="2026-04-14", columns={"replicates": ["rep1", "rep2"]}
    )
    assert [row.values for _, row in sorted(live.history.rows.items())] == [(1.5, 1.75), (2.25,)]
    assert any("1 row left out: water" in line for line in told.lines)
    assert not live.history.open_rounds
    observed = [event.data["well"] for event in told.events if event.kind == "observed"]
    assert observed == ["A1", "A1", "A3"]


def test_mutants_are_read_relative_to_a_parent(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["mutant", "value"], [("A1C", 1.5), ("wt", 2.5), ("A1C:A8G", 3.5)])
    given: dict[str, Any] = {"round": 1, "ordered": "2026-03-03", "measured": "2026-04-14"}
    live.import_rounds(file, **given, columns={"mutant": "mutant", "parent": "AAAAAAAA"})
    assert live.history.sequences == ["CAAAAAAA", "AAAAAAAA", "CAAAAAAG"]


def test_rounds_without_dates_are_at_equal_distances_if_people_say_so(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["round", "sequence", "value"], [(0, "AAAAAAAA", 1.5), (1, "CCCCCCCC", 2.5)])
    told = live.import_rounds(file, ordered="2026-03-02 09:00", every="6w")
    assert live.history.closed_rounds == {1: 6 * WEEK, 2: 6 * WEEK}
    assert "assumed (`every`): round 1 was ordered 2026-04-13 09:00 and measured 2026-05-25 09:00" in told.lines
    assert any(line.startswith("round 2 (1 in the files): 1 design, ordered 2026-04-13 09:00") for line in told.lines)


def test_lower_values_are_better_where_the_lab_says_so(tmp_path: Path) -> None:
    live = begun(tmp_path, {"results": {"maximise": False}})
    live.import_rounds(table(tmp_path))
    assert live.history.values.tolist()[1:2] == [-0.1]
    assert live.history.sides.tolist() == [0, 1, 0, 0]


def test_designs_without_a_result_are_to_come_unless_people_say_otherwise(live: Live, tmp_path: Path) -> None:
    rows = [*TWO_ROUNDS[:2], (*TWO_ROUNDS[2][:6], "", "ana")]
    live.import_rounds(table(tmp_path, rows))
    assert [pending.design.sequence for pending in live.history.pending] == ["GGGGGGGG"]
    other = begun(tmp_path / "other")
    other.import_rounds(table(tmp_path, rows), missing="not_expressed")
    assert [str(outcome) for outcome in other.history.outcomes][2] == "not_expressed"
    assert other.history.closed_rounds == {1: MEASURED_1}


def test_later_results_are_told_by_the_name_of_the_past(live: Live, tmp_path: Path) -> None:
    live.import_rounds(table(tmp_path, [*TWO_ROUNDS[:2], (*TWO_ROUNDS[2][:6], "", "ana")]))
    live.tell(written(tmp_path / "late.csv", ["name", "value"], [("C", 7.5)]))
    assert live.history.values.tolist() == [1.5, 0.1, 7.5]
    with pytest.raises(InputError, match="'x'; designs are named as in rbs_0"):
        live.tell(written(tmp_path / "strange.csv", ["name", "value"], [("x", 7.5)]))


def test_a_round_that_is_another_one_in_the_imported_files_is_asked_for(live: Live, tmp_path: Path) -> None:
    past = [(row[0] - 1, *row[1:]) for row in [*TWO_ROUNDS[:1], (*TWO_ROUNDS[4][:5], "", "", "")]]
    live.import_rounds(table(tmp_path, past))
    file = written(tmp_path / "r.csv", ["sequence", "round", "value"], [("AAAAAAAA", 1, 1.7)])
    with pytest.raises(
        InputError, match="line 2: round 1 of an imported file is round 2 here, and 'AAAAAAAA' is in both"
    ):
        live.tell(file)
    live.tell(written(tmp_path / "2.csv", ["sequence", "value"], [("AAAAAAAA", 1.7)]), in_round=2)
    assert live.history.rows[0].values == (1.5, 1.7)


def test_a_number_that_is_also_the_name_of_another_design_is_refused(live: Live, tmp_path: Path) -> None:
    rows = [
        (1, "1", "AAAAAAAA", *TWO_ROUNDS[0][3:5], "", "", ""),
        (1, "0", "CCCCCCCC", *TWO_ROUNDS[0][3:5], "", "", ""),
    ]
    live.import_rounds(table(tmp_path, rows))
    with pytest.raises(
        InputError, match="line 2: '1' is the name of design 0, and the number of design 1; write rbs_0"
    ):
        live.tell(written(tmp_path / "r.csv", ["design", "value"], [("1", 7.5)]))


# -- the beginning and the order of time -------------------------------------------------------------------------------


def test_a_campaign_may_begin_with_its_past(tmp_path: Path) -> None:
    fields = {"name": "rbs", "oracle": CountingOracle(), "strategy": Scripted(), "scheduler": Rounds(batch_size=6)}
    live = Live.begin(LiveCampaign.model_validate({**fields, "lab": "live"}), tmp_path / "live", past=table(tmp_path))
    assert kinds(live.record.every) == [(0, "opened", None), *WHOLE]
    assert live.import_rounds(table(tmp_path)).events == ()
    bare = written(tmp_path / "bare.csv", ["round", "sequence", "value"], [(1, "AAAAAAAA", 1.5)])
    with pytest.raises(InputError, match="when was round 1 ordered"):
        Live.begin(LiveCampaign.model_validate({**fields, "lab": "live"}), tmp_path / "none", past=bare)
    assert not (tmp_path / "none").exists()


def test_rounds_come_in_the_order_of_time(live: Live, tmp_path: Path) -> None:
    early = [(*row[:3], "2026-02-02", *row[4:]) for row in TWO_ROUNDS[:1]]
    with pytest.raises(
        LiveError, match=r"before the campaign began \(2026-03-02 09:00\); begin it with `--start '2026-02-02"
    ):
        live.import_rounds(table(tmp_path, early))
    live.ask(at=10 * DAY)
    with pytest.raises(LiveError, match="before the last entry, of 2026-03-12 09:00"):
        live.import_rounds(table(tmp_path))


BAD = {
    "a wrong letter": ({2: "AAAAAAAX"}, r"past\.csv, line 2: letter 'X' at position 8 is not in the dna alphabet"),
    "no round": ({0: ""}, "line 2: of which round"),
    "no date of order": ({3: ""}, "when was round 1 ordered"),
    "no date of measurement": ({4: ""}, "line 2: when was it measured"),
    "measured before": ({4: "2026-02-01"}, "measured on 2026-02-01 12:00, before its round was ordered"),
    "the future": ({3: "2126-03-02", 4: "2126-04-02"}, "round 1 was ordered 2126-03-02 12:00, after this entry"),
    "no date at all": ({3: "3/2/26"}, "line 2, column 'ordered': expected a date, got '3/2/26'"),
    "no outcome": ({6: "dead"}, "line 2, column 'outcome': unknown outcome 'dead'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_refused_with_its_place(name: str, live: Live, tmp_path: Path) -> None:
    changes, message = BAD[name]
    row = [changes.get(at, cell) for at, cell in enumerate(TWO_ROUNDS[0])]
    with pytest.raises((InputError, LiveError), match=message):
        live.import_rounds(table(tmp_path, [row]))


def test_rows_that_would_count_twice_or_cannot_be_one_round_are_refused(live: Live, tmp_path: Path) -> None:
    file, other = table(tmp_path), table(tmp_path, TWO_ROUNDS[:1], "other.csv")
    with pytest.raises(InputError, match=r"other\.csv, line 2: AAAAAAAA has the value 1\.5 in .*past\.csv, line 2 too"):
        live.import_rounds([file, other])
    with pytest.raises(InputError, match="is given twice"):
        live.import_rounds([file, file])
    two_dates = [TWO_ROUNDS[0], (*TWO_ROUNDS[1][:3], "2026-03-04", *TWO_ROUNDS[1][4:])]
    with pytest.raises(InputError, match="line 3: round 1 was ordered 2026-03-04 12:00, but 2026-03-02 09:00 in"):
        live.import_rounds(table(tmp_path, two_dates))
    two_names = [TWO_ROUNDS[0], (1, "A", *TWO_ROUNDS[1][2:])]
    with pytest.raises(InputError, match="line 3: 'A' is CCCCCCCC, but it is AAAAAAAA in"):
        live.import_rounds(table(tmp_path, two_names))
    with pytest.raises(InputError, match="one date is given for 2 rounds"):
        live.import_rounds(table(tmp_path), ordered="2026-03-02")
    with pytest.raises(InputError, match="has a date, so `--every` is not needed"):
        live.import_rounds(table(tmp_path), ordered="2026-03-02", every="6w")
    known = begun(
        tmp_path / "known",
        prior={"starts": str(written(tmp_path / "s.csv", ["sequence", "value"], [("AAAAAAAA", 1.5)]))},
    )
    with pytest.raises(InputError, match=r"has the value 1\.5 among the starting sequences"):
        known.import_rounds(file)


def test_designs_outside_the_space_are_kept_with_a_notice(live: Live, tmp_path: Path) -> None:
    rows = [TWO_ROUNDS[0], (1, "z", "ACGT", *TWO_ROUNDS[0][3:5], 9.5, "", "ana")]
    with pytest.warns(Notice, match="1 sequence is outside the space"):
        live.import_rounds(table(tmp_path, rows))
    assert live.history.values.tolist() == [1.5, 9.5]


# -- a real campaign ---------------------------------------------------------------------------------------------------


def test_a_real_campaign_of_four_rounds(tmp_path: Path) -> None:
    file = shared("solaris_rbs.csv")
    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))
    columns = [f"rep{n}" for n in range(1, 10)]
    described = {"name": "solaris", "space": {"alphabet": "dna", "length": 20}, "lab": "live", "strategy": "random"}
    campaign = LiveCampaign.model_validate({**described, "scheduler": {"kind": "rounds", "batch_size": 90}})
    live = Live.begin(campaign, tmp_path / "live", start="2019-01-07 12:00")
    live.import_rounds(file, ordered="2019-01-07", every="6w", missing="lost", columns={"replicates": columns})
    history = live.history
    values: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        values[row["sequence"]] += [float(row[name]) for name in columns if row[name] not in ("", "NaN")]
    assert (len(history.designs), len(values)) == (448, 448)
    assert {design.sequence: list(history.rows[n].values) for n, design in history.designs.items()} == values
    assert history.closed_rounds == dict.fromkeys((1, 2, 3, 4), 6 * WEEK)
    rounds = live.status.rounds
    assert [(one.n_designs, one.n_retests, one.counts.n_measured, one.counts.n_failed) for one in rounds] == [
        (178, 0, 176, 2), (90, 1, 91, 0), (90, 1, 91, 0), (90, 1, 91, 0)
    ]  # fmt: skip
    assert [event.data["round"] for event in live.ask(at=24 * WEEK) if event.kind == "asked"] == [5]


def test_past_rounds_are_imported_again_when_the_imports_of_all_of_them_are_undone(live: Live, tmp_path: Path) -> None:
    one, two = (table(tmp_path, TWO_ROUNDS[its], f"{n}.csv") for n, its in ((1, slice(3)), (2, slice(3, 6))))
    live.import_rounds(one)
    live.import_rounds(two)
    before = live.history
    live.undo(2)
    live.undo(1)
    assert not live.history.designs
    live.import_rounds(one)
    live.import_rounds(two)
    assert live.history.values.tolist() == pytest.approx(before.values.tolist(), nan_ok=True)
    assert (live.history.closed_rounds, live.history.now) == (before.closed_rounds, before.now)


STILL_TO_COME = [
    (1, "", "AAAAAAAA", "2026-03-02", "2026-04-13", 1.5, "", ""),
    (1, "", "CCCCCCCC", "2026-03-02", "", "", "", ""),
    *((2, "", sequence, "2026-04-20", "", "", "", "") for sequence in ("CCCCCCCC", "GGGGGGGG", "TTTTTTTT")),
]


def test_a_design_that_is_to_come_in_two_rounds_is_of_the_round_of_the_other_rows(live: Live, tmp_path: Path) -> None:
    live.import_rounds(table(tmp_path, STILL_TO_COME))
    alone = written(tmp_path / "r.csv", ["sequence", "value"], [("CCCCCCCC", 7.5)])
    with pytest.raises(InputError, match="is to come in rounds 1 and 2; of which is this"):
        live.tell(alone)
    live.tell(written(tmp_path / "s.csv", ["sequence", "value"], [("CCCCCCCC", 7.5), ("GGGGGGGG", 2.5)]))
    assert {round_: len(live.record.tickets.tickets[round_, 1].results) for round_ in (1, 2)} == {1: 0, 2: 1}
    live.tell(written(tmp_path / "t.csv", ["sequence", "value"], [("CCCCCCCC", 7.0)]), in_round=1)
    assert live.history.closed_rounds.keys() == {1}
