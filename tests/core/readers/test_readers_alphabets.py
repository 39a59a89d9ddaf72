"""An alphabet is guessed by one rule everywhere, and where two fit, the guess is an error that asks."""

from pathlib import Path

import polars
import pytest

from designloop.core.alphabet import DNA, PROTEIN, RNA
from designloop.core.errors import InputError
from designloop.core.readers.alphabets import ambiguity, guessed_alphabet, letters_in, upper
from designloop.core.readers.sequences import as_written
from designloop.oracles import Landscape


def place(row: int) -> str:
    return f"s.txt, line {row + 1}"


def guess(*sequences: str) -> str:
    return guessed_alphabet(sequences, place).name


@pytest.mark.parametrize(
    ("sequences", "name"),
    [
        (["ACGT", "acg"], "dna"),
        (["ACGU"], "rna"),
        (["ACG_T", "ACG-TT"], "dna"),
        (["ACGT" * 5 + "N"], "dna"),  # an ambiguity code: still bases, and its reader names it
        (["ACGU" * 5 + "N", "ACG"], "rna"),
        (["ACGT", "ACNA", "ACGC"], "dna"),
        (["GGGAAACUUCC", "(((....)))."], "rna"),  # signs that are no letters are no protein
        (["MKTAYIAKQR"], "protein"),
        (["FWAA", "VDGV"], "protein"),
        (["MKTAY", "MRTAY"], "protein"),
        (["ADGNST"] * 4, "protein"),
        (["ACGX", "KKKK"], "protein"),
    ],
)
def test_an_alphabet_is_guessed_by_all_letters(sequences: list[str], name: str):
    assert guess(*sequences) == name


@pytest.mark.parametrize(
    ("sequences", "sentence"),
    [
        (["ACG", "CAG", "GAG"], r"line 1: the letters \(A, C, G\) match dna, rna and protein; give the alphabet"),
        (
            ["AC", "GT"],
            r"line 1: the letters \(A, C, G, T, 4 in all\) match dna and protein; give the alphabet: ",
        ),
        (["ACGT", "NNACGT", "ACNN"], r"line 2: the letters match both dna with ambiguity codes \(N\) and protein"),
        (["GANT", "AGNT"], r"line 1: the letters match both dna with ambiguity codes \(N\) and protein"),
        (["GAACGT", "GCU", "GCT"], r"T first in s\.txt, line 1, U first in s\.txt, line 2; use only one of them"),
        (["0110"], r"line 1: not DNA, RNA or protein \('0110'\).*\(states-2"),
        (["1E5", "2E4"], r"not DNA, RNA or protein"),
        (["---"], r"not DNA, RNA or protein"),
    ],
)
def test_where_two_alphabets_fit_or_none_does_one_is_asked_for(sequences: list[str], sentence: str):
    with pytest.raises(InputError, match=sentence):
        guess(*sequences)


def test_an_ambiguity_code_of_bases_is_an_error_that_says_what_it_is():
    with pytest.raises(InputError, match=r"line 2: letter 'N' at position 3 is not in the dna .* code for any base;"):
        as_written(["ACGT", "ACNA"], DNA, place)
    assert ambiguity("y", RNA).startswith("it is the ambiguity code for C or U")
    assert ambiguity("N", PROTEIN) == ambiguity("E", DNA) == ""


def test_only_the_letters_a_to_z_are_written_in_upper_case():
    """Python makes SS of the German ß, and an S of the long s: letters that nobody wrote."""
    assert upper("acgß") == "ACGß"
    for text in ("MKß", "MKſ"):
        with pytest.raises(InputError, match="at position 3 is not in the protein alphabet"):
            as_written([text], PROTEIN, place)


def landscape(folder: Path, text: str, **fields: object) -> Landscape:
    (folder / "t.csv").write_text(text)
    return Landscape(path=str(folder / "t.csv"), **fields)


def test_one_ambiguous_base_does_not_make_a_protein_of_a_landscape(tmp_path: Path):
    with pytest.raises(
        InputError, match=r"t\.csv, line 3: letter 'N' at position 3 is not in the dna alphabet"
    ) as error:
        _ = landscape(tmp_path, "sequence,value\nACGT,.5\nACNA,.7\nACGC,.9\n").space
    assert error.value.__notes__ == ["The alphabet, dna, was guessed from the letters; set `alphabet` to change it."]


def test_what_was_guessed_is_said(tmp_path: Path):
    text = "sequence,value\nACGU,.5\nACGC,.9\n"
    assert landscape(tmp_path, text).remarks == (
        "the alphabet, rna, was guessed from the letters; set `alphabet` to change it",
    )
    assert landscape(tmp_path, text, alphabet="rna").remarks == ()


def test_sequences_of_digits_keep_their_zeros(tmp_path: Path):
    oracle = landscape(tmp_path, "sequence,value\n001,.1\n010,.5\n011,.7\n100,.2\n", alphabet="states-2")
    assert oracle.space.enumerate() == ["001", "010", "011", "100"]
    assert oracle(["011", "001"]).tolist() == [0.7, 0.1]


@pytest.mark.parametrize(
    ("sequences", "alphabet"),
    [
        (["0000", "0001"], "states-2"),
        (["1E2", "2E4", "1E5"], "states-16"),
        (["01", "001"], "states-2"),
        (["01" * 20, "10" * 20], "states-2"),
        (["FALSE", "false"], "protein"),
        (["FALSE"], "protein"),
        (["NAN", "INF"], "protein"),
        (["012", "120"], "states-3"),
    ],
)
def test_a_sequence_column_is_text_whatever_it_looks_like(tmp_path: Path, sequences: list[str], alphabet: str):
    rows = "\n".join(f"{sequence},1" for sequence in sequences)
    its = landscape(tmp_path, f"sequence,value\n{rows}\n", alphabet=alphabet)
    assert its.space.enumerate() == list(dict.fromkeys(map(upper, sequences)) if alphabet == "protein" else sequences)


def test_text_of_parquet_is_text(tmp_path: Path):
    polars.DataFrame({"sequence": ["0000", "0001"], "value": [1, 2]}).write_parquet(tmp_path / "t.parquet")
    its = Landscape(path=str(tmp_path / "t.parquet"), alphabet="states-2")
    assert (its.space.enumerate(), its(["0001"]).tolist()) == (["0000", "0001"], [2.0])


@pytest.mark.parametrize("cells", [[1, 10], [True, False], [1.0, 10.0]])
def test_numbers_of_parquet_are_no_sequences(tmp_path: Path, cells: list[object]):
    """A whole number has lost its zeros already."""
    polars.DataFrame({"sequence": cells, "value": [0.5, 0.7]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"t\.parquet, row 1, column 'sequence': expected text, got .*as text"):
        _ = Landscape(path=str(tmp_path / "t.parquet"), alphabet="states-2").space


def test_the_distinct_letters_of_many_texts_are_found_in_every_piece():
    assert letters_in(["ACGT" * 300_000, "N", "", "-"]) == set("ACGTN-")
    assert letters_in(["AÄ", "B"]) == {"A", "Ä", "B"}
    assert letters_in([]) == set()
