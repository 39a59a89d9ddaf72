"""A table is read as spreadsheets write it: separators, decimal commas, comments, headers, and workbooks of Excel."""

import re
from pathlib import Path

import numpy as np
import pytest

from designloop.core.errors import InputError
from designloop.core.readers.cells import number, numbers
from designloop.core.readers.table import Form
from designloop.core.readers.tables import column_names, read_table
from designloop.oracles import Landscape

WANTED = [1.5, 1000.25, float("nan"), -0.5]


def written(folder: Path, text: str, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Variant;Value\nAC;1,5\nAG;1000,25\nAT;\nAA;-0,5\n", "t.csv"),
        ("Variant;Value\nAC;1.5\nAG;1000.25\nAT;n.d.\nAA;-0.5\n", "t.csv"),
        ("Variant\tValue\nAC\t1.5\nAG\t1000.25\nAT\tNA\nAA\t-0.5\n", "t.csv"),
        ("Variant\tValue\nAC\t1,5\nAG\t1000,25\nAT\t-\nAA\t\u22120,5\n", "t.csv"),
        ("Variant,Value\nAC,1.5\nAG,1000.25\nAT,null\nAA,-0.5\n", "t.tsv"),
        ('sep=;\n"Variant";"Value"\n"AC";"1,5"\n"AG";"1000,25"\n"AT";\n"AA";"-0,5"\n', "t.csv"),
        ("# from the reader\n#\n\nVariant,Value\nAC,1.5\n# plate 2\nAG,1000.25\nAT,#N/A\nAA,-0.5\n", "t.csv"),
        ("Variant|Value\nAC|1.5\nAG|1000.25\nAT|NaN\nAA|-0.5\n", "t.txt"),
        ("Variant Value\nAC 1.5\nAG 1000.25\nAT NA\nAA -0.5\n", "t.txt"),
        ("  Variant   Value\n  AC    1,5\n  AG 1000,25\n  AT     NA  \n  AA   -0,5\n", "t.dat"),
        ('Variant,Value\n"AC","1,5"\n"AG","1000,25"\nAT,\nAA,"-0,5"\n', "t.csv"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_one_table_is_the_same_however_a_spreadsheet_writes_it(tmp_path, text, name, encoding):
    table = read_table(written(tmp_path, text, name, encoding))
    assert table.names == ("Variant", "Value")
    assert table.texts("variant") == ["AC", "AG", "AT", "AA"]
    np.testing.assert_array_equal(table.numbers("value"), WANTED)
    assert column_names(tmp_path / name) == table.names


def test_a_table_of_a_german_excel_is_read_and_its_encoding_is_told(tmp_path):
    file = written(tmp_path, "Sequenz;Aktivit\u00e4t (\u00b5M)\r\nACGT;1,5\r\n", encoding="cp1252")
    table = read_table(file)
    assert table.numbers("aktivit\u00e4t (\u00b5m)").tolist() == [1.5]
    assert "t.csv is read as Windows-1252, because it is not UTF-8" in " | ".join(table.remarks)
    said = Landscape(path=str(file), sequence="Sequenz", value="Aktivit\u00e4t (\u00b5M)", alphabet="dna").remarks
    assert sum("Windows-1252" in remark for remark in said) == 1
    plate = written(
        tmp_path, "\u00b5;1;2;3;4;5;6\n" + "".join(f"{row};1;2;3;4;5;6\n" for row in "ABCD"), encoding="cp1252"
    )
    assert "Windows-1252" in read_table(plate).remarks[0]


@pytest.mark.parametrize("data", [b"a,\xc2\xb5,\xb5\n1,2,3\n", b"a,b\n\x00\xb5,1\n", b"a,b\n\x81,1\n"])
def test_a_byte_that_is_no_text_is_named_by_its_line_and_the_path_is_named_once(tmp_path, data):
    """Damaged UTF-8, a binary file, and a byte that Windows-1252 has no letter for."""
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(InputError, match=r"t\.csv, line [12]: not UTF-8 text .* save it as UTF-8") as error:
        _ = Landscape(path=str(tmp_path / "t.csv")).truth
    assert str(error.value).count("t.csv") == 1


def test_a_separator_that_the_ending_does_not_imply_is_told(tmp_path):
    text = "sequence;value\nACGT;1,5\nACGA;2,25\n"
    assert "is read as separated by semicolons" in read_table(written(tmp_path, text)).remarks[0]
    remarks = Landscape(path=str(tmp_path / "t.csv")).remarks
    assert sum("semicolons" in remark for remark in remarks) == 1
    assert sum("column 'value' is read with decimal commas" in remark for remark in remarks) == 1
    assert read_table(written(tmp_path, text, "t.tsv")).remarks != ()
    assert read_table(written(tmp_path, "sequence,value\nACGT,1\n", "u.csv")).remarks == ()


@pytest.mark.parametrize("separator", [" ", "\t"])
def test_names_of_rows_that_r_writes_without_a_header_are_a_column_without_a_name(tmp_path, separator):
    rows = ['"Variant" "note" "Value"', '"1" "AC" "wild type" 1.5', '"2" "AG" "b" NA']
    table = read_table(written(tmp_path, "\n".join(rows).replace('" ', f'"{separator}') + "\n", "t.txt"))
    assert table.names == ("", "Variant", "note", "Value")
    assert table.texts("note") == ["wild type", "b"]
    assert "the header does not name, has names of rows" in table.remarks[-1]
    for text, name in (("Variant,Value\nAC,1,5\nAG,2,5\n", "t.csv"), ("Variant\tValue\nAC\t1.5\t\n", "t.tsv")):
        with pytest.raises(
            InputError, match="line 2 has 3 cells, but the header has 2"
        ):  # as a decimal comma makes them
            read_table(written(tmp_path, text, name))


def test_blanks_separate_no_cells_of_a_csv_file_and_no_title(tmp_path):
    assert read_table(written(tmp_path, "my sequence\nACGT ACGT\n")).names == ("my sequence",)
    assert read_table(written(tmp_path, "my sequence\nACGT\n", "t.txt")).names == ("my sequence",)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"RDX3\nX\n", r"R data \(\.RData\)"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"PAR1", "Parquet"),
        (b"\x93NUMPY", "an array"),
    ],
)
def test_a_file_that_is_no_text_is_named_by_its_kind(tmp_path, data, what):
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(InputError, match=rf"t\.csv is not text, but {what}"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["1,234", "5,678"], "line 2, .*'1,234' the comma may separate thousands or decimals; set `decimal`"),
        (["1.5", "2,5"], "line 3, .*'2,5' has a comma, and '1.5' in .*line 2.* has a point"),
        (["1,23.5", "2"], "line 2, .*'1,23.5' has a comma; write numbers with one decimal mark"),
        (["1,5", "1,23,567"], "line 3, .*'1,23,567' has two commas"),
        (
            ["1,5", "1,234,567"],
            "line 2, .*: in '1,5', ',' does not separate thousands, as it does in '1,234,567' in .*3",
        ),
        (["1.234,5", "1.5"], r"line 3, .*: in '1\.5', '\.' does not separate thousands, as it does in '1\.234,5'"),
        (["1.234,5", "1,234.5"], r"line 3, .*: in '1,234\.5', '\.' does not separate thousands"),
    ],
)
def test_a_comma_that_may_mean_two_things_is_an_error(tmp_path, cells, sentence):
    file = written(tmp_path, "\n".join(["sequence\tvalue", *(f"AC\t{cell}" for cell in cells)]))
    with pytest.raises(InputError, match=sentence):
        read_table(file).numbers("value")


@pytest.mark.parametrize(
    ("cells", "values", "said"),
    [
        (["1.234,5", "2,5", "-3.000", "4"], [1234.5, 2.5, -3000, 4], "decimal commas and points between thousands"),
        (["1,234.5", "2.5", "3,000", "4"], [1234.5, 2.5, 3000, 4], "commas between thousands"),
        (["1.234.567", "2"], [1234567, 2], "decimal commas and points between thousands"),
        (["1,234,567", ">2"], [1234567, 2], "commas between thousands"),
    ],
)
def test_a_number_with_one_meaning_is_read(tmp_path, cells, values, said):
    table = read_table(written(tmp_path, "\n".join(["sequence\tvalue", *(f"AC\t{cell}" for cell in cells)]), "t.tsv"))
    assert table.measured("value").values.tolist() == values
    assert table.remarks[0].endswith(f"is read with {said}")
    with pytest.raises(InputError, match=r"separates thousands by a (comma|point), but `decimal` is a "):
        read_table(tmp_path / "t.tsv", Form(decimal="." if "decimal" in said else ",")).measured("value")


def test_the_decimal_mark_can_be_given(tmp_path):
    file = written(tmp_path, "a\tb\n1,234\t1.5\n")
    assert read_table(file, Form(decimal=",")).numbers("a").tolist() == [1.234]
    with pytest.raises(InputError, match=r"'1\.5' has a point, but `decimal` is a comma"):
        read_table(file, Form(decimal=",")).numbers("b")
    with pytest.raises(InputError, match="'1,234' has a comma, but `decimal` is a point"):
        read_table(file, Form(decimal=".")).numbers("a")


def test_a_thousand_with_a_point_does_not_pass_for_a_decimal(tmp_path):
    """1.234 beside 0,5 is one thousand two hundred and thirty-four; alone, in a file with semicolons, it may be."""
    table = read_table(written(tmp_path, "name;counts;share\nx;1.234;0,5\n"))
    assert table.numbers("share").tolist() == [0.5]
    asks = r"column 'counts': in '1\.234' the point may separate thousands; set `decimal`"
    with pytest.raises(InputError, match=asks):
        table.numbers("counts")
    alone = written(tmp_path, "name;counts\nx;1.234\ny;2.500\n")
    with pytest.raises(InputError, match=asks):
        read_table(alone).numbers("counts")
    assert read_table(alone, Form(decimal=".")).numbers("counts").tolist() == [1.234, 2.5]
    assert read_table(written(tmp_path, "name;n\nx;1.234\ny;0.5\n")).numbers("n").tolist() == [1.234, 0.5]
    assert read_table(written(tmp_path, "name,n\nx,1.234\n")).numbers("n").tolist() == [1.234]


@pytest.mark.parametrize("cell", ["12.500", "<1.500", "12,500"])
def test_texts_among_numbers_may_have_thousands(cell):
    with pytest.raises(InputError, match=r"line 2: in '[\d.,]+' the (point|comma) may separate thousands"):
        numbers([14000, 16000, cell], "line {}".format)
    assert numbers([14000, 16000, "12.500"], "line {}".format, ".").values.tolist() == [14000, 16000, 12.5]
    assert numbers([14.5, "0.125", "<12.5"], "line {}".format).values.tolist() == [14.5, 0.125, 12.5]


@pytest.mark.parametrize(
    ("cell", "fix"),
    [
        ("1.0±0.1", "write the error in a column of its own"),
        ("1.0 +/- 0.1", "write the error in a column of its own"),
        ("OUT OF RANGE", "write OVER or UNDER if it lies beyond the range, or leave the cell empty"),
        ("1.5*", "correct it, or leave the cell empty if there is no measurement"),
    ],
)
def test_a_cell_that_is_no_number_is_told_with_its_mend(tmp_path, cell, fix):
    with pytest.raises(InputError, match=rf"line 2, column 'value': '{re.escape(cell)}' is not a number; .*{fix}"):
        read_table(written(tmp_path, f"sequence,value\nAC,{cell}\n")).numbers("value")


UNITS = {
    "12.5 nM": (12.5, "nM"), "12%": (12.0, "%"), "1.2e3 RFU": (1200.0, "RFU"), "<3\u03bcM": (3.0, "\u00b5M"),
    "3 uM": (3.0, "\u00b5M"), "4 min-1": (4.0, "min-1"), "-2.5 kcal/mol": (-2.5, "kcal/mol"), "37 °C": (37.0, "°C"),
    "0.5 a.u.": (0.5, "a.u."),
}  # fmt: skip


@pytest.mark.parametrize("cell", UNITS)
def test_a_column_may_have_one_unit(tmp_path, cell):
    read = read_table(written(tmp_path, f"sequence,value\nAC,{cell}\nAG,{cell}\nAT,n/a\n")).measured("value")
    value, unit = UNITS[cell]
    assert (read.values[:2].tolist(), read.unit) == ([value, value], unit)
    assert f"t.csv, column 'value' is in {unit}" in read.remarks[0]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (("1 nM", "2 \u00b5M"), "line 3, column 'value': '2 \u00b5M' is in \u00b5M, but '1 nM' in"),
        (
            ("1 nM", "2"),
            "line 2, column 'value': '1 nM' is in nM, but '2' in .* has no unit; write all numbers of a column",
        ),
        (("1", "<2 nM"), "line 3, column 'value': '<2 nM' is in nM, but '1' in"),
        (("1,200 nM", "2,300 nM"), "the comma may separate thousands or decimals"),
        (("1 nM*", "2"), "'1 nM[*]' is in nM[*], but '2' in"),
        (("1e", "2"), "'1e' is not a number"),
        (("1 nM day", "2"), "'1 nM day' is not a number"),
    ],
)
def test_units_that_differ_are_refused(tmp_path, cells, sentence):
    quoted = [f'"{cell}"' for cell in cells]
    with pytest.raises(InputError, match=sentence):
        read_table(written(tmp_path, f"sequence,value\nAC,{quoted[0]}\nAG,{quoted[1]}\n")).measured("value")


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        ('[{"sequence": "AC"}]', "t.json", "is JSON, not a table; save it as CSV"),
        ('{"sequence": "AC"}\n', "t.csv", "is JSON, not a table; save it as CSV"),
        ("<html><table>", "t.csv", "is XML or HTML, not a table; save it as CSV"),
        ("\xd0\xcf\x11\xe0", "t.csv", r"is a spreadsheet that is not read \(\.xls, \.ods\); save it as"),
        ("PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument", "t.ods", "is a spreadsheet that is not read"),
        (
            "sequence,value\nAC,1,5\nAG,2,5\n",
            "t.csv",
            "if the numbers have decimal commas, separate the cells by sem",
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_mend(tmp_path, text, name, sentence):
    with pytest.raises(InputError, match=rf"t\.(csv|json|ods) .*{sentence}") as error:
        _ = Landscape(path=str(written(tmp_path, text, name, "latin-1"))).truth
    assert str(error.value).count(name) == 1


def test_a_column_is_found_beside_its_unit_and_blanks_around_sequences_are_none(tmp_path):
    file = written(tmp_path, "sequence , Kd (nM)\nACGTAC , 10\n ACGTAA,20\n")
    with pytest.raises(InputError, match=r"has no column 'Kd' .* Did you mean 'Kd \(nM\)'"):
        _ = Landscape(path=str(file), value="Kd").truth
    assert Landscape(path=str(file), value="kd (nM)").truth.table.sequences == ["ACGTAC", "ACGTAA"]


def test_comments_among_the_rows_are_counted_and_rows_of_the_table_are_not_comments(tmp_path):
    table = read_table(written(tmp_path, "a,b\n#N/A,1\n# one\n\n# two\n#3,4\n"))
    assert table.texts("a") == ["#N/A", "#3"]
    assert (table.place(0), table.place(1)) == ("line 2", "line 6")
    assert "2 comments among the rows skipped, first in line 3" in table.remarks[0]
    assert read_table(written(tmp_path, "a\n#N/A\n# one\nx\n")).texts("a") == ["#N/A", "x"]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (
            "Plate 3 results,,\n,,\nSeq,Activity,Note\nACGT,1,x\n",
            "line 3 is the header (Seq, Activity, Note), set `header: 3`",
        ),
        ("Plate 3 results;;\nby A;on Monday;\n1;2;3\nSeq;Activity;Note\nACGT;1;x\n", "line 2 is the header (by A, on"),
        ("Plate 3,,\n1,2,3\nACGT,1,x\n", ""),
        ("Seq,Activity,Note\nACGT,a,b\n", ""),
    ],
)
def test_a_row_below_a_title_that_may_be_the_header_is_told(tmp_path, text, header):
    with pytest.raises(InputError, match=r"has no column 'sequence' \(columns: ") as error:
        read_table(written(tmp_path, text)).sequences("sequence")
    assert header in str(error.value)
    assert ("`header:" in str(error.value)) == bool(header)


def test_a_header_behind_a_comment_sign_is_told(tmp_path):
    with pytest.raises(InputError, match="the comment above line 3 has it: remove the '#' before the header"):
        read_table(written(tmp_path, "#sequence\tvalue\nACGT\t1\nACGA\t2\n", "t.tsv")).column("value")


@pytest.mark.parametrize("name", ["std_error", "Std Error", " STD-ERROR ", "std  error"])
def test_a_column_is_found_in_any_case_and_spacing(tmp_path, name):
    assert read_table(written(tmp_path, f"a,{name}\nx,1\n")).numbers("std_error").tolist() == [1.0]


def test_a_column_is_never_found_by_a_guess_between_two(tmp_path):
    table = read_table(written(tmp_path, "Value,VALUE,value\n1,2,3\n"))
    assert table.numbers("value").tolist() == [3.0]
    with pytest.raises(InputError, match="column 'vaLue' may be 'VALUE' and 'Value' and 'value'; give the exact name"):
        table.column("vaLue")
    with pytest.raises(InputError, match=r"has no column 'vlaue'.* Did you mean 'value'"):
        table.column("vlaue")


def test_a_header_below_other_lines_is_named_and_read(tmp_path):
    file = written(tmp_path, "Plate,7\nReader,x,y,z\n\nSequence,Value,SE\nACGT,1,2\nACGA,2,3\n")
    named = r"set `header: 4` if line 4 is the header \(Sequence, Value, SE\)"
    with pytest.raises(InputError, match=rf"line 2 has 4 cells, but the header has 2.*{named}"):
        read_table(file)
    table = read_table(file, Form(header=4))
    assert (table.names, table.numbers("value").tolist(), table.place(0)) == (
        ("Sequence", "Value", "SE"),
        [1, 2],
        "line 5",
    )
    even = written(tmp_path, "Plate,7\nSequence,Value\nACGT,1\n")
    with pytest.raises(InputError, match="line 2 has it: if that is the header, set `header: 2`"):
        read_table(even).column("value")
    with pytest.raises(InputError, match="has no line 9"):
        read_table(even, Form(header=9))


@pytest.mark.parametrize(
    ("cell", "value", "side"),
    [
        ("<0.1", 0.1, -1),
        ("> 3.5", 3.5, 1),
        (">=2", 2, 1),
        ("OVER", 1, 1),
        ("OVRFLW", 1, 1),
        ("#Sat", 1, 1),
    ],
)
def test_a_value_beyond_a_limit_is_not_a_missing_one(tmp_path, cell, value, side):
    table = read_table(written(tmp_path, f"a,b\nx,1\ny,{cell}\nz,\n"))
    read = table.measured("b")
    np.testing.assert_array_equal(read.values, [1, value, np.nan])
    assert read.sides.tolist() == [0, side, 0]
    with pytest.raises(InputError, match=r"line 3, column 'b': .* is beyond a limit; expected a number"):
        table.numbers("b")


def test_not_determined_may_mean_not_detected_and_is_told(tmp_path):
    said = read_table(written(tmp_path, "a,b\nx,1\ny,n.d.\nz,ND\n")).measured("b").remarks
    assert "column 'b': 2 cells 'n.d.' read as missing; if not detected is meant" in said[0]


# -- workbooks ---------------------------------------------------------------------------------------------------------


def workbook(folder: Path, sheets: dict[str, list[list[object]]], hidden: str = "", name: str = "t.xlsx") -> Path:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed: pip install 'designloop[excel]'")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    book.save(folder / name)
    return folder / name


SHEET = [
    ["Sequence", "Value", "SE"],
    ["0110", 1.5, None],
    [None, None, None],
    ["0100", "n.d.", 2],
    ["1111", "2,5", 0.5],
]


def test_a_workbook_keeps_its_text_and_names_its_rows(tmp_path):
    table = read_table(workbook(tmp_path, {"Data": SHEET}))
    assert table.texts("sequence") == ["0110", "0100", "1111"]
    np.testing.assert_array_equal(table.numbers("se"), [np.nan, 2, 0.5])
    assert (table.where(1), table.remarks) == (f"{tmp_path}/t.xlsx, sheet 'Data', row 4", ())
    with pytest.raises(
        InputError, match=r"t\.xlsx, sheet 'Data', row 5, column 'value': '2,5' has a comma, but `decimal` is"
    ):
        read_table(tmp_path / "t.xlsx", Form(decimal=".")).numbers("value")


def test_a_comment_alone_in_its_row_of_a_workbook_is_skipped(tmp_path):
    rows = [["# exported on Monday"], ["sequence", "value"], ["ACGT", 1], ["# plate 2"], ["#N/A", 2]]
    table = read_table(workbook(tmp_path, {"Data": rows}))
    assert (table.texts("sequence"), table.place(1)) == (["ACGT", "#N/A"], "row 5")


@pytest.mark.parametrize(("cell", "kind"), [(110, "int"), (True, "bool"), (1.5, "float")])
def test_a_sequence_that_is_a_number_in_a_workbook_is_an_error(tmp_path, cell, kind):
    file = workbook(tmp_path, {"Data": [["sequence"], ["0110"], [cell]]})
    with pytest.raises(InputError, match=rf"sheet 'Data', row 3, column 'sequence': expected text, got .* \({kind}\)"):
        read_table(file).texts("sequence")


def test_the_sheet_is_the_first_with_cells_or_the_one_that_is_named(tmp_path):
    file = workbook(tmp_path, {"Notes": [["x"]], "Empty": [], "A": [["a"], [1]], "B": [["b"], [2]]}, hidden="Notes")
    assert read_table(file).names == ("a",)
    assert read_table(file).remarks == (
        f"{file}: sheet 'A' is read, not 'Notes', 'Empty', 'B'; `sheet` selects another",
    )
    assert read_table(file, Form(sheet="B")).names == read_table(file, Form(sheet=4)).names == ("b",)
    with pytest.raises(InputError, match=r"has no sheet 'b' \(sheets: 'Notes', 'Empty', 'A', 'B'\)"):
        read_table(file, Form(sheet="b"))
    with pytest.raises(InputError, match="sheet 'Empty' cannot be read as a table: it is empty"):
        read_table(file, Form(sheet="Empty"))
    with pytest.raises(InputError, match="has no sheets: `sheet` is for Excel files"):
        read_table(written(tmp_path, "a\n1\n"), Form(sheet="A"))


def test_a_formula_without_a_saved_value_is_not_a_missing_value(tmp_path):
    """A program that writes a formula leaves its value to Excel: read before, it has none, or a placeholder of 0."""
    file = workbook(tmp_path, {"Data": [["sequence", "value"], ["ACGT", 1.0], ["ACGA", "=1+1"]]})
    with pytest.raises(InputError, match=r"row 3, column 'value': '=1\+1' is a formula whose value was not saved"):
        read_table(file).numbers("value")


def test_a_workbook_in_disguise_or_damaged_is_an_error_of_ours(tmp_path):
    whole = workbook(tmp_path, {"Data": SHEET}).read_bytes()
    n_refused = 0
    for place in range(0, len(whole), 97):
        (tmp_path / "d.xlsx").write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            read_table(tmp_path / "d.xlsx").column("sequence")
        except InputError:
            n_refused += 1
    assert n_refused > 5
    with pytest.raises(InputError, match="save the sheet as CSV"):
        read_table(written(tmp_path, "PK\x03\x04 and more"))
    with pytest.raises(InputError, match=r"is no \.xlsx file, or has a password"):
        read_table(written(tmp_path, "\u00d0\u00cf\u0011\u00e0 and more", "u.xlsx", "latin-1"))


def test_one_number_of_a_cell():
    assert number(" 1.5 ", "x") == 1.5
    assert np.isnan(number("NA", "x"))
    with pytest.raises(InputError, match="x: 'high' is not a number"):
        number("high", "x")
