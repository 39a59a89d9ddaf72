"""Mending: letters of a sequence that breaks rules are drawn again, few of them, until it obeys. Compiled.

Letters near the first place at which an automaton fails are opened, more of them at each attempt. New letters are drawn
from all that complete the sequence, with a weight for each letter that differs from the old one. Sliding windows are
not part of the automaton: a few letters of a broken window are drawn again, if no more windows are broken for it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.compiling import compiled
from designloop.core.dice import Dice, below, chance

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
States = NDArray[np.int32]
Mask = NDArray[np.bool_]

_OTHER = 0.02
"""Weight of each letter that differs from the old one: fewer changes are likelier. A judgement."""
_ATTEMPTS = 8
_ROUNDS = 200
"""Redraws of letters in broken windows."""
_MOST_OPENED = 6


class Room(NamedTuple):
    """Arrays that are filled anew for each sequence."""

    states: States
    """Those that can be reached at each place."""
    numbers: States
    """Where each state is among those of its place; -1 for all others, before and after a redraw."""
    counts: Floats
    """The weight of all ways on from each."""
    first: Ints
    """Where the states of each place begin."""


@compiled
def mended(codes: Codes, following: States, ends: Mask, windows: Ints, counted: Mask, frame: int, seed: int) -> Codes:
    """Sequences (n, L) that obey the automaton and the windows where that was achieved; others as they were.

    `frame` letters in a row are opened together: 3 where rules read codons.
    """
    found, dice = codes.copy(), np.array([seed], dtype=np.uint64)
    row, opened = np.zeros(codes.shape[1], dtype=np.int64), np.zeros(codes.shape[1], dtype=np.bool_)
    n_states = len(ends)
    room = Room(
        np.zeros(n_states, np.int32),
        np.full(n_states, -1, np.int32),
        np.zeros(n_states),
        np.zeros(codes.shape[1] + 2, np.int64),
    )
    for one in range(len(codes)):
        length = 0
        while length < codes.shape[1] and codes[one, length] != PAD:
            row[length] = codes[one, length]
            length += 1
        if not _automaton_obeyed(row, length, following, ends, opened, frame, room, dice):
            continue
        if _windows_obeyed(row, length, following, ends, windows, counted, opened, frame, room, dice):
            for at in range(length):
                found[one, at] = row[at]
    return found


@compiled
def _automaton_obeyed(
    row: Ints,
    length: int,
    following: States,
    ends: Mask,
    opened: Mask,
    frame: int,
    room: Room,
    dice: Dice,
) -> bool:
    """Redraw letters of a row until the automaton accepts it; True where it does."""
    fails_at = _failure(row, length, following, ends)
    wide = 1
    for attempt in range(_ATTEMPTS):
        if fails_at < 0:
            return True
        wide *= 2
        opened[:] = attempt == _ATTEMPTS - 1
        for at in range(max(fails_at - wide + 1, 0), min(fails_at + wide // 2, length)):
            opened[at] = True
        for _ in range(wide // 2):
            opened[below(dice, length)] = True
        _open_frames(opened, length, frame)
        fails_at = _redrawn(row, length, following, ends, opened, _OTHER, room, dice)
    return fails_at < 0


@compiled
def _open_frames(opened: Mask, length: int, frame: int) -> None:
    if frame == 1:
        return
    for begin in range(0, length - frame + 1, frame):
        any_is_open = False
        for at in range(begin, begin + frame):
            any_is_open |= opened[at]
        for at in range(begin, begin + frame):
            opened[at] = any_is_open


@compiled
def _failure(row: Ints, length: int, following: States, ends: Mask) -> int:
    """The first place at which the automaton has no way on; the length where it may not end; -1 where it accepts."""
    state = 0
    for at in range(length):
        state = following[state, row[at]]
        if state < 0:
            return at
    return -1 if ends[state] else length


@compiled
def _redrawn(
    row: Ints,
    length: int,
    following: States,
    ends: Mask,
    opened: Mask,
    other: float,
    room: Room,
    dice: Dice,
) -> int:
    """Redraw the open letters, given the others; -1, or the place where no way on is left, and an unchanged row."""
    fails_at = _reached(row, length, following, opened, room)
    if fails_at < 0:
        fails_at = _weighed(row, length, following, ends, opened, other, room)
    if fails_at < 0:
        _drawn_on(row, length, following, opened, other, room, dice)
    last = length if fails_at < 0 else fails_at
    for i in range(room.first[last + 1]):
        room.numbers[room.states[i]] = -1
    return fails_at


@compiled
def _reached(row: Ints, length: int, following: States, opened: Mask, room: Room) -> int:
    """List the states that can be reached at each place; -1, or the place at which there are none."""
    states, numbers, _, first = room
    states[0], numbers[0], n = 0, 0, 1
    first[0], first[1] = 0, 1
    for at in range(length):
        for i in range(first[at], first[at + 1]):
            for letter in range(following.shape[1]):
                if letter != row[at] and not opened[at]:
                    continue
                after = following[states[i], letter]
                if after >= 0 and numbers[after] < 0:
                    states[n], numbers[after] = after, n
                    n += 1
        first[at + 2] = n
        if n == first[at + 1]:
            return at
    return -1


@compiled
def _weighed(
    row: Ints,
    length: int,
    following: States,
    ends: Mask,
    opened: Mask,
    other: float,
    room: Room,
) -> int:
    """Weigh the ways on from each state, from the end; -1, or the length where none ends there."""
    states, numbers, counts, first = room
    for i in range(first[length], first[length + 1]):
        counts[i] = 1.0 if ends[states[i]] else 0.0
    for at in range(length - 1, -1, -1):
        highest = 0.0
        for i in range(first[at], first[at + 1]):
            counts[i] = 0.0
            for letter in range(following.shape[1]):
                if letter == row[at] or opened[at]:
                    after = following[states[i], letter]
                    if after >= 0:
                        counts[i] += counts[numbers[after]] * (1.0 if letter == row[at] else other)
            highest = max(highest, counts[i])
        if highest == 0.0:
            return length
        for i in range(first[at], first[at + 1]):  # so that they neither overflow nor vanish
            counts[i] /= highest
    return -1 if length or ends[0] else length


@compiled
def _drawn_on(row: Ints, length: int, following: States, opened: Mask, other: float, room: Room, dice: Dice) -> None:
    """Draw the open letters by their weights."""
    _, numbers, counts, _ = room
    state = 0
    for at in range(length):
        if not opened[at]:
            state = following[state, row[at]]
            continue
        total = 0.0
        for letter in range(following.shape[1]):
            after = following[state, letter]
            if after >= 0 and numbers[after] >= 0:
                total += counts[numbers[after]] * (1.0 if letter == row[at] else other)
        left, chosen = chance(dice) * total, -1
        for letter in range(following.shape[1]):
            after = following[state, letter]
            if after >= 0 and numbers[after] >= 0 and counts[numbers[after]] > 0.0 and left >= 0.0:
                chosen = letter
                left -= counts[numbers[after]] * (1.0 if letter == row[at] else other)
        row[at] = chosen
        state = following[state, chosen]


# -- windows ---------------------------------------------------------------------------------------------------------


@compiled
def _excess(row: Ints, length: int, windows: Ints, counted: Mask, dice: Dice) -> tuple[int, int, int]:
    """(letters too many or too few, summed over all windows; a broken window at random; its width)."""
    total, n_broken, begin, its_width = 0, 0, 0, 0
    for k in range(len(windows)):
        width, number = windows[k, 0], 0
        for at in range(length):
            number += int(counted[k, row[at]])
            if at >= width:
                number -= int(counted[k, row[at - width]])
            if at < width - 1:
                continue
            excess = max(number - windows[k, 2], windows[k, 1] - number, 0)
            if excess:
                total += excess
                n_broken += 1
                if below(dice, n_broken) == 0:
                    begin, its_width = at - width + 1, width
    return total, begin, its_width


@compiled
def _windows_obeyed(
    row: Ints,
    length: int,
    following: States,
    ends: Mask,
    windows: Ints,
    counted: Mask,
    opened: Mask,
    frame: int,
    room: Room,
    dice: Dice,
) -> bool:
    """Redraw a few letters of a broken window, as long as the excess does not grow; True where none is left."""
    excess, begin, width = _excess(row, length, windows, counted, dice)
    before = row.copy()
    for _ in range(_ROUNDS):
        if excess == 0:
            return True
        opened[:] = False
        for _ in range(1 + below(dice, _MOST_OPENED)):
            opened[begin + below(dice, width)] = True
        _open_frames(opened, length, frame)
        before[:] = row
        _redrawn(row, length, following, ends, opened, 1.0, room, dice)
        now, other_begin, other_width = _excess(row, length, windows, counted, dice)
        if now > excess:
            row[:] = before
        else:
            excess, begin, width = now, other_begin, other_width
    return excess == 0
