"""Candidates from a language model keep to what nature shows."""

import numpy as np
from histories import QUICK, SPACES, Told, history_of, worth

from designloop.core.random import stream
from designloop.generators import LanguageModel
from designloop.generators.base import Score
from designloop.language_models import Markov, Transformer

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


def test_its_model_is_shared_with_the_strategy():
    assert PART.language_model() == Markov(pseudocount=1e-6)
