"""The contract suite passes a sound oracle, and names the mend of a faulty one."""

import subprocess
import sys

import numpy as np
import pytest

from designloop.checking.asking import Here
from designloop.checking.laws import LAWS
from designloop.checking.trial import Trial
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


def by_place(sequences):
    return np.arange(len(sequences))


def reversing(sequences):
    values = [float(s.count("G")) for s in sequences]
    sequences.reverse()
    return values


def texts(sequences):
    return [str(s.count("G")) for s in sequences]


def prints(sequences):
    print("scoring")
    return [s.count("G") for s in sequences]


FAULTS = [
    (texts, "answers", "returned text, '.'. return one number per sequence"),
    (by_place, "order", "do not sort, rank, standardise or index by position"),
    (by_place, "duplicates", "give each occurrence of a sequence the same value"),
    (reversing, "input", "changes the list of sequences in place"),
]


@pytest.mark.parametrize(("function", "law", "sentence"), FAULTS, ids=[f"{f.__name__}-{law}" for f, law, _ in FAULTS])
def test_a_planted_fault_fails_the_test_of_its_law_and_names_its_mend(function, law, sentence):
    faulty = Trial(Here(oracle(alphabet=RNA, length=9)(function), 60.0))
    with pytest.raises(pytest.fail.Exception, match=sentence):
        OracleContract().test_law(faulty, law)


def test_a_doubt_skips_the_test_of_its_law():
    with pytest.raises(pytest.skip.Exception, match="print to standard error, or not at all"):
        OracleContract().test_law(Trial(Here(oracle(alphabet=RNA, length=9)(prints), 60.0)), "quiet")


def test_a_users_file_passes_its_suite(pytester):
    pytester.makepyfile(my_oracle=SOUND, test_mine=SUITE)
    pytester.runpytest("-p", "no:cacheprovider", "test_mine.py").assert_outcomes(passed=len(LAWS))


def test_a_users_faulty_file_fails_its_suite_with_the_sentence(pytester):
    pytester.makepyfile(my_oracle=SOUND.replace("for s in", "+ len(sequences) for s in"), test_mine=SUITE)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py")
    assert result.parseoutcomes()["failed"] >= 1
    result.stdout.fnmatch_lines(["*make each value a function of its sequence alone*"])
    result.stdout.fnmatch_lines(["*test_law[[]company[]]*"])


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
