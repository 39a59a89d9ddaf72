"""Readings of wells are joined to sequences by a layout: plates of every size, saturated and masked wells."""

from pathlib import Path

import numpy as np
import pytest

from designloop.core.errors import InputError
from designloop.core.plates import row_letters
from designloop.core.readers.plate_maps import well_name
from designloop.core.readers.table import Form
from designloop.core.readers.tables import read_table
from designloop.oracles import Landscape

SIZES = [(4, 6), (6, 8), (8, 12), (16, 24), (32, 48)]


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def plate(n_rows: int, n_columns: int, cells: dict[str, str], sep: str = ",", corner: str = "<>") -> str:
    """A plate whose well in row r and column c reads 100 r + c, but for `cells`."""
    header = sep.join([corner, *map(str, range(1, n_columns + 1))])
    rows = []
    for row in range(n_rows):
        letter = row_letters(row)
        values = [cells.get(f"{letter}{c}", str(100 * row + c)) for c in range(1, n_columns + 1)]
        rows.append(sep.join([letter, *values]))
    return "\n".join([header, *rows, ""])


@pytest.mark.parametrize(
    ("text", "name"),
    [("A1", "A1"), ("a01", "A1"), ("H12", "H12"), ("P24", "P24"), ("AF48", "AF48"), (" B003 ", "B3")]
    + [(text, None) for text in ("AG1", "A49", "A0", "1A", "", "A", "ABC1", "I-1")],
)
def test_a_well_has_one_name(text, name):
    assert well_name(text) == name


@pytest.mark.parametrize(("n_rows", "n_columns"), SIZES)
@pytest.mark.parametrize("sep", [",", "\t", ";"])
def test_a_plate_of_every_size_is_a_long_table(tmp_path, n_rows, n_columns, sep):
    around = f"Reader{sep}X7\n\nGain{sep}60\n", "\nEnd of run\n"
    table = read_table(written(tmp_path, "p.csv", plate(n_rows, n_columns, {}, sep).join(around)))
    assert table.names == ("plate", "well", "value")
    last = f"{row_letters(n_rows - 1)}{n_columns}"
    assert (len(table), table.column("well")[0], table.column("well")[-1]) == (n_rows * n_columns, "A1", last)
    assert table.numbers("value")[[0, 1, -1]].tolist() == [1, 2, 100 * (n_rows - 1) + n_columns]
    assert table.place(n_columns) == "line 6"  # of B1
    assert f"1 plate of {n_rows * n_columns:,} wells" in table.remarks[0]


def test_every_plate_of_a_file_is_read_by_its_title(tmp_path):
    text = "Plate 7\n" + plate(8, 12, {}) + "\n" + plate(8, 12, {"A1": "5"}, corner="Plate 8")
    table = read_table(written(tmp_path, "p.csv", text))
    assert (sorted(set(table.column("plate"))), len(table)) == (["Plate 7", "Plate 8"], 192)
    assert table.numbers("value")[[0, 96]].tolist() == [1, 5]


def test_a_table_with_numbers_as_names_is_no_plate(tmp_path):
    text = "sequence,1,2,3,4,5,6\nACGT,1,2,3,4,5,6\nACGA,1,2,3,4,5,6\n"
    assert read_table(written(tmp_path, "t.csv", text)).names[0] == "sequence"
    assert read_table(written(tmp_path, "p.csv", plate(8, 12, {})), Form(header=1)).names[:2] == ("<>", "1")


LAYOUT = "Well,Sequence\nA01,ACGT\nA02,ACGA\nB1,ACCA\nB2,AGGT\nH12,TCGT\nA3,EMPTY\nA4,blank\nC9,\nD1,TTTT\n"


def landscape(folder: Path, readings: str, layout: str = LAYOUT, **fields: object) -> Landscape:
    paths = {"path": written(folder, "p.csv", readings), "layout": written(folder, "l.csv", layout)}
    return Landscape(**paths, denoise=False, alphabet="dna", **fields)


def test_a_saturated_well_has_the_highest_reading_of_its_plate_and_a_masked_one_none(tmp_path):
    """Also where the highest reading is in a well without a design: the range is that of the instrument."""
    oracle = landscape(tmp_path, plate(8, 12, {"A1": "OVER", "B2": "masked", "H11": "4000", "D1": ">3999"}))
    np.testing.assert_array_equal(oracle(["ACGT", "ACGA", "ACCA", "TCGT", "TTTT"]), [4000, 2, 101, 712, 3999])
    assert not oracle.measures(["AGGT"])[0]
    said = " | ".join(oracle.remarks)
    assert "90 of 96 wells left out: no design (1 blank, 2 empty, 87 not in the layout)" in said
    assert (
        "2 values lie beyond a limit (1 above without a number, for which 4000 is taken, the extreme reading)" in said
    )
    assert "1 of 6 rows dropped: no value" in said


def test_a_long_table_of_wells_is_joined_too(tmp_path):
    long = "well,value,sem\nA1,1.5,.1\na02,2.5,.2\nD01,3,.1\n"
    oracle = landscape(tmp_path, long, std_error="sem")
    np.testing.assert_array_equal(oracle(["ACGT", "ACGA", "TTTT"]), [1.5, 2.5, 3])
    assert "3 wells of the layout without a reading" in " | ".join(oracle.remarks)


def test_a_layout_may_be_a_plate_map_and_several_plates_need_names(tmp_path):
    sequences = plate(8, 12, {"A1": "ACGT", "B2": "ACGA"})
    for number in range(100, 900):
        sequences = sequences.replace(f",{number},", ",,").replace(f",{number},", ",,").replace(f",{number}\n", ",\n")
    sequences = "\n".join(
        line if line[0] in "<" else ",".join(cell if not cell.isdigit() else "" for cell in line.split(","))
        for line in sequences.strip().split("\n")
    )
    oracle = landscape(tmp_path, plate(8, 12, {}), sequences + "\n")
    assert oracle(["ACGT", "ACGA"]).tolist() == [1, 102]
    two = "plate,well,value\n1,A1,1\n2,A1,2\n"
    with pytest.raises(InputError, match=r"p\.csv has 2 plates, but .*l\.csv has no column 'plate'; add it"):
        _ = landscape(tmp_path, two).truth
    both = landscape(tmp_path, two, "plate,well,sequence\n1,A1,ACGT\n2,A01,ACGA\n")
    assert both(["ACGT", "ACGA"]).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("layout", "sentence"),
    [
        ("well,sequence\nA1,ACGT\nA01,ACGA\n", r"l\.csv, line 3: well A1 is named in line 2 too"),
        ("well,sequence\nZ99,ACGT\n", r"l\.csv, line 2, column 'well': expected a well such as A1 or H12, got 'Z99'"),
        ("name,sequence\nA1,ACGT\n", r"l\.csv has no column 'well'"),
        ("well,DNA\nA1,ACGT\n", r"l\.csv has no column 'sequence'"),
        ("well,sequence\nG7,\n", r"l\.csv: column 'sequence' has no sequence: each cell is empty"),
        ("well,sequence\nG7,water\n", r"has no reading of a well with a design in .*l\.csv; compare their wells"),
    ],
)
def test_a_mistake_in_a_layout_is_named_by_its_line(tmp_path, layout, sentence):
    with pytest.raises(InputError, match=sentence):
        _ = landscape(tmp_path, plate(8, 12, {}), layout).truth


def test_one_of_both_files_may_call_its_wells_well_and_readings_without_a_layout_ask_for_it(tmp_path):
    readings = "Well Position;value\nA1;1,5\nA2;OVER\n"
    read = landscape(tmp_path, readings, "well,sequence\nA01,ACGTAC\nA02,ACGTAA\n", well="well position")
    assert dict(zip(read.truth.table.sequences, read.truth.values, strict=True)) == {"ACGTAC": 1.5, "ACGTAA": 1.5}
    alone = Landscape(path=written(tmp_path, "alone.csv", plate(8, 12, {})))
    with pytest.raises(InputError, match=r"no column 'sequence' .*; give `layout`, the table or plate map"):
        _ = alone.truth


def test_a_plate_in_a_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed: pip install 'designloop[excel]'")
    book = openpyxl.Workbook()
    for row in [["Run 3"], [None, *range(1, 13)], *([letter, *[0.5] * 12] for letter in "ABCDEFGH")]:
        book.active.append(row)
    book.active["C3"] = "OVER"
    book.save(tmp_path / "p.xlsx")
    table = read_table(tmp_path / "p.xlsx")
    assert (len(table), table.place(95), set(table.column("plate"))) == (96, "row 10", {"Run 3"})
    assert table.measured("value").sides[:3].tolist() == [0, 1, 0]


def test_a_changed_layout_is_read_again(tmp_path):
    """In one process, as in a notebook: the same description with another layout is another truth."""
    assert landscape(tmp_path, plate(8, 12, {}), "well,sequence\nA1,ACGT\n")(["ACGT"]).tolist() == [1]
    assert landscape(tmp_path, plate(8, 12, {}), "well,sequence\nA12,ACGT\n")(["ACGT"]).tolist() == [12]


def test_plates_that_stand_directly_below_each_other_are_all_read(tmp_path: Path):
    """The header of the second one has no letter, as a further read of the row above it would have none."""
    header = "," + ",".join(str(column) for column in range(1, 7))
    rows = [f"{letter}," + ",".join(f"{number}.5" for number in range(6)) for letter in "ABCD"]
    for between in ("", "\n"):
        (tmp_path / "plates.csv").write_text("\n".join([header, *rows]) + "\n" + between + "\n".join([header, *rows]))
        assert len(read_table(tmp_path / "plates.csv")) == 2 * 24
