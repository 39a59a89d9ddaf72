"""Judging: a surrogate's mean and log P(viable) as one score of sequences, for strategies that take the highest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from designloop.core.history import History
from designloop.core.records import Choice
from designloop.language_models.base import LanguageModel
from designloop.strategies.naturalness import Naturalness
from designloop.surrogates.base import Floats, Posterior, Surrogate, fit_once, model_means

_LEAST = 1e-9


@dataclass(frozen=True)
class Judge:
    """What a strategy believes of values and of viability. It does not include pending designs."""

    posterior: Posterior
    view: Naturalness | None

    @classmethod
    def taught(cls, surrogate: Surrogate, model: LanguageModel | None, history: History) -> "Judge":
        """The surrogate after this history, and naturalness if there is a language model and a corpus."""
        view = Naturalness.learnt(model, history) if model is not None else None
        return cls(fit_once(surrogate, history), view)

    def log_viability(self, sequences: Sequence[str]) -> Floats:
        """Log P(viable), (n,), from outcomes and from naturalness."""
        logs = np.log(np.clip(self.posterior.viability(sequences), _LEAST, 1.0))
        return np.asarray(logs if self.view is None else logs + self.view(sequences))

    def score(self, sequences: Sequence[str]) -> Floats:
        """Mean on the model's scale + log P(viable), (n,)."""
        return np.asarray(model_means(self.posterior, sequences) + self.log_viability(sequences))

    def choices(self, sequences: Sequence[str], origin: str, parents: Mapping[str, str]) -> list[Choice]:
        """Choices with their predictions, in the assay's units, and the parents of those that were bred."""
        if len(sequences) == 0:
            return []
        columns = (*self.posterior.moments(sequences), np.exp(self.log_viability(sequences)))
        rows = zip(sequences, *(column.tolist() for column in columns), strict=True)
        return [Choice(s, origin, mean, std, viable, parent=parents.get(s)) for s, mean, std, viable in rows]
