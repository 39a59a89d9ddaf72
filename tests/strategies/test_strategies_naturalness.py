"""Naturalness is learnt from the corpus and from what was measured, each asked about once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from histories import SPACES, Told, distinct, events_of, history_of, worth

from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.strategies.naturalness import Naturalness

SPACE = SPACES["one length"]
CORPUS = distinct(SPACE, 30, seed=3)


@dataclass
class Counting:
    """An n-gram model that notes how many sequences it is asked about."""

    model: SequenceModel
    asked: list[int] = field(default_factory=list)

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> np.ndarray:
        self.asked.append(len(sequences))
        return self.model.letter_log_likelihoods(sequences)


class Kept(LanguageModel):
    """Gives the same model at every call, as the cache does."""

    counting: Any

    def pretrained(self, corpus: Sequence[str], space: Space) -> SequenceModel:
        return self.counting


def test_the_corpus_and_a_closed_round_are_asked_about_once():
    counting = Counting(Markov().pretrained(CORPUS, SPACE))
    model = Kept(counting=counting)
    sequences = distinct(SPACE, 20, seed=4)
    history = history_of(SPACE, [Told(s, worth(s)) for s in sequences[:12]], corpus=CORPUS)
    first = Naturalness.learnt(model, history)
    assert counting.asked == [30, 12]
    again = Naturalness.learnt(model, history)
    assert counting.asked == [30, 12]
    assert again.weight == first.weight
    later = history.after(events_of([Told(s, worth(s), round=2) for s in sequences[12:]], first=12))
    Naturalness.learnt(model, later)
    assert counting.asked == [30, 12, 8]


def test_asking_by_round_changes_no_belief():
    """An n-gram model scores each sequence by itself, so that one round or several weigh alike."""
    sequences = distinct(SPACE, 20, seed=4)
    rows = [Told(s, "not_expressed" if i % 3 == 0 else worth(s)) for i, s in enumerate(sequences)]
    split = [replace(row, round=1 + i % 4) for i, row in enumerate(rows)]
    one, several = (Naturalness.learnt(Markov(), history_of(SPACE, told, corpus=CORPUS)) for told in (rows, split))
    np.testing.assert_allclose(one.weight, several.weight, rtol=1e-12)
    np.testing.assert_array_equal(one.reference, several.reference)
