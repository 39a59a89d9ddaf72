"""Breeding: children of encoded parents by crossover and segment moves. Compiled, and imported on use."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.compiling import compiled
from designloop.core.dice import Dice, below, chance

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Child = NDArray[np.int64]
"""Letters, and where each came from, (2, L): places of one parent that are neighbours have consecutive numbers."""

_LONGEST = 13
"""Letters of the longest segment that is moved. A judgement."""
_WIDEST = 16
"""Letters of the widest window from which single letters are copied. A judgement."""
_FEWEST_IMPLANTED, _MOST_IMPLANTED = 2, 8
"""Letters of a motif that are written at a place. A judgement."""


class Breeding(NamedTuple):
    """The shares of each way to make a child."""

    brood: int
    """Children of each population."""
    tournament: int
    """Members of a population that are drawn for a mother, of which the best is taken."""
    crossover: float
    donated: float
    """Share of mates that are donors and not members of the population."""
    shifts: float
    far: float
    moves: float
    implants: float
    """Share of children in which a motif is written at a random place, if there are motifs."""
    min_length: int
    max_length: int
    unseen_only: bool
    """Whether letters are drawn again only where the corpus lacks the pair, and not at each cut."""


class Place(NamedTuple):
    """Where letters may be changed, and which."""

    free: Ints
    """Places that are crossed and moved, ascending: those with a choice of letters, or all if the length varies."""
    is_free: Mask
    """True at these places, (L,)."""
    allowed: Mask
    """True where a letter is allowed, (L, letters)."""
    seen: Mask
    """True where the corpus has the second letter after the first, (letters, letters)."""


# -- children --------------------------------------------------------------------------------------------------------


@compiled
def bred(
    codes: Codes, donors: Codes, motifs: Codes, how: Breeding, place: Place, seed: int
) -> tuple[Codes, Mask, Ints]:
    """(children, seams), each (k · brood, L), of k populations (k, P, L), best first, and of donors (D, L).

    `motifs`, (k, G, W, 2), are those of each population's function: place and letter, strongest first. Seams are the
    letters to be drawn again: those after a cut, and those that are not allowed at their place. At last the place of
    each child's mother in her population, (k · brood,).
    """
    n_families, _, width = codes.shape
    children = np.full((n_families * how.brood, width), PAD, dtype=np.int16)
    seams = np.zeros(children.shape, dtype=np.bool_)
    mothers = np.zeros(len(children), dtype=np.int64)
    dice = np.array([seed], dtype=np.uint64)
    child, mate, origins = np.zeros((2, width), np.int64), np.zeros((2, width), np.int64), np.zeros(width, np.int64)
    for row in range(len(children)):
        members = codes[row // how.brood]
        mother = _best_of(dice, len(members), how.tournament)
        mothers[row] = mother
        n = _laid(members[mother], mother, place.free, child)
        if chance(dice) < how.crossover:
            n = _crossed(dice, child, n, mate, _mate(dice, members, donors, how, place, mate), how)
        if motifs.shape[1] and chance(dice) < how.implants:
            implanted(dice, child, n, motifs[row // how.brood])
        elif chance(dice) < how.moves:
            n = _moved(dice, child, n, mate, members, donors, how, place)
        if _written(members[mother], mother, child, n, place.free, children[row], origins):
            _mark(dice, children[row], origins, how, place, seams[row])
    return children, seams, mothers


@compiled
def _best_of(dice: Dice, n: int, tournament: int) -> int:
    found = below(dice, n)
    for _ in range(tournament - 1):
        found = min(found, below(dice, n))
    return found


@compiled
def _laid(codes: Codes, parent: int, free: Ints, out: Child) -> int:
    """Write a parent's letters at free places, and their numbers; returns how many there are."""
    n = 0
    for place in free:
        if codes[place] == PAD:
            break
        out[0, n], out[1, n] = codes[place], parent * (len(codes) + 1) + place
        n += 1
    return n


@compiled
def _put(out: Child, at: int, source: Child, place: int) -> None:
    """Copy a letter and its number. (Slices take far longer to compile.)"""
    out[0, at], out[1, at] = source[0, place], source[1, place]


@compiled
def _mate(dice: Dice, members: Codes, donors: Codes, how: Breeding, place: Place, out: Child) -> int:
    """Lay out a second parent; returns its number of letters."""
    if len(donors) and chance(dice) < how.donated:
        donor = below(dice, len(donors))
        return _laid(donors[donor], len(members) + donor, place.free, out)
    member = below(dice, len(members))
    return _laid(members[member], member, place.free, out)


@compiled
def _written(mother: Codes, parent: int, child: Child, n: int, free: Ints, codes: Codes, origins: Ints) -> bool:
    """Write the child, with the mother's letters at places that are not free; True if it differs from her."""
    differs = False
    for at in range(len(mother)):
        codes[at], origins[at] = mother[at], parent * (len(mother) + 1) + at
    for i in range(len(free)):
        at = free[i]
        codes[at], origins[at] = PAD, 0
        if i < n:
            codes[at], origins[at] = child[0, i], child[1, i]
        differs |= codes[at] != mother[at]
    return differs


@compiled
def _mark(dice: Dice, codes: Codes, origins: Ints, how: Breeding, place: Place, seams: Mask) -> None:
    """Mark the letters that are to be drawn again."""
    for at in range(len(codes)):
        if codes[at] == PAD:
            break
        if place.is_free[at] and not place.allowed[at, codes[at]]:
            seams[at] = True
        if at and origins[at] != origins[at - 1] + 1:
            _cut(dice, codes, at, how, place, seams)


@compiled
def _cut(dice: Dice, codes: Codes, at: int, how: Breeding, place: Place, seams: Mask) -> None:
    """Mark the letter after a cut; or, where the corpus lacks the pair, one of the two letters."""
    if how.unseen_only:
        if place.seen[codes[at - 1], codes[at]]:
            return
        if place.is_free[at - 1] and (not place.is_free[at] or chance(dice) < 0.5):
            at -= 1
    seams[at] |= place.is_free[at]


# -- crossover -------------------------------------------------------------------------------------------------------


@compiled
def _crossed(dice: Dice, child: Child, n: int, mate: Child, n_mate: int, how: Breeding) -> int:
    """Replace the letters between two cuts by the mate's, from the same places or shifted ones; the new length."""
    longest = max(n, n_mate)
    first, last = below(dice, longest + 1), below(dice, longest + 1)
    first, last = min(first, last), max(first, last)
    shift = _shift(dice, longest, how) if chance(dice) < how.shifts else 0
    mother, written = child.copy(), 0
    for i in range(longest):
        is_mates = first <= i < last
        if is_mates and 0 <= i - shift < n_mate:
            _put(child, written, mate, i - shift)
        elif i < n and not (is_mates and shift == 0):
            _put(child, written, mother, i)
        else:
            continue
        written += 1
    return written


@compiled
def _shift(dice: Dice, length: int, how: Breeding) -> int:
    """A distance other than zero: up to a quarter of the length, or any."""
    most = length - 1 if chance(dice) < how.far else length // 4
    distance = 1 + below(dice, max(most, 1))
    return distance if chance(dice) < 0.5 else -distance


# -- segment moves ---------------------------------------------------------------------------------------------------


@compiled
def _moved(
    dice: Dice, child: Child, n: int, mate: Child, members: Codes, donors: Codes, how: Breeding, place: Place
) -> int:
    """One segment move: two in five shift a segment; the others transplant, graft and swap in equal parts.

    Where the length varies, two in seven moves insert a copy or delete a segment. Returns the new length.
    """
    kind = below(dice, 5 if how.min_length == how.max_length else 7)
    if n < 2:
        return n
    if kind < 2:
        return shifted(dice, child, n)
    if kind == 2:
        return swapped(dice, child, n)
    if kind == 6:
        return shortened(dice, child, n, how.min_length)
    n_mate = n
    if chance(dice) < 0.5:
        n_mate = _mate(dice, members, donors, how, place, mate)
    else:
        mate[:] = child
    if kind == 5:
        return lengthened(dice, child, n, mate, n_mate, how.max_length)
    return transplanted(dice, child, n, mate, n_mate) if kind == 3 else grafted(dice, child, n, mate, n_mate)


@compiled
def shifted(dice: Dice, child: Child, n: int) -> int:
    """A segment is deleted and inserted at another place; what lies between moves over."""
    wide = 1 + below(dice, min(_LONGEST, n - 1))
    old, new = below(dice, n - wide + 1), below(dice, n - wide)
    new += int(new >= old)
    before = child.copy()
    for i in range(n):
        rest = i if i < new else i - wide
        inside = new <= i < new + wide
        _put(child, i, before, old + i - new if inside else rest + wide * int(rest >= old))
    return n


@compiled
def swapped(dice: Dice, child: Child, n: int) -> int:
    """Two segments of one length change places."""
    wide = 1 + below(dice, min(_LONGEST, n // 2))
    one, other = below(dice, n - 2 * wide + 1), below(dice, n - 2 * wide + 1)
    one, other = min(one, other), max(one, other) + wide
    for i in range(wide):
        for row in range(2):
            child[row, one + i], child[row, other + i] = child[row, other + i], child[row, one + i]
    return n


@compiled
def transplanted(dice: Dice, child: Child, n: int, mate: Child, n_mate: int) -> int:
    """A segment of the mate, or of the child itself, is written over another place."""
    return _copied(dice, child, n, mate, n_mate, 2 + below(dice, _LONGEST - 1), 1.0)


@compiled
def grafted(dice: Dice, child: Child, n: int, mate: Child, n_mate: int) -> int:
    """Some letters of a window, each with the same chance, are written over another place."""
    return _copied(dice, child, n, mate, n_mate, 3 + below(dice, _WIDEST - 2), 0.2 + 0.5 * chance(dice))


@compiled
def _copied(dice: Dice, child: Child, n: int, mate: Child, n_mate: int, wide: int, share: float) -> int:
    wide = min(wide, n, n_mate)
    old, new = below(dice, n_mate - wide + 1), below(dice, n - wide + 1)
    for i in range(wide):
        if share == 1.0 or chance(dice) < share:
            _put(child, new + i, mate, old + i)
    return n


@compiled
def implanted(dice: Dice, child: Child, n: int, motifs: Codes) -> None:
    """The strongest letters of a motif are written at a random place; motifs (G, W, 2), places and letters."""
    motif = motifs[below(dice, len(motifs))]
    known = 0
    while known < len(motif) and motif[known, 0] >= 0:
        known += 1
    wanted = min(_FEWEST_IMPLANTED + below(dice, _MOST_IMPLANTED - _FEWEST_IMPLANTED + 1), known)
    if wanted == 0:
        return
    first, last = motif[0, 0], motif[0, 0]
    for i in range(wanted):
        first, last = min(first, motif[i, 0]), max(last, motif[i, 0])
    if last - first >= n:
        return
    start = below(dice, n - (last - first)) - first
    for i in range(wanted):
        child[0, start + motif[i, 0]], child[1, start + motif[i, 0]] = motif[i, 1], -2 * (i + 1)


@compiled
def lengthened(dice: Dice, child: Child, n: int, mate: Child, n_mate: int, longest: int) -> int:
    """A copy of a segment is inserted."""
    wide = min(1 + below(dice, _LONGEST), longest - n, n_mate)
    old, new = below(dice, n_mate - wide + 1), below(dice, n + 1)
    for i in range(n - 1, new - 1, -1):
        _put(child, i + wide, child, i)
    for i in range(wide):
        _put(child, new + i, mate, old + i)
    return n + wide


@compiled
def shortened(dice: Dice, child: Child, n: int, shortest: int) -> int:
    """A segment is deleted."""
    wide = min(1 + below(dice, _LONGEST), n - shortest)
    old = below(dice, n - wide + 1)
    for i in range(old, n - wide):
        _put(child, i, child, i + wide)
    return n - wide
