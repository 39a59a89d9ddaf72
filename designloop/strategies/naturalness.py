"""Naturalness as a model of viability: is the least likely letter of a sequence as likely as in natural sequences?"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from designloop.core.cache import remembered_of
from designloop.core.history import History
from designloop.core.records import Outcome
from designloop.language_models.base import LanguageModel, SequenceModel

_PRIOR = 0.9
"""Prior probability that only sequences that look natural are viable. A judgement."""
_MAX_REFERENCE = 2000
_TAIL = 0.02
"""The gate closes below this share of natural sequences. A judgement."""
_LEAST = 1e-4
_MOST_REMEMBERED = 256
"""Sets of sequences: the corpus, and each round of a campaign."""


@dataclass(frozen=True)
class Naturalness:
    """P(viable) as a mixture of two hypotheses: viability follows naturalness, or it does not.

    Under the first, P is one if the least likely letter is as likely as in all but the oddest natural sequences, and
    falls towards zero below them. Under the second, P is the same for all. Outcomes weigh the two (Bayes); a design
    that looks unnatural and gave a value is strong evidence against the first.
    """

    model: SequenceModel
    reference: NDArray[np.float64]
    """Least letter log-likelihoods of natural sequences, sorted, (m,)."""
    weight: float
    """Posterior probability of the first hypothesis."""

    @classmethod
    def learnt(cls, model: LanguageModel, history: History) -> "Naturalness | None":
        """The model after this history; None without a corpus, since there is no reference for naturalness."""
        corpus = history.known.corpus
        if not corpus:
            return None
        network = model.pretrained(corpus, history.space)
        spread = np.linspace(0, len(corpus) - 1, min(len(corpus), _MAX_REFERENCE)).astype(int)
        reference = np.sort(_remembered_least(network, [corpus[i] for i in spread]))
        view = cls(network, reference, _PRIOR)
        return cls(network, reference, view._weighed(history))

    def gate(self, least: NDArray[np.float64]) -> NDArray[np.float64]:
        """P(viable) under the first hypothesis, (n,), from the log-likelihood of each sequence's least likely letter.

        Below the oddest natural sequences, it falls like the likelihood.
        """
        rank = np.searchsorted(self.reference, least, side="right") + 0.5
        tail = np.exp(np.minimum(least - self.reference[0], 0.0))
        return np.asarray(np.clip(np.minimum(rank / (_TAIL * len(self.reference)), 1.0) * tail, _LEAST, 1.0))

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Log of P(viable) up to the background rate, (n,), never above zero."""
        if len(sequences) == 0:
            return np.zeros(0)
        return np.asarray(np.log(self.weight * self.gate(_least(self.model, sequences)) + (1.0 - self.weight)))

    def _weighed(self, history: History) -> float:
        """Posterior probability of the first hypothesis, given values and `not_expressed`."""
        spoke = sorted(
            (int(round_), sequence, outcome.has_value)
            for round_, sequence, outcome in zip(history.rounds, history.sequences, history.outcomes, strict=True)
            if outcome.has_value or outcome is Outcome.NOT_EXPRESSED
        )
        if not spoke:
            return self.weight
        viable = np.array([has_value for _, _, has_value in spoke])
        # By round, so that closed rounds are not scored again.
        rounds = [[row[1] for row in rows] for _, rows in groupby(spoke, key=itemgetter(0))]
        gate = self.gate(np.concatenate([_remembered_least(self.model, sequences) for sequences in rounds]))
        n_viable = viable.sum() + 1.0
        by_nature = np.clip(gate * min(n_viable / (gate.sum() + 1.0), 1.0), _LEAST, 1.0 - 1e-3)
        by_chance = np.clip(n_viable / (len(viable) + 2.0), _LEAST, 1.0 - 1e-3)
        evidence = np.where(viable, np.log(by_nature / by_chance), np.log((1 - by_nature) / (1 - by_chance))).sum()
        odds = np.log(self.weight / (1.0 - self.weight)) + evidence
        return float(np.clip(1.0 / (1.0 + np.exp(-np.clip(odds, -50, 50))), 0.0, 0.999))


def viable_first(view: Naturalness | None, sequences: list[str], rng: np.random.Generator) -> list[str]:
    """The sequences in random order, drawn by their P(viable) if there is a view of it; all of them are kept."""
    rank = rng.random(len(sequences))
    if view is not None:
        rank = view(sequences) - np.log(-np.log(rank))  # Gumbel's trick
    return [sequences[i] for i in np.argsort(-rank, kind="stable")]


def _least(model: SequenceModel, sequences: Sequence[str]) -> NDArray[np.float64]:
    """The log-likelihood of each sequence's least likely letter, (n,)."""
    return np.asarray(model.letter_log_likelihoods(sequences).min(axis=1))


def _remembered_least(model: SequenceModel, sequences: Sequence[str]) -> NDArray[np.float64]:
    """The same, with a cache: every decision needs it for the corpus and for measured designs."""
    key = sha256("\n".join(sequences).encode()).hexdigest()
    return remembered_of(model, "least letters", key, lambda: _least(model, sequences), most=_MOST_REMEMBERED)
