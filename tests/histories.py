"""Histories, spaces and quick parts that the tests of the designing rooms share."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from designloop.core.alphabet import DNA, states
from designloop.core.history import History
from designloop.core.spaces import Space
from designloop.generators import Enumerate, LanguageModel, Mixture, Mutation
from designloop.generators.base import Generator
from designloop.generators.climbing import Climb
from designloop.language_models import Markov
from designloop.pending_rules import ConstantLiar, Fantasies, Ignore, Joint, KrigingBeliever, Pessimistic
from designloop.pending_rules.base import PendingRule
from designloop.strategies import (
    PEX,
    AdaLead,
    Command,
    EmbeddingTopN,
    EnsembleGreedy,
    Genetic,
    HillClimb,
    ModelGuided,
    Random,
    RandomViable,
)
from designloop.strategies import Auto as AutoStrategy
from designloop.strategies.base import Strategy
from designloop.surrogates import (
    Auto,
    BayesianLinear,
    DeepEnsemble,
    DenseEnsemble,
    GaussianProcess,
    Motifs,
    RandomForest,
)
from designloop.surrogates.base import Surrogate
from designloop.testing.told import Told, events_of, history_of, observed  # noqa: F401 - for the tests

PROGRAMS = Path(__file__).parent / "programs"
QUICK = Climb(generations=5, children=60, parents=6)

SPACES: dict[str, Space] = {
    "one length": Space.of_length(DNA, 8),
    "states": Space.of_length(states(9), 4),
    "many lengths": Space(alphabet=DNA, min_length=3, max_length=6),
    "fixed": Space.of_length(DNA, 8, parent="ACGTACGT", fixed=(0, 3, 7)),
    "allowed": Space.of_length(DNA, 8, allowed={0: "AC", 5: "T", 6: "GT"}),
    "edit budget": Space(alphabet=DNA, min_length=8, max_length=8, parent="ACGTACGT", max_edits=3),
    "edits and lengths": Space(alphabet=DNA, min_length=5, max_length=8, parent="ACGTACG", max_edits=4, fixed=(0, 1)),
    "pool": Space.of_pool(DNA, Space.of_length(DNA, 6).sample(400, np.random.default_rng(5))),
    "pool of lengths": Space.of_pool(
        DNA, Space(alphabet=DNA, min_length=3, max_length=6).sample(600, np.random.default_rng(6))
    ),
}

_MADE = [
    {"kind": "restriction-sites", "enzymes": ["BsaI", "EcoRI"]},
    {"kind": "homopolymers", "longest": 3},
    {"kind": "gc", "least": 0.4, "most": 0.6},
]
_CODONS = {
    "A": "GCG", "C": "TGC", "D": "GAT", "E": "GAA", "F": "TTT", "G": "GGC", "H": "CAT", "I": "ATT", "K": "AAA",
    "L": "CTG", "M": "ATG", "N": "AAC", "P": "CCG", "Q": "CAG", "R": "CGT", "S": "AGC", "T": "ACC", "V": "GTG",
    "W": "TGG", "Y": "TAT",
}  # fmt: skip
_PARENT = "ATGGCTAGCAAGCTTGCACGTGATCTGGAATCGACT"
RULED: dict[str, Space] = {
    "motifs, runs and GC": Space.of_length(DNA, 36, rules=_MADE),
    "lengths": Space(alphabet=DNA, min_length=30, max_length=36, rules=_MADE),
    "windows": Space.of_length(DNA, 36, rules=[*_MADE, {"kind": "gc", "least": 0.4, "most": 0.6, "window": 12}]),
    "edits": Space(alphabet=DNA, min_length=34, max_length=37, parent=_PARENT, max_edits=6, fixed=(0, 1), rules=_MADE),
    "codons": Space.of_length(
        DNA,
        36,
        rules=[*_MADE, {"kind": "codons", "at": {0: "ATG", 3: "NNK", 4: "NDT"}, "without": ["TAG"]}],
    ),
    "one codon each": Space.of_length(
        DNA,
        36,
        parent="ATGGCGAGCAAACTGGCGCGTGATCTGGAAAGCACC",
        max_edits=15,
        rules=[
            {"kind": "forbidden-motifs", "motifs": ["GGATCC"]},
            {"kind": "codons", "one_for_each": _CODONS},
        ],
    ),
    "translates": Space.of_length(DNA, 36, rules=[*_MADE, {"kind": "translates-to", "protein": "MASKLARDLEST"}]),
}
"""Spaces with rules on whole sequences."""

GENERATORS: dict[str, Generator] = {
    "language-model": LanguageModel(model=Markov(), climb=QUICK),
    "mutation": Mutation(climb=QUICK),
    "enumerate": Enumerate(),
    "mixture": Mixture(generators=(LanguageModel(model=Markov(), climb=QUICK), Mutation(climb=QUICK)), weights=(2, 1)),
}
SURROGATES: dict[str, Surrogate] = {
    "bayesian-linear": BayesianLinear(),
    "gapped-pairs": BayesianLinear(features="gapped-pairs", pair_share=0.6, transform="auto"),
    "dense-ensemble": DenseEnsemble(hidden=(4, 4), steps=10),
    "deep-ensemble": DeepEnsemble(members=4, channels=4, hidden=4, steps=10),
    "random-forest": RandomForest(trees=20),
    "motifs": Motifs(filters=4, members=3, epochs=20, transform="ranks"),
    "auto": Auto(candidates={"letters": BayesianLinear(), "motifs": Motifs(filters=4, members=3, epochs=20)}),
}
HAS_BOTORCH = find_spec("botorch") is not None
if HAS_BOTORCH:
    SURROGATES["gaussian-process"] = GaussianProcess()
PENDING_RULES: dict[str, PendingRule] = {
    "ignore": Ignore(),
    "constant-liar": ConstantLiar(lie="min"),
    "pessimistic": Pessimistic(),
    "kriging-believer": KrigingBeliever(),
    "fantasies": Fantasies(n_fantasies=4),
    "joint": Joint(),
}
STRATEGIES: dict[str, Strategy] = {
    "random": Random(),
    "random-viable": RandomViable(model=Markov()),
    "genetic": Genetic(model=Markov()),
    "hill-climb": HillClimb(model=Markov()),
    "pex": PEX(model=Markov(), model_queries=200),
    "embedding-topn": EmbeddingTopN(model=Markov(), surrogate=SURROGATES["random-forest"], most=1000),
    "adalead": AdaLead(model=Markov(), model_queries=200),
    "ensemble-greedy": EnsembleGreedy(generator=Enumerate(model=Markov()), surrogate=SURROGATES["dense-ensemble"]),
    "auto": AutoStrategy(climb=QUICK, surrogate=SURROGATES["auto"]),
    "model-guided": ModelGuided(generator=GENERATORS["language-model"]),
    "command": Command(argv=(sys.executable, "-S", str(PROGRAMS / "mutants.py")), fill="uniform"),
}


def distinct(space: Space, n: int, seed: int = 0) -> list[str]:
    """n distinct sequences of a space."""
    found: dict[str, None] = {}
    rng = np.random.default_rng(seed)
    while len(found) < n:
        found.update(dict.fromkeys(space.sample(4 * n, rng)))
    return list(found)[:n]


def worth(sequence: str) -> float:
    """A smooth landscape without ties: later letters of the alphabet and even places count for more."""
    return sum((1.0 + 0.37 * (place % 3)) * (ord(letter) % 7) ** 1.1 for place, letter in enumerate(sequence)) / 10


def busy_history(
    space: Space,
    *,
    n_measured: int = 24,
    n_pending: int = 8,
    shift: float = 0.0,
    stretch: float = 1.0,
    order: Sequence[int] | None = None,
    corpus: bool = True,
    steps: float = 0.0,
) -> History:
    """A history with every ending in it: values (in `steps`, so that some tie), failures, and designs in the lab.

    The rows are submitted in `order`.
    """
    sequences = distinct(space, n_measured + n_pending + 6)
    values = [worth(s) if steps == 0 else steps * round(worth(s) / steps) for s in sequences[:n_measured]]
    rows = [Told(s, shift + stretch * v, 0.1 * stretch) for s, v in zip(sequences[:n_measured], values, strict=True)]
    rows += [Told(s, None, round=2) for s in sequences[n_measured:][:n_pending]]
    words = ("not_expressed", "lost", "synthesis_failed", "build_failed", "not_expressed", "unmeasured")
    rows += [Told(s, word) for s, word in zip(sequences[n_measured + n_pending :], words, strict=True)]
    natural = distinct(space, 60, seed=3) if corpus else []
    return history_of(space, [rows[i] for i in (range(len(rows)) if order is None else order)], corpus=natural)


def picks(strategy: Strategy, history: History, n: int = 6, seed: int = 0) -> list[str]:
    """The sequences a strategy chooses."""
    from designloop.core.random import stream
    from designloop.core.records import Order

    proposal = strategy.propose(history, Order(n), stream(seed, "strategy", "", 1))
    return [choice.sequence for choice in proposal.choices]
