"""Telling: what labs send is understood, counted once, and refused where it contradicts what was told before."""

from datetime import date, datetime, time
from pathlib import Path
from shutil import copytree
from typing import Any

import openpyxl
import pytest
from live_stubs import begun, written

from designloop.core.errors import InputError, LiveError
from designloop.live.directory import Live

VALUES = (1.5, 2.5, 3.5, 4.5, 5.5, 6.5)
CONTROLS = {"controls": [{"name": "wt", "wells": ["A1"]}]}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    begun(folder, CONTROLS).ask(at=0)
    return folder / "live"


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """Six designs in the lab, one well each."""
    return Live(copytree(asked, tmp_path / "live"), by="ana")


def measured(live: Live) -> dict[int, tuple[float, ...]]:
    return {key: row.values for key, row in sorted(live.history.rows.items())}


def rows(names: Any = range(6), values: Any = VALUES) -> list[tuple[Any, Any]]:
    return [
        (f"rbs_{name}" if isinstance(name, int) else name, value) for name, value in zip(names, values, strict=True)
    ]


WHOLE = {n: (value,) for n, value in enumerate(VALUES)}


def by_name(live: Live, folder: Path) -> Path:
    return written(folder / "r.csv", ["name", "value"], rows())


def by_number_in_tsv(live: Live, folder: Path) -> Path:
    return written(folder / "r.tsv", ["design", "activity"], enumerate(VALUES), "\t")


def by_sequence(live: Live, folder: Path) -> Path:
    designs = live.history.designs
    return written(
        folder / "r.csv", ["sequence", "value"], [(designs[n].sequence.lower(), VALUES[n]) for n in range(6)]
    )


def decimal_commas(live: Live, folder: Path) -> Path:
    return written(folder / "r.csv", ["Name", "Value"], [(n, str(v).replace(".", ",")) for n, v in rows()], ";")


def reversed_with_blanks(live: Live, folder: Path) -> Path:
    return written(
        folder / "r.csv", ["sample", "value"], [*rows()[::-1], ("rbs_3", ""), ("rbs_4", "n.d."), ("NTC", "")]
    )


def a_workbook(live: Live, folder: Path) -> Path:
    book = openpyxl.Workbook()
    for row in [("design", "value"), *((float(n), value) for n, value in enumerate(VALUES))]:
        book.active.append(row)
    book.save(folder / "r.xlsx")
    return folder / "r.xlsx"


def by_well(live: Live, folder: Path) -> Path:
    return written(folder / "r.csv", ["well", "reading"], [*of_wells(live), ("A1", 100.0)])


def of_wells(live: Live) -> list[tuple[str, float]]:
    held = live.record.tickets.plates["R1P1"]
    return [(well, VALUES[its[0]]) for well, its in held.items() if its != "wt"]


def in_the_shape_of_a_plate(live: Live, folder: Path) -> Path:
    values = {**dict(of_wells(live)), "A1": 100.0, "H12": 0.1}
    body = [[letter, *(values.get(f"{letter}{n}", "") for n in range(1, 13))] for letter in "ABCDEFGH"]
    return written(folder / "r.csv", ["Plate R1P1", *range(1, 13)], body)


FORMS = [by_name, by_number_in_tsv, by_sequence, decimal_commas, reversed_with_blanks, a_workbook, by_well,
         in_the_shape_of_a_plate]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_says_the_same(form: Any, live: Live, tmp_path: Path) -> None:
    file = form(live, tmp_path)
    before = live.record.every
    understood = str(live.tell(file, dry_run=True))
    assert "6 new values of 6 designs" in understood
    assert live.record.every == before, "a dry run records nothing"
    live.tell(file)
    assert measured(live) == WHOLE
    assert not live.history.open_rounds
    assert live.tell(file).events == (), "a file that is told twice changes nothing"
    assert measured(live) == WHOLE


def test_the_record_says_who_told_which_file_when(live: Live, tmp_path: Path) -> None:
    live.tell(by_name(live, tmp_path), at="2026-03-09 10:30")
    told = live.record.events[-1]
    assert (told.minute, told.kind) == (7 * 1440 + 90, "told")
    assert {name: told.data[name] for name in ("entry", "by", "file", "n")} == {
        "entry": 2, "by": "ana", "file": "r.csv", "n": 6
    }  # fmt: skip
    assert len(told.data["digest"]) == 64
    assert [event.kind for event in live.record.events[-8:]] == [*["observed"] * 6, "round_closed", "told"]


def test_controls_are_kept_and_are_no_designs(live: Live, tmp_path: Path) -> None:
    live.tell(in_the_shape_of_a_plate(live, tmp_path))
    control = next(event for event in live.record.events if event.kind == "control")
    assert (control.data["control"], control.data["value"], control.data["well"]) == ("wt", 100.0, "A1")


def test_limits_of_detection_are_no_values(live: Live, tmp_path: Path) -> None:
    live.tell(written(tmp_path / "r.csv", ["name", "value"], rows([0, 1, 2], ["<10", ">50", "20"])))
    assert live.history.sides.tolist() == [-1, 1, 0]
    assert live.history.values.tolist() == [10.0, 50.0, 20.0]
    assert [pending.design.id for pending in live.history.pending] == [3, 4, 5]


def test_a_file_may_come_in_parts_that_overlap(live: Live, tmp_path: Path) -> None:
    live.tell(written(tmp_path / "1.csv", ["name", "value"], rows()[:4]))
    understood = str(live.tell(written(tmp_path / "2.csv", ["name", "value"], rows()[:1:-1])))
    assert "2 new values of 2 designs" in understood
    assert "2 known results" in understood
    assert measured(live) == WHOLE


def test_a_contradiction_is_refused_and_shown(live: Live, tmp_path: Path) -> None:
    live.tell(written(tmp_path / "1.csv", ["name", "value"], rows()[:3]))
    before = live.record.every
    other = written(tmp_path / "2.csv", ["name", "value"], [("rbs_4", 5.5), ("rbs_1", 2.6)])
    with pytest.raises(LiveError, match=r"2\.csv, line 3: design 1: the value is 2\.6, but it was 2\.5 \(entry 2\)"):
        live.tell(other)
    assert live.record.every == before, "nothing of a refused file is recorded"
    failed = written(tmp_path / "3.csv", ["name", "outcome"], [("rbs_1", "synthesis_failed")])
    with pytest.raises(LiveError, match=r"design 1: it is synthesis_failed, but it has the value 2\.5"):
        live.tell(failed)


def test_two_values_for_one_well_in_one_file_contradict_each_other(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["name", "replicate", "value"], [("rbs_1", 1, 2.0), ("rbs_1", 1, 2.1)])
    with pytest.raises(LiveError, match=r"replicate 1 is 2\.1, but it was 2 in another row"):
        live.tell(file)


def test_failures_end_designs(live: Live, tmp_path: Path) -> None:
    cells = [("rbs_0", 1.5, "observed"), ("rbs_1", "", "synthesis failed"), ("rbs_2", "", "")]
    live.tell(written(tmp_path / "r.csv", ["name", "value", "outcome"], cells))
    assert dict(zip(live.history.ids.tolist(), map(str, live.history.outcomes), strict=True)) == {
        0: "observed", 1: "synthesis_failed"
    }  # fmt: skip
    late = written(tmp_path / "2.csv", ["name", "value"], [("rbs_1", 2.5)])
    with pytest.raises(LiveError, match=r"design 1: it has a value, but synthesis_failed was told \(entry 2\)"):
        live.tell(late)


def two_wells(folder: Path) -> Live:
    live = begun(folder, scheduler={"kind": "rounds", "batch_size": 6, "replicates": 2})
    live.ask()
    return live


def test_replicates_in_columns_and_wide_files(tmp_path: Path) -> None:
    live = two_wells(tmp_path)
    wide = written(tmp_path / "r.csv", ["name", "a", "b"], [(name, value, value * 2) for name, value in rows()])
    live.tell(wide, columns={"replicates": ["a", "b"]})
    assert measured(live) == {n: (value, value * 2) for n, value in enumerate(VALUES)}
    assert live.tell(wide, columns={"replicates": ["a", "b"]}).events == ()


def test_a_mean_tells_the_wells_that_it_is_of(tmp_path: Path) -> None:
    live = two_wells(tmp_path)
    means = [(*row, 0.2, 2) for row in rows()]
    file = written(tmp_path / "r.csv", ["name", "mean", "sd", "n"], means)
    live.tell(file, columns={"std_dev": "sd", "n": "n"})
    assert not live.history.open_rounds
    assert measured(live) == WHOLE
    assert live.tell(file, columns={"std_dev": "sd", "n": "n"}).events == ()


@pytest.fixture(scope="module")
def retesting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Round 1 is told; round 2 has six new designs, and measures designs 5 and 4 again."""
    folder = tmp_path_factory.mktemp("retesting")
    live = begun(folder, scheduler={"kind": "rounds", "batch_size": 6, "n_retests": 2})
    live.ask()
    live.tell(by_name(live, folder))
    assert [event.design for event in live.ask() if event.kind == "retest"] == [5, 4]
    return folder / "live"


@pytest.fixture
def again(retesting: Path, tmp_path: Path) -> Live:
    return Live(copytree(retesting, tmp_path / "live"), by="ana")


NEW = [(n, n + 0.25) for n in range(6, 12)]
OF_ROUND_2 = {
    "with new designs of its round": (["design", "value"], [*NEW, (5, 6.75)], {}),
    "with its earlier value": (["design", "value"], [(5, 6.5), (5, 6.75)], {}),
    "with the whole first round": (["design", "value"], [*enumerate(VALUES), *NEW, (5, 6.75)], {}),
    "with a column": (["design", "round", "value"], [(5, 2, 6.75)], {}),
    "with the round of the command": (["design", "value"], [(5, 6.75)], {"in_round": 2}),
    "with its plate": (["design", "plate", "value"], [(5, "R2P1", 6.75)], {}),
    "with the old value by chance": (["design", "value"], [*NEW, (5, 6.5)], {}),
}


@pytest.mark.parametrize("name", OF_ROUND_2)
def test_a_value_is_of_a_retest_where_the_file_says_so(name: str, again: Live, tmp_path: Path) -> None:
    header, cells, given = OF_ROUND_2[name]
    told = again.tell(written(tmp_path / "r.csv", header, cells), **given)
    assert measured(again)[5] == (6.5, cells[-1][-1])
    assert list(again.history.retesting) == [4]
    assert "1 retest value" in told.lines


def test_a_file_told_again_is_no_retest(again: Live, tmp_path: Path) -> None:
    assert again.tell(by_name(again, tmp_path)).events == ()


def test_a_value_that_may_be_of_two_rounds_is_refused(again: Live, tmp_path: Path) -> None:
    one = written(tmp_path / "one.csv", ["design", "value"], [(5, 6.75)])
    with pytest.raises(InputError, match=r"'5' was measured in round 1, and is measured again in round 2; of which"):
        again.tell(one)
    both = written(tmp_path / "both.csv", ["design", "value"], [(0, 1.5), (6, 6.25), (5, 6.75)])
    with pytest.raises(InputError, match="line 4: '5' was measured in round 1"):
        again.tell(both)


def test_a_corrected_file_of_an_earlier_round_is_a_contradiction_and_no_retest(again: Live, tmp_path: Path) -> None:
    corrected = written(tmp_path / "new.csv", ["design", "value"], [*enumerate(VALUES[:5]), (5, 6.75)])
    with pytest.raises(LiveError, match=r"line 7: design 5: the value is 6\.75, but it was 6\.5 \(entry 2\)"):
        again.tell(corrected)


def test_errors_are_read_and_columns_that_are_not_read_are_named(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["name", "mean", "sd"], [("rbs_0", 1.5, 0.3), ("rbs_1", 2.5, 0.6)])
    assert any("not read: sd; errors are named as in" in line for line in live.tell(file, dry_run=True).lines)
    live.tell(file, columns={"std_dev": "sd", "n": 9})
    assert live.history.std_errors.tolist() == pytest.approx([0.1, 0.2])


def test_dates_become_minutes(live: Live, tmp_path: Path) -> None:
    cells = [("rbs_0", 1.5, "2026-03-04", "14:30"), ("rbs_1", 2.5, "03.03.2026", "")]
    live.tell(written(tmp_path / "r.csv", ["name", "value", "date", "time"], cells), at="2026-03-05 09:00")
    assert dict(zip(live.history.ids.tolist(), live.history.measured_at.tolist(), strict=True)) == {
        0: 2 * 1440 + 330, 1: 1440 + 180
    }  # fmt: skip


def test_typed_dates_of_a_workbook_become_minutes(live: Live, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cells = [(0, 1.5, date(2026, 3, 4), time(14, 30)), (1, 2.5, datetime(2026, 3, 3), None), (2, 3, None, None)]
    for row in [("design", "value", "date", "time"), *cells]:
        book.active.append(row)
    book.save(tmp_path / "r.xlsx")
    live.tell(tmp_path / "r.xlsx", at="2026-03-05 09:00")
    assert dict(zip(live.history.ids.tolist(), live.history.measured_at.tolist(), strict=True)) == {
        0: 2 * 1440 + 330, 1: 1440 + 180, 2: 3 * 1440
    }  # fmt: skip


def test_a_part_of_a_plate_and_then_all_of_it_without_its_name(live: Live, tmp_path: Path) -> None:
    wells = of_wells(live)
    live.tell(written(tmp_path / "1.csv", ["well", "reading"], wells[:2]))
    live.tell(written(tmp_path / "2.csv", ["well", "reading"], wells))
    assert measured(live) == WHOLE
    with pytest.raises(InputError, match="no plate 'R9P1'"):
        live.tell(tmp_path / "2.csv", plate="R9P1")


def test_the_plate_of_an_earlier_round_is_not_taken_for_the_next(tmp_path: Path) -> None:
    live = begun(tmp_path)
    live.ask()
    first = written(tmp_path / "1.csv", ["well", "reading"], of_wells(live))
    live.tell(first)
    live.ask()
    assert live.tell(first).events == (), "it is the plate of round 1, although only that of round 2 is waited for"
    assert measured(live) == WHOLE


BAD = {
    "a stranger": ((["name", "value"], [("wild type", 1.0)]), "line 2: 'wild type'; designs are named as in rbs_0"),
    "no such design": ((["name", "value"], [("rbs_77", 1.0)]), "line 2: 'rbs_77'"),
    "no names": ((["x", "y"], [(1, 2)]), "no column names designs, sequences or wells"),
    "two candidates": ((["name", "x", "y"], [("rbs_1", 1, 2)]), "or replicates, as in `--set replicates=[x,y]`"),
    "text": ((["name", "value"], [("rbs_1", "high")]), "line 2, column 'value': 'high' is not a number"),
    "the future": ((["name", "value", "date"], [("rbs_1", 1, "2026-03-20")]), "line 2: measured on 2026-03-20 12:00"),
    "before": ((["name", "value", "date"], [("rbs_1", 1, "2025-03-03")]), "before its round was ordered on 2026-03-02"),
    "no date": ((["name", "value", "date"], [("rbs_1", 1, "3/4/26")]), "expected a date, got '3/4/26'; write it as"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_place(name: str, live: Live, tmp_path: Path) -> None:
    (header, cells), message = BAD[name]
    with pytest.raises((InputError, LiveError)) as refused:
        live.tell(written(tmp_path / "r.csv", header, cells), at="2026-03-05 09:00")
    assert message in str(refused.value)


def test_other_rows_are_left_out_by_name(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["name", "value"], [("wild type", 1.0), ("Water", 0.1), ("WT", 9.0), *rows()])
    understood = str(live.tell(file, columns={"ignore": "Wild Type"}))
    assert "1 row left out: water\n1 row left out: wild type" in understood
    assert "control wt: mean 9 (1 well)" in understood
    assert measured(live) == WHOLE


def test_an_order_sheet_is_no_result_and_may_get_a_column_of_values(live: Live, tmp_path: Path) -> None:
    live.sheets()
    for name in ("order.csv", "order.xlsx"):
        with pytest.raises(InputError, match="is an order sheet: it has no results; add a column of values"):
            live.tell(live.path / "round-1" / name)
    header, *order = [line.split(",") for line in (live.path / "round-1" / "order.csv").read_text().split()]
    filled = [(*row, value) for row, value in zip(order, VALUES, strict=True)]
    told = live.tell(written(tmp_path / "r.csv", [*header, "Fluorescence"], filled))
    assert "6 rows: designs by column 'design', values in column 'Fluorescence'" in told.lines
    assert measured(live) == WHOLE


def test_numbers_that_may_count_samples_are_said(live: Live, tmp_path: Path) -> None:
    for column, is_said in (("Sample", True), ("design", False)):
        told = live.tell(written(tmp_path / "r.csv", [column, "value"], [(1, 2.5), (2, 3.5)]), dry_run=True)
        assert ("numbers in column 'Sample' are read as those of designs: 1 is rbs_1" in told.lines) == is_said


UNREAD = {
    "a status": (
        "Status",
        ["ok"] * 5 + ["failed"],
        "not read: Status ('failed' in 1, 'ok' in 5); a column of outcomes",
    ),
    "words on quality": ("QC 2", ["pass"] * 6, "not read: QC 2 ('pass' in 6)"),
    "a failure": ("Failure", ["", "not expressed", *[""] * 4], "not read: Failure ('not expressed' in 1)"),
    "a failed cell": ("Plasmid prep", ["3 ug"] * 5 + ["contaminated!"], "not read: Plasmid prep ('contaminated!' in 1"),
    "numbers": ("OD600", [0.5] * 6, "not read: OD600; errors are named as in"),
    "people": ("operator", ["ana", "ben"] * 3, None),
    "nothing": ("comment", [""] * 6, None),
    "a length": ("length", [9] * 6, None),
}


@pytest.mark.parametrize("name", UNREAD)
def test_columns_that_may_say_that_a_design_failed_are_named(name: str, live: Live, tmp_path: Path) -> None:
    column, cells, message = UNREAD[name]
    its = [(*row, cell) for row, cell in zip(rows(), cells, strict=True)]
    said = str(live.tell(written(tmp_path / "r.csv", ["name", "value", column], its), dry_run=True))
    assert message in said if message else "not read" not in said
