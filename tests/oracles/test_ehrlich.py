"""Ehrlich functions equal pytorch-holo's, and hand out only what they promise."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.oracles import Ehrlich

RECORDS = json.loads(gzip.decompress(Path(__file__).with_name("ehrlich_reference.json.gz").read_bytes()))
NAMES = ["-".join(str(value) for value in record["arguments"].values()) for record in RECORDS]
SMALL = {"num_states": 20, "length": 15, "num_motifs": 2, "motif_length": 4}


def text(oracle, codes):
    return oracle.space.alphabet.decode(np.atleast_2d(codes))


@pytest.fixture(params=RECORDS, ids=NAMES)
def reference(request):
    return request.param, Ehrlich(**request.param["arguments"])


def test_a_seed_draws_the_instance_that_holo_draws(reference):
    record, oracle = reference
    assert oracle.instance.motifs.tolist() == record["motifs"]
    assert np.diff(oracle.instance.offsets, axis=1).tolist() == record["spacings"]
    assert np.argwhere(oracle.instance.transitions == 0).tolist() == record["forbidden"]


def test_values_equal_holos_and_infeasible_ones_are_nan(reference):
    record, oracle = reference
    expected = np.array([np.nan if value is None else value for value in record["values"]])
    np.testing.assert_allclose(oracle(text(oracle, record["sequences"])), expected, rtol=0, atol=1e-6, equal_nan=True)


def test_initial_and_optimal_solutions_are_holos(reference):
    record, oracle = reference
    assert oracle.initial_solution() == text(oracle, record["initial"])
    assert oracle.initial_solution(5) == text(oracle, record["initial_5"])
    assert oracle.optimal_solution() == text(oracle, record["optimal"])[0]
    assert oracle([oracle.optimal_solution()])[0] == oracle.optimum == pytest.approx(record["optimal_value"], abs=1e-6)


@pytest.mark.parametrize(
    ("motif_length", "quantization", "highest"),
    [(6, 4, 1.0), (5, 3, 0.8**2), (8, 3, 0.75**2), (7, 2, (4 / 7) ** 2), (4, 4, 1.0), (4, 6, 1.0)],
)
def test_levels_that_do_not_divide_the_motif_leave_an_optimum_below_one(motif_length, quantization, highest):
    oracle = Ehrlich(num_states=20, length=40, num_motifs=2, motif_length=motif_length, quantization=quantization)
    assert oracle.optimum == pytest.approx(highest)
    assert oracle([oracle.optimal_solution()])[0] == oracle.optimum
    assert not oracle.is_degenerate


def test_no_optimum_is_known_where_less_of_a_motif_may_be_more():
    """With a factor of 20, half a motif counts .5 (1 - 5) = -2, and two of them 4."""
    assert Ehrlich(**SMALL, quantization=2, epistasis_factor=8.0).optimum == 1.0
    assert Ehrlich(**SMALL, quantization=2, epistasis_factor=20.0).optimum is None


def test_the_reference_holds_every_kind_of_value():
    values = [value for record in RECORDS for value in record["values"]]
    assert {None, 0.0, 1.0} < set(values)
    assert len({tuple(record["arguments"].values())[:-1] for record in RECORDS}) >= 8


@pytest.mark.parametrize("arguments", [SMALL, {}, {"num_states": 150, "length": 40, "quantization": 2}])
def test_a_corpus_is_feasible_and_depends_on_the_generator_alone(arguments):
    oracle = Ehrlich(**arguments)
    corpus = oracle.corpus(3000, stream(1, "corpus"))
    assert len(corpus) == 3000
    assert not np.isnan(oracle(corpus)).any()
    assert oracle.space.contains(corpus).all()
    assert corpus == oracle.corpus(3000, stream(1, "corpus")) != oracle.corpus(3000, stream(2, "corpus"))


def test_a_corpus_follows_the_chain():
    oracle = Ehrlich(num_states=5, length=7, num_motifs=1, motif_length=3)
    codes = oracle.space.alphabet.encode(oracle.corpus(20_000, stream(0, "corpus")))
    pairs = np.zeros((5, 5))
    np.add.at(pairs, (codes[:, :-1].ravel(), codes[:, 1:].ravel()), 1)
    np.testing.assert_allclose(pairs / pairs.sum(1, keepdims=True), oracle.instance.transitions, atol=0.02)
    np.testing.assert_allclose(np.bincount(codes[:, 0]) / 20_000, oracle.instance.stationary, atol=0.02)


def test_a_value_by_hand():
    oracle = Ehrlich(num_states=5, length=7, num_motifs=1, motif_length=3, epistasis_factor=2.0)
    motif = oracle.instance.motifs[0]
    absent = next(state for state in range(5) if state not in motif)
    first_only = np.full(7, absent)
    first_only[0] = motif[0]
    share = 1 / 3
    value = oracle.values(first_only[None].astype(np.int16))[0]
    assert np.isnan(value) or value == pytest.approx(share * (1 + 2.0 * share * (share - 1)))


def test_chance_solves_a_degenerate_instance_and_not_a_proper_one():
    assert Ehrlich(num_states=5, length=7, num_motifs=1, motif_length=3).is_degenerate
    assert not Ehrlich(num_states=32, length=128, num_motifs=8, motif_length=8).is_degenerate


def test_no_sequences_no_values():
    assert Ehrlich()([]).shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"quantization": 0}, "greater than or equal to 1"),
        ({"num_motifs": 9}, "9 motifs of 4 elements need a length of at least 36, got 32"),
        ({"num_states": 1}, "greater than or equal to 2"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"dim": 32}, "unknown key 'dim'"),
    ],
)
def test_bad_arguments_say_what_to_change(arguments, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Ehrlich(**arguments)


def test_a_sequence_of_another_length_is_refused_by_name():
    with pytest.raises(InputError, match="sequence 2: this Ehrlich function expects 32 letters, got 3"):
        Ehrlich()(["0" * 32, "012"])
    with pytest.raises(InputError, match="letter 'z' at position 1 of sequence 1"):
        Ehrlich()(["z" * 32])
