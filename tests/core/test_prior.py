"""The prior: a corpus from the oracle, a file or nothing, and starting sequences, read and checked."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from designloop.core.alphabet import DNA
from designloop.core.errors import ConfigError, InputError
from designloop.core.prior import CorpusFile, Prior, StartsFile
from designloop.core.records import Start
from designloop.core.space import Space

SPACE = Space.of_length(DNA, 3)


def known(prior: Prior, seed: int = 0):
    return prior.known(SPACE, lambda n, _: ["AAA"] * n, np.random.default_rng(seed))


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


def test_natural_sequences_may_lie_outside_the_space(tmp_path: Path):
    """A corpus has lengths of its own."""
    path = file_of(tmp_path, "corpus.txt", "AC\nACGTA\n")
    assert known(Prior(corpus=CorpusFile(path=path))).corpus == ("AC", "ACGTA")


def test_starting_sequences_may_have_values_and_errors(tmp_path: Path):
    path = file_of(tmp_path, "starts.csv", "s,y,e\nACG,1.5,0.1\nTTT,2,0.2\n")
    starts = known(Prior(starts=StartsFile(path=path, sequence="s", value="y", std_error="e"))).starts
    assert starts == (Start("ACG", 1.5, 0.1), Start("TTT", 2.0, 0.2))
    assert known(Prior(starts=StartsFile(path=path, sequence="s"))).starts == (Start("ACG"), Start("TTT"))
    assert known(Prior(starts=("acg",))).starts == (Start("ACG"),)


@pytest.mark.parametrize("value", ["", "nan", "inf", "x"])
def test_a_value_that_is_no_number_is_told_with_its_line(tmp_path: Path, value: str):
    path = file_of(tmp_path, "starts.csv", f"sequence,y\nACG,1.5\nTTT,{value}\n")
    with pytest.raises(InputError, match=r"starts\.csv, line 3: .* in column 'y' is not a finite number"):
        known(Prior(starts=StartsFile(path=path, value="y")))


def test_a_starting_sequence_outside_the_space_is_refused():
    with pytest.raises(
        ConfigError, match=r"prior\.starts: 1 starting sequences are outside the space; the first: ACGT"
    ):
        known(Prior(starts=("ACG", "ACGT")))
    with pytest.raises(InputError, match=r"prior\.starts, entry 2: letter 'X' at position 3"):
        known(Prior(starts=("ACG", "ACX")))


def test_a_missing_value_column_names_the_nearest(tmp_path: Path):
    path = file_of(tmp_path, "starts.csv", "sequence,value\nACG,1.5\n")
    with pytest.raises(InputError, match=r"no column 'valeu'; did you mean 'value'\?"):
        known(Prior(starts=StartsFile(path=path, value="valeu")))


def test_a_prior_reads_back_from_its_description(tmp_path: Path):
    for prior in (Prior(), Prior(corpus=None, starts=("ACG",)), Prior(corpus=CorpusFile(path=str(tmp_path / "x.txt")))):
        assert Prior.model_validate(prior.describe()) == prior
