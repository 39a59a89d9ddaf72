"""Undoing what decided on designs: the record is then, for a strategy, what it was before; or the refusal says why."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from live_stubs import begun, written

from designloop.cli.live import undo
from designloop.core.errors import LiveError
from designloop.core.history import History
from designloop.live.directory import Live
from designloop.live.dossier.knowledge import Knowledge

SCHEDULER = {"kind": "rounds", "batch_size": 4, "replicates": 2}
PAST = [(1, "AAAAAAAA", "2026-03-02 09:00", "2026-04-13", 1.5), (1, "CCCCCCCC", "2026-03-02 09:00", "", "")]
HEADER = ["round", "sequence", "ordered", "measured", "value"]
FIELDS = ("round", "rows", "waiting", "retesting", "designs", "open_rounds", "closed_rounds", "vetoed", "submitted_at")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    begun(folder, scheduler=SCHEDULER).ask(at=0)
    return folder / "live"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign without a round."""
    folder = tmp_path_factory.mktemp("started")
    return begun(folder).path


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """Four designs in the lab, two wells each."""
    return Live(copytree(asked, tmp_path / "live"), by="ben")


def known(history: History) -> dict[str, Any]:
    return {name: getattr(history, name) for name in FIELDS} | {"left": history.left.designs}


def tell(live: Live, folder: Path, *designs: int, replicate: int = 1) -> int:
    rows = [(n, replicate, n + replicate / 4 + 0.25) for n in designs]
    file = written(folder / f"{designs}-{replicate}.csv", ["design", "replicate", "value"], rows)
    return int(live.tell(file).events[-1].data["entry"])


DECISIONS = {
    "a veto": lambda live, at: live.veto(1, at=at),
    "a veto with a choice of people": lambda live, at: live.veto(1, instead="AAAAAAAA", at=at),
    "an addition": lambda live, at: live.add(["AAAAAAAA"], at=at),
    "a batch of people": lambda live, at: live.add(["AAAAAAAA"], at=at, new_round=True),
    "an extension": lambda live, at: live.extend({"budget.designs": 20, "strategy": "random"}, at=at),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_after_undoing_all_is_as_before(name: str, live: Live) -> None:
    before, tickets, campaign = live.history, live.record.tickets, live.record.campaign
    n = len(live.record.every)
    entry = DECISIONS[name](live, 10)[0].data["entry"]
    assert (known(live.history), live.record.campaign) != (known(before), campaign)
    live.undo(entry, why="a mistake", at=20)
    assert known(live.history) == known(before)
    assert (live.record.tickets, live.record.campaign) == (tickets, campaign)
    assert len(live.record.every) > n + 1, "nothing is removed from the record"
    assert "(undone)" in str(live.status)
    again = DECISIONS[name](live, 30)
    assert [event.design for event in again if event.kind == "chosen"] in ([], [4]), "numbers are given again"


@pytest.mark.parametrize("name", ["a veto", "an addition", "a batch of people"])
def test_what_was_built_on_stands(name: str, live: Live, tmp_path: Path) -> None:
    entry = DECISIONS[name](live, 10)[0].data["entry"]
    later = tell(live, tmp_path, 4)
    with pytest.raises(LiveError, match=f"entry {entry} can no longer be undone: entry {later} was built on it; undo"):
        live.undo(entry)
    live.undo(later)
    live.undo(entry)
    assert sorted(live.history.waiting) == [0, 1, 2, 3]


def test_decisions_are_undone_from_the_last_one_back(live: Live) -> None:
    first, second = (live.veto(design, at=at)[0].data["entry"] for design, at in ((1, 10), (2, 20)))
    with pytest.raises(LiveError, match=f"entry {second} was built on it"):
        live.undo(first)
    live.undo(second)
    live.undo(first)
    assert sorted(live.history.waiting) == [0, 1, 2, 3]
    with pytest.raises(LiveError, match=f"entry {first} is undone already"):
        live.undo(first)
    with pytest.raises(LiveError, match="entry 1 asked for a batch, which cannot be undone; veto its designs"):
        live.undo(1)
    with pytest.raises(LiveError, match=r"an addition or an extension can be undone, and there is no such entry"):
        live.undo(99)


def test_a_dossier_holds_only_what_stands(live: Live) -> None:
    before = Knowledge(live.record, 1)
    live.undo(live.veto(1, at=10)[0].data["entry"])
    after = Knowledge(live.record, 1)
    assert (after.events, after.before, after.tickets) == (before.events, before.before, before.tickets)
    live.undo(live.add(["AAAAAAAA"], new_round=True)[0].data["entry"])
    tell(live, live.path, 0, 1, 2, 3)
    tell(live, live.path, 0, 1, 2, 3, replicate=2)
    live.ask()
    assert [row.values for row in Knowledge(live.record, 2).history.rows.values()] == [
        (n + 0.5, n + 0.75) for n in range(4)
    ]


def test_results_of_another_round_do_not_hinder(live: Live, tmp_path: Path) -> None:
    entry = DECISIONS["a batch of people"](live, 10)[0].data["entry"]
    tell(live, tmp_path, 0)
    live.undo(entry)
    assert list(live.history.open_rounds) == [1]


def test_an_import_goes_with_its_designs_if_nothing_was_built_on_it(started: Path, tmp_path: Path) -> None:
    live, other = (Live(copytree(started, tmp_path / name)) for name in ("live", "other"))
    before = known(live.history)
    file = written(tmp_path / "past.csv", HEADER, PAST)
    live.import_rounds(file)
    live.undo(1)
    assert known(live.history) == before
    assert "imported past.csv: 1 round of 2 designs, 1 new result (undone)" in str(live.status)
    mended = written(tmp_path / "past.csv", HEADER, [(*PAST[0][:4], 2.5), PAST[1]])
    live.import_rounds(mended)
    other.import_rounds(mended)
    assert known(live.history) == known(other.history)
    asked = [
        [event.data["sequence"] for event in its.ask(at="2026-05-01", anyway=True) if event.kind == "chosen"]
        for its in (live, other)
    ]
    assert asked[0] == asked[1]


def test_only_the_results_of_an_import_go_if_something_was_built_on_it(started: Path, tmp_path: Path) -> None:
    live = Live(copytree(started, tmp_path / "live"))
    live.import_rounds(written(tmp_path / "past.csv", HEADER, PAST))
    chosen = [event.data["sequence"] for event in live.ask(anyway=True) if event.kind == "chosen"]
    live.undo(1)
    assert live.history.rows == {}
    assert [pending.design.sequence for pending in live.history.pending] == ["AAAAAAAA", "CCCCCCCC", *chosen]
    mended = live.import_rounds(written(tmp_path / "past.csv", HEADER, [(*PAST[0][:4], 2.5), PAST[1]]))
    assert [event.kind for event in mended.events] == ["observed", "imported"]
    assert live.history.values.tolist() == [2.5]


def test_a_round_ends_with_its_last_result_that_stands(live: Live, tmp_path: Path) -> None:
    """A loss closed the round early, its value came, and the loss is undone: as if it had never been declared."""
    header = ["design", "replicate", "value", "outcome"]
    rest = [(n, r, n + r / 4, "") for n in range(1, 4) for r in (1, 2)]
    days = {5: [(0, 2, "", "lost")], 10: [(0, 1, 5.0, ""), *rest], 40: [(0, 2, 5.5, "")]}
    for day, rows in days.items():
        live.tell(written(tmp_path / f"{day}.csv", header, rows), at=day * 1440)
    assert live.history.closed_rounds == {1: 10 * 1440}
    live.undo(2, at=50 * 1440)
    assert (live.history.closed_rounds, live.history.open_rounds) == ({1: 40 * 1440}, {})
    assert live.record.tickets.closed == {1}
    live.undo(4, at=51 * 1440)
    assert (live.history.closed_rounds, live.history.open_rounds) == ({}, {1: 0})


def test_all_imports_that_were_undone_can_be_imported_again(started: Path, tmp_path: Path) -> None:
    live = Live(copytree(started, tmp_path / "live"))
    rows = [(1, "AAAAAAAA", "2026-03-02 09:00", "2026-03-20", 1.5), (1, "GGGGGGGG", "2026-03-02 09:00", "", "")]
    one = written(tmp_path / "1.csv", HEADER, rows)
    two = written(tmp_path / "2.csv", HEADER, [(2, "CCCCCCCC", "2026-04-02 09:00", "2026-04-20", 2.5)])
    live.import_rounds(one)
    live.import_rounds(two)
    before = known(live.history)
    told = live.tell(written(tmp_path / "r.csv", ["sequence", "value"], [("GGGGGGGG", 3.5)]), at=2**17)
    live.undo(told.events[-1].data["entry"], at=2**17)
    live.undo(2)
    live.undo(1)
    live.import_rounds(one)
    live.import_rounds(two)
    assert known(live.history) == before


def test_undoing_names_later_entries_that_said_the_same(live: Live, tmp_path: Path) -> None:
    header, rows = ["design", "replicate", "value"], [(n, 1, n + 0.5) for n in range(4)]
    first = written(tmp_path / "first.csv", header, rows[:3])
    second = written(tmp_path / "second.csv", header, rows[1:])
    live.tell(first, at=10)
    live.tell(second, at=20)
    assert live.undo(3, at=30)[0].data.get("again") is None
    live.tell(second, at=40)
    assert live.undo(2, at=50)[0].data["again"] == [5]
    assert list(live.history.rows) == [3]
    live.tell(second, at=60)
    assert {key: row.values for key, row in live.history.rows.items()} == {1: (1.5,), 2: (2.5,), 3: (3.5,)}


def test_undoing_names_later_entries_that_said_the_same_failure(
    live: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = ["design", "outcome", "value"]
    for name, n in (("1.csv", 1), ("2.csv", 2)):
        live.tell(written(tmp_path / name, header, [(n, "not_expressed", "") for n in range(n)]), at=n)
    undo(live.path, 2, "", None, None)
    said = "entry 3 also said results of entry 2, which are no longer known; tell its file again"
    assert said in capsys.readouterr().out
    assert list(live.history.rows) == [1]


def test_undoing_a_loss_names_later_entries_that_said_it_too(live: Live, tmp_path: Path) -> None:
    header, lost = ["design", "replicate", "value", "outcome"], (0, 2, "", "lost")
    live.tell(written(tmp_path / "1.csv", header, [lost]), at=10)
    second = written(tmp_path / "2.csv", header, [lost, (1, 1, 1.5, "")])
    live.tell(second, at=20)
    assert live.undo(2, at=30)[0].data["again"] == [3]
    assert live.record.tickets.tickets[1, 0].lost == frozenset()
    live.tell(second, at=40)
    assert live.record.tickets.tickets[1, 0].lost == {2}
