"""The contract suite of oracles: a value depends only on its sequence."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from designloop.core.config import build, read_text, to_yaml
from designloop.core.counting import many
from designloop.core.errors import DesignloopError, OracleError
from designloop.core.parts import Part
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle
from designloop.oracles.function import FunctionOracle
from designloop.testing.given import described, given, kind_of, require

_N_ASKED = 24


class _Holder(Part):
    oracle: Oracle


class OracleContract:
    """Tests of an oracle. Subclass it and set `oracle`, as an attribute, a method or a pytest fixture."""

    oracle: Any = None

    @pytest.fixture
    def tested(self, request: pytest.FixtureRequest) -> Oracle:
        """The oracle under test."""
        tested: Oracle = described(_Holder, "oracle", given(self, "oracle", request), "an oracle")
        return tested

    def test_values_are_one_float_for_each_sequence(self, tested: Oracle) -> None:
        sequences = _sequences(tested)
        try:
            values = tested(sequences)
        except OracleError as error:
            pytest.fail(f"the oracle {error}", pytrace=False)
        _require_shape(values, len(sequences))

    def test_the_list_it_is_given_is_left_as_it_was(self, tested: Oracle) -> None:
        sequences = _sequences(tested)
        asked = list(sequences)
        (tested.function.call if isinstance(tested, FunctionOracle) else tested)(asked)
        require(
            asked == sequences,
            "the oracle changes the list of sequences in place, so that values no longer match sequences; work on a "
            "copy (sorted(sequences), sequences[::-1])",
        )

    def test_no_sequences_have_no_values(self, tested: Oracle) -> None:
        try:
            values = tested([])
        except Exception as error:
            pytest.fail(
                f"the oracle raises {type(error).__name__} for an empty list; return an empty array",
                pytrace=False,
            )
        _require_shape(values, 0)

    def test_values_are_finite_or_nan(self, tested: Oracle) -> None:
        sequences = _sequences(tested)
        infinite = np.isinf(tested(sequences))
        first = sequences[int(np.argmax(infinite))]
        require(
            not infinite.any(),
            f"the oracle returns an infinite value for {first!r}; "
            "return NaN for a sequence that is not viable, and a finite number otherwise",
        )

    def test_the_same_question_has_the_same_answer(self, tested: Oracle) -> None:
        sequences = _sequences(tested)
        _require_same(
            tested(sequences),
            tested(sequences),
            sequences,
            "the oracle returns different values when it is called again; "
            "remove randomness and counters (the lab adds the noise)",
        )

    def test_order_does_not_matter(self, tested: Oracle) -> None:
        sequences = _sequences(tested)
        order = stream(0, "oracle-contract", "order").permutation(len(sequences))
        shuffled = np.empty(len(sequences))
        shuffled[order] = tested([sequences[i] for i in order])
        _require_same(
            tested(sequences),
            shuffled,
            sequences,
            "a value depends on the position of its sequence in the list; make it a function of the sequence alone "
            "(do not sort, rank, standardise or index by position)",
        )

    def test_a_sequence_alone_has_the_value_it_has_in_company(self, tested: Oracle) -> None:
        sequences = _sequences(tested)
        alone = np.array([tested([sequence])[0] for sequence in sequences])
        _require_same(
            tested(sequences),
            alone,
            sequences,
            "a sequence has a different value alone and in a list; make each value a function of its sequence alone "
            "(do not normalise over the list)",
        )

    def test_a_repeated_sequence_has_one_value(self, tested: Oracle) -> None:
        sequences = _sequences(tested)
        both = tested([*sequences, *sequences])
        _require_same(
            both[: len(sequences)],
            both[len(sequences) :],
            sequences,
            "a sequence that occurs twice in a list has two values; give duplicates the same value",
        )

    def test_the_optimum_is_not_exceeded(self, tested: Oracle) -> None:
        if tested.optimum is None:
            pytest.skip("the oracle has no optimum")
        values = tested(_sequences(tested))
        highest = float(np.nanmax(np.append(values, -np.inf)))
        require(
            highest <= tested.optimum + 1e-9,
            f"a value of {highest:g} exceeds the optimum {tested.optimum:g}; correct `optimum`, or omit it",
        )

    def test_the_corpus_lies_in_the_space(self, tested: Oracle) -> None:
        corpus = tested.corpus(50, stream(0, "oracle-contract", "corpus"))
        inside = tested.space.contains(corpus)
        outside = [sequence for sequence, is_inside in zip(corpus, inside, strict=True) if not is_inside]
        require(
            not outside,
            f"{len(outside)} of {many(len(corpus), 'corpus sequence')} are outside the space, the first {outside[:1]}; "
            "return sequences of the space, or []",
        )

    def test_the_corpus_depends_on_the_generator_alone(self, tested: Oracle) -> None:
        twice = [tested.corpus(50, stream(0, "oracle-contract", "corpus")) for _ in range(2)]
        require(twice[0] == twice[1], "the same seed gives different corpora; draw everything from the `rng` argument")

    def test_measures_answers_for_each_sequence(self, tested: Oracle) -> None:
        sequences = _sequences(tested)
        measured = np.asarray(tested.measures(sequences))
        require(
            measured.shape == (len(sequences),) and measured.dtype == bool,
            f"measures() returns {measured.dtype} of shape {measured.shape} for {many(len(sequences), 'sequence')}; "
            f"return one True or False for each, shape ({len(sequences)},)",
        )

    def test_the_description_reads_back(self, tested: Oracle) -> None:
        try:
            text = to_yaml(_Holder(oracle=tested).describe())
            again = build(_Holder, read_text(text, "the description")).oracle
        except DesignloopError as error:
            pytest.fail(f"the oracle cannot be described and read back: {error}", pytrace=False)
        require(
            again.describe() == tested.describe(),
            "the description gives a different oracle when it is read back; make every setting a field, and change "
            "none in a validator that runs twice",
        )
        sequences = _sequences(tested)
        _require_same(
            tested(sequences),
            again(sequences),
            sequences,
            "the oracle gives different values when its description is read back; make every setting a field",
        )


def _sequences(oracle: Oracle) -> list[str]:
    """Distinct sequences of the oracle's space. Fails if the space is missing."""
    if not isinstance(getattr(oracle, "space", None), Space):
        pytest.fail("the oracle has no `space`; set one, such as Space.of_length(RNA, 9)", pytrace=False)
    drawn = oracle.space.sample(_N_ASKED, stream(0, "oracle-contract"))
    viable = oracle.corpus(_N_ASKED, stream(0, "oracle-contract", "viable"))
    return list(dict.fromkeys([*drawn, *viable]))


def _require_shape(values: Any, n: int) -> None:
    require(
        isinstance(values, np.ndarray) and values.dtype == np.float64,
        f"the oracle returns {kind_of(values)}; return a numpy array of float64",
    )
    require(
        values.shape == (n,),
        f"the oracle returns shape {values.shape} for {many(n, 'sequence')}; return one value for each sequence, "
        f"shape ({n},)",
    )


def _require_same(one: NDArray[Any], other: NDArray[Any], sequences: list[str], sentence: str) -> None:
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    if one.shape != (len(sequences),) or other.shape != one.shape:
        _require_shape(one, len(sequences))
        _require_shape(other, len(sequences))
    # A batched matrix product may differ in the last bits from that of one row.
    different = ~np.isclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)
    first = int(np.argmax(different))
    require(not different.any(), f"{sentence}. {sequences[first]!r}: {one[first]:g}, then {other[first]:g}")
