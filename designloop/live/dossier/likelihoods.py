"""How likely the designs are under the language model of the strategy, compared with natural sequences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.clock import duration
from designloop.core.faults import within
from designloop.language_models.base import LanguageModel, SequenceModel, per_letter
from designloop.live.dossier.knowledge import Knowledge

_MOST_NATURAL = 200
"""Natural sequences with which designs are compared, evenly spread over the corpus."""
_MOST_SECONDS = 30.0
"""Estimated time of a training that a dossier does not wait for."""


@dataclass(frozen=True)
class Likelihoods:
    """Log-likelihoods in nats per letter, (n,); empty where there are none. `about` says of which model, or why."""

    values: NDArray[np.float64]
    shares: NDArray[np.float64]
    """Share of natural sequences that are less likely than each design, (n,); empty without a corpus."""
    about: str

    @classmethod
    def of(cls, knowledge: Knowledge, sequences: Sequence[str]) -> "Likelihoods":
        """Those of the designs of a round, under the model that the strategy proposes and judges with."""
        strategy, known = knowledge.campaign.strategy, knowledge.history.known
        model = next((part for part in within(strategy) if isinstance(part, LanguageModel)), None)
        if model is None:
            return _none(f"the strategy {strategy.kind} has no language model")
        space = knowledge.history.space
        kept, seconds = model.rehearsed(known.corpus, space)
        if seconds > _MOST_SECONDS:
            return _none(f"the language model is not in the cache, and to train it takes about {duration(seconds)}")
        trained = model.pretrained(known.corpus, space) if seconds else kept
        values = _per_letter(trained, sequences)
        if not known.corpus and np.ptp(values) < 1e-9:  # equal but for rounding
            return _none("without natural sequences (`prior.corpus`), the language model takes all sequences as equal")
        if not known.corpus:
            return cls(values, np.zeros(0), f"language model {model.kind}, in nats per letter")
        at = np.linspace(0, len(known.corpus) - 1, min(len(known.corpus), _MOST_NATURAL)).astype(int)
        natural = np.sort(_per_letter(trained, [known.corpus[i] for i in at]))
        shares = np.searchsorted(natural, values, side="left") / len(natural)
        return cls(values, shares, f"language model {model.kind}, compared with {len(natural):,} natural sequences")


def _none(why: str) -> Likelihoods:
    return Likelihoods(np.zeros(0), np.zeros(0), why)


def _per_letter(model: SequenceModel, sequences: Sequence[str]) -> NDArray[np.float64]:
    return per_letter(model.log_likelihood(sequences), sequences)
