"""Cleaning: what is changed is told with its number, what is doubtful is an error unless the reader chooses."""

from pathlib import Path

import pytest

from designloop.core.alphabet import DNA, PROTEIN, RNA, states
from designloop.core.errors import InputError
from designloop.core.prior import Prior
from designloop.core.readers.cleaning import codes_of
from designloop.core.readers.sequences import read_cleaned, read_sequences
from designloop.core.spaces import Space
from designloop.oracles.expression import Expression


def written(folder: Path, text: str) -> Path:
    (folder / "x.fasta").write_text(text)
    return folder / "x.fasta"


def test_what_is_changed_is_told_with_its_number(tmp_path: Path):
    reading = read_cleaned(written(tmp_path, ">a\nacgt\n>b\nACGU\n>c\nACGA\n"), RNA)
    assert reading.sequences == ["ACGU", "ACGU", "ACGA"]
    assert reading.remarks == (
        "x.fasta (FASTA): 1 sequence: lower-case letters read as upper case",
        "x.fasta (FASTA): 1 sequence: T read as U",
    )
    assert read_cleaned(written(tmp_path, ">a\nACGU\n"), RNA).remarks == ()


def test_gaps_of_an_alignment_and_final_stops_are_removed(tmp_path: Path):
    reading = read_cleaned(written(tmp_path, ">a\nMK-V*\n>b\nM-.V*\n>c\n-----\n"), PROTEIN)
    assert reading.sequences == ["MKV", "MV"]
    assert reading.columns == ("MK-V*", "M--V*")
    assert reading.changes == (
        "3 rows aligned in 5 columns",
        "1 of 3 sequences left out: 1 with gaps only",
        "3 sequences: gaps of the alignment removed",
        "2 sequences: the final stop (*) removed",
    )


DOUBTFUL = {
    "N": (DNA, ">ok\nACGT\n>bad\nAC\nGNT\n", "line 5, in 'bad': letter 'N' at position 4", "any base"),
    "R": (RNA, ">ok\nACGT\n>bad\nACGRU\n", "line 4, in 'bad': letter 'R' at position 4", "A or G"),
    "X": (PROTEIN, ">ok\nMKVT\n>bad\nMKXT\n", "line 4, in 'bad': letter 'X' at position 3", "any residue"),
    "U": (PROTEIN, ">ok\nMKVT\n>bad\nMKUT\n", "line 4, in 'bad': letter 'U' at position 3", "selenocysteine"),
    "*": (PROTEIN, ">ok\nMKVT\n>bad\nM*VT*\n", "line 4, in 'bad': letter '*' at position 2", "a stop within"),
    "-": (
        PROTEIN,
        ">ok\nMKVT\n>bad\nM-VTA\n",
        "line 4, in 'bad': letter '-' at position 2",
        "the rows are not aligned",
    ),
}


@pytest.mark.parametrize("letter", DOUBTFUL)
def test_a_doubtful_letter_is_an_error_with_its_meaning_and_can_be_left_out(tmp_path: Path, letter: str):
    alphabet, text, place, meaning = DOUBTFUL[letter]
    file = written(tmp_path, text)
    with pytest.raises(InputError) as error:
        read_cleaned(file, alphabet)
    assert all(words in str(error.value) for words in (place, meaning, "`ambiguous: drop`"))
    with pytest.raises(InputError, match="correct or remove the sequence"):
        read_sequences(file, alphabet)
    reading = read_cleaned(file, alphabet, ambiguous="drop")
    assert (reading.n_records, len(reading.entries), reading.entries[0].name) == (2, 1, "ok")
    assert reading.changes[0].startswith("1 of 2 sequences left out: 1 with")
    assert f"{letter} 1" in reading.changes[0]


def test_what_is_kept_has_a_letter_that_the_code_may_stand_for(tmp_path: Path):
    """Independent of the order of rows, and told."""
    text = ">a\nACGRT\n>b\nNNNNN\n>c\nACG\n"
    kept = read_cleaned(written(tmp_path, text), DNA, ambiguous="keep")
    again = read_cleaned(written(tmp_path, ">b\nNNNNN\n>a\nACGRT\n"), DNA, ambiguous="keep")
    assert kept.sequences[0] in ("ACGAT", "ACGGT")
    assert kept.sequences[1::-1] == again.sequences
    assert "drawn at random" in kept.changes[0]
    assert kept.changes[0].startswith("2 sequences")


def test_what_is_kept_is_unknown_where_the_reader_has_a_mask(tmp_path: Path):
    assert read_cleaned(written(tmp_path, ">a\nACGNT\n"), DNA, ambiguous="keep", mask="_").sequences == ["ACG_T"]


def test_a_protein_with_a_stop_inside_cannot_be_kept(tmp_path: Path):
    reading = read_cleaned(written(tmp_path, ">a\nMK*T\n>b\nM-KTU\n>c\nMK\n"), PROTEIN, ambiguous="keep")
    assert reading.sequences == ["MKTC", "MK"]
    assert reading.changes[0].startswith("1 of 3 sequences left out: 1 with a stop inside")


@pytest.mark.parametrize("policy", ["drop", "keep"])
def test_a_letter_without_a_meaning_is_an_error_under_every_policy(tmp_path: Path, policy):
    with pytest.raises(InputError, match="letter 'E' at position 4 is not in the dna alphabet"):
        read_cleaned(written(tmp_path, ">a\nACNE\n"), DNA, ambiguous=policy)


def test_nothing_left_is_an_error_that_says_why(tmp_path: Path):
    with pytest.raises(InputError, match=r"no sequences are left; 2 of 2 sequences left out: 2 with ambiguity codes"):
        read_cleaned(written(tmp_path, ">a\nNN\n>b\nNA\n"), DNA, ambiguous="drop")


def test_numbered_states_are_never_cleaned(tmp_path: Path):
    assert read_cleaned(written(tmp_path, ">a\naA0\n>b\nAA0\n"), states(60)).remarks == ()


def test_every_code_stands_for_letters_of_its_alphabet():
    for alphabet in (DNA, RNA, PROTEIN):
        assert set().union(*codes_of(alphabet).values()) == set(alphabet.letters)
        assert not set(codes_of(alphabet)) & set(alphabet.letters)


def test_a_campaign_names_its_corpus_by_a_file_and_says_what_it_left_out(tmp_path: Path):
    file = written(tmp_path, ">a\nACG\n>b\nANG\n")
    known = Prior(corpus={"path": str(file), "ambiguous": "drop"}).known(Space.of_length(DNA, 3), lambda *_: [], 0)
    assert (known.corpus, known.names) == (("ACG",), ("a",))
    assert known.documents == {"corpus": "ACG", "names": "a"}
    assert known.remarks == (
        "corpus: x.fasta (FASTA): 1 of 2 sequences left out: 1 with ambiguity codes (letters: N 1)",
    )


def test_in_a_description_the_name_of_a_file_may_stand_where_a_file_is_meant(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "natural.fasta").write_text(">a\nACG\n")
    (tmp_path / "measured.csv").write_text("sequence,value,note\nACG,1.5,x\n")
    prior = Prior(corpus="natural.fasta", starts="measured.csv")
    known = prior.known(Space.of_length(DNA, 3), lambda *_: [], 0)
    assert known.corpus == ("ACG",)
    assert [(start.sequence, start.value) for start in known.starts] == [("ACG", 1.5)]
    assert Prior.model_validate(prior.describe()) == prior
    assert prior.starts.value == "value"  # written out, so that the record says what was read
    assert Expression(oracle="ehrlich", corpus_file="natural.fasta").corpus_file == prior.corpus
    with pytest.raises(
        ValueError, match=r"expected the name of a file, as in `natural\.fasta`, or `oracle`, got 'orcale'"
    ):
        Prior(corpus="orcale")
