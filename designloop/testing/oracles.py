"""The contract suite of oracles: every law of `designloop oracle check`, one test each."""

from typing import Any, ClassVar

import pytest

from designloop.checking.asking import Here
from designloop.checking.bench import Held
from designloop.checking.check import judged
from designloop.checking.laws import LAWS
from designloop.checking.trial import Trial
from designloop.oracles.base import Oracle
from designloop.testing.given import described, given

_TRIALS = pytest.StashKey[list[tuple[Oracle, Trial]]]()


class OracleContract:
    """Tests of an oracle. Subclass it and set `oracle`, as an attribute, a method or a pytest fixture.

    A fault fails the test of its law with a sentence that says what to change. A doubt skips it with that sentence
    (`pytest -rs` shows it). The oracle runs in this process, and in new ones where laws need them.
    """

    oracle: Any = None
    sequences: ClassVar[tuple[str, ...]] = ()
    """More sequences of the space to ask for, such as some whose values you know."""
    seconds: ClassVar[float] = 60.0
    """The limit for one call."""

    @pytest.fixture
    def trial(self, request: pytest.FixtureRequest) -> Trial:
        """The oracle under test. The tests of a class share what was asked."""
        tested: Oracle = described(Held, "oracle", given(self, "oracle", request), "an oracle")
        suite = request.node.getparent(pytest.Class)
        trials = suite.stash.setdefault(_TRIALS, [])
        known = next((trial for oracle, trial in trials if oracle == tested), None)
        if known is None:
            known = Trial(Here(tested, self.seconds), self.sequences)
            trials.append((tested, known))
            suite.addfinalizer(known.close)
        return known

    @pytest.mark.parametrize("law", list(LAWS))
    def test_law(self, trial: Trial, law: str) -> None:
        """One law."""
        found = judged(LAWS[law], trial)
        faults = [str(one) for one in found if one.level == "fault"]
        doubts = [str(one) for one in found if one.level == "doubt"]
        if faults:
            pytest.fail("\n".join(faults), pytrace=False)
        if doubts:
            pytest.skip("; ".join(doubts))
