"""What live campaigns say of files and rounds is true, and reads well."""

from pathlib import Path

import pytest
from live_stubs import begun, written

from designloop.core.errors import InputError
from designloop.live.directory import Live

SCHEDULER = {"kind": "rounds", "batch_size": 4, "replicates": 2}


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Four designs in the lab, two wells each."""
    its = begun(tmp_path, scheduler=SCHEDULER)
    its.ask(at=0)
    return its


def test_rows_without_results_are_counted_in_words(live: Live, tmp_path: Path) -> None:
    lines = live.tell(
        written(tmp_path / "r.csv", ["name", "value"], [("rbs_0", 1.5), ("rbs_1", ""), ("rbs_2", "")])
    ).lines
    assert "2 rows without a result" in lines


def test_a_design_is_counted_once_in_the_status_of_its_round(live: Live, tmp_path: Path) -> None:
    rows = [("rbs_0", 1, 1.5), ("rbs_0", 2, 1.6), ("rbs_1", 1, 2.5)]
    live.tell(written(tmp_path / "r.csv", ["name", "replicate", "value"], rows), at=60)
    live.lost([2], at=70)
    done = "1 measured, 1 measured in part, 1 failed, 1 with results to come"
    assert f"round 1: 4 designs, ordered 2026-03-02 09:00; {done}" in str(live.status)
    facts = live.status.as_dict()["rounds"][0]
    assert [facts[name] for name in ("n_measured", "n_partly", "n_failed", "n_open")] == [2, 1, 1, 2]


def test_a_design_that_was_vetoed_is_said_to_be(live: Live, tmp_path: Path) -> None:
    live.veto(1, instead="AAAAAAAA", at=10)
    file = written(tmp_path / "r.csv", ["name", "value"], [("rbs_1", 1.5), ("rbs_77", 2.5)])
    with pytest.raises(InputError) as refused:
        live.tell(file)
    assert "line 2: 'rbs_1' (vetoed, so not ordered); " in str(refused.value)
    assert "line 3: 'rbs_77'; designs are named as in rbs_0" in str(refused.value)


def test_a_file_with_a_header_alone_has_no_rows(live: Live, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"r\.csv has a header, but no rows below it"):
        live.tell(written(tmp_path / "r.csv", ["name", "value"], []))


def test_a_plate_without_a_name_is_not_quoted(tmp_path: Path) -> None:
    live = begun(tmp_path, {"replicates_together": False}, scheduler=SCHEDULER)
    live.ask(at=0)
    with pytest.raises(InputError, match="the plate of the file may be any of R1P1, R1P2"):
        live.tell(written(tmp_path / "r.csv", ["well", "value"], [("A1", 1.5)]))
