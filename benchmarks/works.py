"""The works on which strategies are compared: each is a campaign of one instance, and the figure that judges it.

The instance is the unit: the number of the landscape where landscapes are drawn, and the seed of the campaign where the
landscape is one measured table.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import nk_ends
import numpy as np

import designloop as dl
from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.core.readers.tables import read_table
from designloop.oracles.nk import Instance

CORPUS = {"corpus": "oracle", "corpus_size": 5000}
HIT = 2.88
"""A Shine-Dalgarno variant with a higher value is a hit: the top .1% of the table."""


def best(result: Any, oracle: Any) -> float:
    """The highest true value among measured designs."""
    return float(result.best.value) if result.best else 0.0


def recommended(result: Any, oracle: Any) -> float:
    """The true value of the recommended design."""
    return float(result.recommended.value) if result.recommended else 0.0


def of_optimum(result: Any, oracle: Any) -> float:
    """The highest true value among measured designs, as a share of the optimum."""
    return best(result, oracle) / float(oracle.optimum)


def hits(result: Any, oracle: Any) -> float:
    """Measured designs whose value in the table is that of a hit."""
    seen = result.observations()
    measured = {s for s, value in zip(seen["sequence"], seen["value"], strict=True) if value is not None}
    return float(sum(_shine_dalgarno().get(sequence, 0.0) > HIT for sequence in measured))


@lru_cache
def _shine_dalgarno() -> dict[str, float]:
    table = read_table(Path(os.environ["DESIGNLOOP_DATA"]) / "shine_dalgarno.csv.gz")
    return dict(zip(table.texts("sequence"), table.numbers("y"), strict=True))


@dataclass(frozen=True)
class Work:
    """A landscape, a lab, a schedule and prior information, without the strategy."""

    oracle: Callable[[int], Any]
    designs: int = 960
    scheduler: Any = None
    lab: Any = "instant"
    prior: Callable[[int], dict[str, Any]] = lambda _: CORPUS
    judge: Callable[[Any, Any], float] = best
    solved: float = 0.999
    model: str | None = "markov"
    """The language model that all strategies share; None without a corpus."""
    generator: str = "language-model"
    """Of strategies that do not choose it themselves."""
    table: str | None = None
    """File of the data folder that it needs; the instance is then the seed."""

    def campaign(self, instance: int, strategy: Any) -> "dl.Campaign":
        """The campaign of an instance with this strategy."""
        return dl.Campaign(
            oracle=self.oracle(instance),
            lab=self.lab,
            prior=self.prior(instance),
            strategy=strategy,
            scheduler=self.scheduler or {"kind": "rounds", "batch_size": 96},
            budget={"designs": self.designs},
            label="one stream for all",
        )

    def is_left_out(self, instance: int) -> bool:
        """Whether 2,000 random feasible sequences hold a good one, so that strategies are not told apart."""
        return bool(getattr(self.oracle(instance), "is_degenerate", False))


def ehrlich(**changes: Any) -> Callable[[int], Any]:
    facts = {"num_states": 32, "length": 32, "num_motifs": 4, "motif_length": 4, "quantization": 4, **changes}
    return lambda instance: dl.oracles.Ehrlich(seed=instance, **facts)


def nk(neighbours: int) -> Callable[[int], Any]:
    return lambda instance: dl.oracles.NK(length=32, neighbours=neighbours, seed=instance)


class RuggedNK(dl.oracles.NK):
    """An NK landscape that is too rugged for the oracle's own search: its ends are those of nk_ends.csv."""

    def _can_be_solved(self) -> "RuggedNK":
        if (self.length, self.neighbours, self.seed) not in nk_ends.known():
            raise InputError(
                f"nk_ends.csv lacks length {self.length}, {self.neighbours} neighbours, instance {self.seed}; run "
                f"python benchmarks/nk_ends.py --instances {self.seed}"
            )
        return self

    @property
    def instance(self) -> Instance:
        """What the seed draws."""
        return _drawn(self.length, self.neighbours, self.seed)

    def values(self, codes: Any) -> Any:
        """Values in 0..1, shape (n,)."""
        low, high = nk_ends.known()[self.length, self.neighbours, self.seed]
        return np.clip((self.instance.means(codes) - low) / (high - low), 0.0, 1.0)


@lru_cache(maxsize=1)  # of 67 MB
def _drawn(length: int, neighbours: int, seed: int) -> Instance:
    return Instance(4, neighbours, nk_ends.contributions(4, length, neighbours, seed))


def rugged(instance: int) -> Any:
    return RuggedNK(length=32, neighbours=8, seed=instance)


@lru_cache
def table(file: str, **facts: Any) -> "dl.oracles.Landscape":
    return dl.oracles.Landscape(path=f"$DESIGNLOOP_DATA/{file}", **facts)


def noisy(**noise: float) -> dict[str, Any]:
    return {"preset": "instant", "assay": {"noise": noise}}


def in_flight(k: int) -> dict[str, Any]:
    return {"kind": "overlapping", "in_flight": k, "batch_size": 96}


def worst_half(instance: int) -> dict[str, Any]:
    """128 sequences of the worse half of the table SIX6, measured before the first batch."""
    words = ["".join(word) for word in product("ACGT", repeat=8)]
    values = np.asarray(table(SIX6, format="tfbind8")(words), dtype=float)
    worse = np.flatnonzero(values <= np.nanmedian(values))
    chosen = stream(instance, "worst half").choice(worse, 128, replace=False)
    return {"starts": {"sequences": [words[i] for i in sorted(chosen)], "labelled": True}}


GB1, SIX6, SHINE = "gb1_wu2016.csv.gz", "tfbind8_SIX6.txt.gz", "shine_dalgarno.csv.gz"
_ROUNDS = {"kind": "rounds"}
_NO_CORPUS: dict[str, Any] = {"model": None, "generator": "mutation"}
_SHINE: dict[str, Any] = {"alphabet": "rna", "value": "y", "variance": "y_var", "scale": "log"}

WORKS: dict[str, Work] = {
    "ehrlich": Work(ehrlich()),
    "ehrlich 5x96": Work(ehrlich(), 480),
    "ehrlich 10x48": Work(ehrlich(), 480, {**_ROUNDS, "batch_size": 48}),
    "2 in flight": Work(ehrlich(), scheduler=in_flight(2)),
    "3 in flight": Work(ehrlich(), scheduler=in_flight(3)),
    "noise .004": Work(ehrlich(), lab=noisy(background_sd=0.004), judge=recommended),
    "noise .010": Work(ehrlich(), lab=noisy(background_sd=0.010), judge=recommended),
    "noise .05": Work(ehrlich(), lab=noisy(background_sd=0.05), judge=recommended),
    "multiplicative .6": Work(ehrlich(), lab=noisy(eps=0.6), judge=recommended),
    "one start": Work(ehrlich(), prior=lambda _: {"starts": {"draw": "viable", "n": 1}}, **_NO_CORPUS),
    "length 64, 2x4": Work(ehrlich(length=64, num_motifs=2)),
    "length 64, 8x4": Work(ehrlich(length=64, num_motifs=8)),
    "length 128, 4x4": Work(ehrlich(length=128)),
    "length 128, 8x8": Work(ehrlich(length=128, num_motifs=8, motif_length=8, quantization=8)),
    "epistasis 2": Work(ehrlich(epistasis_factor=2.0)),
    "quantization 2": Work(ehrlich(quantization=2)),
    "nk 1": Work(nk(1), prior=lambda _: {}, judge=of_optimum, **_NO_CORPUS),
    "nk 4": Work(nk(4), prior=lambda _: {}, judge=of_optimum, **_NO_CORPUS),
    "nk 8": Work(rugged, prior=lambda _: {}, judge=of_optimum, **_NO_CORPUS),
    "gb1": Work(
        lambda _: table(GB1, format="gb1"), 480, prior=lambda _: {}, judge=of_optimum, model=None,
        generator="enumerate", table=GB1,
    ),
    "tfbind six6": Work(
        lambda _: table(SIX6, format="tfbind8"), 640, {**_ROUNDS, "batch_size": 128}, prior=worst_half,
        judge=of_optimum, table=SIX6, **_NO_CORPUS,
    ),
    "shine-dalgarno": Work(
        lambda _: table(SHINE, sequence="sequence", **_SHINE), 144, {**_ROUNDS, "batch_size": 24},
        {"preset": "good", "assay": {"noise": "plate_fluorescence"}},
        lambda _: {"corpus": {"path": "$DESIGNLOOP_DATA/shine_dalgarno_natural.txt"}}, hits, 7.0, table=SHINE,
    ),
}  # fmt: skip
