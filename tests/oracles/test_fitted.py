"""A fitted landscape is a surrogate's prediction, and its error is that on rows which it has not seen."""

from itertools import product
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import spearmanr

from designloop.core.cache import forgetting
from designloop.core.errors import ConfigError, InputError
from designloop.oracles import Fitted
from designloop.surrogates import BayesianLinear, DenseEnsemble
from designloop.surrogates.base import Surrogate
from designloop.testing import OracleContract

EVERY = ["".join(letters) for letters in product("ACGT", repeat=4)]
WEIGHTS = np.array([[0.0, 1.0, 2.0, 3.0], [0.5, 0.0, 0.1, 0.2], [1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.3]])


def truth(sequence: str) -> float:
    return 1.0 + sum(WEIGHTS[i]["ACGT".index(c)] for i, c in enumerate(sequence))


@pytest.fixture(scope="module")
def additive(tmp_path_factory) -> dict:
    """One file for all tests of the contract, so that it is fitted once."""
    return written(tmp_path_factory.mktemp("additive"), truth)


def written(tmp_path, value, sequences=EVERY, error=None) -> dict:
    """A table with some noise, as the description of a landscape."""
    noise = np.random.default_rng(0).normal(0.0, 0.1, len(sequences))
    rows = [f"{s},{value(s) + e:.6f},{error or ''}" for s, e in zip(sequences, noise, strict=True)]
    (tmp_path / "table.csv").write_text("\n".join(["sequence,value,sem", *rows]) + "\n")
    return {"path": str(tmp_path / "table.csv"), "alphabet": "dna", **({"std_error": "sem"} if error else {})}


class CountA(Surrogate):
    """Predicts the number of As and half the Cs, and notes what it was fitted to."""

    fits: ClassVar[list[list[str]]] = []

    def fit(self, history, rng):
        self.fits.append(list(history.sequences))
        return CountOfA()


def counted(sequence: str) -> float:
    return sequence.count("A") + 0.5 * sequence.count("C")


class CountOfA:
    def moments(self, sequences):
        return np.array([counted(s) for s in sequences], dtype=float), np.ones(len(sequences))

    def model_moments(self, sequences):
        return self.moments(sequences)


class TestLinear(OracleContract):
    @pytest.fixture
    def oracle(self, additive) -> Fitted:
        return Fitted(table=additive, surrogate=BayesianLinear())


class TestNetwork(OracleContract):
    """In single precision, a value also is that of its sequence alone."""

    @pytest.fixture
    def oracle(self, additive) -> Fitted:
        return Fitted(table=additive, surrogate=DenseEnsemble(hidden=(8,), steps=100, members=2))


def test_values_are_those_of_the_function_behind_an_additive_table(tmp_path):
    """Also of sequences that the table does not hold."""
    known = [s for i, s in enumerate(EVERY) if i % 3]
    oracle = Fitted(table=written(tmp_path, truth, known), surrogate=BayesianLinear(transform="standard", emphasis=0))
    absent = [s for s in EVERY if s not in set(known)]
    assert np.abs(oracle(absent) - [truth(s) for s in absent]).max() < 0.15
    assert oracle.space.size == 256
    assert oracle.optimum is None


def test_the_error_is_that_of_rows_that_were_not_fitted(tmp_path):
    """Recomputed from what the surrogate was given: two partial fits, and a last one of all rows."""
    CountA.fits.clear()
    table = written(tmp_path, lambda s: 0.8 * s.count("A") + 0.3 * s.count("C"))
    oracle = Fitted(table=table, surrogate=CountA())
    fit, measured = oracle.fit, dict(zip(EVERY, oracle.table.truth.measured, strict=True))
    at_random, near, last = CountA.fits
    for given, found, n_out in ((at_random, fit.held_out, 51), (near, fit.far, None)):
        asked = [s for s in EVERY if s not in set(given)]
        predicted, wanted = np.array([counted(s) for s in asked]), np.array([measured[s] for s in asked])
        assert (found.n_fitted, found.n_rows) == (len(given), len(asked))
        assert n_out is None or len(asked) == n_out
        assert found.error == pytest.approx(np.sqrt(np.mean((predicted - wanted) ** 2)))
        assert found.r2 == pytest.approx(1 - found.error**2 / np.var(wanted))
        assert found.rank_correlation == pytest.approx(spearmanr(predicted, wanted).statistic)
    assert sorted(last) == sorted(EVERY)


def test_far_rows_have_more_substitutions_from_the_parent_than_all_fitted_ones(tmp_path):
    CountA.fits.clear()
    table = written(tmp_path, lambda s: s.count("A"))
    fit = Fitted(table={**table, "parent": "AAAA"}, surrogate=CountA()).fit
    near = CountA.fits[1]
    assert max(4 - s.count("A") for s in near) == fit.distance == 3
    assert min(4 - s.count("A") for s in EVERY if s not in set(near)) == 4


def test_the_remarks_say_that_it_is_a_model_and_how_good(tmp_path):
    oracle = Fitted(table=written(tmp_path, truth), surrogate=BayesianLinear(), max_rows=200)
    told = " · ".join(oracle.remarks)
    assert "the truth is a model, bayesian-linear fitted to 200 of 256 rows of the table, and not the table" in told
    assert f"on 40 rows held out at random: R2 {oracle.fit.held_out.r2:.2f}, rank correlation 0.9" in told
    assert "substitutions, fitted to the others: R2" in told


def test_rows_of_several_lengths_are_not_ordered_by_distance(tmp_path):
    sequences = [*EVERY, *(s[:3] for s in EVERY[::4])]
    fit = Fitted(table=written(tmp_path, lambda s: s.count("A"), sequences), surrogate=CountA()).fit
    assert fit.far is None
    assert "whether it extrapolates is not known" in " ".join(fit.sentences("x"))


def test_a_model_no_better_than_the_mean_is_refused_before_any_work(tmp_path):
    oracle = Fitted(table=written(tmp_path, hash_of), surrogate=BayesianLinear())
    with pytest.raises(ConfigError, match=r"no better than their mean \(R2 -?0\..*use another surrogate, more rows"):
        _ = oracle.space


def hash_of(sequence: str) -> float:
    """A house of cards, from which nothing can be learnt."""
    return float(np.random.default_rng(int.from_bytes(sequence.encode(), "big")).normal())


def test_errors_of_the_table_reach_the_surrogate(tmp_path):
    seen = []

    class Notes(CountA):
        def fit(self, history, rng):
            seen.append(history.std_errors.copy())
            return super().fit(history, rng)

    oracle = Fitted(table=written(tmp_path, truth, error=0.25), surrogate=Notes())
    from designloop.oracles.held_out import fit_of

    fit_of(oracle.table, oracle.surrogate, 0.2, 2000)
    assert np.allclose(np.concatenate(seen), 0.25)


def test_the_same_table_is_the_same_landscape_when_it_is_fitted_again(tmp_path):
    """Another process reads, splits and fits anew."""
    oracle = Fitted(table=written(tmp_path, truth), surrogate=BayesianLinear())
    before = oracle(EVERY)
    with forgetting():
        np.testing.assert_array_equal(oracle(EVERY), before)


def test_a_table_of_a_public_format_is_read_by_its_columns_also_after_it_was_described(tmp_path):
    rows = [f"{s},{truth(s):.3f},0" for s in EVERY]
    (tmp_path / "gb1.csv").write_text("\n".join(["Variants,Fitness,HD", *rows]) + "\n")
    oracle = Fitted(
        table={"path": str(tmp_path / "gb1.csv"), "format": "gb1", "alphabet": "dna"}, surrogate=BayesianLinear()
    )
    assert oracle.table.with_(absent="allowed").space.size == 256
    again = Fitted.model_validate({key: value for key, value in oracle.describe().items() if key != "kind"})
    np.testing.assert_array_equal(oracle(EVERY), again(EVERY))


def test_too_few_rows_are_told(tmp_path):
    with pytest.raises(InputError, match=r"has 30 rows with a value, of which 6 would be held out; .* at least 10"):
        _ = Fitted(table=written(tmp_path, truth, EVERY[:30]), surrogate=BayesianLinear()).space


def test_too_few_rows_are_told_with_those_that_were_left_out(tmp_path):
    table = written(tmp_path, truth, EVERY[:30])
    with open(table["path"], "a") as file:
        file.write("ACGN,1,\n")
    with pytest.raises(InputError, match="30 rows with a value") as caught:
        _ = Fitted(table={**table, "ambiguous": "drop"}, surrogate=BayesianLinear()).space
    assert "1 of 31 rows dropped: 1 with ambiguity codes" in " ".join(caught.value.__notes__)


def test_the_table_is_described_as_a_landscape(tmp_path):
    table = written(tmp_path, truth)
    assert Fitted(table={"kind": "landscape", **table}).table == Fitted(table=table).table
    with pytest.raises(ValidationError, match="table"):
        Fitted(table={"kind": "nk"})


def test_letters_outside_the_alphabet_are_errors(tmp_path):
    with pytest.raises(InputError, match="sequence 2"):
        Fitted(table=written(tmp_path, truth), surrogate=BayesianLinear())(["ACGT", "ACGN"])
