"""Sequences from the names of mutants: `H24C`, or `A1P:D2N`, read against their parent."""

import re
from collections.abc import Sequence

from designloop.core.alphabet import Alphabet
from designloop.core.errors import InputError

_NAME = re.compile(r"([A-Za-z])(\d+)([A-Za-z=])")
_BETWEEN = re.compile(r"[:,;+/\s]+")
_PARENTS = frozenset({"wt", "_wt", "wildtype", "wild_type", "wild-type"})

Change = tuple[str, int, str]
"""The letter of the parent, its position in the names' own numbering, the letter that stands there instead."""


def spelt_out(names: Sequence[str], parent: str | None, first: int, alphabet: Alphabet, where: str) -> list[str]:
    """The sequence of each mutant. Raises InputError naming the line of a name that does not fit the parent.

    `first` is the number that the names give to the parent's first letter; `where` stands before the line's number.
    """
    changes = [_changes(name, f"{where}{line}") for line, name in enumerate(names, start=2)]
    if parent is None:
        raise InputError(
            f"{where}2: mutants are named by their changes, so give `parent:`, the sequence that they change"
            f"{_parent_in(changes)}"
        )
    whole = parent.upper()
    if (wrong := alphabet.wrong_letter(whole)) is not None:
        raise InputError(
            f"letter {wrong[1]!r} at position {wrong[0] + 1} of the parent is not in the {alphabet.name} alphabet"
        )
    return [_mutated(whole, these, first, f"{where}{line}", changes) for line, these in enumerate(changes, start=2)]


def _changes(name: str, where: str) -> list[Change]:
    """The changes that a name tells of; none for the parent itself."""
    words = [word for word in _BETWEEN.split(name.strip()) if word]
    if name.strip().lower() in _PARENTS:
        return []
    found = [_NAME.fullmatch(word) for word in words]
    if not words or None in found:
        word = next((w for w, match in zip(words, found, strict=True) if match is None), name)
        raise InputError(
            f"{where}: {word!r} does not name a mutant; wanted is as H24C, several as A1P:D2N, the parent as wt; "
            "leave rows of stop codons and deletions out"
        )
    return [
        (match[1].upper(), int(match[2]), match[1].upper() if match[3] == "=" else match[3].upper())
        for match in found
        if match is not None
    ]


def _mutated(parent: str, changes: list[Change], first: int, where: str, every: list[list[Change]]) -> str:
    letters = list(parent)
    for old, position, new in changes:
        place = position - first
        if not 0 <= place < len(parent):
            raise InputError(
                f"{where}: position {position} is outside the parent, whose letters are numbered "
                f"{first} to {first + len(parent) - 1}{_other_first(parent, every)}"
            )
        if parent[place] != old:
            raise InputError(
                f"{where}: {old}{position}{new} has {old} at position {position}, where the parent has "
                f"{parent[place]}{_other_first(parent, every)}"
            )
        letters[place] = new
    return "".join(letters)


def _letters(every: list[list[Change]]) -> dict[int, str]:
    """Position -> the parent's letter, as the names have it."""
    return {position: old for changes in every for old, position, _ in changes}


def _other_first(parent: str, every: list[list[Change]]) -> str:
    """The mend: the numbering under which every name fits the parent, where there is just one."""
    letters = _letters(every)
    fitting = [
        first
        for first in range(max(letters) - len(parent) + 1, min(letters) + 1)
        if all(parent[position - first] == letter for position, letter in letters.items())
    ]
    if len(fitting) == 1:
        return f"; every name fits with `first: {fitting[0]}`"
    return "; mend the name, the parent, or `first`, the number of the parent's first letter"


def _parent_in(every: list[list[Change]]) -> str:
    """The mend where the names spell the parent themselves: every position from the first to the last is named."""
    letters = _letters(every)
    if not letters or len(letters) != max(letters) - min(letters) + 1:
        return ""
    spelt = "".join(letters[position] for position in sorted(letters))
    return f"; the names spell it: `parent: {spelt}` with `first: {min(letters)}`"
