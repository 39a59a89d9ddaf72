"""As a run opens it says about how long it will take, and how far a language model's training is."""

import io
import itertools
import re

import pytest
from histories import QUICK, SPACES, distinct, history_of

from designloop.cli.shared.forecast import Forecast, about, forecast
from designloop.core.long_work import Progress, followed
from designloop.generators import LanguageModel
from designloop.language_models import Markov, Transformer
from designloop.progress.campaigns import reporting
from designloop.scheduling import Overlapping, Rounds
from designloop.strategies import ModelGuided, Random, RandomViable

SPACE = SPACES["one length"]
CORPUS = distinct(SPACE, 40, seed=3)
NETWORK = Transformer(depth=1, minibatch=32, steps=4000)


def opened(designs: int | None = 90):
    return history_of(SPACE, corpus=CORPUS, budget={"designs": designs})


def test_batches_are_counted_from_the_budget():
    assert forecast(Random(), Rounds(batch_size=20), opened()).n_batches == 5
    assert forecast(Random(), Rounds(batch_size=20, max_rounds=3), opened(None)).n_batches == 3
    assert forecast(Random(), Overlapping(in_flight=2, batch_size=20), opened(None)).n_batches is None


def test_a_climb_is_estimated_from_a_few_timed_calls_of_its_model(monkeypatch):
    """With a clock on which each call lasts a second, the estimate is in proportion to the generations."""
    seconds = itertools.count()
    monkeypatch.setattr("designloop.cli.shared.forecast.perf_counter", lambda: next(seconds))
    one, hundred = (
        forecast(
            ModelGuided(generator=LanguageModel(model=Markov(), climb=QUICK.with_(generations=n))), Rounds(), opened()
        )
        for n in (1, 100)
    )
    assert one.pretraining == 0
    assert one.batch > 1
    assert hundred.batch - 100 * one.batch == pytest.approx(-99 * forecast(Random(), Rounds(), opened()).batch)


def test_training_is_foretold_by_its_first_steps_and_costs_nothing_where_the_model_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("DESIGNLOOP_CACHE", str(tmp_path))
    few = NETWORK.with_(steps=10)
    assert forecast(RandomViable(model=NETWORK), Rounds(), opened()).pretraining > 0
    assert forecast(RandomViable(model=few), Rounds(), opened()).pretraining > 0
    assert list(tmp_path.iterdir()) == []
    few.pretrained(CORPUS, SPACE)
    assert forecast(RandomViable(model=few), Rounds(), opened()).pretraining == 0


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Forecast(0.0, 1.0, 8), "a few seconds for 8 batches"),
        (Forecast(190.0, 14.0, 8), "about 5 min for 8 batches, including about 3 min to train the language model"),
        (Forecast(0.0, 31.0, None), "about 30 s per batch"),
        (Forecast(0.0, 1.0, 1), "a few seconds for 1 batch"),
    ],
)
def test_a_forecast_in_words(found: Forecast, words: str):
    assert str(found) == words


def test_hours_are_told_too():
    assert about(7400) == "about 2 h"


def test_a_log_says_how_far_training_is_at_each_tenth():
    out = io.StringIO()
    with reporting(out, quiet=False):
        for step in (1, 10, 12, 55, 60, 70, 100):
            _follow()(Progress("training the language model", step, 100, 0.5 * step))
    assert out.getvalue().splitlines() == [
        "training the language model: step 10 of 100, 45 s left",
        "training the language model: step 55 of 100, 22 s left",
        "training the language model: step 70 of 100, 15 s left",
    ]


def _follow():
    from designloop.core import long_work

    follow = long_work._follow.get()
    assert follow is not None
    return follow


def test_a_transformer_in_training_is_followed(tmp_path, monkeypatch):
    """Each step, by its number; a model that is remembered is not trained again."""
    monkeypatch.setenv("DESIGNLOOP_CACHE", str(tmp_path))
    told: list[int] = []
    with followed(lambda work: told.append(work.step)):
        for _ in range(2):
            NETWORK.with_(steps=3, pretrain_seed=77).pretrained(CORPUS, SPACE)
    assert told == [1, 2, 3]


def test_an_oracle_of_ones_own_is_named_beside_the_forecast_that_does_not_count_it(designloop, campaign, tmp_path):
    told = designloop("run", campaign, "--out", tmp_path / "run").err
    assert re.search(r"estimated time: a few seconds for \d+ batch(es)?, plus the time of \S*\.py:\w+", told)
