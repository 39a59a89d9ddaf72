"""Candidates from a language model: samples, and good parents with some letters filled in anew."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import core_schema

from designloop.core.alphabet import PAD, Codes
from designloop.core.history import History
from designloop.generators.base import Generator, Score, drawn_freely
from designloop.generators.climbing import Climb, climbed, starting_population
from designloop.language_models.base import LanguageModel as Model


class LanguageModel(Generator):
    """Freely: samples of the model. Climbing: crossover of good parents, the seams and a few letters infilled.

    `objective="any-order"` is short for a transformer of that objective as the model.
    """

    model: Model = Field(
        default_factory=lambda: Model._read("transformer"), description="the language model that fills in"
    )
    infilled: int = Field(4, ge=1, description="letters filled in anew in one child, at most")
    passes: int | None = Field(
        1, ge=1, description="passes of the network to fill one child in; none: one for each letter, slower and truer"
    )
    temperature: float = Field(
        1.0, gt=0, description="above 1: flatter than the model; below: closer to its favourites"
    )
    climb: Climb = Field(Climb(), description="how a score is climbed")

    @model_validator(mode="before")
    @classmethod
    def _objective_is_short(cls, value: Any) -> Any:
        if isinstance(value, dict) and "objective" in value:
            rest = {key: field for key, field in value.items() if key != "objective"}
            return {**rest, "model": {"kind": "transformer", "objective": value["objective"]}}
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The fields, and `objective`, which is short for a model."""
        written = handler(schema)
        short = {"const": "any-order", "description": "short for `model`: a transformer of that objective"}
        handler.resolve_ref_schema(written)["properties"]["objective"] = short
        return written

    def language_model(self) -> Model:
        """The model it fills in with."""
        return self.model

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        """Samples inside the space; or what climbing `score` by crossover and infilling found."""
        network = self.model.pretrained(history.known.corpus, history.space)

        def freely(count: int) -> list[str]:
            return drawn_freely(
                history, count, lambda m: network.sample(m, history.space, rng, temperature=self.temperature)
            )

        def infill(children: Codes, seams: NDArray[np.bool_], rng: np.random.Generator) -> Codes:
            missing = (seams | _some(children, history, self.infilled, rng)) & (children != PAD)
            return network.infill(
                children, missing, history.space, rng, temperature=self.temperature, passes=self.passes
            )

        if score is None:
            return freely(n)
        starts = starting_population(history, self.climb.parents, freely)
        return climbed(self.climb, history, starts, score, infill, n, rng)


def _some(children: Codes, history: History, most: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """One to `most` free positions of each child, (m, L)."""
    free = history.space.free_positions
    chosen = np.zeros(children.shape, dtype=bool)
    if len(free):
        ranks = rng.random((len(children), len(free))).argsort(axis=1).argsort(axis=1)
        count = rng.integers(1, min(most, len(free)) + 1, size=len(children))
        chosen[:, free] = ranks < count[:, None]
    return chosen
