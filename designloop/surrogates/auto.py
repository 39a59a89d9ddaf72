"""Auto: several surrogates, of which those that predicted better count more. The draws of a batch are shared out."""

from collections.abc import Mapping

import numpy as np
from pydantic import Field, field_validator

from designloop.core.errors import ConvergenceError
from designloop.core.history import History
from designloop.core.notices import warn
from designloop.core.random import seed_from
from designloop.surrogates.base import Floats, Posterior, Surrogate, check_posterior
from designloop.surrogates.mixture import MixturePosterior
from designloop.surrogates.past import evidence
from designloop.surrogates.scale import Measured

_LEAST = 0.05
"""Share of the draws that all candidates have in equal parts, whatever they predicted."""
_FEWEST = 24
"""With fewer measured designs, only the first candidate is fitted."""


_PAIRS = {"kind": "bayesian-linear", "features": "gapped-pairs"}
_USUAL = {
    "letters": {"kind": "bayesian-linear"},
    "pairs": {**_PAIRS, "transform": "ranks"},
    "log-pairs": {**_PAIRS, "transform": "asinh"},
    "motifs": {"kind": "motifs"},
    "pairwise": {"kind": "bayesian-linear", "features": "pairwise"},
}


def _usual() -> dict[str, Surrogate]:
    return {name: Surrogate._read(part) for name, part in _USUAL.items()}


class Auto(Surrogate):
    """Candidate surrogates, weighed by how well each predicted what came back, out of fold and batch by batch.

    Each draw is from one candidate, and candidates have draws in proportion to their weights. What each candidate
    predicts is recorded with every design, and the report shows weights and predictions by round.
    """

    candidates: dict[str, Surrogate] = Field(
        default_factory=_usual, min_length=1, description="surrogates by name; the first is also used with few designs"
    )
    decay: float = Field(
        0.6, gt=0, le=1, description="weight of a round's predictions, relative to those of the round after it"
    )
    confidence: float = Field(
        0.1, gt=0, le=1, description="designs that each measured design counts as when candidates are compared"
    )

    @field_validator("candidates")
    @classmethod
    def _are_named(cls, candidates: dict[str, Surrogate]) -> dict[str, Surrogate]:
        if "" in candidates:
            raise ValueError("a candidate has an empty name; give it one of at least a letter")
        return candidates

    def fit(self, history: History, rng: np.random.Generator) -> MixturePosterior:
        """The candidates' posteriors and their weights."""
        measured = Measured.of(history)
        fitted = self._fitted(history, len(measured.values), rng)
        gains = evidence(fitted, measured, history, decay=self.decay)
        return MixturePosterior(fitted, _weights(gains.total * self.confidence), gains.out_of_fold)

    def _fitted(self, history: History, n: int, rng: np.random.Generator) -> Mapping[str, Posterior]:
        """The posteriors of candidates that suit the space; one whose fit does not converge is left out, and told."""
        found: dict[str, Posterior] = {}
        failed: dict[str, ConvergenceError] = {}
        for i, (name, part) in enumerate(self.candidates.items()):
            its = np.random.default_rng(seed_from(rng))
            if i and (n < _FEWEST or not part.suits(history)):
                continue
            try:
                found[name] = _posterior(name, part, history, its)
            except ConvergenceError as error:
                failed[name] = error
        if not found:
            raise next(iter(failed.values()))
        for name, why in failed.items():
            warn(f"the candidate '{name}' is left out of this decision: {why}")
        return found


def _posterior(name: str, part: Surrogate, history: History, rng: np.random.Generator) -> Posterior:
    """The checked posterior of a candidate; other errors than those of convergence say which candidate it was."""
    try:
        posterior = part.fit(history, rng)
        check_posterior(posterior, part)
    except ConvergenceError:
        raise
    except Exception as error:
        error.add_note(f"in the fit of the candidate '{name}' (strategy.surrogate.candidates.{name})")
        raise
    return posterior


def _weights(gains: Floats) -> Floats:
    """Weights of candidates, of sum one, from their log evidence."""
    shares = np.exp(gains - gains.max())
    return np.asarray(_LEAST / len(gains) + (1.0 - _LEAST) * shares / shares.sum())
