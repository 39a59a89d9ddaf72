"""Candidates from a language model: samples, and good parents with some letters infilled again."""

from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import core_schema

from designloop.core.alphabet import Codes
from designloop.core.history import History
from designloop.core.spaces import Space
from designloop.core.spaces.moves import moved
from designloop.generators.base import Floats, Generator, Score, drawn_freely
from designloop.generators.climbing import Climb, climbed, seen_pairs
from designloop.generators.offspring import Offspring
from designloop.language_models.base import Adaptation, Objective, SequenceModel
from designloop.language_models.base import LanguageModel as Model
from designloop.language_models.inference.lengths import pick


class LanguageModel(Generator):
    """Free: samples of the model. With a score: crossover of good parents, with a few letters infilled by the model.

    `objective="any-order"` is short for a transformer of that objective as the model.
    """

    model: Model = Field(
        default_factory=lambda: Model._read("markov"), description="the language model that samples and infills"
    )
    infilled: int = Field(4, ge=1, description="maximum number of letters infilled in one child")
    passes: int | None = Field(
        1,
        ge=1,
        description="passes of the network for infilling one child (a causal model: 4 tries in each); none: as many as "
        "the most accurate draws need",
    )
    temperature: float = Field(
        1.0, gt=0, description="sampling temperature; above 1: flatter than the model; below 1: more likely letters"
    )
    climb: Climb = Field(Climb(), description="how a score is optimised")
    adapt: Adaptation | None = Field(
        None,
        description="fine-tune the model on the measured designs before it proposes; none: no fine-tuning. The "
        "pretrained model always estimates viability",
    )
    guidance: float = Field(
        0.0,
        ge=0,
        description="how strongly the score guides infilling: one of a child's `tries` is drawn in proportion to "
        "exp(guidance · score in standard deviations); 0: no guidance",
    )
    tries: int = Field(4, ge=2, le=1_000, description="infilled versions of one child from which guidance draws")

    @model_validator(mode="before")
    @classmethod
    def _objective_is_short(cls, value: Any) -> Any:
        if not (isinstance(value, dict) and "objective" in value):
            return value
        if "model" in value:
            raise ValueError(
                "`objective` is short for `model: {kind: transformer, objective: ...}`; give one of the two"
            )
        rest = {key: field for key, field in value.items() if key != "objective"}
        return {**rest, "model": {"kind": "transformer", "objective": value["objective"]}}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The fields, and `objective`, which is short for a model."""
        written = handler(schema)
        objectives = list(get_args(Objective))
        short = {"enum": objectives, "description": "short for `model`: a transformer of that objective"}
        handler.resolve_ref_schema(written)["properties"]["objective"] = short
        return written

    def _network(self, history: History, rng: np.random.Generator) -> SequenceModel:
        """The pretrained model, fine-tuned on the measured designs if `adapt` is set."""
        network = self.model.pretrained(history.known.corpus, history.space)
        if self.adapt is None or not history.is_measured.any():
            return network
        measured = sorted((history.sequences[i], history.values[i]) for i in np.flatnonzero(history.is_measured))
        weights = self.adapt.weights(np.array([value for _, value in measured]))
        return network.adapt([sequence for sequence, _ in measured], weights, self.adapt, rng)

    def _torn(
        self, children: Codes, seams: NDArray[np.bool_], space: Space, rng: np.random.Generator
    ) -> tuple[Codes, NDArray[np.bool_]]:
        """Children after insertions and deletions, if the space allows them, and the letters to infill, (m, L)."""
        counts = rng.integers(1, self.infilled + 1, size=len(children)) * (
            rng.random(len(children)) < self.climb.mutation
        )
        if space.has_indels or space.max_edits is not None:
            return moved(children, counts, space, rng, also=seams)
        return children, seams | _some(children, counts, space, rng)

    def _shared_out(
        self, missing: NDArray[np.bool_], rng: np.random.Generator
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """True for children with missing letters that the model draws, (m,), and the places of the others."""
        lacks = missing.any(axis=1)
        by_model = lacks & (rng.random(len(missing)) < self.climb.model_share)
        return by_model, np.flatnonzero(lacks & ~by_model)

    def language_model(self) -> Model:
        """The model that samples and infills."""
        return self.model

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        """Samples inside the space, or the best candidates under `score` by crossover and infilling."""
        network = self._network(history, rng)

        def sampled(count: int) -> list[str]:
            drawn = network.sample(count, history.space, rng, temperature=self.temperature)
            return history.space.mended_texts(drawn, rng)

        def freely(count: int) -> Offspring:
            return drawn_freely(history, count, sampled)

        def infill(children: Codes, seams: NDArray[np.bool_], rng: np.random.Generator) -> Codes:
            children, missing = self._torn(children, seams, history.space, rng)
            by_model, uniformly = self._shared_out(missing, rng)
            if len(uniformly):
                children[uniformly] = _scattered(children[uniformly], missing[uniformly], history, rng)
            if self.guidance and score is not None:
                return guided(children, missing & by_model[:, None], score, rng)
            rows = np.flatnonzero(by_model)
            children[rows] = filled(children[rows], missing[rows], rng)
            return children

        def filled(children: Codes, missing: NDArray[np.bool_], rng: np.random.Generator) -> Codes:
            return network.infill(
                children, missing, history.space, rng, temperature=self.temperature, passes=self.passes
            )

        def guided(children: Codes, missing: NDArray[np.bool_], score: Score, rng: np.random.Generator) -> Codes:
            tried = filled(np.repeat(children, self.tries, axis=0), np.repeat(missing, self.tries, axis=0), rng)
            broods = tried.reshape(score.n_functions, -1, tried.shape[1])
            scores = score.own(broods, history.space.alphabet).reshape(-1, self.tries)  # (children, tries)
            chosen = pick(_tilted(scores, self.guidance), rng.random(len(children)))
            return tried.reshape(len(children), self.tries, -1)[np.arange(len(children)), chosen]

        if score is None:
            return freely(n)
        return climbed(self.climb, history, freely, score, infill, n, rng)


def _tilted(scores: Floats, guidance: float) -> Floats:
    """Weights of each child's infilled versions, (children, tries)."""
    spread = max(float(scores.std()), 1e-12)
    return np.asarray(np.exp(guidance * (scores - scores.max(axis=1, keepdims=True)) / spread))


def _some(children: Codes, counts: NDArray[np.int64], space: Space, rng: np.random.Generator) -> NDArray[np.bool_]:
    """`counts` free letters of each child, (m, L); all of them if there are fewer."""
    from designloop.generators.redrawing import places_drawn

    return places_drawn(children, counts, space.free_positions, int(rng.integers(2**63)))


def _scattered(children: Codes, missing: NDArray[np.bool_], history: History, rng: np.random.Generator) -> Codes:
    """Children with their missing letters drawn uniformly."""
    from designloop.generators.redrawing import letters_drawn

    space = history.space
    seen = seen_pairs(history.known.corpus, space.alphabet)
    return letters_drawn(children, missing, space.letters_allowed, seen, int(rng.integers(2**63)))
