"""Patterns are short texts that a sequence must not contain, and the automaton that finds all of them in one pass.

A pattern has a set of letters at each place: a letter, an IUPAC code of nucleotides (`N`, `R`, ...), `X` for any amino
acid, or a choice in brackets (`[ST]`, `[^P]`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import DNA, RNA, Alphabet

Pattern = tuple[frozenset[int], ...]
"""The codes that are meant at each place."""

IUPAC = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
"""Ambiguity codes of nucleotides (Cornish-Bowden 1985, Nucleic Acids Res. 13, 3021)."""
_COMPLEMENTS = str.maketrans("ACGTU", "TGCAA")
_MOST_STATES = 20_000


def is_nucleic(alphabet: Alphabet) -> bool:
    """Whether an alphabet has the four nucleotides and no other letters."""
    return set(alphabet.letters) in (set(DNA.letters), set(RNA.letters))


def pattern(text: str, alphabet: Alphabet) -> Pattern:
    """The pattern that a text describes. Raises ValueError with the place of what is wrong."""
    places, rest = list[frozenset[int]](), text
    while rest:
        at = len(text) - len(rest) + 1
        if rest[0] == "[":
            inside, closed, rest = rest[1:].partition("]")
            if not closed or not inside.strip("^"):
                raise ValueError(f"motif {text!r}, letter {at}: expected letters in brackets, such as [ST] or [^P]")
            found = frozenset(code for letter in inside.lstrip("^") for code in _meant(letter, alphabet, text, at))
            places.append(frozenset(range(len(alphabet))) - found if inside[0] == "^" else found)
        else:
            places.append(_meant(rest[0], alphabet, text, at))
            rest = rest[1:]
    if not places:
        raise ValueError("a motif is empty; give it letters")
    if not all(places):
        raise ValueError(f"motif {text!r}: no letter is left at one of its places")
    return tuple(places)


def _meant(letter: str, alphabet: Alphabet, text: str, at: int) -> frozenset[int]:
    """The codes that one letter of a pattern stands for."""
    upper = letter if letter in alphabet.letters else letter.upper()
    if is_nucleic(alphabet):
        meant = _in_letters_of(alphabet, IUPAC.get(upper, upper))
    else:
        meant = alphabet.letters if upper == "X" and upper not in alphabet.letters else upper
    if not meant or any(one not in alphabet.letters for one in meant):
        known = f"{alphabet.letters} and {''.join(IUPAC)}" if is_nucleic(alphabet) else alphabet.letters
        raise ValueError(f"motif {text!r}, letter {at}: {letter!r} is not one of {known}, nor a choice in brackets")
    return frozenset(alphabet.letters.index(one) for one in meant)


def _in_letters_of(alphabet: Alphabet, nucleotides: str) -> str:
    """T and U are the same letter."""
    return nucleotides.replace("T", "U") if "U" in alphabet.letters else nucleotides.replace("U", "T")


def reverse_complement(what: Pattern, alphabet: Alphabet) -> Pattern:
    """The pattern on the other strand of nucleotides."""
    others = _in_letters_of(alphabet, alphabet.letters.translate(_COMPLEMENTS))
    pair = [alphabet.letters.index(other) for other in others]
    return tuple(frozenset(pair[code] for code in place) for place in reversed(what))


def automaton_without(patterns: Sequence[Pattern], n_letters: int) -> NDArray[np.int32]:
    """The state after each letter, (states, letters), -1 where a pattern is complete; state 0 is the first.

    A state is the set of patterns' beginnings with which the letters so far end: the bits of a number, as in Shift-And
    (Baeza-Yates and Gonnet 1992, Commun. ACM 35, 74). Raises ValueError where there are too many states.
    """
    masks, starts, ends, n_bits = [0] * n_letters, 0, 0, 0
    for places in dict.fromkeys(patterns):
        starts |= 1 << n_bits
        for letters in places:
            for code in letters:
                masks[code] |= 1 << n_bits
            n_bits += 1
        ends |= 1 << (n_bits - 1)
    numbers, todo, table = {0: 0}, [0], list[list[int]]()
    for state in todo:  # grows while it is read
        row = []
        for mask in masks:
            after = (state << 1 | starts) & mask
            if after & ends:
                row.append(-1)
                continue
            if after not in numbers:
                numbers[after] = len(todo)
                todo.append(after)
            row.append(numbers[after])
        table.append(row)
        if len(todo) > _MOST_STATES:
            raise ValueError(
                f"the forbidden motifs need an automaton of more than {_MOST_STATES:,} states; give fewer motifs, or "
                "motifs with fewer places at which any letter is meant"
            )
    return np.array(table, dtype=np.int32)
