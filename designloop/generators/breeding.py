"""Breeding: children of encoded parents by crossover and segment moves, and single letters drawn again. Compiled.

It is imported on use. All kernels are in this file, because numba does not compile a cached function again when a
function that it calls has changed in another file.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Dice = NDArray[np.uint64]
"""The state of a generator of random bits (SplitMix64; Steele, Lea and Flood 2014), shape (1,)."""
Child = NDArray[np.int64]
"""Letters, and where each came from, (2, L): places of one parent that are neighbours have consecutive numbers."""

_LONGEST = 13
"""Letters of the longest segment that is moved. A judgement."""
_WIDEST = 16
"""Letters of the widest window from which single letters are copied. A judgement."""


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
    min_length: int
    max_length: int
    unseen_only: bool
    """Whether letters are drawn again only where the corpus lacks the pair, and not at each cut."""


class Place(NamedTuple):
    """Where letters may be changed, and which."""

    free: Ints
    """Places that are crossed and moved, ascending: those with a choice of letters, or all if the length varies."""
    allowed: Mask
    """True where a letter is allowed, (L, letters)."""
    seen: Mask
    """True where the corpus has the second letter after the first, (letters, letters)."""


# -- dice ------------------------------------------------------------------------------------------------------------


@njit(cache=True)
def chance(dice: Dice) -> float:
    """A uniform number from [0, 1)."""
    dice[0] += np.uint64(0x9E3779B97F4A7C15)
    bits = dice[0]
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits = bits ^ (bits >> np.uint64(31))
    return np.float64(bits >> np.uint64(11)) * 2.0**-53


@njit(cache=True)
def below(dice: Dice, n: int) -> int:
    """A uniform whole number from 0 to n - 1."""
    return int(chance(dice) * n)


# -- children --------------------------------------------------------------------------------------------------------


@njit(cache=True)
def bred(codes: Codes, donors: Codes, how: Breeding, place: Place, seed: int) -> tuple[Codes, Mask]:
    """(children, seams), each (k · brood, L), of k populations (k, P, L), best first, and of donors (D, L).

    Seams are the letters to be drawn again: those after a cut, and those that are not allowed at their place.
    """
    n_families, _, width = codes.shape
    children = np.full((n_families * how.brood, width), PAD, dtype=np.int16)
    seams = np.zeros(children.shape, dtype=np.bool_)
    dice = np.array([seed], dtype=np.uint64)
    child, mate = np.zeros((2, width), dtype=np.int64), np.zeros((2, width), dtype=np.int64)
    for row in range(len(children)):
        members = codes[row // how.brood]
        mother = _best_of(dice, len(members), how.tournament)
        n = _laid(members[mother], mother, place.free, child)
        if chance(dice) < how.crossover:
            n = _crossed(dice, child, n, mate, _mate(dice, members, donors, how, place, mate), how)
        if chance(dice) < how.moves:
            n = _moved(dice, child, n, mate, members, donors, how, place)
        _written(dice, members[mother], mother, child, n, how, place, children[row], seams[row])
    return children, seams


@njit(cache=True)
def _best_of(dice: Dice, n: int, tournament: int) -> int:
    found = below(dice, n)
    for _ in range(tournament - 1):
        found = min(found, below(dice, n))
    return found


@njit(cache=True)
def _laid(codes: Codes, parent: int, free: Ints, out: Child) -> int:
    """Write a parent's letters at free places, and their numbers; returns how many there are."""
    n = 0
    for place in free:
        if codes[place] == PAD:
            break
        out[0, n], out[1, n] = codes[place], parent * (len(codes) + 1) + place
        n += 1
    return n


@njit(cache=True)
def _mate(dice: Dice, members: Codes, donors: Codes, how: Breeding, place: Place, out: Child) -> int:
    """Lay out a second parent; returns its number of letters."""
    if len(donors) and chance(dice) < how.donated:
        donor = below(dice, len(donors))
        return _laid(donors[donor], len(members) + donor, place.free, out)
    member = below(dice, len(members))
    return _laid(members[member], member, place.free, out)


@njit(cache=True)
def _written(
    dice: Dice, mother: Codes, parent: int, child: Child, n: int, how: Breeding, place: Place, codes: Codes, seams: Mask
) -> None:
    """Write the child into its row: the mother's letters at places that are not free, and mark its seams."""
    width = len(mother)
    origins = parent * (width + 1) + np.arange(width)
    codes[:] = mother
    is_free = np.zeros(width, dtype=np.bool_)
    for i in range(len(place.free)):
        at = place.free[i]
        is_free[at] = True
        codes[at], origins[at] = (child[0, i], child[1, i]) if i < n else (PAD, 0)
    if np.array_equal(codes, mother):
        return
    for at in range(width):
        if codes[at] != PAD and is_free[at] and not place.allowed[at, codes[at]]:
            seams[at] = True
        if at and codes[at] != PAD and origins[at] != origins[at - 1] + 1:
            _cut(dice, codes, at, is_free, how, place, seams)


@njit(cache=True)
def _cut(dice: Dice, codes: Codes, at: int, is_free: Mask, how: Breeding, place: Place, seams: Mask) -> None:
    """Mark the letter after a cut; or, where the corpus lacks the pair, one of the two letters."""
    if not how.unseen_only:
        seams[at] = is_free[at]
    elif not place.seen[codes[at - 1], codes[at]]:
        at -= int(is_free[at - 1] and (not is_free[at] or chance(dice) < 0.5))
        seams[at] = is_free[at]


# -- crossover -------------------------------------------------------------------------------------------------------


@njit(cache=True)
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
            child[:, written] = mate[:, i - shift]
        elif i < n and not (is_mates and shift == 0):
            child[:, written] = mother[:, i]
        else:
            continue
        written += 1
    return written


@njit(cache=True)
def _shift(dice: Dice, length: int, how: Breeding) -> int:
    """A distance other than zero: up to a quarter of the length, or any."""
    most = length - 1 if chance(dice) < how.far else length // 4
    distance = 1 + below(dice, max(most, 1))
    return distance if chance(dice) < 0.5 else -distance


# -- segment moves ---------------------------------------------------------------------------------------------------


@njit(cache=True)
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
    mate[:, :n], n_mate = child[:, :n], n
    if chance(dice) < 0.5:
        n_mate = _mate(dice, members, donors, how, place, mate)
    if kind == 5:
        return lengthened(dice, child, n, mate, n_mate, how.max_length)
    return transplanted(dice, child, n, mate, n_mate) if kind == 3 else grafted(dice, child, n, mate, n_mate)


@njit(cache=True)
def shifted(dice: Dice, child: Child, n: int) -> int:
    """A segment is deleted and inserted at another place; what lies between moves over."""
    wide = 1 + below(dice, min(_LONGEST, n - 1))
    old, new = below(dice, n - wide + 1), below(dice, n - wide)
    new += int(new >= old)
    before = child.copy()
    for i in range(n):
        rest = i if i < new else i - wide
        inside = new <= i < new + wide
        child[:, i] = before[:, old + i - new if inside else rest + wide * int(rest >= old)]
    return n


@njit(cache=True)
def swapped(dice: Dice, child: Child, n: int) -> int:
    """Two segments of one length change places."""
    wide = 1 + below(dice, min(_LONGEST, n // 2))
    one, other = below(dice, n - 2 * wide + 1), below(dice, n - 2 * wide + 1)
    one, other = min(one, other), max(one, other) + wide
    for i in range(wide):
        for row in range(2):
            child[row, one + i], child[row, other + i] = child[row, other + i], child[row, one + i]
    return n


@njit(cache=True)
def transplanted(dice: Dice, child: Child, n: int, mate: Child, n_mate: int) -> int:
    """A segment of the mate, or of the child itself, is written over another place."""
    return _copied(dice, child, n, mate, n_mate, 2 + below(dice, _LONGEST - 1), 1.0)


@njit(cache=True)
def grafted(dice: Dice, child: Child, n: int, mate: Child, n_mate: int) -> int:
    """Some letters of a window, each with the same chance, are written over another place."""
    return _copied(dice, child, n, mate, n_mate, 3 + below(dice, _WIDEST - 2), 0.2 + 0.5 * chance(dice))


@njit(cache=True)
def _copied(dice: Dice, child: Child, n: int, mate: Child, n_mate: int, wide: int, share: float) -> int:
    wide = min(wide, n, n_mate)
    old, new = below(dice, n_mate - wide + 1), below(dice, n - wide + 1)
    for i in range(wide):
        if share == 1.0 or chance(dice) < share:
            child[:, new + i] = mate[:, old + i]
    return n


@njit(cache=True)
def lengthened(dice: Dice, child: Child, n: int, mate: Child, n_mate: int, longest: int) -> int:
    """A copy of a segment is inserted."""
    wide = min(1 + below(dice, _LONGEST), longest - n, n_mate)
    old, new = below(dice, n_mate - wide + 1), below(dice, n + 1)
    for i in range(n - 1, new - 1, -1):
        child[:, i + wide] = child[:, i]
    child[:, new : new + wide] = mate[:, old : old + wide]
    return n + wide


@njit(cache=True)
def shortened(dice: Dice, child: Child, n: int, shortest: int) -> int:
    """A segment is deleted."""
    wide = min(1 + below(dice, _LONGEST), n - shortest)
    old = below(dice, n - wide + 1)
    for i in range(old, n - wide):
        child[:, i] = child[:, i + wide]
    return n - wide


# -- single letters --------------------------------------------------------------------------------------------------


@njit(cache=True)
def places_drawn(codes: Codes, counts: Ints, free: Ints, seed: int) -> Mask:
    """`counts` of the free letters of each row, uniformly without replacement, (n, L); all if there are fewer."""
    found = np.zeros(codes.shape, dtype=np.bool_)
    dice = np.array([seed], dtype=np.uint64)
    for row in range(len(codes)):
        left = 0
        for place in free:
            left += int(codes[row, place] != PAD)
        wanted = min(counts[row], left)
        for place in free:  # selection sampling (Knuth 1997, vol. 2, algorithm S)
            if wanted and codes[row, place] != PAD:
                if chance(dice) * left < wanted:
                    found[row, place] = True
                    wanted -= 1
                left -= 1
    return found


@njit(cache=True)
def letters_drawn(codes: Codes, missing: Mask, allowed: Mask, seen: Mask, seed: int) -> Codes:
    """Codes with each missing letter replaced by another one, uniform among those allowed there.

    Where possible, it is one that the corpus has next to both neighbours. A right neighbour that is still to be drawn
    does not matter.
    """
    found, dice = codes.copy(), np.array([seed], dtype=np.uint64)
    for row in range(len(codes)):
        for at in range(codes.shape[1]):
            if missing[row, at]:
                right_is_known = at + 1 < codes.shape[1] and codes[row, at + 1] != PAD and not missing[row, at + 1]
                left = found[row, at - 1] if at else PAD
                right = found[row, at + 1] if right_is_known else PAD
                found[row, at] = _letter(dice, found[row, at], left, right, allowed[at], seen)
    return found


@njit(cache=True)
def _letter(dice: Dice, old: int, left: int, right: int, allowed: Mask, seen: Mask) -> int:
    best, n_best, is_natural = old, 0, False
    for letter in range(len(allowed)):
        if letter == old or not allowed[letter]:
            continue
        fits = (left == PAD or seen[left, letter]) and (right == PAD or seen[letter, right])
        if fits and not is_natural:
            n_best, is_natural = 0, True
        if fits == is_natural:
            n_best += 1
            if below(dice, n_best) == 0:
                best = letter
    return best
