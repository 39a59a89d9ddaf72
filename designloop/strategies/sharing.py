"""Sharing: a batch whose designs have something in common, such as one of several parents, or a plate's backbone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.records import Order, Proposal

Propose = Callable[[History, Order, np.random.Generator], Proposal]


def sharing(propose: Propose, history: History, order: Order, rng: np.random.Generator, who: str) -> Proposal:
    """What is proposed; where a batch has something `shared`, in one part of the space.

    The strategy first proposes freely. If its choices are in several parts, it proposes again in the part that most of
    them are in. Raises ContractError where it leaves that part.
    """
    free = propose(history, order, rng)
    if history.space.shared is None or not free.choices:
        return free
    sequences = [choice.sequence for choice in free.choices]
    part = history.space.levels(sequences)[0]
    if part.contains(sequences).all():
        return free
    proposal = propose(replace(history, space=part), order, rng)
    if not part.contains([choice.sequence for choice in proposal.choices]).all():
        raise ContractError(
            f"strategy '{who}' proposed a batch whose designs do not share what the space demands "
            f"({history.space.shared}); filter with history.space.contains"
        )
    return proposal
