"""Retesting: how many wells of an order measure leaders again, where the scheduler leaves it to the strategy.

Retests are worth their wells if noise hides which measured design is the best. Each measured design has a normal
posterior: its shrunk mean, and the uncertainty that its error leaves. Contenders are the designs whose true value is
above that of the leader with a probability of at least a tenth. The leader and its contenders are measured again,
within a limit: an eighth of the order, or a third if at most two orders are left, because there is no later chance.

There are no retests if errors are 0 or unknown, if the leader's uncertainty is negligible, or if nothing contends.
"""

from dataclasses import replace

import numpy as np

from designloop.core.history import History
from designloop.core.records import Order
from designloop.core.rows import error_of_a_well
from designloop.core.shrinkage import shrunk_means, shrunk_stds

_CONTENDS = 0.1
"""Minimum probability of being better than the leader. A judgement, as are the following numbers."""
_NEGLIGIBLE = 0.05
"""The leader's uncertainty, relative to the standard deviation of values, up to which nothing is measured again."""
_SHARE, _LAST_SHARE = 1 / 8, 1 / 3
_LAST_ORDERS = 2


def divided(order: Order, history: History) -> Order:
    """The order with its wells divided into new designs and retests; unchanged if the scheduler has divided them."""
    if not order.may_split:
        return order
    n_places = order.n_designs + order.n_retests
    share = _LAST_SHARE if order.rounds_left <= _LAST_ORDERS else _SHARE
    n = min(n_worth_retesting(history), max(int(share * n_places), order.n_retests))
    n_designs = min(order.n_designs, n_places - n)
    return replace(order, n_designs=n_designs, n_retests=n, may_split=False)


def n_worth_retesting(history: History) -> int:
    """Number of measured designs that are worth another measurement: the leader and its contenders, or 0."""
    own = history.is_measured & (history.ids >= 0)
    if own.sum() < 2 or np.isnan(error_of_a_well(history.std_errors[own], history.n_replicates[own])):
        return 0
    means, stds = shrunk_means(history)[own], shrunk_stds(history)[own]
    leader = int(np.argmax(means))
    is_sure = stds[leader] <= _NEGLIGIBLE * history.values[own].std()
    if is_sure or history.sides[own][leader] > 0:  # more wells would read the same upper limit
        return 0
    contends = _is_better(means - means[leader], np.hypot(stds, stds[leader])) >= _CONTENDS
    contends[leader] = True
    is_idle = ~np.isin(history.ids[own], list(history.retesting))
    return int((contends & is_idle).sum()) if contends.sum() > 1 else 0


def _is_better(difference: np.ndarray, std: np.ndarray) -> np.ndarray:
    """P(difference + std · normal > 0), (n,)."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(std > 0, difference / std, np.where(difference < 0, -np.inf, 0.0))
    return np.asarray(ndtr(z))
