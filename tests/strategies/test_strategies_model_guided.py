"""Model-guided: it learns, keeps away from what fails, and says what it predicts."""

import numpy as np
import pytest
from histories import (
    GENERATORS,
    QUICK,
    SPACES,
    SURROGATES,
    Told,
    busy_history,
    distinct,
    events_of,
    history_of,
    observed,
    picks,
    worth,
)

from designloop.acquisition import UCB, Thompson
from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.records import Order, Start
from designloop.generators import Enumerate, LanguageModel, Mutation
from designloop.generators.base import Score
from designloop.language_models import Markov
from designloop.strategies import ModelGuided, Random
from designloop.surrogates import BayesianLinear
from designloop.surrogates.base import Surrogate
from designloop.surrogates.bayesian_linear import LinearPosterior

SPACE = SPACES["one length"]
GUIDED = ModelGuided(generator=Mutation(climb=QUICK), surrogate=BayesianLinear(), acquisition=Thompson())


def test_its_batch_is_better_than_what_it_has_seen():
    """On an additive landscape the mean of the next batch beats the best quarter of a random start."""
    sequences = distinct(SPACE, 60)
    history = history_of(SPACE, [Told(s, worth(s)) for s in sequences])
    batch = [worth(s) for s in picks(GUIDED, history, n=10)]
    assert np.mean(batch) > np.quantile([worth(s) for s in sequences], 0.75)
    assert np.mean(batch) > np.mean([worth(s) for s in picks(Random(), history, n=10)])


def test_each_choice_says_where_it_comes_from_and_what_was_predicted():
    proposal = GUIDED.propose(busy_history(SPACE), Order(5), stream(0, "s"))
    for choice in proposal.choices:
        assert choice.origin == "mutation"
        assert np.isfinite([choice.mean, choice.std, choice.viability]).all()
        assert 0 < choice.viability <= 1
        assert choice.std > 0


def test_predictions_are_in_the_units_of_the_assay():
    plain, moved = (
        GUIDED.propose(busy_history(SPACE, shift=shift), Order(5), stream(0, "s")).choices for shift in (0.0, 512.0)
    )
    for one, other in zip(plain, moved, strict=True):
        assert other.mean == pytest.approx(one.mean + 512.0, abs=1e-6)


def test_starting_sequences_without_values_are_built_first():
    """The first batch builds them before anything is proposed."""
    starts = [Start(s) for s in distinct(SPACE, 3)]
    batch = GUIDED.propose(history_of(SPACE, starts=starts), Order(5), stream(0, "s")).choices
    assert [choice.sequence for choice in batch[:3]] == [start.sequence for start in starts]
    assert [choice.origin for choice in batch] == ["start"] * 3 + ["mutation"] * 2


def test_starting_values_alone_are_enough_to_learn_from():
    starts = [Start(s, worth(s)) for s in distinct(SPACE, 40)]
    batch = picks(GUIDED, history_of(SPACE, starts=starts), n=10)
    assert np.mean([worth(s) for s in batch]) > np.mean([worth(start.sequence) for start in starts])


def test_what_failed_is_kept_away_from():
    """Where sequences with GG are not expressed, few of the next batch have it, though they promise most."""

    def told(sequence: str) -> Told:
        return Told(sequence, "not_expressed" if "GG" in sequence else 5.0 + sequence.count("G"))

    history = history_of(SPACE, [told(s) for s in distinct(SPACE, 120)])
    aware, blind = (
        sum("GG" in s for s in picks(GUIDED.with_(viability_weight=weight), history, n=16)) for weight in (1.0, 0.0)
    )
    assert aware < blind
    assert aware <= 5


def test_pending_designs_are_believed_within_the_acquisition_alone(monkeypatch: pytest.MonkeyPatch):
    """All of them at once, at their mean, for climbing and for choosing; what is predicted of a choice knows nothing
    of it.
    """
    believed, predicted = [], []
    condition, moments = LinearPosterior.condition, LinearPosterior.moments

    def noted(self: LinearPosterior, sequences, values):
        np.testing.assert_array_equal(values, self.model_moments(sequences)[0])
        believed.append(list(sequences))
        return condition(self, sequences, values)

    def asked(self: LinearPosterior, sequences):
        predicted.append(self.values)
        return moments(self, sequences)

    monkeypatch.setattr(LinearPosterior, "condition", noted)
    monkeypatch.setattr(LinearPosterior, "moments", asked)
    history = busy_history(SPACE)
    picks(GUIDED, history)
    assert believed == [sorted(history.pending_sequences)] * 2
    fitted = GUIDED.surrogate.fit(history, stream(0, "any"))
    np.testing.assert_array_equal(predicted, [fitted.values])


def test_what_is_in_the_lab_is_not_chosen_again():
    """Though it promised most, and nothing was learnt since."""
    guided = ModelGuided(generator=Enumerate(), acquisition=UCB(beta=3.0), viability_weight=0)
    history = busy_history(SPACES["pool"], n_pending=0)
    first = picks(guided, history, n=4)
    waiting = history.after(events_of([Told(s, None, round=2) for s in first], first=history.n_designs))
    assert not set(first) & set(picks(guided, waiting, n=4))


def test_its_recommendation_is_the_highest_posterior_mean():
    history = busy_history(SPACE)
    posterior = GUIDED.surrogate.fit(history, stream(0, "r"))
    measured = [int(i) for i in history.ids[history.is_measured]]
    best = max(measured, key=lambda i: posterior.model_moments([history.rows[i].design.sequence])[0][0])
    named = GUIDED.recommend(history, stream(0, "r"))
    assert named is not None
    assert named.id == best


def test_equal_values_alone_do_not_set_the_surrogate_to_work():
    """One distinct value says nothing about what to climb: proposals are free."""
    history = history_of(SPACE, [Told(s, 0.0) for s in distinct(SPACE, 10)])
    proposal = GUIDED.propose(history, Order(4), stream(0, "s"))
    assert all(choice.mean is None for choice in proposal.choices)


def test_the_parts_it_is_made_of_may_be_any():
    """A mixture of a language model and mutations guides as one generator."""
    guided = ModelGuided(generator=GENERATORS["mixture"])
    assert len(picks(guided, busy_history(SPACES["edit budget"]), n=5)) == 5
    assert ModelGuided(generator=LanguageModel(model=Markov())).generator.language_model() == Markov()


def fits_of(surrogate: Surrogate, history: History, monkeypatch: pytest.MonkeyPatch) -> list[History]:
    """The histories that a surrogate was fitted to while a strategy recommended and proposed."""
    fitted, fit = list[History](), type(surrogate).fit

    def counted(self: Surrogate, history: History, rng: np.random.Generator) -> object:
        fitted.append(history)
        return fit(self, history, rng)

    monkeypatch.setattr(type(surrogate), "fit", counted)
    strategy = GUIDED.with_(surrogate=surrogate)
    strategy.recommend(history, stream(0, "r"))
    strategy.propose(history, Order(5), stream(0, "s"))
    return fitted


@pytest.mark.parametrize("surrogate", [BayesianLinear(), SURROGATES["deep-ensemble"]])
def test_recommending_and_proposing_share_a_fit(surrogate, monkeypatch):
    """Also one that draws random numbers: its stream is named by the history."""
    assert len(fits_of(surrogate, busy_history(SPACE), monkeypatch)) == 1


@pytest.mark.parametrize("surrogate", [BayesianLinear(), SURROGATES["deep-ensemble"]])
def test_a_proposal_is_the_same_after_a_recommendation_and_without(surrogate):
    strategy, one, other = GUIDED.with_(surrogate=surrogate), busy_history(SPACE), busy_history(SPACE)
    strategy.recommend(one, stream(0, "r"))
    assert strategy.propose(one, Order(5), stream(0, "s")) == strategy.propose(other, Order(5), stream(0, "s"))


def test_a_value_at_a_limit_is_worth_no_more_than_the_model_says():
    """Below detection, a mean under the limit is not raised towards it; above it, one over the limit is not lowered.

    One far beyond the limit stays where it is, for it explains the limit already.
    """
    rows = distinct(SPACE, 40)
    values = np.array([worth(s) for s in rows])
    low, high = np.quantile(values, [0.3, 0.9])
    sides = {"below_detection": values < low, "above_detection": values > high}
    events = [event for i, s in enumerate(rows) for event in events_of([Told(s, None)], first=i)]
    for i, value in enumerate(np.clip(values, low, high)):
        outcome = next((word for word, is_beyond in sides.items() if is_beyond[i]), "observed")
        events.append(observed(i, float(value), 0.01, outcome=outcome))
    history = history_of(SPACE).after(events)
    posterior = BayesianLinear().fit(history, stream(0, "fit"))
    mean, worths = posterior.model_means(history.sequences), GUIDED._worth(posterior, history)
    limits = posterior.to_model_scale(history.values)
    inside = np.where(history.sides < 0, mean < limits, mean > limits)
    assert inside[history.sides != 0].sum() > 5
    further = history.sides * (worths - mean)
    assert (further[inside & (history.sides != 0)] >= 0).all()
    assert (history.sides * (worths - limits))[history.sides != 0].min() > 0
    far = inside & (history.sides != 0) & (np.abs(mean - limits) > 3.0 * further.max())
    assert far.any()
    assert further[far].max() < further.max() / 5


def test_parents_are_chosen_by_what_is_expected_of_them(monkeypatch: pytest.MonkeyPatch):
    """The score tells the worth of measured designs, with their own measurement, and the means of pending ones."""
    seen: list[Score] = []
    climb = Mutation.propose

    def noted(self, history, n, rng, *, score=None):
        seen.append(score)
        return climb(self, history, n, rng, score=score)

    monkeypatch.setattr(Mutation, "propose", noted)
    history = busy_history(SPACE)
    picks(GUIDED, history)
    posterior = GUIDED.surrogate.fit(history, stream(0, "any"))
    measured, worths = np.flatnonzero(history.is_measured), GUIDED._worth(posterior, history)
    asked = [*history.pending_sequences, *(history.sequences[i] for i in measured)]
    expected = [*posterior.model_moments(history.pending_sequences)[0], *worths[measured]]
    assert seen[0].worth is not None
    np.testing.assert_allclose(seen[0].worth(asked), expected)
