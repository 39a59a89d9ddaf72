"""Moves within a space: substitutions, insertions and deletions. The caller chooses the new letters.

In a space of variable length, letters can be inserted and deleted anywhere. Within an edit budget, a move changes the
edit script from the parent to the sequence: old edits are undone to make room, and fixed letters are never changed.
"""

from dataclasses import dataclass, field
from random import Random

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.spaces.columns import EditBudget, Ints
from designloop.core.spaces.space import Space

Mask = NDArray[np.bool_]
_INDELS = 0.25
"""Share of edits that are insertions or deletions, in equal numbers. A judgement."""
_UNDONE = 0.25
"""Probability that a move within an edit budget undoes an old edit, if there is one. A judgement."""
_TRIES = 8
"""Number of attempts to find a script whose letters are all allowed at their new positions."""


def moved(
    codes: Codes, n_edits: Ints, space: Space, rng: np.random.Generator, also: Mask | None = None
) -> tuple[Codes, Mask]:
    """(codes, missing), each (n, max_length): sequences (n, L) after `n_edits` edits, (n,), and letters to be chosen.

    A missing letter holds the old letter, or a uniformly drawn one where there was none. `also`, (n, L), marks further
    letters to be chosen; it is ignored within an edit budget, where each substitution is an edit.
    """
    wide = np.full((len(codes), space.max_length), PAD, dtype=np.int16)
    wide[:, : codes.shape[1]] = codes[:, : space.max_length]
    if space.parents:
        return _moved_near_parents(wide, n_edits, space, rng)
    if space.edit_budget is not None:
        return _rescripted(wide, n_edits, space, space.edit_budget, rng)
    marked = np.zeros(wide.shape, dtype=bool)
    if also is not None:
        marked[:, : also.shape[1]] = also[:, : space.max_length]
    return _between_lengths(wide, n_edits, space, marked, rng)


def _moved_near_parents(codes: Codes, n_edits: Ints, space: Space, rng: np.random.Generator) -> tuple[Codes, Mask]:
    """Each sequence within the budget of its nearest parent."""
    sequences = space.alphabet.decode(codes)
    nearest = np.argmin([one.edits(sequences) for one in space.of_each_parent], axis=0)
    found, missing = codes.copy(), np.zeros(codes.shape, dtype=bool)
    for ordinal, one in enumerate(space.of_each_parent):
        rows = np.flatnonzero(nearest == ordinal)
        found[rows], missing[rows] = moved(codes[rows], n_edits[rows], one, rng)
    return found, missing


# -- between lengths -------------------------------------------------------------------------------------------------


def _between_lengths(
    codes: Codes, n_edits: Ints, space: Space, marked: Mask, rng: np.random.Generator
) -> tuple[Codes, Mask]:
    is_letter, lengths = codes != PAD, (codes != PAD).sum(axis=1)
    n_in, n_out = _n_indels(n_edits, lengths, space, rng)
    kept = is_letter & ~_some(is_letter, n_out, rng)
    slots = rng.integers(0, lengths[:, None] + 1, size=(len(codes), int(n_in.max(initial=0))))
    order = _woven(kept, slots, np.arange(slots.shape[1]) < n_in[:, None])
    is_old, old = (order >= 0) & (order < codes.shape[1]), np.clip(order, 0, codes.shape[1] - 1)
    codes, marked = np.take_along_axis(codes, old, axis=1), np.take_along_axis(marked, old, axis=1) & is_old
    codes = np.where(is_old, codes, np.where(order < 0, PAD, 0)).astype(np.int16)
    written = _some(is_old & (space.letters_allowed.sum(axis=1) > 1), np.maximum(n_edits - n_in - n_out, 0), rng)
    codes, misplaced = _with_some_letter(codes, is_old, space, rng)
    return codes, written | marked | misplaced


def _woven(kept: Mask, slots: Ints, come: Mask) -> Ints:
    """The index of the letter at each position, (n, L): old letters from 0, new ones from L; -1 after the end.

    A new letter, (n, new), is inserted before the old letter at its slot.
    """
    behind = 2 * kept.shape[1] + 2
    old = np.where(kept, 2 * np.arange(kept.shape[1]) + 1, behind)
    keys = np.concatenate([old, np.where(come, 2 * slots, behind)], axis=1)
    order = np.argsort(keys, axis=1, kind="stable")[:, : kept.shape[1]]
    return np.where(np.take_along_axis(keys, order, axis=1) < behind, order, -1)


def _with_some_letter(codes: Codes, is_old: Mask, space: Space, rng: np.random.Generator) -> tuple[Codes, Mask]:
    """Codes with random allowed letters where a letter is new or no longer allowed; and those positions, (n, L)."""
    may_stand = space.letters_allowed[np.arange(codes.shape[1]), np.maximum(codes, 0)]
    misplaced = (codes != PAD) & (~is_old | ~may_stand)
    rows, places = np.nonzero(misplaced)
    codes[rows, places] = drawn_letters(space.letters_allowed[places], rng)
    return codes, misplaced


def _n_indels(n_edits: Ints, lengths: Ints, space: Space, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Numbers of insertions and deletions, (n,) each, that keep the length within the space's limits."""
    if not space.has_indels:
        return np.zeros_like(n_edits), np.zeros_like(n_edits)
    both = rng.binomial(n_edits, _INDELS)
    n_in = rng.binomial(both, 0.5)
    n_out = np.minimum(both - n_in, lengths)
    n_out += np.maximum(lengths + n_in - n_out - space.max_length, 0)
    n_in += np.maximum(space.min_length - (lengths + n_in - n_out), 0)
    return n_in, n_out


def _some(among: Mask, counts: Ints, rng: np.random.Generator) -> Mask:
    """`counts` random positions of each row, (n, L); all of them if there are fewer."""
    keys = np.where(among, rng.random(among.shape), 2.0)
    ranks = keys.argsort(axis=1).argsort(axis=1)
    return np.asarray(among & (ranks < counts[:, None]))


def drawn_letters(allowed: Mask, rng: np.random.Generator) -> Ints:
    """A letter for each row, (n,), drawn uniformly from those allowed, (n, letters)."""
    return np.asarray((rng.random(allowed.shape) * allowed).argmax(axis=1))


# -- within an edit budget -------------------------------------------------------------------------------------------


@dataclass
class _Script:
    """The edits from the parent to a sequence; -1 is a letter to be chosen."""

    written: dict[int, int] = field(default_factory=dict)
    """Place in the parent: the substituted letter."""
    deleted: set[int] = field(default_factory=set)
    inserted: list[tuple[int, int]] = field(default_factory=list)
    """(place in the parent, a letter before it), in their order."""

    def __len__(self) -> int:
        return len(self.written) + len(self.deleted) + len(self.inserted)

    def drop(self, dice: Random) -> None:
        """Undo one edit."""
        which = dice.randrange(len(self))
        if which < len(self.written):
            self.written.pop(list(self.written)[which])
        elif which < len(self.written) + len(self.deleted):
            self.deleted.remove(sorted(self.deleted)[which - len(self.written)])
        else:
            self.inserted.pop(which - len(self.written) - len(self.deleted))

    def made(self, parent: list[int]) -> list[int]:
        """The codes of the sequence, -1 for a letter to be chosen."""
        before: dict[int, list[int]] = {}
        for place, letter in self.inserted:
            before.setdefault(place, []).append(letter)
        codes = []
        for place, letter in enumerate(parent):
            codes += before.get(place, [])
            codes += [] if place in self.deleted else [self.written.get(place, letter)]
        return codes + before.get(len(parent), [])


class _Editor:
    """Edits scripts within one budget."""

    def __init__(self, space: Space, budget: EditBudget, dice: Random) -> None:
        self._space, self._budget, self._dice = space, budget, dice
        self._parent: list[int] = budget.parent.tolist()
        self._loose = np.flatnonzero(~budget.kept).tolist()

    def script(self, sequence: str) -> _Script:
        """A shortest script for `sequence`; outside the budget, without the edits of fixed letters."""
        from rapidfuzz.distance import Levenshtein

        code_of = self._space.alphabet.letters.index
        if not self._space.has_indels and len(sequence) == len(self._parent):
            letters = list(map(code_of, sequence))
            return _Script({place: letters[place] for place in self._loose if letters[place] != self._parent[place]})
        steps = [
            (edit.tag, edit.src_pos, PAD if edit.tag == "delete" else code_of(sequence[edit.dest_pos]))
            for edit in Levenshtein.editops(self._space.parent or "", sequence)
        ]
        if any(what != "insert" and self._budget.kept[place] for what, place, _ in steps):
            by_hand = self._budget.edits_of(self._space.alphabet.encode([sequence])[0])
            steps = by_hand or [step for step in steps if step[0] == "insert" or not self._budget.kept[step[1]]]
        return _Script(
            {place: letter for what, place, letter in steps if what == "replace"},
            {place for what, place, _ in steps if what == "delete"},
            [(place, letter) for what, place, letter in steps if what == "insert"],
        )

    def edited(self, sequence: str, n_edits: int) -> tuple[list[int], list[int]]:
        """(codes, places to be chosen) after `n_edits` edits; if no script fits, substitutions of the parent."""
        old = self.script(sequence)
        for _ in range(_TRIES):
            script = _Script(dict(old.written), set(old.deleted), list(old.inserted))
            self._edit(script, min(n_edits, self._budget.max_edits))
            codes = script.made(self._parent)
            if self._may_stand(codes):
                return self._with_letters(codes)
        script = _Script()
        for place in self._dice.sample(self._loose, min(n_edits, self._budget.max_edits, len(self._loose))):
            script.written[place] = -1
        return self._with_letters(script.made(self._parent))

    def _edit(self, script: _Script, n_edits: int) -> None:
        undone = sum(self._dice.random() < _UNDONE for _ in range(n_edits)) if len(script) else 0
        n_new = max(n_edits - undone, 0)
        while len(script) and (undone > 0 or len(script) + n_new > self._budget.max_edits):
            script.drop(self._dice)
            undone -= 1
        for _ in range(n_new):
            self._add(script)
        self._fit_length(script)

    def _add(self, script: _Script) -> None:
        """Add one edit, of any possible kind."""
        kind = self._dice.random() / _INDELS if self._space.has_indels else 2.0
        if kind < 0.5:
            self._insert(script)
        elif kind < 1.0:
            self._delete(script)
        elif places := self._untouched(script):
            script.written[self._dice.choice(places)] = -1

    def _untouched(self, script: _Script) -> list[int]:
        return [place for place in self._loose if place not in script.deleted and place not in script.written]

    def _insert(self, script: _Script) -> None:
        place = self._dice.randrange(len(self._parent) + 1)
        script.inserted.insert(self._dice.randrange(len(script.inserted) + 1), (place, -1))

    def _delete(self, script: _Script) -> None:
        if places := self._untouched(script):
            script.deleted.add(self._dice.choice(places))

    def _fit_length(self, script: _Script) -> None:
        """Compensate an indel that violates the limits on length, or undo it."""
        while (length := len(self._parent) + len(script.inserted) - len(script.deleted)) > self._space.max_length:
            n_deleted = len(script.deleted)
            if len(script) < self._budget.max_edits and self._dice.random() < 0.5:
                self._delete(script)
            if len(script.deleted) == n_deleted:
                script.inserted.pop(self._dice.randrange(len(script.inserted)))
        while length < self._space.min_length:
            if len(script) < self._budget.max_edits and self._dice.random() < 0.5:
                self._insert(script)
            else:
                script.deleted.remove(self._dice.choice(sorted(script.deleted)))
            length += 1

    def _may_stand(self, codes: list[int]) -> bool:
        if not self._space.allowed:
            return True
        return all(letter < 0 or self._budget.allowed[place, letter] for place, letter in enumerate(codes))

    def _with_letters(self, codes: list[int]) -> tuple[list[int], list[int]]:
        """The codes with a random letter at each place to be chosen, and those places."""
        places = [place for place, letter in enumerate(codes) if letter < 0]
        for place in places:
            codes[place] = self._dice.choice(np.flatnonzero(self._budget.allowed[place]).tolist())
        return codes, places


def _rescripted(
    codes: Codes, n_edits: Ints, space: Space, budget: EditBudget, rng: np.random.Generator
) -> tuple[Codes, Mask]:
    editor = _Editor(space, budget, Random(int(rng.integers(2**63))))
    found, missing = np.full(codes.shape, PAD, dtype=np.int16), np.zeros(codes.shape, dtype=bool)
    for row, (sequence, n) in enumerate(zip(space.alphabet.decode(codes), n_edits.tolist(), strict=True)):
        letters, places = editor.edited(sequence, n)
        found[row, : len(letters)] = letters
        missing[row, places] = True
    return found, missing
