"""Vectors are read from tables and arrays, and what is wrong is named with its place."""

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from designloop.core.alphabet import DNA, RNA
from designloop.core.errors import InputError
from designloop.core.readers.vectors import VectorColumns, read_vectors

SEQUENCES, VECTORS = ["ACGT", "TTTT", "GCGC"], np.array([[0.5, 1.0], [-2.0, 3.0], [0.0, 1e-3]])
TEXT = "sequence,a,b\nACGT,0.5,1\nTTTT,-2,3\nGCGC,0,1e-3\n"


def csv(folder: Path) -> Path:
    (folder / "v.csv").write_text(TEXT)
    return folder / "v.csv"


def packed(folder: Path) -> Path:
    (folder / "v.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    return folder / "v.csv.gz"


def tsv(folder: Path) -> Path:
    (folder / "v.tsv").write_text(TEXT.replace(",", "\t"))
    return folder / "v.tsv"


def parquet(folder: Path) -> Path:
    pl.DataFrame({"sequence": SEQUENCES, "a": VECTORS[:, 0], "b": VECTORS[:, 1]}).write_parquet(folder / "v.parquet")
    return folder / "v.parquet"


def npz(folder: Path) -> Path:
    np.savez(folder / "v.npz", sequences=SEQUENCES, vectors=VECTORS.astype(np.float32))
    return folder / "v.npz"


@pytest.mark.parametrize("write", [csv, packed, tsv, parquet, npz])
def test_every_format_holds_the_same(write, tmp_path):
    sequences, vectors = read_vectors(str(write(tmp_path)), VectorColumns(), DNA)
    assert sequences == SEQUENCES
    np.testing.assert_allclose(vectors, VECTORS, rtol=1e-6)


def test_mutants_and_an_index_without_a_name_are_read_as_evolvepro_writes_them(tmp_path):
    (tmp_path / "v.csv").write_text(",0,1\nWT,1,2\nC2T,3,4\nA1G:C2T,5,6\n")
    sequences, vectors = read_vectors(str(tmp_path / "v.csv"), VectorColumns("", "", "ACGU"), RNA)
    assert sequences == ["ACGU", "AUGU", "GUGU"]
    np.testing.assert_array_equal(vectors, [[1, 2], [3, 4], [5, 6]])


def test_columns_may_be_named_and_letters_are_those_of_the_alphabet(tmp_path):
    (tmp_path / "v.csv").write_text("name,variant,a,b\none,acgt,1,2\ntwo,acga,3,4\n")
    sequences, vectors = read_vectors(str(tmp_path / "v.csv"), VectorColumns("variant", columns=("b", "a")), RNA)
    assert sequences == ["ACGU", "ACGA"]
    np.testing.assert_array_equal(vectors, [[2, 1], [4, 3]])


def test_equal_rows_count_once(tmp_path):
    (tmp_path / "v.csv").write_text("sequence,a\nACGT,1\nTTTT,2\nacgt,1\n")
    assert read_vectors(str(tmp_path / "v.csv"), VectorColumns(), DNA)[0] == ["ACGT", "TTTT"]


WRONG = {
    "a missing number": ("sequence,a,b\nACGT,1,2\nTTTT,3,\n", r"line 3, column 'b': the number is missing; every vec"),
    "a number that is none": ("sequence,a\nACGT,1\nTTTT,x\n", r"line 3, column 'a': 'x' is not a number; every column"),
    "an infinite number": ("sequence,a\nACGT,1\nTTTT,inf\n", r"line 3, column 'a': 'inf' is not a finite number"),
    "a short row": ("sequence,a,b\nACGT,1,2\nTTTT,3\n", r"line 3 has 2 cells, but the header has 3"),
    "two vectors": ("sequence,a\nACGT,1\nTTTT,2\nACGT,3\n", r"line 4: sequence ACGT has another vector in .*line 2"),
    "a wrong letter": ("sequence,a\nACGT,1\nACXT,2\n", r"line 3: letter 'X' at position 3 is not in the dna alphabet"),
    "another column": ("variant,a\nACGT,1\n", r"has no column 'sequence' \(columns: variant, a\)"),
    "no rows": ("sequence,a\n", r"contains no vectors: it has shape \(0, 1\)"),
    "no columns": ("sequence\nACGT\n", r"contains no vectors: it has shape \(1, 0\)"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_table_is_named(text, sentence, tmp_path):
    (tmp_path / "v.csv").write_text(text)
    with pytest.raises(InputError, match=sentence):
        read_vectors(str(tmp_path / "v.csv"), VectorColumns(), DNA)


ARRAYS = {
    "other names": ({"x": VECTORS}, r"needs the arrays 'sequences' and 'vectors', but holds x; save it by np.savez"),
    "too few": (
        {"sequences": SEQUENCES[:2], "vectors": VECTORS},
        r"shape \(3, 2\); expected .* shape \(2, dimensions\)",
    ),
    "one dimension": ({"sequences": SEQUENCES, "vectors": VECTORS[:, 0]}, r"of shape \(3,\); expected a row of"),
    "numbers as names": ({"sequences": [1, 2, 3], "vectors": VECTORS}, "is an array of int64, not a list of text"),
    "text as numbers": ({"sequences": SEQUENCES, "vectors": [["a"]] * 3}, "an array of <U1 of shape"),
    "not a number": (
        {"sequences": SEQUENCES, "vectors": VECTORS * [1, np.nan]},
        "row 1, dimension 2: the number is mis",
    ),
    "infinite": (
        {"sequences": SEQUENCES, "vectors": np.where(VECTORS == 0.5, np.inf, VECTORS)},
        "row 1, dimension 1: the number is inf",
    ),
    "pickled": (
        {"sequences": np.array(SEQUENCES, dtype=object), "vectors": VECTORS},
        "cannot be read as arrays of num",
    ),
}


@pytest.mark.parametrize(("arrays", "sentence"), ARRAYS.values(), ids=ARRAYS)
def test_what_is_wrong_in_arrays_is_named(arrays, sentence, tmp_path):
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(InputError, match=sentence):
        read_vectors(str(tmp_path / "v.npz"), VectorColumns(), DNA)


def test_arrays_without_sequences_and_damaged_ones_are_refused(tmp_path):
    np.save(tmp_path / "v.npy", VECTORS)
    with pytest.raises(InputError, match=r"has vectors without sequences; save both in one file by np.savez"):
        read_vectors(str(tmp_path / "v.npy"), VectorColumns(), DNA)
    (tmp_path / "v.npz").write_bytes(b"PK\x03\x04 damaged")
    with pytest.raises(InputError, match="cannot be read as arrays of numpy"):
        read_vectors(str(tmp_path / "v.npz"), VectorColumns(), DNA)
