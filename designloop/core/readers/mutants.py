"""Sequences from the names of mutants, `H24C` or `A1P:D2N`, and their parent."""

import re
from collections.abc import Callable, Sequence

from designloop.core.alphabet import Alphabet
from designloop.core.errors import InputError
from designloop.core.readers.alphabets import guessed_alphabet, upper
from designloop.core.readers.cleaning import in_letters_of
from designloop.core.readers.sequences import as_written

_NAME = re.compile(r"([A-Za-z])([0-9]{1,9})([A-Za-z=])")
_BETWEEN = re.compile(r"[:,;+/\s]+")
_PARENTS = frozenset({"wt", "_wt", "wildtype", "wild_type", "wild-type"})

Change = tuple[str, int, str]
"""The letter of the parent, its position in the numbering of the names, and the new letter."""


def mutants(
    names: Sequence[str], parent: str | None, first: int, alphabet: Alphabet | None, place: Callable[[int], str]
) -> tuple[Alphabet, list[str]]:
    """The alphabet and the sequence of each mutant. An alphabet of None is guessed from parent and mutants.

    `first` is the number of the parent's first letter in the names; `place` gives the location of a name (from 0).
    Raises InputError with the location of a name that contradicts the parent, or changes a position twice.
    """
    every = [_changes(name, place(row)) for row, name in enumerate(names)]
    if parent is None:
        raise InputError(
            f"{place(0)}: the names of mutants require their parent sequence; give `parent:`{_parent_in(every)}"
        )
    whole = _parent(parent, alphabet)
    if alphabet is not None:
        every = [[_written(change, alphabet) for change in changes] for changes in every]
    sequences = [_mutated(whole, changes, first, place(row), every) for row, changes in enumerate(every)]
    if alphabet is None:
        alphabet = guessed_alphabet([whole, *sequences], lambda row: place(row - 1) if row else "the parent")
    return alphabet, as_written(sequences, alphabet, place)


def _parent(text: str, alphabet: Alphabet | None) -> str:
    if alphabet is None:
        return upper(text)
    whole = in_letters_of(alphabet, text)
    if (wrong := alphabet.wrong_letter(whole)) is not None:
        raise InputError(
            f"letter {wrong[1]!r} at position {wrong[0] + 1} of the parent is not in the {alphabet.name} alphabet"
        )
    return whole


def _written(change: Change, alphabet: Alphabet) -> Change:
    old, position, new = change
    return in_letters_of(alphabet, old), position, in_letters_of(alphabet, new)


def _changes(name: str, where: str) -> list[Change]:
    """The changes in a name; none for the parent itself."""
    words = [word for word in _BETWEEN.split(name.strip()) if word]
    if name.strip().lower() in _PARENTS:
        return []
    found = [match for word in words if (match := _NAME.fullmatch(word)) is not None]
    if not words or len(found) < len(words):
        word = next((word for word in words if _NAME.fullmatch(word) is None), name)
        raise InputError(
            f"{where}: expected the name of a mutant (H24C, A1P:D2N, or wt for the parent), got {word!r}; "
            "remove rows with stop codons or deletions"
        )
    changes = [(old, int(position), old if new == "=" else new) for old, position, new in map(_groups, found)]
    positions = [position for _, position, _ in changes]
    twice = next((position for position in positions if positions.count(position) > 1), None)
    if twice is not None:
        raise InputError(f"{where}: {name.strip()!r} changes position {twice} twice; give each position once")
    return changes


def _groups(match: re.Match[str]) -> tuple[str, str, str]:
    return upper(match[1]), match[2], upper(match[3])


def _mutated(parent: str, changes: list[Change], first: int, where: str, every: list[list[Change]]) -> str:
    letters = list(parent)
    for old, position, new in changes:
        place = position - first
        if not 0 <= place < len(parent):
            raise InputError(
                f"{where}: position {position} is outside the parent (positions "
                f"{first} to {first + len(parent) - 1}){_other_first(parent, every)}"
            )
        if parent[place] != old:
            raise InputError(
                f"{where}: {old}{position}{new} expects {old} at position {position}, but the parent has "
                f"{parent[place]}{_other_first(parent, every)}"
            )
        letters[place] = new
    return "".join(letters)


def _letters(every: list[list[Change]]) -> dict[int, str]:
    """Position -> the parent's letter according to the names."""
    return {position: old for changes in every for old, position, _ in changes}


def _other_first(parent: str, every: list[list[Change]]) -> str:
    """The fix: the numbering in which every name matches the parent, where exactly one exists."""
    letters = _letters(every)
    fitting = [
        first
        for first in range(max(letters) - len(parent) + 1, min(letters) + 1)
        if all(parent[position - first] == letter for position, letter in letters.items())
    ]
    if len(fitting) == 1:
        return f"; every name matches with `first: {fitting[0]}`"
    return "; correct the name, the parent, or `first`, the number of the parent's first letter"


def _parent_in(every: list[list[Change]]) -> str:
    """The fix where the names determine the parent: every position from the first to the last is named."""
    letters = _letters(every)
    if not letters or len(letters) != max(letters) - min(letters) + 1:
        return ""
    spelt = "".join(letters[position] for position in sorted(letters))
    return f"; the names imply `parent: {spelt}` with `first: {min(letters)}`"
