"""Random: uniform draws from the space."""

import numpy as np

from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import uniform


class Random(Strategy):
    """Uniform draws from the space, without using the history except to avoid duplicates."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """Uniform draws."""
        drawn = uniform(history, order.n_designs, rng, may_be_short=self.fill == "short")
        choices = (Choice(sequence, "uniform") for sequence in drawn)
        return Proposal(tuple(choices), leaders(history, order.n_retests))
