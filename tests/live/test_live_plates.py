"""Which plate of the campaign a file means: always said, never guessed against what the file says, and recorded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import openpyxl
import pytest
from live_stubs import begun, written

from designloop.core.errors import InputError, LiveError
from designloop.live.directory import Live

LAB = {
    "plate_size": 24,
    "fill_order": "rows",
    "replicates_together": False,
    "controls": [{"name": "wt", "wells": "D6"}],
}
SCHEDULER = {"kind": "rounds", "batch_size": 4, "replicates": 2}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    begun(folder, LAB, scheduler=SCHEDULER).ask(at=0)
    return folder / "live"


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """Four designs in A1 to A4, the first replicates on R1P1, the second ones on R1P2."""
    return Live(copytree(asked, tmp_path / "live"), by="ana")


def values(live: Live) -> dict[int, tuple[float, ...]]:
    return {key: row.values for key, row in sorted(live.history.rows.items())}


def grid(values: Mapping[str, Any], title: str = "") -> list[list[Any]]:
    """A plate in its shape, under its title."""
    wells = [[letter, *(values.get(f"{letter}{n}", "") for n in range(1, 7))] for letter in "ABCD"]
    return [[title, *range(1, 7)], *wells]


def reading(plate: int) -> dict[str, float]:
    return {f"A{n + 1}": n + plate / 10 for n in range(4)} | {"D6": 9.0}


def plates_in(live: Live) -> Counter[str]:
    return Counter(event.data["plate"] for event in live.record.events if event.kind in ("observed", "control"))


def export(folder: Path, plate: int, title: str, above: Sequence[str] = ()) -> Path:
    """What a plate reader writes: some lines, and a table in the shape of the plate."""
    path = folder / f"export-{plate}.csv"
    rows = [[line] for line in above] + grid(reading(plate), title)
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


def workbook(folder: Path, sheets: Mapping[str, Mapping[str, float]], title: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, its in sheets.items():
        sheet = book.create_sheet(name)
        for row in grid(its, title):
            sheet.append([None if cell == "" else cell for cell in row])
    book.save(folder / "plates.xlsx")
    return folder / "plates.xlsx"


BOTH = {n: (n + 0.1, n + 0.2) for n in range(4)}


@pytest.mark.parametrize("above", [["Reader 9000", "GFP 485/520"], ["Temperature: 29.8 °C"], []])
def test_the_plate_map_names_the_plate_whatever_stands_above_the_table(
    above: Sequence[str], live: Live, tmp_path: Path
) -> None:
    for plate in (1, 2):
        understood = live.tell(export(tmp_path, plate, "<>", above), plate=f"R1P{plate}")
        assert f"plate R1P{plate} (as given): 5 values" in understood.lines
    assert values(live) == BOTH
    assert plates_in(live) == {"R1P1": 5, "R1P2": 5}


NAMED = {
    "in the corner": ("R1P2", "named in the file"),
    "in other words": ("Platte: r1p2, GFP", "named in the file"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_plate_is_named_in_the_file(name: str, live: Live, tmp_path: Path) -> None:
    title, how = NAMED[name]
    path = tmp_path / "r.csv"
    path.write_text("".join(";".join(map(str, row)) + "\n" for row in grid(reading(2), title)))
    assert f"plate R1P2 ({how}): 5 values" in live.tell(path).lines
    assert values(live) == {n: (n + 0.2,) for n in range(4)}


def test_a_plate_is_named_by_the_name_of_the_file(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "2026-03-09 R1P2_reader.csv", ["well", "value"], reading(2).items())
    assert "plate R1P2 (the name of the file): 5 values" in live.tell(file).lines
    assert values(live) == {n: (n + 0.2,) for n in range(4)}
    told = live.tell(written(tmp_path / "R1P2.csv", ["well", "value"], reading(1).items()), plate="R1P1")
    assert "R1P2.csv: its name says R1P2, but it is taken as plate R1P1" in told.lines


def test_the_only_plate_that_is_waited_for_is_taken_and_said(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["well", "value"], reading(2).items())
    with pytest.raises(InputError, match="may be any of R1P1, R1P2"):
        live.tell(file)
    live.tell(export(tmp_path, 1, "R1P1"))
    assert "plate R1P2 (not named; the only one with results to come): 5 values" in live.tell(file).lines
    assert values(live) == BOTH
    assert "plate R1P2 (not named; all of this was told of it before): 5 values" in live.tell(file).lines


def test_most_values_of_an_earlier_plate_are_not_those_of_the_next(live: Live, tmp_path: Path) -> None:
    live.tell(export(tmp_path, 1, "R1P1"))
    corrected = written(tmp_path / "r.csv", ["well", "value"], {**reading(1), "A1": 0.55}.items())
    with pytest.raises(InputError) as refused:
        live.tell(corrected)
    assert "3 of 4 values are those that were told of plate R1P1" in str(refused.value)
    assert "say so (`--plate R1P2`)" in str(refused.value)
    with pytest.raises(LiveError, match=r"design 0: replicate 1 is 0\.55, but it was 0\.1"):
        live.tell(corrected, plate="R1P1")
    said = live.tell(corrected, plate="R1P2").lines
    assert (
        "3 of 4 values are those that were told of plate R1P1; check that plate R1P2 was not told from the same file"
    ) in said


def test_a_file_of_another_plate_is_refused_if_all_its_values_were_told(tmp_path: Path) -> None:
    live = begun(tmp_path, {"fill_order": "rows"}, scheduler={**SCHEDULER, "batch_size": 100}, budget={"designs": 100})
    live.ask()
    wells = {well: n / 100 for n, well in enumerate(live.record.tickets.plates["R1P1"])}
    file = written(tmp_path / "r.csv", ["well", "value"], wells.items())
    live.tell(file, plate="R1P1")
    assert live.tell(file, plate="R1P1").events == ()
    with pytest.raises(InputError, match="96 of 96 values are those that were told of plate R1P1, and none differs"):
        live.tell(file, plate="R1P2")


def test_plates_of_equal_readings_are_no_twins(live: Live, tmp_path: Path) -> None:
    for plate in (1, 2):
        flat = dict.fromkeys(reading(1), 0.0)
        told = live.tell(written(tmp_path / "r.csv", ["well", "value"], flat.items()), plate=f"R1P{plate}")
        assert "check that" not in str(told)


WRONG_PLATES = {
    "no such plate": (["plate", "well", "value"], [("R3P1", "A1", 0.5)], "no plate 'R3P1'"),
    "no such plate, by name": (["plate", "name", "value"], [("R3P1", "rbs_0", 0.5)], "no plate 'R3P1'"),
    "another ordinal": (["plate", "well", "value"], [("Plate 1", "A1", 0.5)], "may be any of R1P2"),
    "outside": (["plate", "well", "value"], [("R1P2", "A1", 0.5), ("R1P2", "A7", 1)], "line 3: 'A7' is no well of a"),
    "a footer": (["plate", "well", "value"], [("R1P2", "A1", 0.5), ("R1P2", "Mean", 1)], "`--set ignore=[Mean]`"),
}


@pytest.mark.parametrize("name", WRONG_PLATES)
def test_a_plate_or_well_that_is_none_is_refused(name: str, live: Live, tmp_path: Path) -> None:
    """Also where only one plate has results to come."""
    live.tell(export(tmp_path, 1, "R1P1"))
    header, rows, message = WRONG_PLATES[name]
    with pytest.raises(InputError) as refused:
        live.tell(written(tmp_path / "r.csv", header, rows))
    assert message in str(refused.value)
    assert len(plates_in(live)) == 1


def test_rows_that_are_no_wells_are_left_out_by_name(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["well", "value"], [*reading(1).items(), ("Mean", 2.0), ("blank", 0.1)])
    assert "1 row left out: mean" in live.tell(file, plate="R1P1", columns={"ignore": "Mean"}).lines
    assert values(live) == {n: (n + 0.1,) for n in range(4)}


# -- sheets ------------------------------------------------------------------------------------------------------------


def test_the_sheet_with_the_name_of_the_plate_is_read(live: Live, tmp_path: Path) -> None:
    book = workbook(tmp_path, {"R1P1": reading(1), "R1P2": reading(2)})
    live.tell(book, plate="R1P2")
    assert values(live) == {n: (n + 0.2,) for n in range(4)}
    assert "plate R1P1 (the name of the sheet): 5 values" in live.tell(book).lines
    assert values(live) == {n: values_[::-1] for n, values_ in BOTH.items()}
    assert plates_in(live) == {"R1P1": 5, "R1P2": 5}


def test_the_sheet_of_another_plate_is_refused(live: Live, tmp_path: Path) -> None:
    book = workbook(tmp_path, {"R1P1 raw": reading(1), "notes": {}})
    with pytest.raises(InputError, match="the file has the sheet 'R1P1 raw', but `--plate R1P2` is given"):
        live.tell(book, plate="R1P2")
    with pytest.raises(InputError, match="the file has the plate 'R1P1', but `--plate R1P2` is given"):
        live.tell(export(tmp_path, 1, "R1P1"), plate="R1P2")
    with pytest.raises(InputError, match="sheet 'R1P2' has the plate 'R1P1'; correct one of the two names"):
        live.tell(workbook(tmp_path, {"R1P2": reading(2)}, "R1P1"))
    both = workbook(tmp_path, {"R1P2 raw": reading(2), "R1P2 norm": reading(2)})
    with pytest.raises(InputError, match="choose one, as in `--set sheet='R1P2 raw'`"):
        live.tell(both, plate="R1P2")
    assert values(live) == {}


# -- names and wells ---------------------------------------------------------------------------------------------------

FILLED = ["plate", "well", "name", "replicate", "value"]


def filled(shift: int = 0, replicate: int = 1) -> list[tuple[Any, ...]]:
    """The table of results of R1P1, filled in; its names are shifted by some rows."""
    return [("R1P1", f"A{n + 1}", f"rbs_{(n + shift) % 4}", replicate, n + 0.1) for n in range(4)]


def test_names_and_wells_that_differ_are_refused(live: Live, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        live.tell(written(tmp_path / "r.csv", FILLED, filled(shift=1)))
    first = "line 2: 'rbs_1', replicate 1, is not in well A1 of plate R1P1, which holds design 0, replicate 1"
    assert first in str(refused.value)
    assert "Perhaps some columns of the file were sorted without the others" in str(refused.value)
    with pytest.raises(InputError, match="'rbs_0', replicate 2, is not in well A1 of plate R1P1"):
        live.tell(written(tmp_path / "r.csv", FILLED, filled(replicate=2)))
    with pytest.raises(InputError, match="'wt' is not in well A1 of plate R1P1, which holds design 0"):
        live.tell(written(tmp_path / "r.csv", ["plate", "well", "name", "value"], [("R1P1", "A1", "wt", 1)]))
    assert live.tell(written(tmp_path / "r.csv", FILLED, filled())).events
    assert values(live) == {n: (n + 0.1,) for n in range(4)}


SAID = {
    "plate and well": (["name", "plate", "well", "value"], ("R1P2", "A{}"), {}),
    "plate": (["name", "plate", "value"], ("r1p2",), {}),
    "well": (["name", "well", "round", "replicate", "value"], ("A{}", 1, 2), {}),
    "replicate": (["name", "replicate", "value"], (2,), {}),
    "people": (["name", "value"], (), {"plate": "R1P2"}),
}


@pytest.mark.parametrize("name", SAID)
def test_a_plate_says_the_replicate_of_a_design_that_it_holds_once(name: str, live: Live, tmp_path: Path) -> None:
    header, cells, how = SAID[name]
    live.tell(written(tmp_path / "r.csv", FILLED, filled()))
    texts = [[cell.format(n + 1) if isinstance(cell, str) else cell for cell in cells] for n in range(4)]
    file = written(tmp_path / "s.csv", header, [(f"rbs_{n}", *text, n + 0.2) for n, text in enumerate(texts)])
    live.tell(file, **how)
    assert values(live) == BOTH
    assert plates_in(live) == {"R1P1": 4, "R1P2": 4}
    wells = [event.data["well"] for event in live.record.events if event.kind == "observed"]
    assert wells == ["A1", "A2", "A3", "A4"] * 2
    assert live.tell(file, **how).events == ()


def test_a_plate_says_that_a_value_is_a_further_replicate(live: Live, tmp_path: Path) -> None:
    live.tell(written(tmp_path / "r.csv", ["name", "value"], [(f"rbs_{n}", n + 0.1) for n in range(4)]))
    further = written(tmp_path / "s.csv", ["name", "value"], [(f"rbs_{n}", n + 0.2) for n in range(4)])
    for how in ({}, {"plate": "R1P1"}):
        with pytest.raises(LiveError, match="further replicates, say so"):
            live.tell(further, **how)
    named = written(tmp_path / "t.csv", ["name", "plate", "value"], [(f"rbs_{n}", "R1P1", n + 0.2) for n in range(4)])
    with pytest.raises(InputError, match="line 2: the row is of plate R1P1, but `--plate R1P2` is given"):
        live.tell(named, plate="R1P2")
    live.tell(further, plate="R1P2")
    assert values(live) == BOTH


def test_a_layout_says_what_is_in_the_wells_of_its_file(live: Live, tmp_path: Path) -> None:
    """A lab may place the designs of R1P1 otherwise, and say so."""
    sequences = [live.history.designs[n].sequence for n in range(4)]
    layout = written(
        tmp_path / "layout.csv", ["well", "sequence"], [(f"D{4 - n}", its) for n, its in enumerate(sequences)]
    )
    file = written(tmp_path / "r.csv", ["well", "value"], [(f"D{4 - n}", n + 0.1) for n in range(4)])
    told = live.tell(file, columns={"layout": str(layout)})
    assert "wells are not read" not in str(told)
    assert values(live) == {n: (n + 0.1,) for n in range(4)}
    assert [event.data["well"] for event in told.events if event.kind == "observed"] == ["D4", "D3", "D2", "D1"]


def test_wells_of_other_plates_are_not_read_and_this_is_said(live: Live, tmp_path: Path) -> None:
    """Wells of a supplier, say: they are of no plate of the campaign, and none of them fits."""
    rows = [(f"rbs_{n}", f"H{n + 1}", n + 0.1) for n in range(4)]
    told = live.tell(written(tmp_path / "r.csv", ["name", "well", "value"], rows))
    assert "r.csv: wells are not read; in 4 of 4 rows they are others than on the plate map" in told.lines
    assert values(live) == {n: (n + 0.1,) for n in range(4)}
    nearly = [(f"rbs_{n}", f"A{n + 1 if n else 2}", n + 0.2) for n in range(4)]
    with pytest.raises(InputError, match="'rbs_0' is not in well A2"):
        live.tell(written(tmp_path / "r.csv", ["name", "well", "value"], nearly))


def test_the_plate_of_a_lab_is_kept_where_designs_are_named(live: Live, tmp_path: Path) -> None:
    live.tell(written(tmp_path / "r.csv", ["name", "plate", "value"], [("rbs_0", "LIMS-77", 0.5)]))
    assert plates_in(live) == {"LIMS-77": 1}
    with pytest.raises(InputError, match="'rbs_0' of round 2 is not on plate R1P1"):
        live.tell(written(tmp_path / "r.csv", ["name", "plate", "round", "value"], [("rbs_0", "R1P1", 2, 0.5)]))


def test_a_plate_that_was_read_turned_is_noticed(live: Live, tmp_path: Path) -> None:
    """With four designs and a control on 24 wells, chance is not excluded; with more in the wells it is."""
    readings = {f"{letter}{n}": 0.01 for letter in "ABCD" for n in range(1, 7)} | reading(1)
    assert "much better" not in str(
        live.tell(written(tmp_path / "r.csv", ["well", "value"], readings.items()), plate="R1P1", dry_run=True)
    )
    big = begun(
        tmp_path / "big", {"fill_order": "rows"}, scheduler={"kind": "rounds", "batch_size": 30}, budget={"designs": 30}
    )
    big.ask()
    wells = [f"{letter}{n}" for letter in "ABCDEFGH" for n in range(1, 13)]
    turned = [(well, n * 37 % 66 + 100 * (n > 65)) for n, well in enumerate(wells)]
    told = big.tell(written(tmp_path / "big.csv", ["well", "value"], turned), dry_run=True)
    assert "plate R1P1 fits the plate map much better if it is turned by 180°" in str(told)


def test_means_of_controls_and_of_empty_wells_are_shown(live: Live, tmp_path: Path) -> None:
    readings = {**reading(1), "B1": 0.02, "B2": 0.04}
    told = live.tell(written(tmp_path / "r.csv", ["well", "value"], readings.items()), plate="R1P1")
    assert "control wt: mean 9 (1 well)" in told.lines
    assert "wells that are empty on the plate map: mean 0.03 (2 wells, 0.02 to 0.04)" in told.lines


def test_a_name_with_the_sequence_of_another_design_is_refused(live: Live, tmp_path: Path) -> None:
    sequences = [live.history.designs[n].sequence for n in range(4)]
    rows = [(f"rbs_{n}", sequence, n + 0.1) for n, sequence in enumerate(sequences)]
    shifted = [(rows[n][0], rows[n - 1][1], rows[n][2]) for n in range(4)]
    with pytest.raises(InputError, match=f"line 2: 'rbs_0' has the sequence of rbs_3, {sequences[3]}; perhaps"):
        live.tell(written(tmp_path / "r.csv", ["name", "sequence", "value"], shifted))
    live.tell(
        written(tmp_path / "r.csv", ["name", "sequence", "value"], [*rows[:3], ("rbs_3", "ordered as GGAA", 3.1)])
    )
    assert values(live) == {n: (n + 0.1,) for n in range(4)}
