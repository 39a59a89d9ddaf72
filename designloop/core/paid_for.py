"""The part of a proposal that the money of its order pays for."""

from collections.abc import Iterator

from designloop.core.money import Quote, pays
from designloop.core.records import Event, Order, Proposal


def paid_for(proposal: Proposal, order: Order, quote: Quote) -> Proposal:
    """The part of a proposal that the order's money pays for, best first; empty if it pays for no design.

    It is the longest affordable prefix, designs before retests; if that is empty, the first design that is affordable
    alone.
    """
    beginnings = (proposal.choices[:n] for n in range(len(proposal.choices), 0, -1))
    alone = ((choice,) for choice in proposal.choices)
    for choices in (*beginnings, *alone):
        for retests in _beginnings(proposal.retests):
            lengths = [len(choice.sequence) for choice in choices]
            kept = Proposal(choices, retests, retest_replicates=proposal.retest_replicates[: len(retests)])
            price = quote.price(lengths, len(retests), wells=kept.wells(order), urgent=order.urgent)
            if pays(order.money, price):
                return kept
    return Proposal(())


def _beginnings(retests: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return (retests[:n] for n in range(len(retests), -1, -1))


def cut(proposal: Proposal, kept: Proposal, money: float, minute: int, round_: int) -> list[Event]:
    """The event `cut`, with the part of a proposal that the money does not pay for; none if all of it is kept."""
    n_designs, n_retests = len(kept.choices), len(kept.retests)
    left_out = {"designs": len(proposal.choices) - n_designs, "retests": len(proposal.retests) - n_retests}
    facts = {"round": round_, "money": money, "kept": n_designs, **left_out}
    return [Event(minute, "cut", None, facts)] if any(left_out.values()) else []
