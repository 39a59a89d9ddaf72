"""Result files as instruments and people write them: units, layouts of plate readers, and names of mutants."""

from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from live_stubs import begun, written

from designloop.core.errors import InputError, LiveError
from designloop.core.readers.units import named_and_unit
from designloop.live.directory import Live

LETTERS, COLUMNS = "ABCDEFGH", range(1, 13)
VALUES = (1.5, 2.5, 3.5, 4.5, 5.5, 6.5)
NAMES = [f"rbs_{n}" for n in range(6)]
WHOLE = {n: (value,) for n, value in enumerate(VALUES)}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    begun(folder, {"controls": [{"name": "wt", "wells": ["A1"]}]}).ask(at=0)
    return folder / "live"


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """Six designs in the lab, one well each."""
    return Live(copytree(asked, tmp_path / "live"), by="ana")


def measured(live: Live) -> dict[int, tuple[float, ...]]:
    return {key: row.values for key, row in sorted(live.history.rows.items())}


def saved(file: Path, lines: Sequence[Sequence[Any]], separator: str = "\t") -> Path:
    file.write_text("".join(f"{separator.join(map(str, line))}\n" for line in lines), encoding="utf-8")
    return file


# -- plate readers -----------------------------------------------------------------------------------------------------


def plate(live: Live, control: Any = 9.0) -> list[list[Any]]:
    """The wells of the plate, row by row; wells without a design are empty."""
    held = live.record.tickets.plates["R1P1"]
    values = {well: control if its == "wt" else VALUES[its[0]] for well, its in held.items()}
    return [[values.get(f"{letter}{column}", "") for column in COLUMNS] for letter in LETTERS]


def i_control(live: Live, folder: Path) -> Path:
    above = [["Application: Tecan i-control"], ["Device: infinite 200Pro", "", "", "Serial number: 1"], [],
             ["Plate", "Greiner 96 Flat Bottom Black"], ["Label: GFP"], ["Excitation Wavelength", 485, "nm"],
             ["Start Time:", "02.03.2026 10:12:35"], [], ["", "Temperature: 25.3 °C"], ["<>", *COLUMNS]]  # fmt: skip
    rows = [[letter, *row] for letter, row in zip(LETTERS, plate(live), strict=True)]
    return saved(folder / "r.csv", [*above, *rows, [], ["End Time:", "02.03.2026 10:13:35"]], ",")


GEN5 = [["Software Version", "3.15.15"], [], ["Plate Number", "Plate 1"], ["Date", "3/2/2026"],
        ["Reader Type:", "Synergy H1"], ["Plate Type", "96 WELL PLATE (Use plate lid)"], ["Read", "od"],
        ["", "Wavelengths:  600"], [], ["Results"], ["Actual Temperature:", 25.2], ["", *COLUMNS]]  # fmt: skip


def gen5(live: Live, folder: Path) -> Path:
    rows = [[letter, *row, "od:600"] for letter, row in zip(LETTERS, plate(live, "OVRFLW"), strict=True)]
    return saved(folder / "r.txt", [*GEN5, *rows])


def gen5_of_two_reads(live: Live, folder: Path) -> Path:
    rows = zip(LETTERS, plate(live), strict=True)
    lines = [line for letter, row in rows for line in ([letter, *[7] * 12, "od:600"], ["", *row, "gfp:485,528"])]
    return saved(folder / "r.txt", [*GEN5, *lines])


def softmax(live: Live, folder: Path, name: str = "R1P1", more: Sequence[Sequence[Any]] = ()) -> Path:
    above = [["##BLOCKS= 1"], ["Plate:", name, 1.3, "PlateFormat", "Endpoint", "Absorbance", "Raw"]]
    rows = [["", 25.0 if n == 0 else "", *row] for n, row in enumerate(plate(live))]
    lines = [*above, ["", "Temperature(°C)", *COLUMNS], *rows, [], *more, ["~End"], ["Original Filename: x"]]
    return saved(folder / "r.txt", lines)


def softmax_in_utf16(live: Live, folder: Path) -> Path:
    file = softmax(live, folder)
    file.write_bytes(file.read_text(encoding="utf-8").encode("utf-16"))
    return file


def victor(live: Live, folder: Path) -> Path:
    above = [["Plate information"], ["Plate", "Repeat", "Barcode"], [1, 1, ""], [], ["Results for Meas A -  (RFU)"]]
    rows = [[letter, *row, ""] for letter, row in zip(LETTERS, plate(live), strict=True)]
    return saved(folder / "r.csv", [*above, ["", *(f"{n:02}" for n in COLUMNS), ""], *rows], ",")


READERS = [i_control, gen5, gen5_of_two_reads, softmax, softmax_in_utf16, victor]


@pytest.mark.parametrize("form", READERS, ids=lambda form: form.__name__)
def test_files_of_plate_readers_are_read(form: Any, live: Live, tmp_path: Path) -> None:
    which = {"reading": "gfp:485,528"} if form is gen5_of_two_reads else {}
    live.tell(form(live, tmp_path), columns=which)
    assert measured(live) == WHOLE


@pytest.mark.parametrize(
    ("above", "name"),
    [
        ([["Plate ID", "R1P1"], ["Results"]], "R1P1"),
        ([["Plate ID", "R1P1"], ["Temperature", 25]], "R1P1"),
        ([["Plate ID", "R7P1"], ["Results"]], None),
    ],
)
def test_the_name_of_a_plate_stands_above_it(above: Any, name: str | None, live: Live, tmp_path: Path) -> None:
    rows = [[letter, *row] for letter, row in zip(LETTERS, plate(live), strict=True)]
    file = saved(tmp_path / "r.csv", [*above, ["", *COLUMNS], *rows], ",")
    if name is None:
        with pytest.raises(InputError, match="no plate 'R7P1'"):
            live.tell(file)
    else:
        assert any(f"plate {name} (named in the file)" in line for line in live.tell(file).lines)


def test_rows_that_are_blank_in_a_file_without_letters_stay_rows_of_the_plate(live: Live, tmp_path: Path) -> None:
    assert any(set(row) == {""} for row in plate(live)), "the law is empty otherwise"
    file = softmax(live, tmp_path)
    blank = file.read_text(encoding="utf-8").replace("\t" * 13, "")
    file.write_text(blank, encoding="utf-8")
    live.tell(file)
    assert measured(live) == WHOLE


def softmax_kinetic(live: Live, folder: Path) -> Path:
    return softmax(live, folder, more=[["0:30", 25.1, *[8] * 12], *[["", "", *[8] * 12]] * 7, []])


def i_control_of_two_labels(_: Live, folder: Path) -> Path:
    rows = [[letter, *[7] * 12] for letter in LETTERS]
    return saved(folder / "r.csv", [*_labelled("OD", rows), *_labelled("GFP", rows)], ",")


def _labelled(label: str, rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    return [[f"Label: {label}"], ["<>", *COLUMNS], *rows, []]


def beside_each_other(_: Live, folder: Path) -> Path:
    rows = [[letter, *[7] * 12, "", *[8] * 12] for letter in LETTERS]
    return saved(folder / "r.csv", [["", *COLUMNS, "", *COLUMNS], *rows], ",")


SEVERAL = {
    gen5_of_two_reads: "od:600, gfp:485,528",
    softmax_kinetic: "1, 0:30",
    beside_each_other: "1, 2",
}


@pytest.mark.parametrize("form", SEVERAL, ids=lambda form: form.__name__)
def test_one_of_several_readings_is_chosen_by_people(form: Any, live: Live, tmp_path: Path) -> None:
    file = form(live, tmp_path)
    with pytest.raises(InputError, match=f"wells were read 2 times: {SEVERAL[form]}; export one, or"):
        live.tell(file)
    with pytest.raises(InputError, match="has no reading 'gfq'"):
        live.tell(file, columns={"reading": "gfq"})


def test_a_label_may_name_a_reading_or_a_plate(live: Live, tmp_path: Path) -> None:
    file = i_control_of_two_labels(live, tmp_path)
    with pytest.raises(
        InputError, match=r"plate 'Label: OD' of the file may be any of R1P1; .* choose one reading, as in"
    ):
        live.tell(file)
    live.tell(file, columns={"reading": "GFP"})
    assert set(measured(live).values()) == {(7.0,)}


def test_a_column_for_each_well_is_refused_with_the_mend(live: Live, tmp_path: Path) -> None:
    lines = [["##BLOCKS= 1"], ["Plate:", "P", 1.3, "TimeFormat", "Kinetic"], ["", "Temperature(°C)", "A1", "A2"]]
    with pytest.raises(
        InputError, match="has the time format of SoftMax Pro, a column for each well; export the plate"
    ):
        live.tell(saved(tmp_path / "r.txt", lines))


# -- units -------------------------------------------------------------------------------------------------------------


def told(live: Live, folder: Path, header: str, cells: Sequence[Any], first: int = 0) -> str:
    rows = zip(NAMES[first:], cells, strict=False)
    return str(live.tell(written(folder / f"{first}.csv", ["name", header], rows)))


def test_a_unit_in_cells_or_in_the_header_is_kept(live: Live, tmp_path: Path) -> None:
    assert "column 'value' is in nM" in told(live, tmp_path, "value", ["1.5 nM", "2.5 nM", "<3.5nM"])
    told(live, tmp_path, "value (nM)", VALUES[3:], 3)
    assert measured(live) == WHOLE
    assert [event.data["unit"] for event in live.record.events if event.kind == "told"] == ["nM", "nM"]


@pytest.mark.parametrize(
    ("header", "cell", "message"),
    [
        ("value", "4.5 uM", "3.csv: the values are in µM, but those of entry 2 are in nM; convert them"),
        ("value (AU)", 4.5, "the values are in AU, but those of entry 2 are in nM"),
        ("value (nM)", "4.5 pM", "the values are in pM and in nM; write them in one unit"),
        ("value", "4.5 %", "the values are in %, but those of entry 2 are in nM"),
    ],
)
def test_another_unit_is_refused(live: Live, tmp_path: Path, header: str, cell: Any, message: str) -> None:
    told(live, tmp_path, "value", ["1.5 nM"])
    with pytest.raises((LiveError, InputError), match=message):
        told(live, tmp_path, header, [cell], 3)
    assert len(live.history.rows) == 1


def test_a_file_without_a_unit_is_said_to_be_taken_in_that_of_the_others(live: Live, tmp_path: Path) -> None:
    told(live, tmp_path, "value", ["1.5 nM"])
    assert "1.csv: no unit is given; the values are taken to be in nM, as those of entry 2" in told(
        live, tmp_path, "value", [2.5], 1
    )
    with pytest.raises(LiveError, match=r"2\.csv: the values are in µM, but those of entry 2 are in nM"):
        told(live, tmp_path, "value", ["2.5 µM"], 2)


@pytest.mark.parametrize("form", ["Kd / {}", "Kd/{}", "Kd_{}", "Kd {}", "Kd [{}]", "Kd, {}", "Kd in {}", "Kd ({})"])
def test_the_unit_of_a_header_is_found_in_each_usual_form(live: Live, tmp_path: Path, form: str) -> None:
    told(live, tmp_path, form.format("nM"), [1.5])
    assert [event.data["unit"] for event in live.record.events if event.kind == "told"] == ["nM"]
    with pytest.raises(LiveError, match=r"1\.csv: the values are in µM, but those of entry 2 are in nM; convert them"):
        told(live, tmp_path, form.format("uM"), [1.5], 1)
    assert "no unit" not in told(live, tmp_path, "value (nM)", [1.5], 2)


@pytest.mark.parametrize(
    "header", ["signal / control", "value_2", "mean of A", "activity in M9", "log_M", "site m", "g"]
)
def test_other_words_of_a_header_are_no_units(header: str) -> None:
    assert named_and_unit(header) == (header, "")


def test_another_header_of_the_values_is_said(live: Live, tmp_path: Path) -> None:
    assert "earlier files" not in told(live, tmp_path, "value of reader", [1.5])
    assert "earlier files" not in told(live, tmp_path, "Value_of_reader", [2.5], 1)
    assert (
        "2.csv: the values of earlier files stood in column 'Value_of_reader' (entry 3), and these stand in 'milli'"
    ) in told(live, tmp_path, "milli", [3.5], 2)


def test_percents_are_not_mixed_with_fractions(live: Live, tmp_path: Path) -> None:
    told(live, tmp_path, "yield", ["85%"])
    with pytest.raises(LiveError, match="the values are in no unit, but those of entry 2 are in %"):
        told(live, tmp_path, "yield", [0.85], 1)


def test_errors_have_the_unit_of_the_values(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", ["name", "value", "sem"], [("rbs_0", "1.5 nM", "5 %")])
    with pytest.raises(InputError, match="column 'sem' is in %, but the values are in nM; write errors in the unit"):
        live.tell(file)
    wide = written(tmp_path / "w.csv", ["name", "a", "b"], [("rbs_0", "1.5 nM", "2 µM")])
    with pytest.raises(InputError, match="column 'a' is in nM, but column 'b' in µM; write replicates in one unit"):
        live.tell(wide, columns={"replicates": ["a", "b"]})


def test_words_of_instruments_and_ambiguous_numbers(live: Live, tmp_path: Path) -> None:
    said = told(live, tmp_path, "value", ["> 50", "≤ 0.1", "ND", "n/a", "#N/A", "OVRFLW"])
    assert "1 above without a number, for which 50 is taken, the extreme reading" in said
    assert "3 rows without a result" in said
    assert live.history.sides.tolist() == [1, -1, 1]
    with pytest.raises(InputError, match="the comma may separate thousands or decimals; set `decimal` to"):
        told(live, tmp_path, "value", ["1,200", "3,400"], 2)
    with pytest.raises(InputError, match="no value is a number; write the limit as one, as in >4"):
        told(live, tmp_path, "value", ["OVRFLW"], 2)


# -- mutants -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("added")
    live = begun(folder, space={"parent": "ACGTACGT", "max_edits": 2})
    live.add(["CCGTACGT", "ACGTACAA", "ACGTACGT"], new_round=True, at=0)
    return live.path


@pytest.fixture
def of_mutants(added: Path, tmp_path: Path) -> Live:
    """Two mutants of ACGTACGT in the lab, and the parent."""
    return Live(copytree(added, tmp_path / "live"), by="ana")


def test_mutants_name_designs(of_mutants: Live, tmp_path: Path) -> None:
    rows = [("A1C", 1.5), ("G7A/T8A", 2.5), ("WT", 3.5)]
    said = str(of_mutants.tell(written(tmp_path / "r.csv", ["variant", "value"], rows)))
    assert measured(of_mutants) == {0: (1.5,), 1: (2.5,), 2: (3.5,)}
    assert "3 rows by the changes to the parent" in said


def test_a_name_that_contradicts_the_parent_or_is_not_clear_is_refused(of_mutants: Live, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"r\.csv, line 2.*G1C.*"):
        of_mutants.tell(written(tmp_path / "r.csv", ["mutant", "value"], [("G1C", 1.5)]))
    file = written(tmp_path / "s.csv", ["sample", "value"], [("1C", 1.5)])
    with pytest.raises(InputError, match="line 2: '1C'; designs are named as in rbs_0"):
        of_mutants.tell(file)
    of_mutants.tell(file, columns={"mutant": "sample"})
    assert measured(of_mutants) == {0: (1.5,)}
    with pytest.raises(InputError, match="line 2: 'A1G'; designs are named as in"):
        of_mutants.tell(written(tmp_path / "t.csv", ["mutant", "value"], [("A1G", 1.5)]))
