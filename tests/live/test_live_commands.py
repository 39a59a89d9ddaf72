"""Random commands, killed, repeated and at once, keep the laws of live campaigns; and the laws notice a break."""

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import live_commands

from designloop.core.records import Event
from designloop.storage.run_directory import DATABASE
from designloop.storage.store import Store


@pytest.mark.parametrize("seed", [0, 6])
def test_random_commands_keep_all_laws(seed: int) -> None:
    tally = Counter[str]()
    assert live_commands.faults(seed, 8, tally) == []
    assert tally.total() >= 6


@pytest.fixture
def desk(tmp_path: Path) -> live_commands.Desk:
    its = live_commands.Desk(tmp_path, seed=1)
    its.live.ask()
    file = its.numbered(its.wells)
    its.live.tell(file)
    its.note(2, its.wells)
    its.current = None
    assert [fault for law in live_commands.LAWS for fault in law(its)] == []
    return its


def appended(desk: live_commands.Desk, event: Event) -> None:
    with Store.open(desk.live.path / DATABASE) as store:
        store.campaign().append([event])
    desk.current = None


def test_a_value_that_is_counted_twice_is_noticed(desk: live_commands.Desk) -> None:
    observed = next(event for event in desk.record().every if event.kind == "observed")
    appended(desk, Event(desk.record().minute, "observed", observed.design, observed.data))
    assert "told Counter" in "".join(live_commands.counted_once(desk))


def test_a_value_that_is_lost_is_noticed(desk: live_commands.Desk) -> None:
    appended(desk, Event(desk.record().minute, "undone", None, {"of": 2, "entry": 3, "by": "ana"}))
    assert "recorded Counter()" in "".join(live_commands.counted_once(desk))
