"""A strategy reads the history and chooses a batch. It keeps no state between calls."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import NoneType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.contracts import check_is_proposal, check_proposal, check_returned
from designloop.core.faults import within
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.memory import check_fits
from designloop.core.parts import Part
from designloop.core.records import Choice, Design, Event, Order, Proposal
from designloop.core.requiring import Requiring
from designloop.core.shrinkage import shrunk_means
from designloop.core.spaces import Space
from designloop.strategies.filling import Fill, filled
from designloop.strategies.own_dice import with_global_dice_seen
from designloop.strategies.retesting import divided
from designloop.strategies.sharing import sharing


class Strategy(Part):
    """A strategy maps the history to the next batch, as a pure function."""

    shelf: ClassVar[str] = "strategies"
    to_define: ClassVar[tuple[str, ...]] = ("propose",)

    fill: Fill = Field(
        "uniform",
        description="if the strategy finds too few new designs, even on repeated calls: fill the batch with uniform "
        "draws from the space, leave it short, or raise an error",
    )

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """Exactly `order.n_designs` new sequences, distinct, inside the space, none measured and none pending,
        and `order.n_retests` ids of measured designs to measure again (fewer only if fewer exist).

        With `fill: short` there may be fewer new sequences. With none, the next batch waits for new results.
        """
        raise NotImplementedError

    def fitting(self, known: Known, space: Space) -> Known:
        """`known`, unchanged. Raises ConfigError if a part lacks memory, a package or a file."""
        check_fits(within(self), space.min_length, len(space.alphabet), len(known.corpus))
        for part in within(self):
            if isinstance(part, Requiring):
                part.check_before_run(space, known)
        return known

    def answer(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The checked proposal. Raises ContractError if it breaks the contract."""
        with _dated(history), with_global_dice_seen(self):
            proposal = sharing(self._proposed, history, self.divide(order, history), rng, self.known_as)
            may_be_short = self.fill == "short"
            return check_proposal(proposal, order, history, self.known_as, may_be_short=may_be_short)

    def _proposed(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """What `propose` returned. Raises ContractError if it is not a proposal."""
        proposal = self.propose(history, order, rng)
        check_is_proposal(proposal, self)
        return proposal

    def divide(self, order: Order, history: History) -> Order:
        """The order for `propose`. Where the scheduler lets the strategy decide, it sets the number of retests.

        The rule is that of `designloop.strategies.retesting`; override this method for another rule.
        """
        return divided(order, history)

    def filled(
        self, history: History, chosen: Iterable[Choice], n: int, rng: np.random.Generator
    ) -> tuple[Choice, ...]:
        """The first n allowed choices; missing ones are handled as `fill` says. Raises ContractError."""
        return filled(history, chosen, n, rng, self.fill, self.known_as)

    def recommend(self, history: History, rng: np.random.Generator) -> Design | None:
        """The measured design to recommend now; None before the first measurement."""
        return highest_shrunk_mean(history)


@contextmanager
def _dated(history: History) -> Iterator[None]:
    """A block in which a strategy works; its errors say when."""
    try:
        yield
    except Exception as error:
        error.add_note(f"in week {history.week:.1f}, while round {history.round + 1} was chosen")
        raise


def best_first(history: History, worth: NDArray[np.float64]) -> list[Design]:
    """Measured designs of the campaign by decreasing worth; ties by increasing id."""
    rows = [i for i in np.argsort(-worth, kind="stable") if np.isfinite(worth[i]) and history.ids[i] >= 0]
    return [history.designs[int(history.ids[i])] for i in rows]


def highest_shrunk_mean(history: History) -> Design | None:
    """The measured design with the highest shrunk mean: the common recommender, the same for every strategy."""
    ranked = best_first(history, shrunk_means(history))
    return ranked[0] if ranked else None


def recommendations(strategy: Strategy, history: History, rng: np.random.Generator) -> list[Event]:
    """Recommendations of the strategy and the common recommender; none before the first measurement."""
    named = {"strategy": strategy.recommend(history, rng), "common": highest_shrunk_mean(history)}
    check_returned(
        named["strategy"], (Design, NoneType), strategy, "recommend", "return one of history.designs, or None"
    )
    facts = {"round": history.round}
    return [Event(history.now, "recommended", d.id, {"by": by, **facts}) for by, d in named.items() if d]


def leaders(history: History, n: int, worth: NDArray[np.float64] | None = None) -> tuple[int, ...]:
    """Ids of the n best measured designs without a pending retest, by shrunk mean or by `worth`."""
    ranked = best_first(history, shrunk_means(history) if worth is None else worth)
    return tuple(design.id for design in ranked if design.id not in history.retesting)[:n]
