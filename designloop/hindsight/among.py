"""Among which sequences a strategy chooses: all of its space, or only designs that were measured in the end."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.spaces import compress
from designloop.hindsight.decision import Decision


class Among(StrEnum):
    """What a strategy may choose.

    `space`: all sequences of the campaign. `later`: the designs that were measured at this decision or a later one.
    `batch`: the measured designs of the batch itself, of which it chooses fewer.
    """

    SPACE = "space"
    LATER = "later"
    BATCH = "batch"


def candidates(among: Among, decision: Decision, history: History, final: History) -> list[str]:
    """The sequences with a value that may be chosen, in the order of their designs.

    They are inside the space, and neither measured, pending nor vetoed at the decision. Of `space`, those of `later`.
    """
    first = history.n_designs
    later = [design.sequence for key, design in sorted(final.designs.items()) if key >= first]
    known = final.is_measured
    values = compress(final.sequences, known)
    left = set(decision.built if among is Among.BATCH else later) & set(values) - history.taken
    listed = [sequence for sequence in dict.fromkeys(later) if sequence in left]
    return compress(listed, history.space.contains(listed))


def restricted(history: History, sequences: Sequence[str]) -> History:
    """The history whose space is a list of sequences: the strategy's own machinery chooses among them.

    Known sequences are in it too: they cannot be chosen, but others are bred from them. The list is shuffled, because
    the order of designs would tell which of them were chosen later. What batches of the space have in common (`shared`)
    is no demand on a list.
    """
    known = sorted(history.taken)
    listed = sorted({*compress(known, history.space.contains(known)), *sequences})
    order = stream(0, "replay", "list").permutation(len(listed))
    return replace(history, space=history.space.with_(pool=tuple(listed[i] for i in order.tolist()), shared=None))
