"""Candidates from a language model keep to what nature shows."""

import numpy as np
import pytest
from histories import QUICK, SPACES, Told, history_of, worth

from designloop.core.random import stream
from designloop.generators import LanguageModel
from designloop.generators.base import Score
from designloop.generators.language_model import _tilted
from designloop.language_models import Markov, Transformer
from designloop.language_models.base import Adaptation

SPACE = SPACES["one length"]
NATURAL = ["ACACACAC", "CACACACA", "ACACGTGT", "GTGTACAC", "CACAGTGT"]
PAIRS = {s[i : i + 2] for s in NATURAL for i in range(7)}
PART = LanguageModel(model=Markov(pseudocount=1e-6), climb=QUICK)


def landscape(sequences) -> np.ndarray:
    return np.array([[worth(s) for s in sequences]])


def novel(sequence: str) -> int:
    """Pairs of neighbours that no natural sequence shows."""
    return sum(sequence[i : i + 2] not in PAIRS for i in range(7))


def test_samples_show_only_pairs_that_nature_shows():
    found = PART.propose(history_of(SPACE, corpus=NATURAL), 20, stream(0, "g"))
    assert len(found) == 20
    assert sum(map(novel, found)) == 0


def test_climbing_keeps_to_what_the_model_writes():
    """Infilled children stay natural even where the score would rather not."""
    history = history_of(SPACE, [Told(s, worth(s)) for s in NATURAL], corpus=NATURAL)
    found = PART.propose(history, 10, stream(0, "g"), score=Score(landscape))
    assert sum(novel(sequence) > 2 for sequence in found) <= len(found) // 5


def test_an_objective_is_short_for_a_transformer_of_it():
    part = LanguageModel.model_validate({"objective": "any-order"})
    assert part.model == Transformer(objective="any-order")
    assert LanguageModel.model_validate({k: v for k, v in part.describe().items() if k != "kind"}) == part


def test_an_objective_and_a_model_are_one_too_many():
    with pytest.raises(ValueError, match=r"give one of the two"):
        LanguageModel(objective="causal", model=Markov())


def test_its_model_is_shared_with_the_strategy():
    assert PART.language_model() == Markov(pseudocount=1e-6)


def test_an_adapted_model_likes_its_best_designs_better_and_the_pretrained_one_stays_as_it_was():
    """Of two families, the better one gains likelihood once designs of both are measured."""
    told = [Told("ACACACAC", 9.0), Told("ACACGTAC", 8.0), Told("GTGTGTGT", 0.0), Told("GTGTACGT", 0.5)]
    history = history_of(SPACE, told, corpus=NATURAL)
    frozen, adapted = PART, PART.with_(adapt=Adaptation(kl=0.1, sharpness=3.0))
    models = [part._network(history, stream(0, "g")) for part in (frozen, adapted, frozen)]
    gain = [float(np.diff(model.log_likelihood(["GTGTGTGT", "ACACACAC"]))[0]) for model in models]
    assert gain[1] > gain[0] + 2.0
    assert gain[2] == gain[0]
    assert adapted.propose(history, 9, stream(0, "g")) == adapted.propose(history, 9, stream(0, "g"))


def test_nothing_measured_is_nothing_to_adapt_to():
    history = history_of(SPACE, corpus=NATURAL)
    adapted = PART.with_(adapt=Adaptation())
    assert adapted.propose(history, 10, stream(0, "g")) == PART.propose(history, 10, stream(0, "g"))


def test_guidance_tilts_infilling_towards_the_score():
    """Of a child's fillings the better one is drawn more often, the more so the stronger the guidance."""
    weak, strong = (_tilted(np.array([[0.0, 1.0], [1.0, 0.0]]), guidance) for guidance in (0.1, 5.0))
    np.testing.assert_allclose(weak[0, 0] / weak[0, 1], np.exp(-0.1 / 0.5))
    assert strong[0, 0] < 1e-3 < strong[0, 1] == 1.0


def test_guided_climbing_finds_candidates_of_the_space():
    history = history_of(SPACE, [Told(s, worth(s)) for s in NATURAL], corpus=NATURAL)
    found = PART.with_(guidance=2.0).propose(history, 10, stream(0, "g"), score=Score(landscape))
    assert len(found) >= 10
    assert history.space.contains(found).all()
