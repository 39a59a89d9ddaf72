"""Errors of a measured table: each kind by its name, doubts about them told, and rows of one sequence merged."""

from itertools import product

import numpy as np
import pytest

from designloop.core.errors import InputError
from designloop.core.readers.error_names import kind_of
from designloop.oracles import Landscape
from designloop.oracles.merging import merged

SEQUENCES = ["ACGT", "ACGA", "ACCA", "AGGT", "TCGT", "TCCA"]
VALUES = [1.2, 0.85, 0.31, 1.02, 2.0, 0.12]


@pytest.fixture
def landscape(tmp_path):
    def read(header, rows, **fields):
        file = tmp_path / "t.csv"
        file.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows), ""]))
        return Landscape(path=str(file), denoise=False, alphabet="dna", **fields)

    return read


def rows(*columns):
    return list(zip(SEQUENCES, VALUES, *columns, strict=True))


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        ([[0.1] * 6], {"std_error": "a"}),
        ([[0.01] * 6], {"variance": "a"}),
        ([[0.2] * 6], {"std_dev": "a", "n": 4}),
        ([[0.2] * 6, [4] * 6], {"std_dev": "a", "n": "b"}),
        ([[v - 0.19599640 for v in VALUES], [v + 0.19599640 for v in VALUES]], {"interval": ("a", "b")}),
        ([[v - 0.43026527 for v in VALUES], [v + 0.43026527 for v in VALUES]], {"interval": ("a", "b"), "n": 3}),
    ],
)
def test_every_kind_of_error_is_one_standard_error_by_its_own_name(landscape, columns, fields):
    """The same error of 0.1, as five laboratories state it; 4.303 is Student's factor for three replicates."""
    header = ",".join(["sequence", "value", "a", "b"][: 2 + len(columns)])
    oracle = landscape(header, rows(*columns), **fields)
    np.testing.assert_allclose(oracle.truth.variances, 0.01, rtol=1e-6)


@pytest.mark.parametrize("name", ["sem", "Score_SE", "e", "sd", "std.err"])
def test_a_standard_error_given_as_a_variance_is_always_told(landscape, name):
    """By both readings, with the reliability of each, unless the column is named as variances."""
    oracle = landscape(f"sequence,value,{name}", rows([0.3] * 6), variance=name)
    said = " | ".join(oracle.remarks)
    assert f"column '{name}' is read as variances: ± 0.548 (median), reliability 0.208" in said
    assert (
        f"As standard errors: ± 0.3 (median), reliability 0.762. If it holds standard errors, give `std_error: {name}`"
        in said
    )


def test_what_is_named_as_what_it_is_is_not_doubted(landscape):
    for name, fields in (("y_var", {"variance": "y_var"}), ("sem", {"std_error": "sem"}), ("e", {"std_error": "e"})):
        assert landscape(f"sequence,value,{name}", rows([0.05] * 6), **fields).remarks == ()


@pytest.mark.parametrize(
    ("name", "error", "fields", "sentence"),
    [
        (
            "sd",
            0.3,
            {"std_error": "sd"},
            "is named like standard deviations; if it holds them, give `std_dev: sd` and `n`",
        ),
        ("y_var", 0.3, {"std_error": "y_var"}, "is named like variances; if it holds them, give `variance: y_var`"),
        (
            "sem",
            0.3,
            {"std_dev": "sem", "n": 2},
            "is named like standard errors; if it holds them, give `std_error: sem`",
        ),
        ("se", 3.0, {"std_error": "se"}, "larger than the whole spread of the values"),
        ("se", 1e-6, {"std_error": "se"}, "the stated errors are tiny"),
    ],
)
def test_a_doubtful_error_is_told(landscape, name, error, fields, sentence):
    assert sentence in " | ".join(landscape(f"sequence,value,{name}", rows([error] * 6), **fields).remarks)


@pytest.mark.parametrize("name", ["SEM", "std_error", "Std. Error", "StdErr", "score_se"])
def test_names_of_standard_errors(name):
    assert kind_of(name) == "std_error"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Std. Dev.", "std_dev"), ("std", "std_dev"), ("standard_deviation", "std_dev"), ("score var", "variance")],
)
def test_names_of_other_errors(name, kind):
    assert kind_of(name) == kind


@pytest.mark.parametrize("name", ["variant", "sequence", "error", "seed", "value", "e"])
def test_names_that_say_no_kind(name):
    assert kind_of(name) is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"std_error": "a", "variance": "b"}, "`std_error` and `variance` are given; give only one"),
        ({"std_dev": "a"}, r"`std_dev: a` requires the number of replicates, as in `n: 3`"),
        ({"n": 3}, "`n` is used with a column of errors only"),
        ({"value": "v", "std_error": "e", "replicates": ("a",)}, "with `value` and `std_error`, `replicates` are not"),
    ],
)
def test_an_error_is_named_once_and_completely(fields, sentence):
    with pytest.raises(ValueError, match=sentence):
        Landscape(path="t.csv", **fields)


@pytest.mark.parametrize(
    ("cells", "fields", "sentence"),
    [
        (
            (1.5, 2),
            {"interval": ("a", "b")},
            r"line 2: the value is outside its interval \(1.5 to 2, columns 'a' and 'b'",
        ),
        ((2, 1), {"interval": ("a", "b")}, "line 2: the lower end is above the upper one"),
        ((0.1, 0), {"std_dev": "a", "n": "b"}, "line 2, column 'b': expected a number of replicates, 1 or more, got 0"),
        ((-1, 2), {"std_dev": "a", "n": "b"}, "line 2, column 'a': expected a standard deviation >= 0, got -1"),
    ],
)
def test_an_impossible_error_is_named_by_its_line(landscape, cells, fields, sentence):
    with pytest.raises(InputError, match=sentence):
        _ = landscape("sequence,value,a,b", [("ACGT", 1, *cells)], **fields).truth


def test_a_row_without_an_error_has_the_typical_one_and_it_is_told(landscape):
    oracle = landscape("sequence,value,se", rows([0.3, 0.3, 0.3, 0.3, 0.3, "NA"]), std_error="se")
    np.testing.assert_allclose(oracle.truth.variances, 0.09)
    assert "1 row without an error: the mean variance of the others, ± 0.3" in oracle.remarks


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ([0.2, 0.2, 0, "", 0, 1e-17], {"std_dev": "a"}),
        ([0.1, 0.2 / 2**0.5, 0, "NA", 0, 0], {"std_error": "a"}),
        ([0.01, 0.02, 0, "", 0, 0], {"variance": "a"}),
    ],
)
def test_one_replicate_and_equal_ones_have_the_pooled_error_and_are_not_exact(landscape, cells, fields):
    """(3 · .2² + 1 · .2² + 1 · 0 + 2 · 0) / 7: the pooled variance of six rows, two of which have one replicate."""
    oracle = landscape("sequence,value,a,n", rows(cells, [4, 2, 1, 1, 2, 3]), **fields, n="n")
    pooled = (4 * 0.04 / 7) ** 0.5
    given = [0.1, 0.2 / 2**0.5, pooled, pooled, pooled / 2**0.5, pooled / 3**0.5]
    np.testing.assert_allclose(oracle.truth.variances**0.5, given)
    said = " | ".join(oracle.remarks)
    assert "the errors of 4 rows (2 with one replicate, 2 with equal replicates) are estimated" in said
    assert f"± {pooled:.3g} for one replicate" in said


def test_the_interval_of_one_replicate_is_none(landscape):
    low, high = [VALUES[0] - 0.43026527, *VALUES[1:]], [VALUES[0] + 0.43026527, *VALUES[1:]]
    oracle = landscape("sequence,value,a,b,n", rows(low, high, [3, 1, 1, 1, 1, 1]), interval=("a", "b"), n="n")
    np.testing.assert_allclose(oracle.truth.variances, [0.01, *[0.03] * 5], rtol=1e-6)


def test_errors_of_single_replicates_alone_are_unknown(landscape):
    with pytest.raises(InputError, match=r"no row .* a known error .*6 with one replicate\) are unknown"):
        _ = landscape("sequence,value,sd", rows([0] * 6), std_dev="sd", n=1).truth
    known = landscape("sequence,value,sd", rows([0.1] * 6), std_dev="sd", n=1)
    np.testing.assert_allclose(known.truth.variances, 0.01)
    assert "6 rows with one replicate and a standard deviation above 0, which is read as a known one" in known.remarks


def test_zeros_among_stated_errors_are_told_and_are_not_the_error_of_others(landscape):
    oracle = landscape("sequence,value,se", rows([0, 0, 0.3, 0.3, 0.3, "NA"]), std_error="se")
    np.testing.assert_allclose(oracle.truth.variances, [0, 0, 0.09, 0.09, 0.09, 0.09])
    assert "2 of 5 stated errors are 0: these values are read as exact" in " | ".join(oracle.remarks)
    assert landscape("sequence,value,se", rows([0] * 6), std_error="se").remarks == ()


@pytest.mark.parametrize("fields", [{"std_error": "a"}, {"variance": "a"}])
def test_an_error_of_zero_without_its_number_of_replicates_is_unknown_and_not_exact(landscape, fields):
    oracle = landscape("sequence,value,a,n", rows([1, 0, 1, 1, 1, ""], [3, "", 2, 2, "", ""]), **fields, n="n")
    np.testing.assert_allclose(oracle.truth.variances, 1)
    assert "1 row with an error of 0, but without a number of replicates: the error is unknown" in oracle.remarks


def test_the_stated_error_of_replicates_is_that_of_their_mean_also_on_the_log_scale(landscape):
    """The error of log(value) is error / value."""
    table = ("sequence,value,r2,se", rows([v + 2 for v in VALUES], [0.1] * 6))
    oracle = landscape(*table, replicates=("value", "r2"), std_error="se", transform="log")
    np.testing.assert_allclose(oracle.truth.values, np.log(np.array(VALUES) + 1))
    np.testing.assert_allclose(oracle.truth.variances, (0.1 / (np.array(VALUES) + 1)) ** 2)


def test_replicate_columns_have_a_pooled_error_also_where_one_cell_is_filled(landscape):
    pairs = rows([v + 0.1 for v in VALUES[:3]] + [""] * 3)
    oracle = landscape("sequence,a,b", pairs, replicates=("a", "b"))
    np.testing.assert_allclose(oracle.truth.variances, [0.0025] * 3 + [0.005] * 3)
    equal = landscape("sequence,a,b,c", rows(VALUES, VALUES), replicates=("a", "b", "c"))
    assert equal.truth.variances is None
    assert "no row has replicates that differ: the errors of the values are unknown" in equal.remarks


# -- rows of one sequence ----------------------------------------------------------------------------------------------

TWICE = [("AC", 1, 1.0), ("AG", 5, 1.0), ("AC", 4, 0.5)]


@pytest.mark.parametrize(
    ("how", "value", "variance"), [("weighted", 3.0, 1 / 3), ("mean", 2.5, 1.5 / 4), ("first", 1, 1), ("last", 4, 0.5)]
)
def test_rows_of_one_sequence_are_merged_as_told(landscape, how, value, variance):
    oracle = landscape("sequence,value,var", TWICE, variance="var", duplicates=how)
    assert oracle(["AC", "AG"]).tolist() == pytest.approx([value, 5])
    np.testing.assert_allclose(oracle.truth.variances[oracle.truth.place["AC"]], variance)
    assert any("2 rows of 1 repeated sequence" in remark for remark in oracle.remarks)


def test_an_exact_row_counts_alone_for_its_sequence_and_others_are_weighted_as_before(landscape):
    rows = [*TWICE, ("TT", 2, 0.0), ("TT", 9, 1.0)]
    oracle = landscape("sequence,value,var", rows, variance="var")
    assert oracle(["AC", "AG", "TT"]).tolist() == pytest.approx([3, 5, 2])
    np.testing.assert_allclose([oracle.truth.variances[oracle.truth.place[one]] for one in ("AC", "TT")], [1 / 3, 0])


def test_rows_of_one_sequence_may_be_an_error_that_names_both(landscape):
    with pytest.raises(
        InputError, match=r"t\.csv, line 2 and .*t\.csv, line 4 have one sequence, AC, and different values"
    ):
        _ = landscape("sequence,value", [row[:2] for row in TWICE], duplicates="error").truth
    assert landscape("sequence,value", [("AC", 1), ("AC", 1)], duplicates="error")(["AC"]).tolist() == [1]


def repeated(spread, stated, n=400):
    """Two rows of each of n sequences, whose truth spreads by 1."""
    rng = np.random.default_rng(0)
    names = ["".join(word) for word in product("ACGT", repeat=5)][:n]
    values = np.repeat(rng.normal(size=n), 2) + spread * rng.normal(size=2 * n)
    return merged(np.repeat(names, 2).tolist(), values, np.full(2 * n, stated**2))


def test_a_spread_between_rows_beyond_their_errors_is_kept_in_the_error():
    """Rows that vary by ± .5, with stated errors of ± .1: the mean of two has ± .5/√2, not ± .1/√2."""
    found = repeated(0.5, 0.1)
    np.testing.assert_allclose(found.variances, 0.125, rtol=0.2)
    assert "rows of one sequence vary 2" in found.remarks[1]
    assert "± 0.4" in found.remarks[1]


def test_errors_that_rows_confirm_are_kept_and_those_too_large_are_told():
    right = repeated(0.5, 0.5)
    np.testing.assert_allclose(right.variances, 0.125)
    assert len(right.remarks) == 1
    large = repeated(0.1, 0.5)
    np.testing.assert_allclose(large.variances, 0.125)
    assert "vary 0.0" in large.remarks[1]


def test_a_column_of_errors_that_is_not_read_is_told(landscape):
    rows = [(sequence, value, 0.1) for sequence, value in zip(SEQUENCES, VALUES, strict=True)]
    told = "column 'SEM' is not read; if it holds errors of the values, give `std_error: SEM`"
    assert told in landscape("sequence,value,SEM", rows).remarks
    assert told not in landscape("sequence,value,SEM", rows, std_error="SEM").remarks
