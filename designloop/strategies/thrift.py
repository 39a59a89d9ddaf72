"""Thrift: how much the price of a sequence lowers its score."""

from collections.abc import Callable, Sequence

import numpy as np

from designloop.core.history import History
from designloop.core.records import Order
from designloop.surrogates.base import Floats

_LEAST = 0.01
"""The lowest price, a cent, so that what is free has a logarithm."""


def thrifty(history: History, order: Order, weight: float) -> Callable[[Sequence[str]], Floats]:
    """-weight · log(price / lowest price) of each sequence, (n,): 0 for the cheapest of the space, below 0 for others.

    Added to the logarithm of a gain, it divides the gain by a power of the price (Snoek et al. 2012, with weight 1).
    The price is that of one design in a batch of this order, by its length.
    """
    if weight == 0:
        return lambda sequences: np.zeros(len(sequences))
    low, high = history.space.min_length, history.space.max_length
    prices = [history.quote.share(length, order.n_designs, order.replicates) for length in range(low, high + 1)]
    logs = -weight * np.log(np.maximum(prices, _LEAST))
    logs -= logs.max()
    return lambda sequences: np.asarray(
        logs[np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences)) - low]
    )
