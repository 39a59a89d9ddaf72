"""The prior: a corpus from the oracle, a file or nothing, and starting sequences, read and checked."""

from itertools import product
from pathlib import Path

import numpy as np
import polars
import pytest

from designloop.core.alphabet import DNA, PROTEIN
from designloop.core.errors import ConfigError, InputError
from designloop.core.history import History
from designloop.core.prior import CorpusFile, DrawnStarts, ListedStarts, Prior, StartsFile
from designloop.core.records import Event, Outcome, Start
from designloop.core.spaces import Space

SPACE = Space.of_length(DNA, 3)


def known(prior: Prior, seed: int = 0):
    return prior.known(SPACE, lambda n, _: ["AAA"] * n, seed)


def file_of(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_the_oracle_is_asked_for_as_many_as_the_corpus_holds():
    assert known(Prior(corpus_size=7)).corpus == ("AAA",) * 7


def test_nothing_may_be_known():
    assert known(Prior(corpus=None)).corpus == ()


def test_a_larger_file_is_thinned_in_its_order_and_by_its_stream(tmp_path: Path):
    lines = ["".join(letters) for letters in product("ACGT", repeat=3)]
    path = file_of(tmp_path, "corpus.txt", "\n".join(lines))
    kept = known(Prior(corpus=CorpusFile(path=path), corpus_size=20)).corpus
    assert len(kept) == 20
    assert [lines.index(s) for s in kept] == sorted(lines.index(s) for s in kept)
    assert known(Prior(corpus=CorpusFile(path=path), corpus_size=20)).corpus == kept
    assert known(Prior(corpus=CorpusFile(path=path), corpus_size=20), seed=1).corpus != kept
    assert known(Prior(corpus=CorpusFile(path=path), corpus_size=None)).corpus == tuple(lines)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("AC\nACGTA\n", "corpus: 0 of 2 sequences could be in the space by length (2 to 5 letters, the space 3)"),
        ("AC\nACG\nACGTA\n", "corpus: 1 of 3 sequences could be"),
        ("AC\nACG\n", ""),
    ],
)
def test_natural_sequences_may_lie_outside_the_space_and_it_is_told_if_most_do(tmp_path: Path, text, sentence):
    """A corpus has lengths of its own."""
    found = known(Prior(corpus=CorpusFile(path=file_of(tmp_path, "corpus.txt", text))))
    assert found.corpus == tuple(text.split())
    assert len(found.remarks) == bool(sentence)
    assert sentence in " | ".join(found.remarks)


def test_a_corpus_of_dna_for_proteins_is_told(tmp_path: Path):
    path = file_of(tmp_path, "corpus.txt", "ACGTACGTACGTACGTACGT\n")
    (remark,) = Prior(corpus=CorpusFile(path=path)).known(Space.of_length(PROTEIN, 20), lambda *_: [], 0).remarks
    assert remark == "corpus: its only letters are A, C, G and T, but the space is of proteins: translate the sequences"


def test_starting_sequences_may_have_values_and_errors(tmp_path: Path):
    path = file_of(tmp_path, "starts.csv", "s,y,e\nACG,1.5,0.1\nTTT,2,0.2\n")
    starts = known(Prior(starts=StartsFile(path=path, sequence="s", value="y", std_error="e"))).starts
    assert starts == (Start("ACG", 1.5, 0.1), Start("TTT", 2.0, 0.2))
    assert known(Prior(starts=StartsFile(path=path, sequence="s"))).starts == (Start("ACG"), Start("TTT"))
    assert known(Prior(starts=("acg",))).starts == (Start("ACG"),)


@pytest.mark.parametrize("value", ["inf", "x"])
def test_a_value_that_is_no_number_is_told_with_its_line(tmp_path: Path, value: str):
    path = file_of(tmp_path, "starts.csv", f"sequence,y\nACG,1.5\nTTT,{value}\n")
    with pytest.raises(InputError, match=r"starts\.csv, line 3, column 'y': '.*' is not a (finite )?number"):
        known(Prior(starts=StartsFile(path=path, value="y")))


@pytest.mark.parametrize("word", ["", "NA", "NaN", "N/A", "null"])
def test_a_missing_value_is_missing_and_a_missing_error_is_unknown(tmp_path: Path, word: str):
    path = file_of(tmp_path, "starts.csv", f"sequence,y,e\nACG,1.5,{word}\nTTT,{word},0.1\nGGG,2,0\n")
    its = known(Prior(starts=StartsFile(path=path, value="y", std_error="e")))
    assert its.starts == (Start("ACG", 1.5, None), Start("TTT"), Start("GGG", 2.0, 0.0))
    assert its.remarks == ("1 of 3 starting sequences without a result: not measured yet",)


def test_a_missing_value_of_parquet_is_missing_too(tmp_path: Path):
    frame = polars.DataFrame({"sequence": ["ACG", "TTT", "GGG"], "y": [1.5, float("nan"), None]})
    with (tmp_path / "starts.parquet").open("wb") as file:
        frame.write_parquet(file)
    its = known(Prior(starts=StartsFile(path=str(tmp_path / "starts.parquet"), value="y")))
    assert its.starts == (Start("ACG", 1.5), Start("TTT"), Start("GGG"))


def test_failures_are_told_by_their_outcome(tmp_path: Path):
    text = (
        "sequence,y,o\nACG,1.5,observed\nTTT,,synthesis_failed\nGGG,NA,Not expressed\nCCC,0.1,below_detection\nAAA,2,\n"
    )
    its = known(Prior(starts=StartsFile(path=file_of(tmp_path, "s.csv", text), value="y", outcome="o")))
    assert its.starts == (
        Start("ACG", 1.5, outcome=Outcome.OBSERVED),
        Start("TTT", outcome=Outcome.SYNTHESIS_FAILED),
        Start("GGG", outcome=Outcome.NOT_EXPRESSED),
        Start("CCC", 0.1, outcome=Outcome.BELOW_DETECTION),
        Start("AAA", 2.0),
    )
    assert its.remarks == (
        "starting sequences: 2 rows have a failure as outcome (1 not_expressed, 1 synthesis_failed)",
    )


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("TTT,,0.1,lsot", r"s\.csv, line 3, column 'o': unknown outcome 'lsot'. Did you mean 'lost'"),
        ("TTT,2,0.1,lost", r"line 3: the outcome is lost, but there is the value 2; remove one of them"),
        ("TTT,,0.1,observed", r"line 3: the outcome is observed, but there is no value; add the value"),
        ("TTT,2,-1,", r"line 3, column 'e': expected a standard error >= 0, got -1"),
        ("TTT,2,x,", r"line 3, column 'e': 'x' is not a number"),
    ],
)
def test_a_result_that_contradicts_itself_is_told_with_its_line(tmp_path: Path, row: str, sentence: str):
    path = file_of(tmp_path, "s.csv", f"sequence,y,e,o\nACG,1,0.1,observed\n{row}\n")
    with pytest.raises(InputError, match=sentence):
        known(Prior(starts=StartsFile(path=path, value="y", std_error="e", outcome="o")))


def history_of(prior: Prior) -> History:
    return History.opening(SPACE, known(prior), Event(0, "opened"))


def test_rows_of_one_sequence_are_its_replicates(tmp_path: Path):
    """Weighted by their errors where each has one; else with an error by their own spread."""
    rows = "ACG,,,lost\nACG,1,0.1,\nTTT,,,lost\nTTT,,,lost\nACG,1.6,0.4,\nGGG,5,,\nGGG,7,,\nCCC,6,,\nACG,,,\n"
    text = f"sequence,y,e,o\n{rows}"
    file = StartsFile(path=file_of(tmp_path, "s.csv", text), value="y", std_error="e", outcome="o")
    history = history_of(Prior(starts=file))
    assert history.sequences == ["ACG", "TTT", "GGG", "CCC"]
    assert history.outcomes == [Outcome.OBSERVED, Outcome.LOST, Outcome.OBSERVED, Outcome.OBSERVED]
    assert history.n_replicates.tolist() == [2, 0, 2, 1]
    np.testing.assert_allclose(history.values, [(1 / 0.01 + 1.6 / 0.16) / (1 / 0.01 + 1 / 0.16), np.nan, 6, 6])
    np.testing.assert_allclose(history.std_errors, [1 / np.sqrt(1 / 0.01 + 1 / 0.16), np.nan, 1.0, np.nan])
    assert history.known.remarks[0] == "7 rows of 3 starting sequences are replicates and were merged"


def test_results_from_outside_the_space_are_let_in_and_what_has_none_is_not(tmp_path: Path):
    """They teach the model: the hull of the history can encode them."""
    path = file_of(tmp_path, "s.csv", "sequence,y\nACG,1\nACGTT,2\nAC,3\nACGTA,\n")
    its = known(Prior(starts=StartsFile(path=path, value="y")))
    assert [start.sequence for start in its.starts] == ["ACG", "ACGTT", "AC"]
    assert its.remarks == (
        "2 starting sequences are outside the space: used for training, but not chosen",
        "1 row was dropped: outside the space and without a result",
    )
    history = history_of(Prior(starts=StartsFile(path=path, value="y")))
    assert history.hull.contains(history.sequences).all()
    with pytest.raises(InputError, match=r"s\.csv, line 3: ACGTT is outside the space, as are 2 more"):
        known(Prior(starts=StartsFile(path=path)))


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({}, "only the sequences are read, not the other columns (id, outcome, std_error, value)"),
        (
            {"value": "value"},
            "not read: outcome, std_error; to read them, add `outcome: outcome, std_error: std_e",
        ),
        ({"value": "value", "std_error": "std_error"}, "not read: outcome; to read them, add `outcome: outcome` to"),
        ({"outcome": "outcome"}, "not read: std_error, value; to read them, add `std_error: std_error, value: value`"),
    ],
)
def test_columns_that_nobody_reads_are_told(tmp_path: Path, columns: dict[str, str], sentence: str):
    """Else values that one had would be passed over, and a limit of detection taken for a value, without a word."""
    words = ("ACG,1.5,0.1,observed", "TTT,,,lost") if columns.get("value") else ("ACG,,,not_expressed", "TTT,,,lost")
    text = "\n".join(["id,sequence,value,std_error,outcome", *(f"{i},{word}" for i, word in enumerate(words)), ""])
    for name, mark in (("s.csv", ","), ("s.tsv", "\t")):
        path = file_of(tmp_path, name, text.replace(",", mark))
        remarks = known(Prior(starts=StartsFile(path=path, **columns))).remarks
        assert [sentence in remark for remark in remarks][:1] == [True], remarks
    assert known(Prior(starts=StartsFile(path=path, labelled=True))).remarks == ()
    every = StartsFile(path=path, value="value", std_error="std_error", outcome="outcome")
    assert not any("read" in remark for remark in known(Prior(starts=every)).remarks)


def test_a_starting_sequence_outside_the_space_is_refused():
    with pytest.raises(ConfigError, match=r"prior\.starts: 1 starting sequence is outside the space, first ACGT"):
        known(Prior(starts=("ACG", "ACGT")))
    with pytest.raises(InputError, match=r"prior\.starts, entry 2: letter 'X' at position 3"):
        known(Prior(starts=("ACG", "ACX")))


def test_a_missing_value_column_names_the_nearest(tmp_path: Path):
    path = file_of(tmp_path, "starts.csv", "sequence,value\nACG,1.5\n")
    with pytest.raises(InputError, match=r"no column 'valeu' \(columns: .*\)\. Did you mean 'value'\?"):
        known(Prior(starts=StartsFile(path=path, value="valeu")))


CORPUS = ["ACG", "ACG", "ACGT", "TTT", "CCC", "GGG"]


def drawn(draw: str, n: int, seed: int = 0, corpus=CORPUS, **fields) -> list[str]:
    prior = Prior(starts=DrawnStarts(draw=draw, n=n), **fields)
    return [start.sequence for start in prior.known(SPACE, lambda *_: list(corpus or []), seed).starts]


def test_drawn_starts_are_distinct_and_of_the_space():
    """Uniform ones from anywhere in it; viable ones from the corpus, as far as that lies in it."""
    everywhere = drawn("random", 64)
    assert len(set(everywhere)) == 64
    assert SPACE.contains(everywhere).all()
    assert sorted(drawn("viable", 4)) == ["ACG", "CCC", "GGG", "TTT"]
    assert set(drawn("viable", 2)) < set(CORPUS)


def test_drawn_starts_depend_on_the_seed_alone_and_leave_the_corpus_as_it_was():
    assert drawn("random", 5) == drawn("random", 5) != drawn("random", 5, seed=1)
    with_starts, without = (
        Prior(starts=starts).known(SPACE, SPACE.sample, 3).corpus for starts in (DrawnStarts(draw="random", n=5), ())
    )
    assert with_starts == without


def test_more_starts_than_there_are_is_refused_with_the_mend():
    with pytest.raises(ConfigError, match=r"5 distinct sequences .* only 4 of the corpus are in the space; reduce `n`"):
        drawn("viable", 5)
    with pytest.raises(ConfigError, match=r"only 0 of the corpus are in the space; reduce `n`, or give a larger"):
        drawn("viable", 1, corpus=None)
    with pytest.raises(ConfigError, match=r"65 distinct sequences requested, but only 64 were found"):
        drawn("random", 65)


def test_too_few_natural_sequences_are_told_with_those_that_were_left_out(tmp_path):
    (tmp_path / "c.fasta").write_text(">a\nACG\n>b\nACN\n")
    corpus = {"path": str(tmp_path / "c.fasta"), "ambiguous": "drop"}
    with pytest.raises(ConfigError, match="2 distinct sequences requested, but only 1 of the corpus") as caught:
        Prior(corpus=corpus, starts=DrawnStarts(draw="viable", n=2)).known(SPACE, SPACE.sample, 3)
    said = "1 of 2 sequences left out: 1 with ambiguity codes (letters: N 1)."
    assert caught.value.__notes__ == [f"corpus: c.fasta (FASTA): {said}"]


def test_more_letters_than_a_machine_holds_are_refused_before_they_are_drawn():
    long = Space.of_length(DNA, 100_000)
    with pytest.raises(
        ConfigError,
        match=r"prior\.corpus_size: 5,000 natural sequences of .* reduce it to 1,000, or set `corpus: null`",
    ):
        Prior().known(long, lambda *_: pytest.fail("was asked"), 0)
    with pytest.raises(ConfigError, match=r"prior\.starts\.n: 3,000 sequences of up to 100,000 letters"):
        Prior(corpus=None, starts=DrawnStarts(draw="random", n=3000)).known(long, lambda *_: [], 0)
    with pytest.raises(ValueError, match="less than or equal to 1000000"):
        DrawnStarts(draw="random", n=100_000_000)


def test_starts_are_labelled_once(tmp_path: Path):
    """By the lab, or by the file's own column."""
    assert Prior(starts={"draw": "random", "n": 3, "labelled": True}).labels_starts
    assert Prior(starts={"sequences": ["ACG"], "labelled": True}).labels_starts
    assert not Prior(starts=["ACG"]).labels_starts
    with pytest.raises(ValueError, match=r"not both; remove `labelled`"):
        StartsFile(path=str(tmp_path / "x.csv"), value="y", labelled=True)


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        ({"drw": "viable", "n": 3}, r"unknown key 'drw'. Did you mean 'draw'\?"),
        ({"draw": "viabel", "n": 3}, r"'random' or 'viable'"),
        ({"draw": "viable", "n": 0}, r"greater than or equal to 1"),
        ({"pth": "x.csv"}, r"unknown key 'pth'. Did you mean 'path'\?"),
        ("random", r"expected the name of a file, as in `measured\.csv`, or a list of sequences, got 'random'"),
    ],
)
def test_a_mistake_in_starts_is_told_once_and_of_the_form_that_was_meant(starts: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message) as caught:
        Prior(starts=starts)
    assert caught.value.error_count() == 1


def test_a_corpus_that_is_no_file_is_told_once():
    with pytest.raises(
        ValueError, match=r"expected the name of a file, as in `natural\.fasta`, or `oracle`, got"
    ) as caught:
        Prior(corpus="natural")
    assert caught.value.error_count() == 1


def test_a_prior_reads_back_from_its_description(tmp_path: Path):
    for prior in (
        Prior(),
        Prior(corpus=None, starts=("ACG",)),
        Prior(corpus=CorpusFile(path=str(tmp_path / "x.txt"))),
        Prior(starts=StartsFile(path=str(tmp_path / "x.txt"), labelled=True)),
        Prior(starts=DrawnStarts(draw="viable", n=3, labelled=True)),
        Prior(starts=ListedStarts(sequences=("ACG",), labelled=True)),
    ):
        assert Prior.model_validate(prior.describe()) == prior
