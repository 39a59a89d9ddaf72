"""A strategy looks at the history and chooses a batch. It keeps nothing between calls."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.records import Choice, Design, Event, Order, Proposal
from designloop.core.rows import error_of_a_well


class Strategy(Part):
    """history -> next batch: a pure function of what is known."""

    shelf: ClassVar[str] = "strategies"
    to_define: ClassVar[tuple[str, ...]] = ("propose",)

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """Exactly `order.n_designs` new sequences, distinct, inside the space, none measured and none pending,
        and `order.n_retests` ids of measured designs to measure again (fewer only where there are fewer).
        """
        raise NotImplementedError

    def recommend(self, history: History, rng: np.random.Generator) -> Design | None:
        """The measured design one would name today; None while nothing is measured."""
        return highest_shrunk_mean(history)


def shrunk_means(history: History) -> NDArray[np.float64]:
    """Measured values shrunk to their mean by their share of noise, (n,), NaN where nothing was measured.

    m + (y - m) * v / (v + s²), with v the variance between designs beyond their errors s: an empirical Bayes estimate
    (Efron and Morris 1975). An unknown error is taken for that of a typical well (`errors_in_full`).
    """
    measured = history.is_measured
    if not measured.any():
        return np.asarray(history.values)
    values, errors = history.values[measured], errors_in_full(history)[measured]
    centre = float(values.mean())
    between = max(float(values.var()) - float(np.mean(errors**2)), 1e-12)
    shrunk = history.values.copy()
    shrunk[measured] = centre + (values - centre) * between / (between + errors**2)
    return shrunk


def errors_in_full(history: History) -> NDArray[np.float64]:
    """Standard errors of measured values, (n,), NaN where nothing was measured; unknown ones are estimated.

    An unknown error is that of a typical well over √wells; where no error is known, half of the variance between
    designs is taken for noise of one well. That is a judgement: it says that replicates count, and never that a value
    is exact.
    """
    errors, n_wells, measured = history.std_errors, history.n_replicates, history.is_measured
    unknown = measured & np.isnan(errors)
    if not unknown.any():
        return errors
    typical = error_of_a_well(errors[measured], n_wells[measured])
    if np.isnan(typical):
        typical = float(np.sqrt(history.values[measured].var() / 2.0))
    return np.where(unknown, typical / np.sqrt(np.maximum(n_wells, 1)), errors)


def best_first(history: History, worth: NDArray[np.float64]) -> list[Design]:
    """Measured designs of the campaign by falling worth; ties by rising id."""
    rows = [i for i in np.argsort(-worth, kind="stable") if np.isfinite(worth[i]) and history.ids[i] >= 0]
    return [history.designs[int(history.ids[i])] for i in rows]


def highest_shrunk_mean(history: History) -> Design | None:
    """The measured design with the highest shrunk mean: the common recommender, the same for every strategy."""
    ranked = best_first(history, shrunk_means(history))
    return ranked[0] if ranked else None


def recommendations(strategy: Strategy, history: History, rng: np.random.Generator) -> list[Event]:
    """What the strategy, and what the common recommender, would name now; nothing while nothing is measured."""
    named = {"strategy": strategy.recommend(history, rng), "common": highest_shrunk_mean(history)}
    facts = {"round": history.round}
    return [Event(history.now, "recommended", d.id, {"by": by, **facts}) for by, d in named.items() if d]


def leaders(history: History, n: int, worth: NDArray[np.float64] | None = None) -> tuple[int, ...]:
    """Ids of the n best measured designs that are not being measured again already; by shrunk mean, or by `worth`."""
    ranked = best_first(history, shrunk_means(history) if worth is None else worth)
    return tuple(design.id for design in ranked if design.id not in history.retesting)[:n]


def filled_up(history: History, chosen: Iterable[Choice], n: int, rng: np.random.Generator) -> tuple[Choice, ...]:
    """The first n choices that are allowed, and random sequences of the space for those that lack.

    Raises ContractError where the space has fewer than n sequences left.
    """
    kept: dict[str, Choice] = {}
    for choice in chosen:
        if choice.sequence not in history.taken and choice.sequence not in kept and len(kept) < n:
            kept[choice.sequence] = choice
    for _ in range(50):
        if len(kept) >= n:
            return tuple(kept.values())
        for sequence in history.space.sample(4 * (n - len(kept)) + 16, rng):
            if sequence not in history.taken and sequence not in kept and len(kept) < n:
                kept[sequence] = Choice(sequence, "uniform")
    left = (s for s in history.space.enumerate() if s not in history.taken and s not in kept)
    kept.update({s: Choice(s, "uniform") for _, s in zip(range(n - len(kept)), left, strict=False)})
    if len(kept) < n:
        raise ContractError(
            f"{n} new designs were ordered, and only {len(kept)} sequences of the space are left; lower the batch "
            "size, or end the budget earlier"
        )
    return tuple(kept.values())
