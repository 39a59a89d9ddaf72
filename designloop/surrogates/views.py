"""What a linear model looks at: one-hot letters, a language model's embedding, or both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from designloop.core.history import History
from designloop.core.spaces import Space
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.surrogates.base import Floats
from designloop.surrogates.features import letter_places, one_hot

_MAX_LOOKED_UP = 2_000_000
_MAX_REFERENCE = 500
_LEAST_SHARE = 1e-4
"""Directions in which natural sequences vary less than this share of the widest one are noise. A judgement."""


class View(Protocol):
    """Features of sequences, and what a Gaussian over their weights says of sums of them."""

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Features, (n, D)."""
        ...

    def moments(self, sequences: Sequence[str], mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
        """Mean, (n,) or (k, n), and variance, (n,), of features · weights, from theirs: (D,) or (k, D), and (D, D)."""
        ...


@dataclass(frozen=True)
class OneHot:
    """A one for each letter at each place."""

    space: Space

    def __call__(self, sequences: Sequence[str]) -> Floats:
        return one_hot(self.space.padded_codes(sequences), len(self.space.alphabet))

    def moments(self, sequences: Sequence[str], mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
        """Sums over the letters that stand there: of L weights for a mean, of L² covariances for a variance."""
        places = letter_places(self.space.padded_codes(sequences), len(self.space.alphabet))
        mean, covariance = _with_nothing(mean, 1), _with_nothing(covariance, 2)
        chunk = max(1, _MAX_LOOKED_UP // max(places.shape[1] ** 2, 1))
        parts = [places[i : i + chunk] for i in range(0, len(places), chunk)]
        variances = [covariance[p[:, :, None], p[:, None, :]].sum(axis=(1, 2)) for p in parts]
        return mean[..., places].sum(axis=-1), np.concatenate([np.zeros(0), *variances])


@dataclass(frozen=True)
class Embedded:
    """A language model's embedding, turned to the directions in which natural sequences vary, each to variance one."""

    model: SequenceModel
    centre: Floats
    directions: Floats
    """(width, d)."""
    beside: OneHot | None
    """Letters that stand beside it, if any."""

    @classmethod
    def learnt(cls, description: LanguageModel, history: History, beside: OneHot | None) -> "Embedded":
        """The view of this history's corpus, or without one of what it has measured; in whatever order of rows."""
        known = sorted(set(history.known.corpus) or {history.sequences[i] for i in np.flatnonzero(history.is_measured)})
        model = description.pretrained(history.known.corpus, history.space)
        spread = np.linspace(0, len(known) - 1, min(len(known), _MAX_REFERENCE)).astype(int)
        found = model.embed([known[i] for i in spread])
        centre = found.mean(axis=0) if len(found) else np.zeros(found.shape[1])
        _, lengths, axes = np.linalg.svd(found - centre, full_matrices=False)
        axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]  # else each sign is by chance
        kept = lengths**2 > _LEAST_SHARE * max(float((lengths**2).max(initial=0.0)), 1e-12)
        scale = np.sqrt(len(found) * history.space.max_length / max(int(kept.sum()), 1))  # as long as one-hot rows
        return cls(model, centre, axes[kept].T * (scale / lengths[kept]), beside)

    def __call__(self, sequences: Sequence[str]) -> Floats:
        own = (self.model.embed(sequences) - self.centre) @ self.directions
        return own if self.beside is None else np.hstack([own, self.beside(sequences)])

    def moments(self, sequences: Sequence[str], mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
        features = self(sequences)
        return (features @ mean.T).T, np.einsum("nd,nd->n", features @ covariance, features)


def _with_nothing(weights: Floats, n_axes: int) -> Floats:
    """The array with a zero behind the end of its last axes: what stands where no letter does."""
    return np.pad(weights, [(0, 0)] * (weights.ndim - n_axes) + [(0, 1)] * n_axes)
