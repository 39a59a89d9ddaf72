"""How `auto` weighs its candidates, and the mixture of their posteriors."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from histories import SPACES, Told, distinct, events_of, history_of, worth

from designloop.core.alphabet import states
from designloop.core.errors import ContractError, ConvergenceError
from designloop.core.history import History
from designloop.core.notices import Notice
from designloop.core.random import stream
from designloop.core.records import Event
from designloop.core.spaces import Space
from designloop.surrogates import Auto, BayesianLinear, DenseEnsemble, Motifs
from designloop.surrogates.auto import _USUAL
from designloop.surrogates.base import Posterior, Surrogate
from designloop.surrogates.mixture import MixturePosterior
from designloop.surrogates.past import evidence
from designloop.surrogates.scale import Measured

SPACE = SPACES["one length"]
PROBES = distinct(SPACE, 20, seed=5)
DESIGNS = distinct(SPACE, 60, seed=3)


class Diverging(Surrogate):
    """A surrogate whose fit does not converge."""

    def fit(self, history: History, rng: np.random.Generator) -> Posterior:
        raise ConvergenceError("no")


class Unsuited(BayesianLinear):
    """A surrogate that has nothing to say in this space."""

    def suits(self, history: History) -> bool:
        return False


@dataclass(frozen=True)
class Stub:
    """A posterior that has only predictions out of fold."""

    left_out: Any = None
    scale: ClassVar[Any] = None


def in_rounds(*rounds: list[str], predicted: dict[str, Any] | None = None) -> History:
    """Designs with their worth, and what models predicted when they were chosen: name -> function of a sequence."""
    rows = [Told(s, worth(s), 0.0, round=r) for r, its in enumerate(rounds, start=1) for s in its]
    events = [
        Event(e.minute, e.kind, e.design, {**e.data, "predictions": _told(e.data["sequence"], predicted)})
        if e.kind == "chosen" and predicted
        else e
        for e in events_of(rows)
    ]
    return history_of(SPACE).after(events)


def _told(sequence: str, predicted: dict[str, Any] | None) -> dict[str, list[float]]:
    return {name: [float(function(sequence)), 1.0] for name, function in (predicted or {}).items()}


def fitted(history: History, part: Auto) -> MixturePosterior:
    return part.fit(history, stream(0, "fit"))


_PAIRS = {"pairs": BayesianLinear(features="gapped-pairs", pair_share=0.6)}
TWO = Auto(candidates={"letters": BayesianLinear(), "net": DenseEnsemble(hidden=(4, 4), steps=2)})


def test_the_evidence_of_a_round_is_written_out():
    """n/2 · (-log(1 - ρ²) - log mean squared error), both of normal scores of ranks."""
    history = in_rounds(DESIGNS[:30])
    measured = Measured.of(history)
    scale = measured.scale("ranks")
    target = scale.to_model(measured.values)
    noisy = target + np.random.default_rng(0).standard_normal(30)
    found = evidence({"good": Stub(target), "noisy": Stub(noisy)}, measured, history, decay=0.5)
    ranks = [np.argsort(np.argsort(its)) for its in (noisy, measured.values)]
    rho, missed = np.corrcoef(ranks)[0, 1], np.mean((noisy - target) ** 2)
    assert found.total[1] == pytest.approx(15 * (-np.log(1 - rho**2) - np.log(missed)), rel=1e-6)
    assert found.total[0] > found.total[1] + 20
    assert found.out_of_fold == {"good": pytest.approx(1.0), "noisy": pytest.approx(rho)}


def test_a_round_counts_less_than_the_one_after_it():
    first, second = DESIGNS[:30], DESIGNS[30:]
    history = in_rounds(first, second)
    measured = Measured.of(history)
    target = measured.scale("ranks").to_model(measured.values)
    is_first = np.array([s in set(first) for s in measured.sequences])
    noise = np.random.default_rng(0).standard_normal(60)
    old, new = (np.where(is_there, target, target + noise) for is_there in (is_first, ~is_first))
    total = evidence({"old": Stub(old), "new": Stub(new)}, measured, history, decay=0.5).total
    assert total[1] > total[0] + 10


def test_what_was_predicted_decides_where_out_of_fold_says_nothing():
    """Predictions that were recorded when designs were chosen; a model without them takes them from all."""
    right, wrong = worth, lambda sequence: -worth(sequence)
    parts = {"one": Stub(), "other": Stub()}
    for told, best in (({"one": right, "other": wrong}, 0), ({"one": wrong, "other": right}, 1)):
        history = in_rounds(DESIGNS[:20], predicted=told)
        total = evidence(parts, Measured.of(history), history, decay=0.5).total
        assert total.argmax() == best
    history = in_rounds(DESIGNS[:20], predicted={"one": right})
    assert evidence(parts, Measured.of(history), history, decay=0.5).total.tolist() == [0.0, 0.0]


def test_the_better_candidate_has_most_draws_and_the_other_a_few():
    history = in_rounds(DESIGNS)
    posterior = fitted(history, Auto(candidates={"bad": BayesianLinear(features="letters"), **TWO.candidates}))
    assert posterior.weights.sum() == pytest.approx(1.0)
    assert (posterior.weights >= 0.05 / 3 - 1e-12).all()


def test_draws_are_shared_out_by_weight():
    """Each component has its share of the draws, to one draw, whatever the stream."""
    parts = fitted(in_rounds(DESIGNS), TWO).components
    mixture = MixturePosterior(parts, np.array([0.7, 0.3]), dict.fromkeys(parts))
    for seed in range(5):
        first, second = mixture.draw(40, stream(seed, "d")).shares
        assert first.posterior is parts["letters"]
        assert abs(len(first.places) - 28) <= 1
        assert sorted([*first.places, *second.places]) == list(range(40))


def test_draws_of_components_without_motifs_are_searched_with_those_of_others():
    motifs = Motifs(epochs=2).fit(history := in_rounds(DESIGNS), stream(0, "m"))
    letters = BayesianLinear().fit(history, stream(0, "l"))
    parts = {"letters": letters, "motifs": motifs}
    drawn = MixturePosterior(parts, np.array([0.5, 0.5]), dict.fromkeys(parts)).draw(6, stream(0, "d"))
    found, (first, second) = drawn.motifs(), drawn.shares
    own = second.draw.motifs()
    np.testing.assert_array_equal(found[second.places], own)
    assert all(any((row == other).all() for other in own) for row in found[first.places])
    alone = MixturePosterior({"letters": letters}, np.ones(1), {"letters": None}).draw(6, stream(0, "d"))
    assert alone.motifs() is None


def test_moments_are_those_of_a_mixture():
    parts = fitted(in_rounds(DESIGNS), TWO).components
    mixture = MixturePosterior(parts, np.array([0.6, 0.4]), dict.fromkeys(parts))
    (m1, s1), (m2, s2) = (its.moments(PROBES) for its in parts.values())
    mean, std = mixture.moments(PROBES)
    np.testing.assert_allclose(mean, 0.6 * m1 + 0.4 * m2)
    np.testing.assert_allclose(std**2, 0.6 * (s1**2 + m1**2) + 0.4 * (s2**2 + m2**2) - mean**2, rtol=1e-8)
    assert list(mixture.predictions(PROBES)) == ["letters", "net"]


@pytest.mark.parametrize("unit", [2.0**-1000, 2.0**1000])
def test_moments_neither_overflow_nor_vanish_in_any_unit(unit):
    """About 1e-301 and 1e301, whose squares are 0 and infinite."""

    def moments(its: float) -> tuple[Any, Any]:
        rows = [Told(s, its * worth(s), 0.1 * its) for s in DESIGNS]
        return fitted(history_of(SPACE, rows), Auto(candidates={"one": BayesianLinear(), **_PAIRS})).moments(PROBES)

    for found, right in zip(moments(unit), moments(1.0), strict=True):
        np.testing.assert_allclose(found / unit, right, rtol=1e-6)


def test_a_component_on_another_scale_is_converted_to_that_of_the_heaviest():
    """Its draws are values on the mixture's scale, so that they are compared with the same threshold."""
    history = in_rounds(DESIGNS)
    part = Auto(candidates={"ranks": BayesianLinear(), "values": BayesianLinear(transform="standard")})
    parts = fitted(history, part).components
    mixture = MixturePosterior(parts, np.array([0.9, 0.1]), dict.fromkeys(parts))
    values = np.linspace(1.0, 4.0, 7)
    other = parts["values"]
    np.testing.assert_allclose(
        mixture.converted(other, other.to_model_scale(values)), mixture.to_model_scale(values), atol=1e-9
    )


def test_a_candidate_whose_fit_fails_is_left_out_unless_it_is_the_only_one():
    history = in_rounds(DESIGNS)
    with pytest.warns(Notice, match="the candidate 'no' is left out of this decision: no"):
        left = fitted(history, Auto(candidates={"no": Diverging(), "yes": BayesianLinear()}))
    assert list(left.components) == ["yes"]
    with pytest.raises(ConvergenceError):
        fitted(history, Auto(candidates={"no": Diverging()}))


class Broken(Surrogate):
    """A surrogate whose fit has an error, or returns nothing."""

    returns: bool = False

    def fit(self, history: History, rng: np.random.Generator) -> Posterior:
        if self.returns:
            return None  # type: ignore[return-value]
        raise ZeroDivisionError("no")


@pytest.mark.parametrize(("returns", "kind"), [(False, ZeroDivisionError), (True, ContractError)])
def test_an_error_names_the_candidate(returns: bool, kind: type[Exception]):
    part = Auto(candidates={"yes": BayesianLinear(), "mine": Broken(returns=returns)})
    with pytest.raises(kind) as caught:
        fitted(in_rounds(DESIGNS), part)
    assert "strategy.surrogate.candidates.mine" in caught.value.__notes__[0]


def test_a_candidate_has_a_name():
    with pytest.raises(ValueError, match="empty name"):
        Auto(candidates={"": BayesianLinear()})


def test_with_few_designs_only_the_first_candidate_is_fitted():
    assert list(fitted(in_rounds(DESIGNS[:23]), TWO).components) == ["letters"]
    assert list(fitted(in_rounds(DESIGNS[:24]), TWO).components) == ["letters", "net"]


def test_candidates_that_do_not_suit_the_space_are_left_out():
    part = Auto(candidates={"letters": BayesianLinear(), "unsuited": Unsuited()})
    assert list(fitted(in_rounds(DESIGNS), part).components) == ["letters"]
    usual = fitted(in_rounds(DESIGNS), Auto())
    # eight letters, in which motifs cannot move, and values that do not span decades
    assert list(usual.components) == ["letters", "pairs", "pairwise"]
    assert list(Auto().candidates) == list(_USUAL)


def test_a_candidate_that_does_not_suit_the_space_changes_nothing():
    """Pairs of 32 letters at 32 positions are too many: weights and draws are those of the other candidates."""
    space = Space.of_length(states(32), 32)
    history = history_of(space, [Told(s, worth(s), 0.0) for s in distinct(space, 30, seed=2)])
    others = {name: part for name, part in Auto().candidates.items() if "pairwise" not in name}
    usual, left = (fitted(history, part) for part in (Auto(), Auto(candidates=others)))
    assert list(usual.components) == list(left.components)
    np.testing.assert_array_equal(usual.weights, left.weights)
    probes = distinct(space, 10, seed=3)
    draws = [posterior.draw(6, stream(0, "d"))(probes) for posterior in (usual, left)]
    np.testing.assert_array_equal(*draws)


def test_pairwise_epistasis_has_most_of_the_draws_where_it_rules():
    """The value counts equal letters at opposite positions, of which letters and pairs anywhere tell nothing."""
    told = [Told(s, float(sum(s[i] == s[-1 - i] for i in range(4))), 0.0) for s in distinct(SPACE, 200, seed=4)]
    weights = fitted(history_of(SPACE, told), Auto()).notes["weights"]
    assert sum(weight for name, weight in weights.items() if "pairwise" in name) > 0.9
