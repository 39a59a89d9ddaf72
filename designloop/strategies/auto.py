"""Auto: the default strategy. It weighs surrogates by what they predicted, and picks the generator for the space."""

from typing import Any

import numpy as np
from pydantic import Field, field_validator

from designloop.acquisition.base import Acquisition
from designloop.core.history import History
from designloop.core.records import Design, Order, Proposal
from designloop.core.spaces import Space
from designloop.generators.base import Generator
from designloop.generators.climbing import Climb
from designloop.generators.enumeration import Enumerate
from designloop.generators.language_model import LanguageModel as Infilling
from designloop.generators.mutation import Mutation
from designloop.language_models.base import LanguageModel
from designloop.strategies.base import Strategy
from designloop.strategies.model_guided import ModelGuided
from designloop.surrogates.base import Surrogate

_FEW = 200_000
"""Sequences of a space, all of which are scored."""


class Auto(Strategy):
    """The default: candidate surrogates weighed by how well they predicted, and a thorough search of their draws.

    Each pick of a batch maximises a function drawn from one of the surrogates (Thompson sampling). A space of at most
    200,000 sequences is enumerated. In a larger one, candidates are bred from the best designs, by infilling with the
    language model if there is a corpus, else by mutation.
    """

    model: LanguageModel = Field(
        default_factory=lambda: LanguageModel._read("markov"),
        description="language model that infills candidates and estimates viability, if there is a corpus",
    )
    generator: Generator | None = Field(
        None, description="proposes candidates; none: `enumerate`, `language-model` or `mutation`, as described above"
    )
    surrogate: Surrogate = Field(
        default_factory=lambda: Surrogate._read("auto"), description="predicts values with uncertainty"
    )
    acquisition: Acquisition = Field(
        default_factory=lambda: Acquisition._read("thompson"),
        description="scores candidates under the posterior and selects the batch",
    )
    climb: Climb = Field(
        Climb.thorough(),
        description="how candidates are bred, if the generator is chosen here; settings that are not given are those "
        "of the thorough search",
    )

    @field_validator("climb", mode="before")
    @classmethod
    def _thorough_but_for(cls, value: Any) -> Any:
        return {**Climb.thorough().model_dump(), **value} if isinstance(value, dict) else value

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The batch of a `model-guided` strategy with the parts that suit this history."""
        return self.guided(history).propose(history, order, rng)

    def recommend(self, history: History, rng: np.random.Generator) -> Design | None:
        """The measured design with the highest posterior mean, including its own measurement."""
        return self.guided(history).recommend(history, rng)

    def guided(self, history: History) -> ModelGuided:
        """The `model-guided` strategy with the generator for this history."""
        generator = self.generator or self._usual(history.space, has_corpus=bool(history.known.corpus))
        return ModelGuided(generator=generator, surrogate=self.surrogate, acquisition=self.acquisition, fill=self.fill)

    def _usual(self, space: Space, *, has_corpus: bool) -> Generator:
        if (size := space.size) is not None and size <= _FEW:
            return Enumerate(most=_FEW, model=self.model if has_corpus else None)
        return Infilling(model=self.model, climb=self.climb) if has_corpus else Mutation(climb=self.climb)
