"""What simulations say: ranges for one more of them, chances with exact intervals, and words that claim no more."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from designloop.core.alphabet import DNA
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.records import Event, Outcome, Start
from designloop.core.spaces import Space
from designloop.oracles.held_out import HeldOut
from designloop.rehearsal.noise_known import NoiseKnown
from designloop.rehearsal.outcome import Spread, quantiles
from designloop.rehearsal.skill import Skill, skill_of
from designloop.rehearsal.words import compared
from designloop.study.estimates import Estimate
from designloop.study.pairs import Pair
from designloop.surrogates.base import Surrogate


def test_the_range_of_eight_in_ten_is_that_of_one_more_simulation():
    """Of 19 values, the second and the eighteenth; in the long run, 80% of further ones lie between them."""
    assert quantiles(np.arange(1.0, 20.0)).tolist() == [2.0, 10.0, 18.0]
    draws = np.random.default_rng(0).normal(size=(20, 2000))
    low, _, high = quantiles(draws[:19])
    assert np.mean((low <= draws[19]) & (draws[19] <= high)) == pytest.approx(0.8, abs=0.02)
    assert Spread.of(np.array([1.0, 3.0])).low == 1.0, "two values say no more than their range"


def error(rank: float) -> HeldOut:
    return HeldOut(40, 50, 0.1, rank, 1.0, 1.0)


@pytest.mark.parametrize(("rank", "is_shown"), [(0.5, True), (0.24, True), (0.2, False), (-0.6, False)])
def test_skill_is_shown_if_it_is_clearly_above_zero(rank: float, is_shown: bool):
    """With 50 sequences, from a rank correlation of 1.645 / 7 on."""
    skill = Skill(50, error(rank))
    assert skill.is_shown is is_shown
    assert ("nearly arbitrary" in skill.warning) is not is_shown


def test_few_sequences_have_no_skill():
    assert "hardly anything is measured" in Skill(9, None).warning


class Remembers(Surrogate):
    """Predicts the number of As for sequences that it was not fitted to, and a wrong value for others."""

    def fit(self, history: History, rng: np.random.Generator) -> Any:
        seen = {s for s, is_in in zip(history.sequences, history.is_measured, strict=True) if is_in}

        def moments(sequences: list[str]) -> tuple[Any, Any]:
            values = [-100.0 if s in seen else float(s.count("A")) for s in sequences]
            return np.array(values), np.ones(len(values))

        return SimpleNamespace(moments=moments, model_moments=moments)


def test_skill_is_of_sequences_that_the_model_was_not_fitted_to():
    """Also if a sequence is in several rows, which leave the fit together."""
    space = Space.of_length(DNA, 6)
    names = space.sample(30, np.random.default_rng(0))
    starts = [Start(s, float(s.count("A")), 0.1, Outcome.OBSERVED) for s in [*names, *names[:5]]]
    history = History.opening(space, Known(starts=tuple(starts)), Event(0, "opened"))
    found = skill_of(Remembers(), history)
    assert found.error is not None
    assert found.error.r2 == pytest.approx(1.0)
    assert found.n == len(set(names))


def pair(p: float | None, value: float = -0.2) -> Pair:
    return Pair("a", "b", 20, 0, 20, Estimate(value, value - 0.1, value + 0.1), detectable=0.15, p=p, p_holm=p)


@pytest.mark.parametrize(
    ("pairs", "n", "said"),
    [
        ([pair(0.01)], 20, "'b' ends above 'a' by 0.2 (95% interval 0.1 to 0.3)."),
        ([pair(0.01, 0.2)], 20, "'a' ends above 'b' by 0.2 (95% interval 0.1 to 0.3)."),
        ([pair(0.3)], 20, "No difference between the arms is shown with 20 simulations of each."),
        ([pair(None)], 5, "With 5 simulations of each arm nothing is tested; 20 are needed."),
        ([pair(None)], 20, "Nothing is tested, since simulations failed or are missing."),
        ([pair(0.01)] * 3, 20, "Differences are shown in 3 of 3 pairs. The largest: 'b' ends above"),
    ],
)
def test_words_on_differences(pairs: list[Pair], n: int, said: str):
    outcome: Any = SimpleNamespace(pairs=tuple(replace(one) for one in pairs), n=n)
    assert compared(outcome).startswith(said)


def rows_of(starts: list[Start]) -> History:
    return History.opening(Space.of_length(DNA, 4), Known(starts=tuple(starts)), Event(0, "opened"))


def test_noise_says_how_many_replicates_it_rests_on():
    """One pair has one degree of freedom: from 0.446 to 31.9 times its standard deviation."""
    pair = [Start("ACGT", value, None, Outcome.OBSERVED) for value in (1.038, 1.170)]
    known = NoiseKnown.of(rows_of(pair), 0.132 / 2**0.5)
    assert known.words == "standard deviation 0.0933 of a well, from the replicates of 1 sequence"
    assert "only 1 sequence (1 degree of freedom): 0.0933, with a 95% interval from 0.0416 to 2.98" in known.warning
    reported = NoiseKnown.of(rows_of([*pair, Start("AAAA", 1.0, 0.1, Outcome.OBSERVED)]), 0.1)
    assert reported.words.endswith("the replicates of 1 sequence and the reported errors of 1 sequence")
    assert not reported.warning
    many = [Start(f"ACG{x}", float(i), None, Outcome.OBSERVED) for x in "ACGT" for i in range(4)]
    assert NoiseKnown.of(rows_of(many), 1.0).n_free == 12
    assert not NoiseKnown.of(rows_of(many), 1.0).warning
