"""A table is read from the file that was named, its columns as text or numbers as they are asked for."""

import gzip
from itertools import product
from pathlib import Path

import numpy as np
import polars
import pytest

from designloop.core.alphabet import DNA
from designloop.core.errors import InputError
from designloop.core.prior import CorpusFile, Prior, StartsFile
from designloop.core.readers import tables
from designloop.core.readers.separated import separated
from designloop.core.readers.sequences import read_sequences
from designloop.core.readers.table import Form
from designloop.core.readers.tables import read_table
from designloop.core.spaces import Space
from designloop.oracles import Landscape
from designloop.oracles.card import card


def table(folder: Path, text: str, name: str = "t.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def parquet(folder: Path, name: str = "t.parquet", **columns: list[object]) -> Path:
    with (folder / name).open("wb") as file:
        polars.DataFrame(columns, strict=False).write_parquet(file)
    return folder / name


@pytest.mark.parametrize(
    ("named", "beside", "ending"),
    [
        ("a[1]", "a1", "csv"),
        ("b*", "b2", "csv"),
        ("c?", "cc", "csv.gz"),
        ("{d}", "d", "tsv"),
        ("a[1]", "a1", "parquet"),
    ],
)
def test_a_file_is_read_by_its_name_and_no_other(tmp_path: Path, named: str, beside: str, ending: str):
    """No name is a pattern, in any reader: of a landscape, starts, a corpus."""
    for name, value in ((named, 1.0), (beside, 2.0)):
        frame = polars.DataFrame({"sequence": ["ACGTAC"], "value": [value]})
        file = tmp_path / f"{name}.{ending}"
        if ending == "parquet":
            with file.open("wb") as out:
                frame.write_parquet(out)
        else:
            text = frame.write_csv(separator="\t" if ending == "tsv" else ",").encode()
            file.write_bytes(gzip.compress(text) if ending.endswith("gz") else text)
    path = str(tmp_path / f"{named}.{ending}")
    assert Landscape(path=path)(["ACGTAC"]).tolist() == [1.0]
    assert card(Landscape(path=path)).highest == 1.0
    assert read_sequences(path, DNA) == ["ACGTAC"]
    prior = Prior(corpus=CorpusFile(path=path), starts=StartsFile(path=path, value="value"))
    known = prior.known(Space.of_length(DNA, 6), lambda *_: [], 0)
    assert (known.corpus, [start.value for start in known.starts]) == (("ACGTAC",), [1.0])


def test_numbers_may_become_decimals_after_a_hundred_thousand_rows(tmp_path: Path):
    rows = "\n".join(["1"] * 120_000 + ["0.5"])
    numbers = read_table(table(tmp_path, f"value\n{rows}\n")).numbers("value")
    assert (len(numbers), numbers[0], numbers[-1]) == (120_001, 1.0, 0.5)


@pytest.mark.parametrize(
    "word", ["", "NA", "NaN", "nan", "N/A", "null", "None", "<NA>", "#N/A", " NA ", "n.d.", "-", "masked"]
)
def test_a_word_for_a_missing_value_is_one(tmp_path: Path, word: str):
    numbers = read_table(table(tmp_path, f"a,b\nx,1\ny,{word}\n")).numbers("b")
    np.testing.assert_array_equal(numbers, [1.0, np.nan])


def test_a_nan_of_parquet_is_missing_too(tmp_path: Path):
    numbers = read_table(parquet(tmp_path, a=[1.0, float("nan"), None])).numbers("a")
    np.testing.assert_array_equal(numbers, [1.0, np.nan, np.nan])


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("high", "'high' is not a number"),
        ("85%", "'85%' is in %, but '1' in"),
        ("#DIV/0!", "'#DIV/0!' is an error of the spreadsheet; correct its formula"),
        ("=1+1", "'=1\\+1' is not a number"),
        ("1_000", "'1_000' is not a number"),
        ("٣", "'٣' is not a number"),
        ("0x10", "'0x10' is not a number"),
        ("inf", "'inf' is not a finite number"),
        ("1e999", "'1e999' is not a finite number"),
        ("-1e101", "'-1e101' is not at most 1e100 in size"),
        ("9" * 5000, r"9\.\.\.' is not a finite number"),
        ("true", "'true' is not a number"),
    ],
)
def test_what_is_no_number_is_named_by_line_and_column(tmp_path: Path, cell: str, sentence: str):
    file = table(tmp_path, f"a,b\n\nx,1\n\ny,{cell}\n")
    with pytest.raises(InputError, match=rf"t\.csv, line 5, column 'b': .*{sentence}"):
        read_table(file).numbers("b")


@pytest.mark.parametrize("cell", [True, float("inf")])
def test_a_row_of_parquet_is_named_by_its_number(tmp_path: Path, cell: object):
    file = parquet(tmp_path, a=[not cell, cell] if cell is True else [1.0, cell])
    with pytest.raises(InputError, match=r"t\.parquet, row [12], column 'a'"):
        read_table(file).numbers("a")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n3\n", "line 3 has 1 cell, but the header has 2 "),
        ("a,b\n1,2,3\n", "line 2 has 3 cells, but the header has 2 "),
        ('a,b\n1,2\n3,"4\n5,6\n', r"line 3: unexpected end of data; correct the line \(a quoted cell"),
        ('a,b\n"1"x,2\n', "line 2: "),
        ("", "it is empty; expected a header"),
    ],
)
def test_a_row_that_is_cut_or_quoted_wrongly_is_named_by_its_line(tmp_path: Path, text: str, sentence: str):
    """No row is filled up, and no quote swallows the rows behind it."""
    with pytest.raises(InputError, match=sentence):
        read_table(table(tmp_path, text))


def test_a_cell_may_hold_a_line_break_and_a_row_begins_where_it_begins(tmp_path: Path):
    its = read_table(table(tmp_path, 'a,b\n"x\ny",1\nz,2\n'))
    assert (its.column("a"), its.place(0), its.place(1)) == (["x\ny", "z"], "line 2", "line 4")


def test_a_plain_table_and_a_quoted_one_are_read_alike(tmp_path: Path):
    """A plain one takes a shorter way, and a blank line, a quote or a line break of another system the longer one."""
    text = "a, b\n001,1\nNA,2\n,3\n"
    plain = read_table(table(tmp_path, text))
    for other in (text.replace("001", '"001"'), text.replace("\n", "\r\n"), text.replace("\n", "\n\n"), f"\n{text}"):
        its = read_table(table(tmp_path, other, "other.csv"))
        assert (its.names, len(its)) == (plain.names, len(plain)) == (("a", "b"), 3)
        assert [list(its.column(name)) for name in "ab"] == [["001", "NA", ""], ["1", "2", "3"]]
        assert its.place(1) == ("line 3" if other.count("\n") == 4 else "line 5" if other[0] == "a" else "line 4")


def test_columns_of_one_name_must_agree(tmp_path: Path):
    assert read_table(table(tmp_path, "a,a\n1,1\n")).numbers("a").tolist() == [1.0]
    with pytest.raises(InputError, match="has 2 different columns 'a'"):
        read_table(table(tmp_path, "a,a\n1,2\n")).numbers("a")


def test_a_nul_byte_is_part_of_its_cell(tmp_path: Path):
    with pytest.raises(InputError, match=r"line 2, column 'b': '1\\x00' is not a number"):
        read_table(table(tmp_path, "a,b\nx,1\0\n")).numbers("b")


def test_a_damaged_parquet_file_is_an_error_of_ours(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Whatever polars makes of it: a panic, which prints a backtrace, or the end of its whole process."""
    whole = parquet(tmp_path, sequence=["ACGT", "ACGA"], value=[1.0, 2.0]).read_bytes()
    damaged, n_refused = tmp_path / "damaged.parquet", 0
    for place in range(4, len(whole), len(whole) // 3):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            its = read_table(damaged)
            its.texts("sequence"), its.numbers("value")
        except InputError:
            n_refused += 1
    assert n_refused >= 2
    assert capfd.readouterr().err == ""


def test_a_table_that_is_split_at_once_is_the_one_that_is_read_row_by_row(tmp_path: Path) -> None:
    """Every text of up to five of four signs: a plain one has the names, cells and lines that the csv module finds."""
    file, n_plain = tmp_path / "t.csv", 0
    for length in range(6):
        for signs in product("a,\n\0", repeat=length):
            text = "".join(signs).replace("\0", "\r\n")
            file.write_text(text, newline="")
            whole = separated(file)
            if (plain := tables._plain_text(whole, Form())) is not None:
                slow, n_plain = tables._any_text(whole, Form()), n_plain + 1
                assert plain.names == slow.names, repr(text)
                assert [*plain.place.lines] == slow.place.lines, repr(text)
                assert [plain._cells(i) for i in range(len(plain.names))] == [
                    slow._cells(i) for i in range(len(slow.names))
                ], repr(text)
    assert n_plain > 90


@pytest.mark.parametrize(
    "text", ["", "\n", ",\n", "a,b\n\n1,2\n", "a,b\n,\n1,2\n", "a\n\n", 'a\n"1"\n', "a,b\n1\n2,3,4\n", "a\n#1\n2\n"]
)
def test_a_table_with_blank_quoted_or_uneven_rows_is_read_row_by_row(tmp_path: Path, text: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    assert tables._plain_text(separated(file), Form()) is None
