"""The strategies that are compared on the works of works.py, by name, and what the ablation of the default takes away.

An entry makes the description of a strategy for a work: all have its language model, if it has one.
"""

from collections.abc import Callable
from typing import Any

from peers import botorch_gp, flexs_adalead, holo_genetic
from works import Work

import designloop as dl
from designloop.generators.climbing import Climb
from designloop.language_models.base import LanguageModel

Description = Callable[[Work], Any]


class Unviewed(dl.generators.LanguageModel):
    """Infills with the language model, which has no part in the estimate of viability."""

    def language_model(self) -> LanguageModel | None:
        """None: viability is learnt from outcomes alone."""
        return None


def _guided(work: Work) -> dict[str, Any]:
    """The default of version 0.2: one-hot letters, ranks and a small search."""
    generator = {"kind": work.generator, **({"model": work.model} if work.generator == "language-model" else {})}
    return {"kind": "model-guided", "generator": generator, "surrogate": "bayesian-linear", "acquisition": "thompson"}


def _shared(kind: str) -> Description:
    return lambda work: {"kind": kind, "model": work.model}


def _auto(**changes: Any) -> Description:
    return lambda _: {"kind": "auto", **changes}


def _searched(**changes: Any) -> Description:
    return _auto(climb=changes)


def _pending(**rule: Any) -> Description:
    return _auto(acquisition={"kind": "thompson", "pending": rule})


def _mixture(**candidates: Any) -> Description:
    return _auto(surrogate={"kind": "auto", "candidates": candidates})


def _with_generator(generator: Callable[[Work], Any], **changes: Any) -> Description:
    """What `auto` is where it infills: a `model-guided` strategy, whose fields can be changed."""
    return lambda work: dl.strategies.ModelGuided(generator=generator(work), surrogate=dl.surrogates.Auto(), **changes)


def _infilling(work: Work) -> Any:
    return dl.generators.LanguageModel(model=_model(work), climb=Climb.thorough())


def _unviewed(work: Work) -> Any:
    return Unviewed(model=_model(work), climb=Climb.thorough())


def _mutating(_: Work) -> Any:
    return dl.generators.Mutation(climb=Climb.thorough())


def _model(work: Work) -> LanguageModel:
    if work.model is None:
        raise ValueError("this variant of the default is for works with a corpus")
    return LanguageModel._read(work.model)


_LINEAR = {"kind": "bayesian-linear"}
_PAIRS = {**_LINEAR, "features": "gapped-pairs"}

SHELF: dict[str, Description] = {
    "auto": _auto(),
    "today": _guided,
    "genetic": _shared("genetic"),
    "adalead": _shared("adalead"),
    "random-viable": lambda work: _shared("random-viable")(work) if work.model else {"kind": "random"},
    "hill-climb": _shared("hill-climb"),
    "pex": _shared("pex"),
    "embedding-topn": _shared("embedding-topn"),
    "ensemble-greedy": lambda _: {"kind": "ensemble-greedy"},
}

PEERS: dict[str, Description] = {
    "botorch-gp": botorch_gp,
    "holo-genetic": holo_genetic,
    "flexs-adalead": flexs_adalead,
}
"""Published optimisers; what each needs is in peers.py."""

ABLATION: dict[str, dict[str, Description]] = {
    "surrogate": {
        "letters alone": _auto(surrogate=_LINEAR),
        "pairs alone": _auto(surrogate=_PAIRS),
        "motifs alone": _mixture(motifs={"kind": "motifs"}),
        "without motifs": _mixture(letters=_LINEAR, pairs=_PAIRS),
        "without pairwise": _mixture(
            letters=_LINEAR,
            pairs={**_PAIRS, "transform": "ranks"},
            log_pairs={**_PAIRS, "transform": "asinh"},
            motifs={"kind": "motifs"},
        ),
        "equal weights": _auto(surrogate={"kind": "auto", "confidence": 1e-9}),
    },
    "search": {
        "small search": _searched(**Climb().model_dump()),
        "no motif moves": _searched(implants=0.0),
        "no segment moves": _searched(moves=0.0),
        "no crossover": _searched(crossover=0.0),
        "no shifts": _searched(shifts=0.0),
        "no donors": _searched(donors=0),
        "never cautious": _searched(cautious=False),
    },
    "viability and language model": {
        "no viability": _with_generator(_infilling, viability_weight=0.0),
        "viability without language model": _with_generator(_unviewed),
        "no language model": _with_generator(_mutating),
        "transformer": _auto(model={"kind": "transformer", "steps": 1500}),
    },
    "pending": {
        "pending ignored": _pending(kind="ignore"),
        "pending liar, min": _pending(kind="constant-liar", lie="min"),
        "pending liar, mean": _pending(kind="constant-liar", lie="mean"),
        "pending not bred from": _searched(pending=False),
    },
}
"""Variants of the default by what is changed. Pending designs are assumed at their predicted means in the default."""

STRATEGIES: dict[str, Description] = {
    **SHELF,
    **PEERS,
    **{name: one for group in ABLATION.values() for name, one in group.items()},
}
