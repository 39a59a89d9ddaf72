"""The contract suite passes a sound oracle, and names the mend of a faulty one."""

import subprocess
import sys

import numpy as np
import pytest

from designloop.core.alphabet import RNA
from designloop.oracles import Ehrlich
from designloop.oracles.function import oracle
from designloop.testing import OracleContract

pytest_plugins = ["pytester"]
SOUND = """import numpy as np
from designloop.oracles.function import oracle
@oracle(alphabet="rna", length=9)
def mine(sequences):
    return [s.count("G") for s in sequences]
"""
SUITE = """from designloop.testing import OracleContract
class TestMine(OracleContract):
    oracle = "my_oracle.py:mine"
"""
calls = []


def wrong_shape(sequences):
    return np.ones((len(sequences), 1))


def too_few(sequences):
    return np.ones(1)


def by_place(sequences):
    return np.arange(len(sequences))


def by_company(sequences):
    counts = np.array([s.count("G") for s in sequences], dtype=float)
    return counts - (counts.mean() if len(counts) else 0)


def stateful(sequences):
    calls.append(1)
    return np.full(len(sequences), float(len(calls)))


def infinite(sequences):
    return np.full(len(sequences), -np.inf)


def no_empty(sequences):
    return np.full(len(sequences), max(map(len, sequences)))


def reversing(sequences):
    values = [float(s.count("G")) for s in sequences]
    sequences.reverse()
    return values


def answering_in_reverse(sequences):
    sequences.reverse()
    return [float(int(s.replace("A", "1").replace("C", "2").replace("G", "3").replace("U", "4"))) for s in sequences]


def texts(sequences):
    return [str(s.count("G")) for s in sequences]


FAULTS = [
    (reversing, "the_list_it_is_given_is_left_as_it_was", "changes the list of sequences in place"),
    (answering_in_reverse, "order_does_not_matter", "do not sort, rank, standardise or index by position"),
    (texts, "values_are_one_float_for_each_sequence", "the oracle returned text, '.'; return one number per"),
    (wrong_shape, "values_are_one_float_for_each_sequence", "return one value for each sequence, shape"),
    (too_few, "values_are_one_float_for_each_sequence", r"shape \(1,\) for 24 sequences"),
    (by_place, "order_does_not_matter", "do not sort, rank, standardise or index by position"),
    (by_place, "a_repeated_sequence_has_one_value", "give duplicates the same value"),
    (by_company, "a_sequence_alone_has_the_value_it_has_in_company", "do not normalise over the list"),
    (stateful, "the_same_question_has_the_same_answer", "remove randomness and counters"),
    (infinite, "values_are_finite_or_nan", "return NaN for a sequence that is not viable"),
    (no_empty, "no_sequences_have_no_values", "raises ValueError for an empty list; return an empty array"),
]


@pytest.mark.parametrize(("function", "law", "sentence"), FAULTS, ids=[f"{f.__name__}-{law}" for f, law, _ in FAULTS])
def test_a_planted_fault_is_named_with_its_mend(function, law, sentence):
    faulty = oracle(alphabet=RNA, length=9)(function)
    with pytest.raises(pytest.fail.Exception, match=sentence):
        getattr(OracleContract(), f"test_{law}")(faulty)


def test_a_users_file_passes_its_suite(pytester):
    pytester.makepyfile(my_oracle=SOUND, test_mine=SUITE)
    pytester.runpytest("-p", "no:cacheprovider", "test_mine.py").assert_outcomes(passed=12, skipped=1)


def test_a_users_faulty_file_fails_its_suite_with_the_sentence(pytester):
    pytester.makepyfile(my_oracle=SOUND.replace("for s in", "+ len(sequences) for s in"), test_mine=SUITE)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py")
    assert result.parseoutcomes()["failed"] >= 1
    result.stdout.fnmatch_lines(["*make each value a function of its sequence alone*"])


class TestEhrlich(OracleContract):
    """As an attribute."""

    oracle = Ehrlich()


class TestByFixture(OracleContract):
    """As a fixture."""

    @pytest.fixture
    def oracle(self):
        return Ehrlich(num_states=5, length=7, num_motifs=1, motif_length=3)


class TestByMethod(OracleContract):
    """As a method."""

    def oracle(self):
        return Ehrlich(seed=3)


def test_without_pytest_the_suites_say_what_to_install() -> None:
    program = "import sys; sys.modules['pytest'] = None; import designloop.testing"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert out.stderr.strip().endswith("ImportError: the contract suites need pytest: pip install pytest")
