"""People lose, veto, add and undo: each is recorded with its person, and the strategy sees what follows from it."""

from pathlib import Path
from shutil import copytree

import pytest
from live_stubs import begun, written

from designloop.core.errors import ConfigError, InputError, LiveError, Notice, StoreError
from designloop.live.directory import Live

SCHEDULER = {"kind": "rounds", "batch_size": 4, "replicates": 2}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    begun(folder, {"replicates_together": False}, scheduler=SCHEDULER).ask(at=0)
    return folder / "live"


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """Four designs in the lab, two wells each, on two plates."""
    return Live(copytree(asked, tmp_path / "live"), by="ben")


def kinds(events: list) -> list[tuple[str, int | None]]:
    return [(event.kind, event.design) for event in events]


def told(live: Live, folder: Path, replicate: int, designs: range = range(4), at: int | None = None) -> int:
    """The number of the entry that tells one replicate of some designs, an hour after the other one."""
    rows = [(n, replicate, n + replicate / 10) for n in designs]
    file = written(folder / f"{replicate}-{designs.stop}.csv", ["design", "replicate", "value"], rows)
    return int(live.tell(file, at=60 * replicate if at is None else at).events[-1].data["entry"])


def test_a_lost_plate_loses_its_wells_and_designs_with_their_last_well(live: Live, tmp_path: Path) -> None:
    events = live.lost(plates=["R1P1"], why="dropped", at=10)
    assert kinds(events) == [("plate_lost", None), *(("well_lost", n) for n in range(4)), ("declared", None)]
    assert len(live.history.pending) == 4
    told(live, tmp_path, 2, range(3))
    events = live.lost(plates=["R1P2"], at=200)
    assert kinds(events) == [("plate_lost", None), ("failed", 3), ("round_closed", None), ("declared", None)]
    assert events[2].data == {"round": 1, "n_results": 3, "n_lost": 1, "entry": 4}
    assert not live.history.open_rounds


def test_lost_designs_and_rounds_end(live: Live, tmp_path: Path) -> None:
    assert kinds(live.lost([2], outcome="synthesis_failed", at=1)) == [("failed", 2), ("declared", None)]
    told(live, tmp_path, 1, range(2))
    events = live.lost(rounds=[1], at=100)
    assert kinds(events)[:4] == [("well_lost", 0), ("well_lost", 1), ("failed", 3), ("round_closed", None)]
    assert dict(zip(live.history.ids.tolist(), map(str, live.history.outcomes), strict=True)) == {
        0: "observed", 1: "observed", 2: "synthesis_failed", 3: "lost"
    }  # fmt: skip
    with pytest.raises(LiveError, match="nothing of this is to come"):
        live.lost(rounds=[1])


def test_a_late_result_of_a_lost_design_counts(live: Live, tmp_path: Path) -> None:
    live.lost([0], at=5)
    late = written(tmp_path / "late.csv", ["design", "value"], [(0, 0.1)])
    assert "1 value of a well that was lost" in live.tell(late).lines
    assert live.history.values.tolist() == [0.1]
    assert live.record.tickets.tickets[1, 0].to_come == [], "its other well stays lost"
    assert [str(outcome) for outcome in live.history.outcomes] == ["observed"]


def test_undoing_forgets_the_results_and_keeps_the_record(live: Live, tmp_path: Path) -> None:
    first, second = told(live, tmp_path, 1), told(live, tmp_path, 2)
    assert not live.history.open_rounds
    n_before, closed = len(live.record.every), live.history.closed_rounds
    events = live.undo(first, why="wrong plate", at=300)
    assert kinds(events) == [("undone", None), ("reopened", None)]
    assert (events[0].data["by"], events[0].data["why"]) == ("ben", "wrong plate")
    assert len(live.record.every) == n_before + 2, "nothing is removed from the record"
    assert [row.values for row in live.history.rows.values()] == [(0.2,), (1.2,), (2.2,), (3.2,)]
    assert live.history.open_rounds == {1: 0}
    told(live, tmp_path, 1, at=350)
    assert not live.history.open_rounds
    assert live.history.closed_rounds.keys() == closed.keys()
    assert kinds(live.undo(second, at=400)) == [("undone", None), ("reopened", None)]
    with pytest.raises(LiveError, match=f"entry {second} is undone already"):
        live.undo(second)
    with pytest.raises(LiveError, match="entry 1 asked for a batch, which cannot be undone"):
        live.undo(1)


def test_a_round_stays_closed_if_a_loss_is_undone_whose_values_have_come(live: Live, tmp_path: Path) -> None:
    told(live, tmp_path, 1)
    lost = live.lost(rounds=[1], at=100)[-1].data["entry"]
    told(live, tmp_path, 2, at=200)
    assert live.history.closed_rounds == {1: 100}
    assert kinds(live.undo(lost, at=300)) == [("undone", None), ("round_closed", None)]
    assert (live.history.open_rounds, live.history.closed_rounds) == ({}, {1: 200})
    assert live.record.tickets.ended == live.record.tickets.reopened == []


def test_later_choices_stand_when_results_are_undone(live: Live, tmp_path: Path) -> None:
    first, _ = told(live, tmp_path, 1), told(live, tmp_path, 2)
    chosen = [event.data["sequence"] for event in live.ask(at=500) if event.kind == "chosen"]
    live.undo(first, at=600)
    assert [design.sequence for design in live.history.designs.values() if design.round == 2] == chosen


def test_a_veto_gives_the_wells_to_the_next_best_of_the_decision(live: Live) -> None:
    before = live.record.tickets.plates
    gone = live.history.designs[1].sequence
    events = live.veto(1, why="repeats", at=30)
    assert kinds(events) == [("vetoed", 1), ("chosen", 4), ("submitted", 4), ("plated", None)]
    assert {name: events[0].data[name] for name in ("by", "why", "instead")} == {
        "by": "ben", "why": "repeats", "instead": 4
    }  # fmt: skip
    after = live.record.tickets.plates
    for plate, wells in before.items():
        assert after[plate] == {well: [4, its[1]] if its[0] == 1 else its for well, its in wells.items()}
    assert gone in live.history.taken
    assert sorted(pending.design.id for pending in live.history.pending) == [0, 2, 3, 4]
    assert live.history.left.designs == 8, "a vetoed design is not paid for"


def test_the_next_best_is_that_of_the_decision_whatever_came_after(asked: Path, tmp_path: Path) -> None:
    """Results that were told since do not matter: the strategy sees what it saw when it chose the batch."""
    one, other = (Live(copytree(asked, tmp_path / name / "live")) for name in ("one", "other"))
    told(other, tmp_path, 1, range(1))
    chosen = [{**live.veto(3, at=90)[1].data, "entry": 0} for live in (one, other)]
    assert chosen[0] == chosen[1]


def test_people_may_choose_for_the_wells_of_a_veto(live: Live) -> None:
    chosen = live.veto(1, instead="aaaaaaaa", at=30)[1].data
    assert {name: chosen[name] for name in ("sequence", "origin", "by", "instead_of")} == {
        "sequence": "AAAAAAAA", "origin": "people", "by": "ben", "instead_of": 1
    }  # fmt: skip


def test_what_was_measured_cannot_be_vetoed(live: Live, tmp_path: Path) -> None:
    told(live, tmp_path, 1)
    with pytest.raises(LiveError, match="results of design 1 were told already"):
        live.veto(1)
    with pytest.raises(LiveError, match="there is no design 9"):
        live.veto(9)


def test_people_add_designs_to_the_last_batch(live: Live, tmp_path: Path) -> None:
    events = live.add(["AAAAAAAA", "CCCCCCCC"], why="hunch", replicates=1, at=20)
    assert kinds(events)[:3] == [("added", None), ("chosen", 4), ("submitted", 4)]
    assert events[1].data["origin"] == "people"
    assert {ticket.design for ticket in live.record.tickets.of_round(1)} == set(range(6))
    assert sorted(live.record.tickets.plates) == ["R1P1", "R1P2"]
    told(live, tmp_path, 1)
    with pytest.raises(LiveError, match="results of round 1 were told already"):
        live.add(["GGGGGGGG"])
    assert live.add(["GGGGGGGG"], new_round=True)[1].data["round"] == 2


def test_a_sequence_that_is_known_or_wrong_is_not_added(live: Live) -> None:
    with pytest.raises(LiveError, match="is known already"):
        live.add([live.history.designs[0].sequence])
    with pytest.raises(InputError, match="sequence 1"):
        live.add(["ACGX"])
    with pytest.warns(Notice, match="1 sequence is outside the space"):
        live.add(["ACGT"])


def test_a_batch_is_asked_for_when_it_is_due(live: Live) -> None:
    with pytest.raises(LiveError, match="4 designs of round 1 still to come from the lab"):
        live.ask()
    assert sum(event.kind == "chosen" for event in live.ask(anyway=True)) == 4


def test_entries_are_in_order_of_time(live: Live) -> None:
    live.lost([0], at=100)
    with pytest.raises(LiveError, match="2026-03-02 09:50 is before the last entry, of 2026-03-02 10:40"):
        live.lost([1], at=50)


def test_a_campaign_begins_once(live: Live) -> None:
    with pytest.raises(StoreError, match="holds a campaign already"):
        begun(live.path.parent)


def test_the_status_names_rounds_people_and_what_is_next(live: Live, tmp_path: Path) -> None:
    entry = told(live, tmp_path, 1)
    live.undo(entry, at=100)
    said = str(live.status)
    assert "round 1: 4 designs, ordered 2026-03-02 09:00; 0 measured, 0 failed, 4 with results to come" in said
    assert "entry 2: 2026-03-02 10:00 ben: told 1-4.csv: 4 new results (undone)" in said
    assert "next: wait for results" in said
    assert live.status.as_dict()["rounds"][0]["plates"] == ["R1P1", "R1P2"]


def test_a_campaign_goes_on_with_more_budget_and_another_strategy(live: Live, tmp_path: Path) -> None:
    told(live, tmp_path, 1)
    told(live, tmp_path, 2)
    event = live.extend({"budget.designs": 20, "strategy": "random", "scheduler.batch_size": 5}, at=700)[0]
    assert event.data["spent"]["designs"] == 4
    assert live.history.left.designs == 16
    assert [(e.data["origin"], e.data["round"]) for e in live.ask(at=800) if e.kind == "chosen"] == [("uniform", 2)] * 5
    assert "budget.designs: 12 became 20" in str(live.status)
    assert live.history.left.designs == 11


def test_an_extension_that_cannot_be_is_refused(live: Live) -> None:
    for changes, message in (
        ({"prior.starts": []}, "'prior.starts' cannot change in a live campaign"),
        ({"budget.designs": 4}, "budget.designs is 4, but 4 are already spent"),
        ({"budget.designs": 12}, "the extension changes nothing"),
        ({"strategy": "genetik"}, "unknown strategy 'genetik'"),
    ):
        with pytest.raises(ConfigError, match=message):
            live.extend(changes)
