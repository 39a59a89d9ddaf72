"""Enumeration of a small space: every sequence is a candidate."""

import numpy as np
from pydantic import Field

from designloop.core.history import History
from designloop.core.notices import warn
from designloop.generators.base import Generator, Score
from designloop.language_models.base import LanguageModel


class Enumerate(Generator):
    """Free: uniform draws without replacement. With a score: the best of all sequences, for each of its functions."""

    most: int = Field(
        200_000,
        ge=1,
        le=2_000_000,
        description="maximum number of sequences to score; of a larger space, a random sample is scored",
    )
    model: LanguageModel | None = Field(
        None, description="language model that estimates viability for a strategy; none: no estimate"
    )

    def language_model(self) -> LanguageModel | None:
        """The model for a strategy; the generator itself does not use it."""
        return self.model

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        """Free sequences of the space: n of them, or the best for each function. Warns if it scores only a sample."""
        members = [sequence for sequence in history.space.enumerate() if sequence not in history.taken]
        if score is None:
            return [members[i] for i in rng.permutation(len(members))[:n]]
        if len(members) > self.most:
            warn(
                f"generator 'enumerate' scores {self.most:,} of {len(members):,} sequences, drawn at random; "
                "raise `most` to score all, or use another generator"
            )
            members = [members[i] for i in np.sort(rng.choice(len(members), self.most, replace=False))]
        return _best_of_each(members, score, n)


def _best_of_each(members: list[str], score: Score, n: int, chunk: int = 50_000) -> list[str]:
    """The n best members under each function, or more, so that each function has enough after removing duplicates."""
    depth = min(len(members), max(n, 1) if score.n_functions > 1 else 4 * n)
    totals = np.hstack([score.total(members[i : i + chunk]) for i in range(0, len(members), chunk)])
    best = np.argpartition(-totals, depth - 1, axis=1)[:, :depth] if depth < totals.shape[1] else _all_places(totals)
    ranked = np.take_along_axis(best, np.argsort(-np.take_along_axis(totals, best, 1), axis=1, kind="stable"), 1)
    return [members[i] for i in dict.fromkeys(int(i) for i in ranked.T.ravel())]


def _all_places(totals: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.arange(totals.shape[1]), totals.shape)
