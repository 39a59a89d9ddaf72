"""The skill of a truth: how well the model behind it predicts what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np

from designloop.core.counting import many
from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.threads import one_thread
from designloop.oracles.held_out import HeldOut
from designloop.surrogates.base import Surrogate

_FOLDS = 5
_FEWEST = 10
"""Measured sequences without which an error says nothing."""
_CLEAR = 1.645
"""Standard errors by which a rank correlation must be above zero: one-sided, 5%."""


@dataclass(frozen=True)
class Skill:
    """What a truth predicts of measured sequences; the error is None if there are too few of them."""

    n: int
    error: HeldOut | None
    is_out_of_fold: bool = True
    """False where an oracle is compared with what was measured, to which it may have been fitted."""
    n_limits: int = 0
    """Sequences beyond a limit of detection, with which nothing is compared."""

    @property
    def is_shown(self) -> bool:
        """Whether the predictions are clearly better than chance."""
        return self.error is not None and self.error.rank_correlation * sqrt(self.n - 1) > _CLEAR

    @property
    def sentence(self) -> str:
        """The errors in words."""
        if not self.n_limits:
            return self._errors
        beyond = f"{many(self.n_limits, 'further sequence')} beyond a limit of detection"
        return f"{self._errors}; not counting {beyond}, whose values are not known"

    @property
    def _errors(self) -> str:
        if self.error is None:
            return f"only {many(self.n, 'sequence')} measured, too few to say how well the model predicts"
        if not self.is_out_of_fold:
            told = f"its values of {many(self.n, 'measured sequence')}, compared with the measured ones: {self.error}"
            return f"{told}; if it was fitted to them, this says little of others"
        return f"of {many(self.n, 'sequence')} measured, each predicted from the others ({_FOLDS} folds): {self.error}"

    @property
    def reason(self) -> str:
        """Why the truth is nearly arbitrary; empty if the model has skill."""
        if self.is_shown:
            return ""
        return "hardly anything is measured" if self.error is None else "its model does not predict what was measured"

    @property
    def warning(self) -> str:
        """What is wrong with the truth; empty if the model has skill."""
        if self.is_shown:
            return ""
        return (
            f"the truth of these simulations is nearly arbitrary, since {self.reason}. They show what the schedule "
            "costs and when results come, but not what they will be worth, nor which strategy is better"
        )

    def as_dict(self) -> dict[str, Any]:
        """The numbers as JSON values."""
        error: Mapping[str, Any] = {}
        if self.error is not None:
            error = {"r2": self.error.r2, "rank_correlation": self.error.rank_correlation, "error": self.error.error}
        return {"n": self.n, **error, "is_shown": self.is_shown}


def skill_of(surrogate: Surrogate, history: History) -> Skill:
    """The skill of a surrogate on the measured sequences of a history, out of fold."""
    sequences = sorted({s for s, is_in in zip(history.sequences, history.is_measured, strict=True) if is_in})
    n = len(sequences)
    if n < _FEWEST:
        return Skill(n, None)
    places = stream(0, "rehearsal", "folds").permutation(n) % _FOLDS
    fold_of = dict(zip(sequences, places.tolist(), strict=True))
    predicted = dict[str, float]()
    with one_thread():
        for fold in range(_FOLDS):
            asked = [sequence for sequence in sequences if fold_of[sequence] == fold]
            posterior = surrogate.fit(_without(history, frozenset(asked)), stream(0, "rehearsal", "fold", fold))
            predicted |= dict(zip(asked, map(float, posterior.moments(asked)[0]), strict=True))
    return _compared(predicted, history, n - n // _FOLDS)


def skill_of_values(values: Mapping[str, float], history: History) -> Skill:
    """The skill of an oracle: its values (sequence -> value) compared with the measured ones."""
    found = _compared({s: v for s, v in values.items() if np.isfinite(v)}, history, 0)
    return replace(found, is_out_of_fold=False)


def _compared(predicted: Mapping[str, float], history: History, n_fitted: int) -> Skill:
    """The predictions compared with the values that were read; a limit of detection is no value."""
    measured = [i for i in np.flatnonzero(history.is_measured).tolist() if history.sequences[i] in predicted]
    rows = [i for i in measured if history.sides[i] == 0]
    n = len({history.sequences[i] for i in rows})
    n_limits = len({history.sequences[i] for i in measured}) - n
    if n < _FEWEST:
        return Skill(n, None, n_limits=n_limits)
    told = np.array([predicted[history.sequences[i]] for i in rows])
    return Skill(n, HeldOut.of(told, history.values[rows], n_fitted), n_limits=n_limits)


def _without(history: History, sequences: frozenset[str]) -> History:
    """The history without the rows of some sequences."""
    rows = {key: row for key, row in history.rows.items() if row.design.sequence not in sequences}
    return replace(history, rows=rows)
