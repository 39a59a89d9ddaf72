"""Money: the lab's price list, and the part of a proposal that the money pays for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from designloop.core.records import Event, Order, Proposal

CENT = 1e-6
"""Tolerance for rounding errors of many subtractions, far below any price."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The lab's price list, in the lab's currency: the price of a batch at submission, and the rent."""

    per_round: float = 0.0
    per_design: float = 0.0
    """Price of a design, except its DNA."""
    per_retest: float = 0.0
    per_replicate: float = 0.0
    per_week: float = 0.0
    brackets: tuple[tuple[float, float], ...] = ()
    """Points (batch size, price of a design), interpolated log-log and added to `per_design`; empty: nothing added."""
    per_bp: float = 0.0
    min_bp: int = 0
    """Minimum number of base pairs charged per design."""
    bp_per_letter: int = 1

    def items(self, lengths: Sequence[int], n_retests: int = 0, replicates: int = 1) -> dict[str, float]:
        """The price of a batch at submission, by item: new designs of these lengths, and retests."""
        n_designs = len(lengths)
        dna = sum(self.per_bp * max(n_letters * self.bp_per_letter, self.min_bp) for n_letters in lengths)
        return {
            "round": self.per_round if n_designs + n_retests else 0.0,
            "designs": dna + n_designs * self.price_per_design(n_designs),
            "retests": n_retests * self.per_retest,
            "replicates": (n_designs + n_retests) * replicates * self.per_replicate,
        }

    def price(self, lengths: Sequence[int], n_retests: int = 0, replicates: int = 1) -> float:
        """The price of a batch at submission: the sum of its items."""
        return sum(self.items(lengths, n_retests, replicates).values())

    def price_per_design(self, n_designs: int) -> float:
        """The price of one design, except its DNA, in a batch of `n_designs`."""
        if not self.brackets or n_designs == 0:
            return self.per_design
        sizes, prices = np.log(np.array(self.brackets)).T
        return self.per_design + float(np.exp(np.interp(np.log(n_designs), sizes, prices)))


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
            if quote.price(lengths, len(retests), order.replicates) <= order.money + CENT:
                return Proposal(choices, retests)
    return Proposal(())


def _beginnings(retests: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return (retests[:n] for n in range(len(retests), -1, -1))


def cut(proposal: Proposal, kept: Proposal, money: float, minute: int, round_: int) -> list[Event]:
    """The event `cut`, with the part of a proposal that the money does not pay for; none if all of it is kept."""
    n_designs, n_retests = len(kept.choices), len(kept.retests)
    left_out = {"designs": len(proposal.choices) - n_designs, "retests": len(proposal.retests) - n_retests}
    facts = {"round": round_, "money": money, "kept": n_designs, **left_out}
    return [Event(minute, "cut", None, facts)] if any(left_out.values()) else []
