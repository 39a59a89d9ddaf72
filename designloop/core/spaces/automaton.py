"""An automaton accepts the sequences that meet several demands at once: it counts, lists and draws them.

It is the product of the demands' machines, unrolled over the places of a sequence, with the states that can be reached.
Numbers of continuations are counted from the end with whole numbers of any size (Flajolet, Zimmermann and Van Cutsem
1994, Theor. Comput. Sci. 132, 1). Each probability of a draw is their ratio, rounded once to a double: that of a whole
sequence of L letters is within a factor of 1 ± L · 2**-53 of 1 / size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.spaces.machines import Machine, distinct

_MOST_TRANSITIONS = 6_000_000
"""An automaton with more is not built: it takes about four seconds and 250 MB."""


@dataclass(frozen=True)
class Automaton:
    """States are numbered through all places, from 0, the first; `n_states` in all."""

    following: NDArray[np.int32]
    """The state after each letter, (n_states, letters); -1 where no sequence goes on so."""
    ends: NDArray[np.bool_]
    """True for states in which a sequence may end, (n_states,)."""
    chances: NDArray[np.float64]
    """Probability that a uniform draw goes on with a letter up to each, (n_states, letters); otherwise it ends."""
    length: int
    """Length of the longest sequence."""
    size: int
    """Number of sequences."""

    @classmethod
    def of(
        cls, machines: Sequence[Machine], length: int, n_letters: int, most: int = _MOST_TRANSITIONS
    ) -> "Automaton | None":
        """The product of the machines; None if it has more than `most` transitions."""
        layers = _unrolled(machines, length, n_letters, most)
        return None if layers is None else _counted(layers, length)

    def every(self) -> Codes:
        """All sequences, (size, length), sorted by length and then by codes."""
        states, codes = np.zeros(1, dtype=np.int64), np.full((1, self.length), PAD, dtype=np.int16)
        found = [codes[:0]]
        for place in range(self.length + 1):
            found.append(codes[self.ends[states]])
            if place < self.length:
                rows, letters = np.nonzero(self.following[states] >= 0)
                states, codes = self.following[states[rows], letters].astype(np.int64), codes[rows]
                codes[:, place] = letters
        return np.concatenate(found) if self.size else found[0]

    def accepts(self, codes: Codes) -> NDArray[np.bool_]:
        """True for each row of codes, (n, length), padded after its end."""
        states = np.zeros(len(codes), dtype=np.int64)
        alive = np.full(len(codes), self.size > 0)
        for place in range(codes.shape[1]):
            going = np.flatnonzero(alive & (codes[:, place] != PAD))
            states[going] = self.following[states[going], codes[going, place]]
            alive[going] = states[going] >= 0
        return alive & self.ends[states]


@dataclass
class _Layer:
    """The states after a number of letters."""

    accepts: NDArray[np.bool_]
    following: NDArray[np.int32]
    """The number in the next layer of the state after each letter, (S, letters), -1 for none; empty in the last."""


def _unrolled(machines: Sequence[Machine], length: int, n_letters: int, most: int) -> list[_Layer] | None:
    layers, n_transitions = list[_Layer](), 0
    states = np.zeros((1, len(machines)), dtype=np.int64)  # a state of each machine
    for place in range(length + 1):
        ends = [machine.accepts(place)[states[:, k]] for k, machine in enumerate(machines)]
        accepts = np.logical_and.reduce(ends)
        if place == length:
            layers.append(_Layer(accepts, np.zeros((len(states), 0), dtype=np.int32)))
            return layers
        n_transitions += len(states) * n_letters
        if n_transitions > most:
            return None
        tables = [machine.table(place) for machine in machines]
        after = np.stack([table[states[:, k]] for k, table in enumerate(tables)], axis=-1).astype(np.int64)
        states, following = distinct(after, np.asarray((after >= 0).all(axis=-1)))
        layers.append(_Layer(accepts, following))
    return layers


def _counted(layers: list[_Layer], length: int) -> Automaton:
    """The automaton of the layers, without transitions from which no sequence is completed."""
    n_before = np.cumsum([0, *(len(layer.accepts) for layer in layers)]).tolist()
    n_letters = layers[0].following.shape[1]
    following = np.full((n_before[-1], n_letters), -1, dtype=np.int32)
    chances = np.zeros((n_before[-1], n_letters))
    totals: Any = np.zeros(1, dtype=object)
    for place in range(length, -1, -1):
        layer, here = layers[place], slice(n_before[place], n_before[place + 1])
        counts: Any = np.zeros((len(layer.accepts), n_letters), dtype=object)
        if place < length:
            counts = np.append(totals, [0])[layer.following]  # the state -1 is the last, with no continuation
            following[here] = np.where(counts > 0, layer.following + n_before[place + 1], -1)
        up_to = np.cumsum(counts, axis=1)
        totals = up_to[:, -1] + layer.accepts.astype(int)
        chances[here] = (up_to / np.where(totals > 0, totals, 1)[:, None]).astype(np.float64)
    ends = np.concatenate([layer.accepts for layer in layers])
    return Automaton(following, ends, chances, length, int(totals[0]))
