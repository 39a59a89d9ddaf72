"""A Bayesian linear model of letters, pairs or embeddings: exact posterior and draws, scales by the evidence."""

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from designloop.core.history import History
from designloop.surrogates.base import Surrogate
from designloop.surrogates.embeddings import EmbeddingField, features_of
from designloop.surrogates.gapped_pairs import GappedPairs
from designloop.surrogates.linear_posterior import LinearPosterior
from designloop.surrogates.pairwise import Pairwise
from designloop.surrogates.regression import Regression, scales
from designloop.surrogates.scale import Measured
from designloop.surrogates.views import View

PAIR_SHARES = (0.0, 0.3, 0.6, 0.9)
"""Shares of pairs in the variance between sequences, of which the evidence chooses one."""


class BayesianLinear(Surrogate):
    """value = bias + Σ weight · feature + residual + measurement error, on a monotone scale of the measured values.

    Features are one-hot letters, or the embedding of a language model if `embedding` is set, and pairs of letters
    beside them if `features` says so. The residual variance maximises the evidence; measurement errors come from the
    history. Values beyond a detection limit enter by their likelihood.
    """

    transform: Literal["ranks", "standard", "unit", "asinh", "auto"] = Field(
        "ranks",
        description="scale of the values. ranks: normal scores of the ranks; standard: mean 0, variance 1; unit: from "
        "0 (lowest) to 1 (highest); asinh: linear below the measurement error and logarithmic above it, but ranks "
        "unless values span decades above zero, so that a constant added to all values matters; auto: ranks or asinh, "
        "whichever orders left-out designs better",
    )
    emphasis: float = Field(
        1.0,
        ge=0,
        description="how much more good designs count: weight (2 · rank share) ** emphasis, with the power "
        "multiplied by the share of the variance that is not measurement error",
    )

    features: Literal["letters", "gapped-pairs", "pairwise"] = Field(
        "letters",
        description="`gapped-pairs` adds whether letter a stands anywhere with letter b a given number of places "
        "later; `pairwise` adds letter a at position i with letter b at position j (pairwise epistasis)",
    )
    max_gap: int | None = Field(
        None,
        ge=1,
        le=1_000,
        description="largest number of places between the letters of a gapped pair; none: a quarter of the longest "
        "sequence, at least 12 and at most 31",
    )
    pair_share: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="share of the pairs in the variance between sequences; none: the share of highest evidence "
        "of 0, 0.3, 0.6 and 0.9",
    )
    embedding: EmbeddingField = Field(
        None, description="language model or file of vectors that gives the features; none: one-hot letters"
    )
    with_letters: bool = Field(False, description="add one-hot letters to the embedding")

    @model_validator(mode="after")
    def _pairs_are_used(self) -> "BayesianLinear":
        if self.max_gap is not None and self.features != "gapped-pairs":
            raise ValueError("`max_gap` is a setting of gapped pairs; set `features: gapped-pairs`, or leave it out")
        if self.pair_share is not None and self.features == "letters":
            raise ValueError("`pair_share` is a setting of pairs; set `features: gapped-pairs` or `pairwise`")
        return self

    def suits(self, history: History) -> bool:
        """False where `pairwise` has too many features or none, and on the scale `asinh` if values do not span decades:
        another candidate fits ranks, too.
        """
        if self.features == "pairwise" and not Pairwise(history.hull).has_few:
            return False
        return self.transform != "asinh" or len(scales(Measured.of(history), "auto")) > 1

    def fit(self, history: History, rng: np.random.Generator) -> LinearPosterior:
        """The posterior at the maximum of the evidence; exact, except for rows beyond a detection limit.

        Where features outnumber more than 2,000 designs, it is fitted to 2,000: the best 1,000, and others evenly.
        """
        views, axes = self._views(history)
        return Regression.of(history, views, axes).best(self.transform, self.emphasis).posterior

    def _views(self, history: History) -> tuple[list[View], list[tuple[float, ...]]]:
        """Views, and the shares to choose from for those after the first."""
        first = features_of(history, self.embedding, with_letters=self.with_letters)
        shares = PAIR_SHARES if self.pair_share is None else (self.pair_share,)
        if self.features == "pairwise" and (placed := Pairwise(history.hull)).n_features:
            return [first, placed], [shares]
        if self.features == "gapped-pairs" and (pairs := GappedPairs(history.hull, self.max_gap)).n_gaps:
            return [first, pairs], [shares]
        return [first], []
