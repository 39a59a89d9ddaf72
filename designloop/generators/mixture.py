"""A mixture of generators: each proposes its share."""

from itertools import chain
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from designloop.core.history import History
from designloop.generators.base import Generator, Score, proposed
from designloop.generators.offspring import Offspring, parents_of
from designloop.language_models.base import LanguageModel


class Mixture(Generator):
    """Candidates of several generators."""

    generators: tuple[Generator, ...] = Field(min_length=1, description="the generators to mix")
    weights: tuple[Annotated[float, Field(ge=0)], ...] | None = Field(
        None, description="weight of each generator; default: equal"
    )

    @model_validator(mode="after")
    def _weights_fit(self) -> "Mixture":
        if self.weights is not None and len(self.weights) != len(self.generators):
            raise ValueError(
                f"{len(self.weights)} weights for {len(self.generators)} generators; give one for each generator"
            )
        if self.weights is not None and sum(self.weights) == 0:
            raise ValueError("one of the weights must be above 0")
        return self

    def language_model(self) -> LanguageModel | None:
        """The first language model among its generators."""
        models = (generator.language_model() for generator in self.generators)
        return next((model for model in models if model is not None), None)

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        """Each generator's share of n; free proposals are completed by the generator with the largest weight."""
        weights = np.array(self.weights or [1.0] * len(self.generators))
        shares = np.ceil(n * weights / weights.sum()).astype(int)
        pairs = zip(self.generators, shares.tolist(), strict=True)
        groups = [proposed(generator, history, share, rng, score=score) for generator, share in pairs if share]
        if score is None and len(set(chain.from_iterable(groups))) < n:
            groups.append(proposed(self.generators[int(weights.argmax())], history, n, rng))
        found = list(dict.fromkeys(chain.from_iterable(groups)))
        return Offspring(found if score is not None else found[:n], parents_of(*groups))
