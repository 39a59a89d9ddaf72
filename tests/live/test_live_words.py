"""What live campaigns say of files and rounds is true, and reads well."""

from pathlib import Path
from shutil import Error

import pytest
from live_stubs import begun, written

from designloop.core.errors import ConfigError, InputError, LiveError, StoreError
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
    assert [facts[name] for name in ("n_measured", "n_partly", "n_failed", "n_open")] == [1, 1, 1, 1]


def test_what_is_measured_in_part_is_said_so_by_ask_too(live: Live, tmp_path: Path) -> None:
    live.tell(written(tmp_path / "r.csv", ["name", "value"], [("rbs_0", 1.5)]), at=60)
    with pytest.raises(LiveError, match="4 designs of round 1 still to come from the lab, 1 of them measured in part;"):
        live.ask(at=70)


def test_a_round_that_is_not_there_is_named_with_those_that_are(live: Live, tmp_path: Path) -> None:
    for command in (live.dossier, live.sheets, lambda number: live.lost(rounds=[number])):
        with pytest.raises(LiveError, match=r"there is no round 2 \(rounds: 1\)"):
            command(2)
    (tmp_path / "file").touch()
    with pytest.raises(LiveError, match="is a file; give a folder"):
        live.sheets(folder=tmp_path / "file")


def test_a_copy_that_fails_leaves_nothing(live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path, to: Path) -> None:
        to.mkdir()
        (to / "config.yaml").touch()
        raise Error([("a", "b", "[Errno 28] No space left on device")] * 50)

    with pytest.raises(StoreError, match="lies in the campaign itself"):
        live.copy(live.path / "copy")
    monkeypatch.setattr("designloop.live.folder.copytree", full)
    with pytest.raises(StoreError, match="some files cannot be copied; free disk space"):
        live.copy(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_messages_name_the_key_or_the_option(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["name", "Box", "value"], [("rbs_0", "A", 1.5)])
    with pytest.raises(InputError, match="as in `--set round=COLUMN`"):
        live.tell(file, columns={"round": "Box"})
    with pytest.raises(ConfigError, match="the column of the dates of measurement is `date`"):
        live.import_rounds(file, columns={"measured": "value"})
    with pytest.raises(ConfigError, match="`n` is of the means in one column"):
        live.tell(file, columns={"replicates": ["value", "Box"], "n": 2})
    for option in ("ordered", "measured"):
        with pytest.raises(InputError, match=f"--{option}: expected a date, got '3/4/2026'"):
            live.import_rounds(file, **{option: "3/4/2026"})


def test_german_headers_are_known(live: Live, tmp_path: Path) -> None:
    place = next(well for well, held in live.record.tickets.plates["R1P1"].items() if held == [0, 1])
    file = tmp_path / "r.csv"
    file.write_text(f"Probe;Platte;Vertiefung;Messwert;Gain\nrbs_0;R1P1;{place};1,5;7\n", encoding="utf-8")
    told = live.tell(file)
    assert "1 row: designs by column 'Probe', values in column 'Messwert'" in told.lines
    assert [(e.data["plate"], e.data["well"]) for e in told.events if e.kind == "observed"] == [("R1P1", place)]


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
