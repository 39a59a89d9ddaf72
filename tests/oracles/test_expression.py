"""Expression: as likely as naturalness says, a fact of the sequence, and as far as the dial says nature's own."""

import numpy as np
import pytest
from pydantic import ValidationError
from stubs import played

import designloop as dl
from designloop.core.alphabet import states
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import ConfigError, InputError
from designloop.core.parts import Part
from designloop.core.random import stream
from designloop.oracles import NK, Ehrlich, Evolved, Expression
from designloop.oracles.base import Oracle
from designloop.oracles.function import oracle
from designloop.testing import OracleContract

SMALL = Ehrlich(num_states=16, length=16, num_motifs=2, motif_length=4)
BOTH = Expression(oracle=Evolved(oracle=SMALL, strength=0.2, generations=4), agreement=0.5)


class Holder(Part):
    oracle: Oracle


class TestOverEhrlich(OracleContract):
    oracle = Expression(oracle=SMALL)


class TestOverEvolvedOverEhrlich(OracleContract):
    oracle = BOTH


@pytest.fixture
def fresh():
    """Natural sequences that the naturalness was not counted from."""
    return SMALL.corpus(4000, stream(7, "fresh"))


def sites(folder, *lines):
    """A file of natural sequences: AC-rich 8-mers, or those given."""
    rng = stream(0, "sites")
    made = ["".join(rng.choice(list("ACGT"), size=8, p=[0.4, 0.4, 0.1, 0.1])) for _ in range(200)]
    (folder / "sites.txt").write_text("\n".join(lines or made))
    return {"path": str(folder / "sites.txt")}


def test_the_odds_of_expression_rise_with_naturalness_as_the_formula_says(fresh):
    """logit P = logit(.8) + 2 z, with z the standardised log-likelihood per letter."""
    expression = Expression(oracle=SMALL, at_average=0.8, slope=2.0)
    z, p = expression.naturalness.nature.z(fresh), expression.probability(fresh)
    np.testing.assert_allclose(np.log(p / (1 - p)), np.log(4) + 2 * z)


def test_as_many_are_expressed_as_are_likely_to_be(fresh):
    """In each tenth of P the share expressed is within four standard errors of the mean P."""
    expression = Expression(oracle=SMALL, at_average=0.6)
    tried = [*fresh, *SMALL.space.sample(2000, stream(0, "random"))]
    p, is_expressed = expression.probability(tried), expression.is_expressed(tried)
    assert p.min() < 0.01
    assert p.max() > 0.9
    for tenth in np.array_split(np.argsort(p), 10):
        error = np.sqrt((p[tenth] * (1 - p[tenth])).mean() / len(tenth))
        assert abs(is_expressed[tenth].mean() - p[tenth].mean()) < 4 * error


def test_fresh_natural_sequences_are_average(fresh):
    """Standardised over sequences that were not counted, z has mean 0 and sd 1 over any natural ones."""
    z = Expression(oracle=SMALL, order=3).naturalness.that_counts(fresh)
    assert (z.mean(), z.std()) == (pytest.approx(0, abs=0.1), pytest.approx(1, abs=0.1))


@pytest.mark.parametrize("agreement", [0, 0.5, 0.9, 1])
def test_the_correlation_over_natural_sequences_is_the_dial(agreement, fresh):
    """Exactly over those it was standardised on; over fresh ones as near as 2,500 sequences can tell."""
    expression = Expression(oracle=SMALL, agreement=agreement)
    for sequences, tolerance in ((expression._natural()[1::2], 1e-9), (fresh, 0.06)):
        counted, shown = expression.naturalness.that_counts(sequences), expression.naturalness.nature.z(sequences)
        assert np.corrcoef(counted, shown)[0, 1] == pytest.approx(agreement, abs=tolerance)
        assert counted.std() == pytest.approx(1, abs=max(tolerance, 1e-9))


def test_what_nature_does_not_show_can_be_learnt():
    """At agreement 0 what counts is still shared by neighbours: z' of mutants says much, that of others nothing."""
    expression = Expression(oracle=SMALL, agreement=0)
    here = SMALL.space.sample(500, stream(0, "here"))
    near = [("1" if s[0] != "1" else "2") + s[1:] for s in here]
    counts = expression.naturalness.that_counts
    assert np.corrcoef(counts(here), counts(near))[0, 1] > 0.7
    assert abs(np.corrcoef(counts(here), counts(here[::-1]))[0, 1]) < 0.15


def test_values_are_the_wrapped_ones_or_missing(fresh):
    expression = Expression(oracle=SMALL)
    values, is_expressed = expression(fresh), expression.is_expressed(fresh)
    np.testing.assert_array_equal(values, np.where(is_expressed, SMALL(fresh), np.nan))
    assert 0.75 < is_expressed.mean() < 0.95
    assert expression.corpus(30, stream(1, "corpus")) == SMALL.corpus(30, stream(1, "corpus"))
    assert (expression.space, expression.scale, expression.floor) == (SMALL.space, "linear", 0.0)


def test_the_seed_decides_and_each_sequence_has_its_own_fate(fresh):
    fates = [Expression(oracle=SMALL, seed=seed).is_expressed(fresh) for seed in (0, 0, 1)]
    assert (fates[0] == fates[1]).all()
    assert (fates[0] != fates[2]).any()
    certain = Expression(oracle=SMALL, at_average=0.5, slope=0)
    assert certain.is_expressed(fresh).mean() == pytest.approx(0.5, abs=0.03)


def test_of_a_small_space_the_optimum_is_the_highest_value_expressed(tmp_path):
    """8-mers over 4 letters are all tried; NK's own best, AC-poor or not, counts only where it is expressed."""
    for seed in range(3):
        nk = NK(length=8, seed=seed)
        expression = Expression(oracle=nk, corpus_file=sites(tmp_path), at_average=0.3, seed=seed)
        values = expression(nk.space.enumerate())
        assert expression.optimum == np.nanmax(values)
        assert (expression.optimum == 1.0) == expression.is_expressed([nk.optimal_solution()])[0]


def test_in_a_large_space_the_optimum_counts_where_it_is_reached():
    """Walks from the wrapped solution meet an expressed one as good; with hardly anything expressed it is not known."""
    assert Expression(oracle=SMALL).optimum == 1.0
    assert Expression(oracle=SMALL, at_average=1e-6).optimum is None
    assert BOTH.optimum == 1.0


def test_a_landscape_without_natural_sequences_takes_a_file(tmp_path):
    expression = Expression(oracle=NK(length=8), corpus_file=sites(tmp_path))
    natural, foreign = expression.probability(["ACCAACCA", "GTTGGTTG"])
    assert natural > 0.85
    assert foreign < 0.1
    assert expression.corpus(5, stream(0, "corpus")) == []


def test_without_natural_sequences_the_mend_is_told_and_works():
    with pytest.raises(
        ValidationError, match=r"'nk' has no natural sequences.*`corpus_file: natural.*wrap it in `evolved`"
    ):
        Expression(oracle=NK(length=8))
    assert Expression(oracle=Evolved(oracle=NK(length=8), generations=1)).naturalness.nature.sd > 0


def test_a_wrong_letter_in_the_file_is_told_before_anything_is_built(tmp_path):
    expression = Expression(oracle=NK(length=8), corpus_file=sites(tmp_path, "ACGTACGT", "ACXTACGT"))
    campaign = dl.Campaign(
        oracle=expression,
        lab="instant",
        strategy="random",
        scheduler="rounds",
        budget={"designs": 8},
        prior={"corpus": None},
    )
    with pytest.raises(InputError, match=r"sites\.txt, line 2: letter 'X' at position 3"):
        campaign.run()


@oracle(alphabet=states(2), length=9)
def two_letters(sequences):
    return [s.count("1") for s in sequences]


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        (
            Expression(oracle=Evolved(oracle=two_letters, generations=2), order=0, agreement=0.5),
            "all n-gram models of order 0 over 2 letters rank these sequences equally, so `agreement` has no effect",
        ),
        (Expression(oracle=Ehrlich(), order=4), "order 4 over 32 letters needs .*; reduce `order`"),
    ],
)
def test_what_cannot_be_counted_is_told(expression, sentence):
    with pytest.raises(ConfigError, match=sentence):
        _ = expression.space, expression.naturalness


def test_a_function_of_a_notebook_can_be_wrapped_too():
    """What no description finds again still runs in memory."""

    @oracle(alphabet="dna", length=8)
    def here(sequences):
        return [s.count("A") for s in sequences]

    evolved = Evolved(oracle=here, generations=2)
    campaign = dl.Campaign(
        oracle=Expression(oracle=evolved, at_average=0.5),
        lab="instant",
        strategy="random",
        scheduler="rounds",
        budget={"designs": 24},
    )
    assert set(campaign.run().outcomes) == {"not_expressed", "observed"}


def test_it_reads_back_from_yaml():
    text = to_yaml(Holder(oracle=BOTH).describe())
    assert build(Holder, read_text(text, "described")).oracle == BOTH
    assert "kind: expression" in text
    assert "kind: evolved" in text


def test_too_few_natural_sequences_are_told_with_those_that_were_left_out(tmp_path):
    file = {"path": sites(tmp_path, "ACCAACCA", "ACCAACCN")["path"], "ambiguous": "drop"}
    with pytest.raises(ConfigError, match="has 1 natural sequence, too few to estimate") as caught:
        _ = Expression(oracle=NK(length=8), corpus_file=file).space
    assert "1 of 2 sequences left out: 1 with ambiguity codes" in caught.value.__notes__[0]


def test_one_seed_draws_the_instance_and_what_is_expressed():
    drawn = BOTH.drawn(5)
    assert (drawn.seed, drawn.oracle.oracle.seed, drawn.agreement) == (5, 5, 0.5)
    assert Evolved(oracle=SMALL).drawn(4).oracle.seed == 4
    assert Evolved(oracle=two_letters).drawn(4) is None
    assert two_letters.drawn(4) is None


@pytest.mark.parametrize("lab", ["instant", "good"])
def test_what_is_not_expressed_comes_back_so_from_the_lab(lab):
    """Of a batch of mutants and natural sequences, exactly those that nature does not express have no value for it."""
    expression = BOTH.with_(at_average=0.5)
    campaign = dl.Campaign(
        oracle=expression,
        lab=lab,
        strategy={"kind": "random-viable", "model": "markov"},
        scheduler={"kind": "rounds", "batch_size": 24},
        budget={"designs": 48},
        prior={"corpus_size": 1000},
    )
    events = played(campaign).events()
    sequences = {e.design: e.data["sequence"] for e in events if e.kind == "chosen"}
    failed = {e.design for e in events if e.kind == "failed" and e.data["outcome"] == "not_expressed"}
    measured = {e.design for e in events if e.kind == "observed"}
    assert len(failed) > 4
    assert len(measured) > 4
    assert expression.is_expressed([sequences[i] for i in measured]).all()
    if lab == "instant":
        assert np.isnan(expression([sequences[i] for i in failed])).all()
        assert failed | measured == set(sequences)
