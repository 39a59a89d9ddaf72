"""Random: any sequences of the space."""

import numpy as np

from designloop.core.history import History
from designloop.core.records import Order, Proposal
from designloop.strategies.base import Strategy, filled_up, leaders


class Random(Strategy):
    """Uniform over the space, without looking at the history but for what is taken."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """Uniform draws."""
        return Proposal(filled_up(history, (), order.n_designs, rng), leaders(history, order.n_retests))
