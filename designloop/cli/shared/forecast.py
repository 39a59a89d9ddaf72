"""A forecast estimates the duration of a run when it opens, from a few timed calls of its language model."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isinf
from time import perf_counter

import numpy as np

from designloop.core.alphabet import PAD
from designloop.core.counting import many
from designloop.core.history import History
from designloop.core.random import stream
from designloop.generators.climbing import Climb
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.scheduling.base import Scheduler
from designloop.strategies.base import Strategy

_N_ASKED, _N_MISSING = 64, 4
_SHARE_JUDGED = 0.5
"""The share of a climb's children, roughly, that the language model scores after they are filled in."""
_SECONDS_A_BATCH = 0.3
"""Seconds per batch for everything else: the lab, the surrogate, the store."""


@dataclass(frozen=True)
class Forecast:
    """Estimated seconds of all batches, or of one batch if the number of batches is unknown."""

    pretraining: float
    batch: float
    n_batches: int | None

    def __str__(self) -> str:
        training = f"{about(self.pretraining)} to train the language model" if self.pretraining >= 1 else ""
        if self.n_batches is None:
            return f"{about(self.batch)} per batch{f', plus {training}' if training else ''}"
        n_climbs = max(self.n_batches - 1, 1)  # the first batch is drawn freely
        batches = many(self.n_batches, "batch")
        whole = f"{about(self.pretraining + n_climbs * self.batch)} for {batches}"
        return f"{whole}, including {training}" if training else whole


def forecast(strategy: Strategy, scheduler: Scheduler, history: History) -> Forecast:
    """The estimated duration on this machine of a run that has just opened."""
    n_designs, size = history.left.designs, scheduler.most_designs(history.lab)
    n_batches = scheduler.max_rounds if isinf(n_designs) else ceil(n_designs / size)
    model, climb = _asked_model(strategy), getattr(getattr(strategy, "generator", None), "climb", None)
    if model is None:
        return Forecast(0.0, _SECONDS_A_BATCH, n_batches)
    network, pretraining = model.rehearsed(history.known.corpus, history.space)
    climbing = _seconds_a_climb(climb, network, history, strategy) if isinstance(climb, Climb) else 0.0
    return Forecast(pretraining, _SECONDS_A_BATCH + climbing, n_batches)


def _asked_model(strategy: Strategy) -> LanguageModel | None:
    generator = getattr(strategy, "generator", None)
    found = generator.language_model() if generator is not None else getattr(strategy, "model", None)
    return found if isinstance(found, LanguageModel) else None


def _seconds_a_climb(climb: Climb, network: SequenceModel, history: History, strategy: Strategy) -> float:
    sequences = _some(history)
    passes = getattr(strategy.generator, "passes", None)  # type: ignore[attr-defined]  # a strategy that climbs has one
    _ask(network, sequences, history, passes)  # the first call pays for imports
    filling, judging = _ask(network, sequences, history, passes)
    filling *= climb.mutation * climb.model_share
    return climb.generations * climb.children * (filling + _SHARE_JUDGED * judging) / len(sequences)


def _some(history: History) -> Sequence[str]:
    corpus = history.known.corpus
    return [corpus[i % len(corpus)] for i in range(_N_ASKED)] if corpus else history.space.sample(_N_ASKED, _rng())


def _ask(network: SequenceModel, sequences: Sequence[str], history: History, passes: int | None) -> tuple[float, float]:
    """Seconds to infill a few letters of each sequence, and to score all of them."""
    codes = history.space.padded_codes(sequences)
    missing = (codes != PAD) & (_rng().random(codes.shape).argsort(axis=1).argsort(axis=1) < _N_MISSING)
    began = perf_counter()
    network.infill(codes, missing, history.space, _rng(), passes=passes)
    filled = perf_counter()
    network.letter_log_likelihoods(sequences)
    return filled - began, perf_counter() - filled


def _rng() -> np.random.Generator:
    return stream(0, "forecast")


def about(seconds: float) -> str:
    """`a few seconds`, `about 25 s`, `about 3 min` or `about 2 h`."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 100:
        return f"about {round(seconds / 5) * 5} s"
    return f"about {round(seconds / 60)} min" if seconds < 6000 else f"about {round(seconds / 3600)} h"
