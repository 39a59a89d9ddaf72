"""Mutants: sequences one edit away from a design, in random order, and the first batch of strategies that mutate."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, product, zip_longest

import numpy as np
from numpy.typing import NDArray

from designloop.core.history import History
from designloop.core.records import Choice
from designloop.core.spaces import Space, compress
from designloop.generators.base import distinct_inside
from designloop.generators.mutation import mutated
from designloop.generators.offspring import Offspring, parents_of
from designloop.generators.starting import starting_population

_MOST_LETTERS = 20_000_000
"""Letters of all mutants of one design; of a longer design, a random part of its mutants is made."""


def single_mutants(sequence: str, space: Space, rng: np.random.Generator) -> Offspring:
    """Every sequence of the space that is one edit away, in random order; of a pool, all members, nearest first.

    Edits are substitutions, and insertions and deletions if the space has them. Where a rule of the space reads codons,
    an edit is any change of one codon.
    """
    if space.pool is not None:
        return _mutants(sequence, _nearest_first(sequence, space, rng))
    edits = list(_edits(sequence, space))
    most = max(_MOST_LETTERS // max(len(sequence), 1), 1)
    made = (_edited(sequence, *edits[i]) for i in rng.permutation(len(edits))[:most])
    mutants = list(dict.fromkeys(mutant for mutant in made if mutant != sequence))
    return _mutants(sequence, compress(mutants, space.contains(mutants)))


def _mutants(parent: str, mutants: list[str]) -> Offspring:
    return Offspring(mutants, dict.fromkeys(mutants, parent))


def _edits(sequence: str, space: Space) -> Iterator[tuple[int, int, str]]:
    """Each edit of a sequence: the letters in [start, end) are replaced by a text of one letter, one codon, or none."""
    letters, allowed = space.alphabet.letters, space.letters_allowed
    if space.reads_codons:
        for start in range(0, len(sequence), 3):
            choices = (compress(letters, row) for row in allowed[start : start + 3])
            yield from ((start, start + 3, "".join(codon)) for codon in product(*choices))
        return
    for place in range(len(sequence)):
        yield from ((place, place + 1, letter) for letter in compress(letters, allowed[place]))
    if space.has_indels:
        yield from ((place, place, letter) for place in range(len(sequence) + 1) for letter in letters)
        yield from ((place, place + 1, "") for place in range(len(sequence)))


def _edited(sequence: str, start: int, end: int, text: str) -> str:
    return sequence[:start] + text + sequence[end:]


def _nearest_first(sequence: str, space: Space, rng: np.random.Generator) -> list[str]:
    """The other sequences of a small space by their number of edits; ties in random order."""
    members = space.enumerate()
    mixed = [members[i] for i in rng.permutation(len(members))]
    nearest = np.argsort(edits_from(sequence, mixed, space), kind="stable")
    return [mixed[i] for i in nearest if mixed[i] != sequence]


def edits_from(sequence: str, others: Sequence[str], space: Space) -> NDArray[np.int64]:
    """Substitutions, or edits if the space has indels, that convert `sequence` into each of the others, (n,)."""
    from rapidfuzz.distance import Hamming, Levenshtein
    from rapidfuzz.process import cdist

    if len(others) == 0:
        return np.zeros(0, dtype=np.int64)
    scorer = Levenshtein if space.has_indels else Hamming
    return np.asarray(cdist([sequence], list(others), scorer=scorer.distance, dtype=np.int32)[0].astype(np.int64))


def new_in_turn(taken: Collection[str], lists: Sequence[Sequence[str]], n: int) -> Offspring:
    """Up to n distinct sequences that are not taken: the first of each list, then the second of each."""
    in_turn = chain.from_iterable(zip_longest(*lists))
    new = list(dict.fromkeys(one for one in in_turn if one is not None and one not in taken))[:n]
    return Offspring(new, parents_of(*lists))


def random_mutants(
    history: History, parents: Sequence[str], n: int, mutations: float, rng: np.random.Generator
) -> Offspring:
    """Distinct mutants inside the space of n parents drawn at random, with a Poisson number of edits, at least one."""
    mothers = [parents[i] for i in rng.integers(len(parents), size=n).tolist()]
    children = mutated(history.space.padded_codes(mothers), mutations, history.space, rng)
    return distinct_inside(history, Offspring.bred(history.space.alphabet.decode(children), mothers))


def best_designs(history: History) -> list[str]:
    """Measured sequences inside the space, the highest shrunk mean first; ties in an order without meaning."""
    return starting_population(history, len(history.sequences), lambda _: [])


def wild_type(history: History) -> str | None:
    """The space's parent; without one, the best design, inside the space, of the first round that has one."""
    if history.space.parent is not None:
        return history.space.parent
    rounds = dict(zip(history.sequences, history.rounds.tolist(), strict=True))
    return min(best_designs(history), key=rounds.__getitem__, default=None)


def beginning(history: History, mutants: Callable[[str], Sequence[str]]) -> list[Choice]:
    """Starting sequences that are not measured, then mutants of the parent, or of them in turn; [] without either."""
    known = [start.sequence for start in history.known.starts if start.is_unmeasured]
    starts = list(dict.fromkeys(compress(known, history.space.contains(known))))
    roots = list(history.space.every_parent) or sorted(starts)
    children = new_in_turn((), [mutants(root) for root in roots], _MOST_LETTERS)
    return [*(Choice(start, "start") for start in starts), *bred(children, "mutation")]


def bred(children: Iterable[str], origin: str, parents: Mapping[str, str] | None = None) -> list[Choice]:
    """Choices that say their parents, where these are known from `parents`, or else from the children themselves."""
    known = parents_of(children) if parents is None else parents
    return [Choice(child, origin, parent=known.get(child)) for child in children]
