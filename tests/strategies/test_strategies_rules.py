"""Every strategy and every generator obeys rules on whole sequences, and finds its own designs under them."""

import re
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from histories import GENERATORS, RULED, STRATEGIES, busy_history, worth
from rapidfuzz.distance import Levenshtein

from designloop.core.alphabet import DNA
from designloop.core.errors import ContractError
from designloop.core.records import FILL, Order
from designloop.core.spaces import Space
from designloop.generators.base import Score

CODE = dict(
    zip(
        map("".join, product("TCAG", repeat=3)),
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        strict=True,
    )
)
FEW = 0.1
"""The largest share of a batch that may be filled with uniform draws."""


def is_made(s: str) -> bool:
    """Neither BsaI nor EcoRI cuts, no run of four, and 40 to 60% GC."""
    gc = sum(letter in "GC" for letter in s) / len(s)
    return not re.search(r"GGTCTC|GAGACC|GAATTC|(.)\1\1\1", s) and 0.4 <= gc <= 0.6


def translated(s: str) -> str:
    return "".join(CODE[s[i : i + 3]] for i in range(0, len(s), 3))


def has_even_windows(s: str) -> bool:
    return all(0.4 <= sum(letter in "GC" for letter in s[i : i + 12]) / 12 <= 0.6 for i in range(len(s) - 11))


OBEYS: dict[str, Callable[[str], bool]] = {
    "motifs, runs and GC": is_made,
    "lengths": lambda s: is_made(s) and 30 <= len(s) <= 36,
    "windows": lambda s: is_made(s) and has_even_windows(s),
    "edits": lambda s: is_made(s) and 34 <= len(s) <= 37 and Levenshtein.distance(RULED["edits"].parent, s) <= 6,
    "codons": lambda s: (
        is_made(s) and bool(re.fullmatch("ATG.{6}[ACGT]{2}[GT][ACGT][AGT]T.*", s)) and "*" not in translated(s)
    ),
    "one codon each": lambda s: "GGATCC" not in s and "*" not in translated(s) and len(ones(s)) == len(codons(s)),
    "translates": lambda s: is_made(s) and translated(s) == "MASKLARDLEST",
}


def codons(s: str) -> set[str]:
    return {s[i : i + 3] for i in range(0, len(s), 3)}


def ones(s: str) -> set[str]:
    """The amino acids of a sequence: as many as codons, where each has one codon."""
    return set(translated(s))


every_space = pytest.mark.parametrize("name", RULED)
EXEMPT = {"ensemble-greedy", "command"}
"""They list the space, or are programs that do not read the rules."""
SLOW = {"auto", "embedding-topn", "model-guided"}
"""Each is tried in two of the spaces."""
PAIRS = [
    (kind, name)
    for kind in STRATEGIES
    for name in RULED
    if kind not in EXEMPT and (kind not in SLOW or name in ("windows", "codons"))
]


@pytest.mark.parametrize(("strategy", "name"), PAIRS)
def test_a_batch_obeys_the_rules_and_is_the_strategys_own(strategy: str, name: str):
    """Designs are checked by regular expressions and counts. Few are fill: what breaks a rule was mended."""
    history = busy_history(RULED[name])
    part, rng = STRATEGIES[strategy], np.random.default_rng(1)
    proposal = part.answer(history, Order(24), rng)
    assert len(proposal.choices) == 24
    assert all(OBEYS[name](choice.sequence) for choice in proposal.choices)
    if strategy != "random":
        assert sum(choice.origin == FILL for choice in proposal.choices) <= FEW * 24


@every_space
@pytest.mark.parametrize("generator", ["language-model", "mutation", "mixture"])
@pytest.mark.parametrize("scored", [False, True], ids=["free", "scored"])
def test_candidates_of_a_generator_obey_the_rules_and_are_enough(generator: str, name: str, *, scored: bool):
    history = busy_history(RULED[name])
    score = Score(lambda s: np.array([[worth(one) for one in s]])) if scored else None
    found = GENERATORS[generator].propose(history, 40, np.random.default_rng(0), score=score)
    assert len(found) >= (12 if scored else 40)  # a quick climb keeps 15
    assert all(OBEYS[name](sequence) for sequence in found)


def test_a_small_ruled_space_is_listed():
    """The strategy that scores every sequence of the space scores those that obey."""
    small = RULED["motifs, runs and GC"].with_(min_length=6, max_length=6)
    proposal = STRATEGIES["ensemble-greedy"].answer(busy_history(small), Order(12), np.random.default_rng(0))
    assert all(is_made(choice.sequence) for choice in proposal.choices)


def test_a_program_that_breaks_a_rule_is_told_which():
    """Mutants of good designs without regard to the rules: the error names the sequence and the rule."""
    history = busy_history(RULED["windows"])
    with pytest.raises(ContractError, match=r"outside the space, first '[ACGT]+' \(it breaks rule '"):
        STRATEGIES["command"].answer(history, Order(24), np.random.default_rng(0))


SHARED = {
    "one of several parents": Space(
        alphabet=DNA,
        min_length=22,
        max_length=26,
        parent="ACGTACGTTGCAACGTTGCATGCA",
        parents=["GGATCTTAGCCATAGGCTTACAGA", "TTGACCATTGGCAATCCGATAGC"],
        max_edits=4,
        shared="parent",
    ),
    "a backbone": Space.of_length(DNA, 16, allowed={3: "AG", 9: "CT"}, shared=(3, 9)),
}


def in_one_part(name: str, batch: list[str]) -> bool:
    space = SHARED[name]
    if name == "a backbone":
        return len({(s[3], s[9]) for s in batch}) == 1
    return any(all(Levenshtein.distance(parent, s) <= 4 for s in batch) for parent in space.every_parent)


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("strategy", ["random", "genetic", "hill-climb", "pex", "adalead", "model-guided"])
def test_a_batch_shares_what_it_is_told_to_share(strategy: str, name: str):
    """The history has designs of every part, and a batch is in one of them."""
    history = busy_history(SHARED[name])
    assert not in_one_part(name, history.sequences)
    for seed in range(3):
        proposal = STRATEGIES[strategy].answer(history, Order(12), np.random.default_rng(seed))
        batch = [choice.sequence for choice in proposal.choices]
        assert len(batch) == 12
        assert in_one_part(name, batch)
