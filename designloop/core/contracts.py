"""Contracts: what one part promises another, checked where the promise is cashed."""

from collections.abc import Sequence
from typing import Any

from designloop.core.counting import many
from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.records import Event, Order, Proposal


def check_proposal(
    proposal: Proposal, order: Order, history: History, who: str, *, may_be_short: bool = False
) -> Proposal:
    """The proposal, once it keeps a strategy's promise: so many new sequences, distinct, inside the space, none taken.

    There may be fewer where it may be short; where there is none at all, nothing is measured again either. Retests are
    of measured designs. Raises ContractError naming the strategy, what it did, and what to do instead.
    """
    sequences = [choice.sequence for choice in proposal.choices]
    if len(sequences) > order.n_designs or (len(sequences) < order.n_designs and not may_be_short):
        were = "was" if order.n_designs == 1 else "were"
        raise ContractError(
            f"strategy '{who}' proposed {many(len(sequences), 'design')}, and {order.n_designs} {were} ordered; "
            "propose exactly those, or set strategy.fill to `short` where there may be fewer"
        )
    _check_new(sequences, history, f"strategy '{who}'")
    _check_retests(proposal.retests, order, history, f"strategy '{who}'")
    return proposal if sequences or order.n_designs == 0 else Proposal(())


def _check_new(sequences: Sequence[str], history: History, who: str) -> None:
    if len(set(sequences)) < len(sequences):
        twice = next(sequence for sequence in sequences if sequences.count(sequence) > 1)
        raise ContractError(
            f"{who} proposed {twice!r} twice in a batch; a batch is distinct: replicates are the order's"
        )
    outside = [s for s, inside in zip(sequences, history.space.contains(sequences), strict=True) if not inside]
    if outside:
        raise ContractError(
            f"{who} proposed {many(len(outside), 'sequence')} outside the space, the first {outside[0]!r}; "
            "keep those that history.space.contains"
        )
    taken = [sequence for sequence in sequences if sequence in history.taken]
    if taken:
        where = "pending" if taken[0] in history.pending_sequences else "measured"
        raise ContractError(
            f"{who} proposed {many(len(taken), 'sequence')} that are taken, the first {taken[0]!r} ({where}); "
            "leave out history.taken"
        )


def _check_retests(retests: Sequence[int], order: Order, history: History, who: str) -> None:
    known = {int(i) for i in history.ids[history.is_measured & (history.ids >= 0)]}
    wrong = [design for design in retests if design not in known]
    if wrong:
        raise ContractError(f"{who} retests design {wrong[0]}, which has no value yet; retest measured designs only")
    if len(set(retests)) < len(retests) or len(retests) > order.n_retests:
        raise ContractError(f"{who} retests {list(retests)}, and {order.n_retests} distinct ones were ordered")
    idle = known.difference(history.retesting)  # a design that is being measured again already need not be once more
    if len(retests) < min(order.n_retests, len(idle)):
        were = "was" if order.n_retests == 1 else "were"
        raise ContractError(
            f"{who} retests {many(len(retests), 'design')}, and {order.n_retests} {were} ordered; propose exactly those"
        )


def shortfall(proposal: Proposal, order: Order, minute: int, round_: int) -> list[Event]:
    """The event that says that fewer new designs are proposed than ordered; none where all are there."""
    n_chosen = len(proposal.choices)
    facts = {"round": round_, "ordered": order.n_designs, "chosen": n_chosen}
    return [Event(minute, "short", None, facts)] if n_chosen < order.n_designs else []


def finite(facts: dict[str, Any]) -> dict[str, Any]:
    """Numbers that JSON can hold: None for NaN and infinity."""
    return {k: (float(v) if abs(v) < float("inf") else None) if isinstance(v, float) else v for k, v in facts.items()}
