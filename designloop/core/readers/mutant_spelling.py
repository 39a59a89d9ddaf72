"""Spells a mutant: the parent's sequence with the changes that a name describes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from designloop.core.alphabet import Alphabet
from designloop.core.readers.alphabets import upper
from designloop.core.readers.cleaning import in_letters_of
from designloop.core.readers.mutant_names import Change, Mutant


class BadChange(ValueError):
    """A change that contradicts the parent, or another change; `is_numbering`: another numbering may be the mend."""

    def __init__(self, why: str, *, is_numbering: bool = False) -> None:
        super().__init__(why)
        self.is_numbering = is_numbering


def written(mutant: Mutant, alphabet: Alphabet | None) -> Mutant:
    """The mutant in the letters of the alphabet; in upper case where there is none."""

    def letters(text: str) -> str:
        return upper(text) if alphabet is None else in_letters_of(alphabet, text)

    changes = (
        replace(one, new=letters(one.new), stated=tuple((place, letters(old)) for place, old in one.stated))
        for one in mutant.changes
    )
    return replace(mutant, changes=tuple(changes))


def spelt_out(mutant: Mutant, parent: str, first: int) -> str:
    """The sequence of a mutant. Raises BadChange."""
    changes = sorted(mutant.changes, key=lambda one: (one.start, one.stop))
    twice = next((after.start for before, after in pairwise(changes) if _meet(before, after)), None)
    if twice is not None:
        raise BadChange(f"changes position {twice} twice; give each position once")
    for change in changes:
        _check(change, parent, first)
    sequence = parent
    for change in reversed(changes):
        new = change.new if change.copies is None else parent[change.copies[0] - first : change.copies[1] - first]
        sequence = sequence[: change.start - first] + new + sequence[change.stop - first :]
    return sequence


def _meet(before: Change, after: Change) -> bool:
    """Whether two changes, in order, replace one position, or insert at one place."""
    return after.start < before.stop or (before.start == before.stop == after.start == after.stop)


def _check(change: Change, parent: str, first: int) -> None:
    last = first + len(parent) - 1
    wanted = [position for position, _ in change.stated] or [change.start, max(change.start, change.stop - 1)]
    wanted += list(change.copies or ())[:1]
    outside = next((position for position in wanted if not first <= position <= last), None)
    if outside is not None:
        raise BadChange(
            f"names position {outside}, outside the parent (positions {first} to {last})", is_numbering=True
        )
    for position, letter in change.stated:
        if parent[position - first] != letter:
            raise BadChange(
                f"expects {letter} at position {position}, but the parent has {parent[position - first]}",
                is_numbering=True,
            )


def stated_letters(mutants: Iterable[Mutant]) -> dict[int, str]:
    """Position -> the parent's letters according to the names: one letter, or several that contradict each other."""
    letters: dict[int, str] = {}
    for mutant in mutants:
        for change in mutant.changes:
            for position, letter in change.stated:
                seen = letters.get(position, "")
                letters[position] = seen if letter in seen else seen + letter
    return letters


def fitting_first(letters: Mapping[int, str], parent: str) -> int | None:
    """The number of the parent's first letter with which every name matches, where exactly one does."""
    if not letters or any(len(letter) > 1 for letter in letters.values()):
        return None
    fitting = [
        first
        for first in range(max(letters) - len(parent) + 1, min(letters) + 1)
        if all(parent[position - first] == letter for position, letter in letters.items())
    ]
    return fitting[0] if len(fitting) == 1 else None


def implied_parent(letters: Mapping[int, str]) -> tuple[str, int] | None:
    """The parent and its first number, where the names state every position from the first to the last."""
    if not letters or len(letters) != max(letters) - min(letters) + 1 or any(len(one) > 1 for one in letters.values()):
        return None
    return "".join(letters[position] for position in sorted(letters)), min(letters)
