"""A strategy looks at the history and chooses a batch. It keeps nothing between calls."""

from typing import ClassVar

import numpy as np

from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.records import Design, Order, Proposal


class Strategy(Part):
    """history -> next batch: a pure function of what is known."""

    shelf: ClassVar[str] = "strategies"

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """Exactly `order.n_designs` new sequences, distinct, inside the space, none measured and none pending,
        and `order.n_retests` ids of measured designs to measure again (fewer only where there are fewer)."""
        raise NotImplementedError

    def recommend(self, history: History, rng: np.random.Generator) -> Design | None:
        """The measured design one would name today; None while nothing is measured."""
        return highest_shrunk_mean(history)


def highest_shrunk_mean(history: History) -> Design | None:
    """The measured design with the highest mean, shrunk to the mean of all by its share of noise.

    The common recommender, the same for every strategy: m + (y - m) * v / (v + s²), with v the variance between designs
    beyond their errors s (an empirical Bayes estimate; Efron and Morris 1975). Ties go to the lowest id.
    """
    measured = history.is_measured & (history.ids >= 0)
    if not measured.any():
        return None
    values, errors = history.values[measured], history.std_errors[measured]
    centre = float(values.mean())
    between = max(float(values.var()) - float(np.mean(errors**2)), 1e-12)
    shrunk = centre + (values - centre) * between / (between + errors**2)
    return history.designs[int(history.ids[measured][int(np.argmax(shrunk))])]
