"""Wells that are told lost: a design without a value fails with its last well, in whatever order they are told."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from shutil import copytree

import pytest
from live_stubs import begun, written

from designloop.core.errors import LiveError
from designloop.live.directory import Live

SCHEDULER = {"kind": "rounds", "batch_size": 2, "replicates": 3}
Row = tuple[int, float | None]
"""(replicate, value); no value: the well is lost."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    begun(folder, scheduler=SCHEDULER).ask(at=0)
    return folder / "live"


def fresh(asked: Path, folder: Path) -> Live:
    """Two designs in the lab, three wells each."""
    n = sum(1 for _ in folder.iterdir())
    return Live(copytree(asked, folder / f"live-{n}"), by="ana")


def tell(live: Live, rows: Sequence[Row], *, numbered: bool = True, design: int = 0) -> None:
    cells = [(design, n if numbered else "", "" if v is None else v, "lost" if v is None else "") for n, v in rows]
    file = written(live.path / "r.csv", ["design", "replicate", "value", "outcome"], cells)
    live.tell(file, further=not numbered)
    assert live.tell(file).events == (), "a file that is told twice changes nothing"


def ended(live: Live, design: int = 0) -> tuple[str, tuple[float, ...]]:
    """How a design ended; nothing of it is to come."""
    ticket, history = live.record.tickets.tickets[1, design], live.history
    assert not ticket.to_come
    assert design not in history.waiting
    return str(history.rows[design].outcome), history.rows[design].values


def is_lost(live: Live) -> None:
    assert ended(live) == ("lost", ())
    assert [str(outcome) for outcome in live.history.outcomes] == ["lost"]
    live.lost(rounds=[1])
    assert not live.history.open_rounds


def test_a_design_of_which_all_wells_are_lost_is_lost(asked: Path, tmp_path: Path) -> None:
    live = fresh(asked, tmp_path)
    tell(live, [(1, None), (2, None), (3, None)])
    assert [e.kind for e in live.record.events if e.data.get("entry") == 2] == ["failed", "told"]
    is_lost(live)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3)))[::2])
def test_wells_may_be_lost_one_by_one(order: tuple[int, ...], asked: Path, tmp_path: Path) -> None:
    live = fresh(asked, tmp_path)
    for n in order:
        assert 0 in live.history.waiting
        tell(live, [(n, None)])
    is_lost(live)


def test_a_lost_plate_and_a_lost_well_are_one_loss(tmp_path: Path) -> None:
    live = begun(tmp_path, {"replicates_together": False}, scheduler=SCHEDULER)
    live.ask()
    live.lost(plates=["R1P1", "R1P3"])
    tell(live, [(2, None)])
    assert ended(live) == ("lost", ())


def test_the_last_well_that_is_lost_leaves_the_values_of_others(asked: Path, tmp_path: Path) -> None:
    for rows in permutations([(1, 0.5), (2, None), (3, None)]):
        live = fresh(asked, tmp_path)
        for row in rows:
            tell(live, [row])
        assert ended(live) == ("observed", (0.5,))


def test_a_value_that_comes_after_all_counts(asked: Path, tmp_path: Path) -> None:
    live = fresh(asked, tmp_path)
    tell(live, [(1, None), (2, None), (3, None)])
    tell(live, [(2, 0.5)])
    assert ended(live) == ("observed", (0.5,))


def test_undoing_a_loss_waits_for_the_wells_again(asked: Path, tmp_path: Path) -> None:
    live = fresh(asked, tmp_path)
    tell(live, [(1, None)])
    tell(live, [(2, None), (3, None)])
    with pytest.raises(
        LiveError, match="entry 2 lost a well of design 0, and entry 3 its last one; undo entry 3 first"
    ):
        live.undo(2)
    live.undo(3)
    assert live.record.tickets.tickets[1, 0].to_come == [2, 3]
    assert 0 in live.history.waiting
    live.undo(2)
    assert live.record.tickets.tickets[1, 0].to_come == [1, 2, 3]


def test_undoing_the_only_value_leaves_a_lost_design(asked: Path, tmp_path: Path) -> None:
    """A lost well was measured after all, the others were lost since, and the value was wrong."""
    live = fresh(asked, tmp_path)
    tell(live, [(1, None)])
    tell(live, [(1, 0.5)])
    tell(live, [(2, None), (3, None)])
    live.undo(3)
    assert ended(live) == ("lost", ())
    with pytest.raises(LiveError, match="undo entry 4 first"):
        live.undo(2)
    live.undo(4)
    assert live.record.tickets.tickets[1, 0].to_come == [2, 3]
    live.undo(2)
    assert live.record.tickets.tickets[1, 0].to_come == [1, 2, 3]


def test_a_retest_of_which_all_wells_are_lost_ends(tmp_path: Path) -> None:
    live = begun(tmp_path, scheduler={**SCHEDULER, "n_retests": 1})
    live.ask()
    for design in (0, 1):
        tell(live, [(n, design + n / 10) for n in (1, 2, 3)], design=design)
    [again] = [event.design for event in live.ask() if event.kind == "retest"]
    rows = [(again, n, "lost", 2) for n in (1, 2, 3)]
    live.tell(written(tmp_path / "lost.csv", ["design", "replicate", "outcome", "round"], rows))
    assert not live.history.retesting
    assert len(live.history.rows[again or 0].values) == 3


def test_lost_rows_without_numbers_lose_the_other_wells(asked: Path, tmp_path: Path) -> None:
    for rows in ([(0, 0.5), (0, None)], [(0, None), (0, 0.5)]):
        live = fresh(asked, tmp_path)
        tell(live, rows, numbered=False)
        ticket = live.record.tickets.tickets[1, 0]
        assert (list(ticket.results), sorted(ticket.lost), ticket.to_come) == ([1], [2], [3])
        tell(live, [(0, 0.7)], numbered=False)
        assert ended(live) == ("observed", (0.5, 0.7))


def test_a_lost_row_alone_loses_the_design_and_more_lost_rows_than_wells_are_refused(
    asked: Path, tmp_path: Path
) -> None:
    live = fresh(asked, tmp_path)
    tell(live, [(0, None)], numbered=False)
    is_lost(live)
    live = fresh(asked, tmp_path)
    with pytest.raises(LiveError, match=r"design 0: it is lost, but it has the value 0\.5"):
        tell(live, [(0, 0.5), (0, None), (0, None), (0, None)], numbered=False)


def test_another_failure_beside_a_lost_well_is_the_reason(asked: Path, tmp_path: Path) -> None:
    for rows in ([("lost", 1), ("not_expressed", 2)], [("not_expressed", 2), ("lost", 1)]):
        live = fresh(asked, tmp_path)
        live.tell(written(tmp_path / "r.csv", ["design", "outcome", "replicate"], [(0, *row) for row in rows]))
        assert ended(live) == ("not_expressed", ())


def test_a_lost_row_that_contradicts_another_row_names_no_entry(asked: Path, tmp_path: Path) -> None:
    with pytest.raises(LiveError, match=r"replicate 1 is lost, but it was 0\.5 in another row") as refused:
        tell(fresh(asked, tmp_path), [(1, 0.5), (1, None)])
    assert "undo the entry" not in str(refused.value)
