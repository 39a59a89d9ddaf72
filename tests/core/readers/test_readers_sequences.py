"""Sequences and tables from files; what is wrong in one is told with file, line and letter."""

import gzip
from pathlib import Path

import polars
import pytest

from designloop.core.alphabet import DNA, PROTEIN, RNA, states
from designloop.core.errors import InputError, Notice
from designloop.core.files import found, whole
from designloop.core.readers.sequences import checked, read_cleaned, read_entries, read_sequences
from designloop.core.readers.tables import read_table

SEQUENCES = ["ACGU", "GGA"]


def written(folder: Path, name: str, text: str) -> Path:
    """A file of this text, gzipped where its name says so."""
    file = folder / name
    if name.endswith(".gz"):
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text)
    return file


TEXTS = {
    "lines.txt": "ACGU\n\nGGA\n",
    "family.fasta": ">one\nAC\nGU\n>two words\n\nGGA\n",
    "short.fa": ">one\r\nACGU\r\n>two\r\nGGA",
    "table.csv": "sequence,y\nACGU,1\nGGA,2\n",
    "table.tsv": "y\tsequence\n1\tACGU\n2\tGGA\n",
}


@pytest.mark.parametrize("name", [*TEXTS, *(f"{name}.gz" for name in TEXTS)])
def test_every_format_gives_the_same_sequences_in_their_order(tmp_path: Path, name: str):
    file = written(tmp_path, name, TEXTS[name.removesuffix(".gz")])
    assert read_sequences(file, RNA) == SEQUENCES


def test_parquet_too(tmp_path: Path):
    polars.DataFrame({"seq": SEQUENCES}).write_parquet(tmp_path / "table.parquet")
    assert read_sequences(tmp_path / "table.parquet", RNA, column="seq") == SEQUENCES


def test_letters_are_written_as_the_alphabet_writes_them(tmp_path: Path):
    """Lower case is read; T is U for RNA and U is T for DNA; numbered states are left as they are."""
    file = written(tmp_path, "lines.txt", "acgt\nUUU\n")
    assert read_sequences(file, RNA) == ["ACGU", "UUU"]
    assert read_sequences(file, DNA) == ["ACGT", "TTT"]
    assert checked(["aB"], states(60), "row ") == ["aB"]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("lines.txt", "ACGU\n\nGXA\n", "lines.txt, line 3: letter 'X' at position 2"),
        ("lines.txt.gz", "ACGU\nGGAN\n", "lines.txt.gz, line 2: letter 'N' at position 4"),
        ("family.fasta", ">one\nACGU\n>two\nGGA\nX\n", "family.fasta, line 5, in 'two': letter 'X' at position 4"),
        ("table.csv", "sequence,y\nACGU,1\nG-A,2\n", "table.csv, line 3: letter '-' at position 2"),
        ("table.tsv", "sequence\ty\nAC U\t1\n", "table.tsv, line 2: letter ' ' at position 3"),
        ("table.csv.gz", "sequence,y\nACGZ,1\n", "table.csv.gz, line 2: letter 'Z' at position 4"),
        ("family.fasta", ">one\n>two\nGGA\n", "family.fasta, line 1, in 'one': the sequence is empty"),
        ("family.fasta", "ACGU\n>two\nGGA\n", "family.fasta, line 1: expected a FASTA header that begins with '>'"),
    ],
)
def test_a_wrong_letter_is_told_with_file_line_and_position(tmp_path: Path, name: str, text: str, place: str):
    with pytest.raises(InputError) as error:
        read_sequences(written(tmp_path, name, text), RNA)
    assert place in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_a_wrong_letter_in_parquet_is_told_with_its_row(tmp_path: Path):
    polars.DataFrame({"sequence": ["ACG", "AXG"]}).write_parquet(tmp_path / "table.parquet")
    with pytest.raises(InputError, match=r"table\.parquet, row 2: letter 'X' at position 2"):
        read_sequences(tmp_path / "table.parquet", RNA)


def test_a_warning_tells_where_a_reader_without_remarks_removes_gaps(tmp_path: Path):
    with pytest.warns(Notice, match="gaps of the alignment removed"):
        assert read_sequences(written(tmp_path, "x.fasta", ">a\nAC-G\n>b\nA-CG\n"), RNA) == ["ACG", "ACG"]


@pytest.mark.parametrize("name", ["table.csv", "table.tsv", "table.csv.gz"])
def test_numbered_states_in_a_table_are_letters_and_not_numbers(tmp_path: Path, name: str):
    """`0110` keeps its zero, and `1E5` is three letters."""
    file = written(tmp_path, name, "sequence\n0110\n1E5\n007\n")
    assert read_sequences(file, states(16)) == ["0110", "1E5", "007"]


def test_an_empty_cell_is_an_empty_sequence(tmp_path: Path):
    """A missing cell is told as such, and is not the letters of `None`."""
    with pytest.raises(InputError, match=r"line 3: the sequence is empty"):
        read_sequences(written(tmp_path, "table.csv", "sequence,y\nACG,1\n,2\n"), PROTEIN)


@pytest.mark.parametrize(("name", "text"), [("lines.txt", "\n\n"), ("family.fasta", ""), ("table.csv", "sequence,y\n")])
def test_a_file_without_a_sequence_is_told_so(tmp_path: Path, name: str, text: str):
    with pytest.raises(InputError, match="contains no sequences"):
        read_sequences(written(tmp_path, name, text), RNA)


def test_a_missing_column_names_the_nearest_and_all(tmp_path: Path):
    file = written(tmp_path, "table.csv", "Sequences,y\nACG,1\n")
    with pytest.raises(
        InputError, match=r"no column 'sequence' \(columns: Sequences, y\)\. Did you mean 'Sequences'\?"
    ):
        read_sequences(file, RNA)
    with pytest.raises(InputError, match="no column 'z'"):
        read_table(file).column("z")


def test_a_missing_file_names_the_nearest_in_its_folder(tmp_path: Path):
    written(tmp_path, "corpus.fasta", ">a\nA")
    with pytest.raises(InputError, match=r"corpsu\.fasta does not exist. Did you mean 'corpus\.fasta'\?"):
        found(tmp_path / "corpsu.fasta")
    with pytest.raises(InputError, match="is a folder, not a file"):
        found(tmp_path)


def test_variables_in_a_path_are_expanded_and_a_missing_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    written(tmp_path, "lines.txt", "ACG")
    monkeypatch.setenv("MY_DATA", str(tmp_path))
    assert read_sequences("$MY_DATA/lines.txt", RNA) == read_sequences("${MY_DATA}/lines.txt", RNA) == ["ACG"]
    monkeypatch.delenv("MY_DATA")
    for path in ("$MY_DATA/lines.txt", "${MY_DATA}/lines.txt"):
        with pytest.raises(InputError, match=r"the environment variable \$MY_DATA is not set"):
            found(path)


@pytest.mark.parametrize("name", ["lines.txt", "lines.txt.gz", "table.parquet", "table.csv.gz", "table.csv"])
def test_what_is_not_of_its_format_is_told_by_its_file(tmp_path: Path, name: str):
    """Bytes that are no text, no gzip, no table: one of our errors, with the name."""
    (tmp_path / name).write_bytes(b"\xff\xfe\x00\x80\x81" * 30)
    with pytest.raises(InputError, match=name):
        read_sequences(tmp_path / name, RNA)


def test_a_truncated_gzip_is_told_by_its_file(tmp_path: Path):
    whole = gzip.compress(b"ACGU\n" * 1000)
    (tmp_path / "lines.txt.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"lines\.txt\.gz cannot be read"):
        read_sequences(tmp_path / "lines.txt.gz", RNA)


def test_rows_of_a_list_are_counted_from_one():
    with pytest.raises(InputError, match=r"prior\.starts, entry 2: letter 'X'"):
        checked(["ACG", "XCG"], DNA, "prior.starts, entry ")


def test_a_header_gives_a_name_and_notes(tmp_path: Path):
    file = written(tmp_path, "family.fasta", ">tm_1 family=tmRNA  source=A=B odd\nAC\nGU\n>\nGGA\n")
    entries = read_cleaned(file, RNA).entries
    assert [entry.sequence for entry in entries] == SEQUENCES
    assert [(entry.name, entry.place) for entry in entries] == [("tm_1", "line 1"), ("", "line 4")]
    assert [entry.notes for entry in entries] == [{"family": "tmRNA", "source": "A=B"}, {}]


def test_without_an_alphabet_letters_are_left_as_they_stand(tmp_path: Path):
    assert [entry.sequence for entry in read_entries(written(tmp_path, "lines.txt", "acXt\n"))] == ["acXt"]


def test_a_mask_is_read_where_it_is_allowed_and_only_that(tmp_path: Path):
    file = written(tmp_path, "lines.txt", "AC_T\n")
    assert read_cleaned(file, RNA, mask="_").sequences == ["AC_U"]
    for options in ({}, {"mask": "?"}):
        with pytest.raises(InputError, match="letter '_' at position 3"):
            read_cleaned(file, RNA, **options)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "kept"
    with whole(path) as part:
        part.write_text("first")
        part.chmod(0o600)
    (tmp_path / "other").touch()
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode

    def half() -> None:
        with whole(path) as part:
            part.write_text("half of the sec")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert path.read_text() == "first"
    assert {file.name for file in tmp_path.iterdir()} == {"kept", "other"}


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody_of_that_name/x.csv", "a\0b"])
def test_a_name_that_no_file_can_have_is_told(name: str):
    with pytest.raises(InputError):
        found(name)
