"""The contract suite of schedulers: a step depends on what is known, the budget holds, and the campaign ends."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from designloop.campaign import Campaign
from designloop.core.clock import WEEK
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import DesignloopError
from designloop.core.history import History
from designloop.core.money import total
from designloop.core.parts import Part
from designloop.core.random import global_states
from designloop.core.records import Event, Order
from designloop.lab.lab import Lab
from designloop.oracles.nk import NK
from designloop.scheduling.base import Budget, Scheduler
from designloop.storage.log import MemoryLog
from designloop.strategies.uniform import Random
from designloop.testing.given import described, given, require

BUDGETS: Sequence[Mapping[str, float]] = (
    {"designs": 50},
    {"weeks": 9},
    {"cost": 12_000},
    {"designs": 60, "weeks": 15, "cost": 20_000},
)
SMALL_LAB: Mapping[str, Any] = {
    "plate_size": 24,
    "stages": [
        {"name": "ordering", "days": {"triangular": [1, 2, 4]}, "per": "batch", "start_days": ["mon"]},
        {"name": "building", "machines": 2, "load": 8, "days": {"uniform": [1, 3]}, "failure": 0.1, "cost": 20},
        {"name": "expression", "days": {"exponential": 4}, "failure": 0.1, "outcome": "not_expressed"}
        | {"retest_from": True, "cost": 10, "due": "passed"},
    ],
    "assay": {"days": 1, "plates_per_day": 1, "wells_per_control": 12, "noise": {"eps": 0.1}},
    "cost": {"per_round": 200, "per_week": 300, "per_replicate": 5, "per_plate": 20},
}
_MOST_STEPS = 20_000


class _Held(Part):
    scheduler: Scheduler


class _Forever(Exception):
    """The campaign has taken more steps than any that ends."""


@dataclass(frozen=True)
class Planned:
    """A scheduler with a lab, and campaigns of random designs under it."""

    scheduler: Scheduler
    lab: Lab

    def histories(self, budget: Mapping[str, float], seed: int = 0) -> tuple[list[History], list[Event]]:
        """All histories of a campaign, and its events; the test fails where it does not end."""
        seen = list[History]()

        def look(history: History, events: Sequence[Event]) -> None:
            seen.append(history)
            if len(seen) > _MOST_STEPS:
                raise _Forever

        log = MemoryLog()
        try:
            campaign = Campaign(
                oracle=NK(length=12, neighbours=1),
                lab=self.lab,
                strategy=Random(),
                scheduler=self.scheduler,
                budget=Budget.model_validate(budget),
            )
            campaign.known(seed)
            campaign._play(log, seed, look, None)
        except _Forever:
            pytest.fail(f"with the budget {budget}, the campaign does not end", pytrace=False)
        except DesignloopError as error:
            pytest.fail(f"with the budget {budget}: {error}", pytrace=False)
        return seen, log.events()


class SchedulerContract:
    """Tests of a scheduler. Subclass it and set `scheduler`: a part, a mapping, a kind, or path/to/file.py:Name.

    `scheduler` may be an attribute, a method or a pytest fixture; so may `lab`, a small one by default.
    """

    scheduler: Any = None
    lab: Any = SMALL_LAB
    most_at_once: int = 1
    """The most batches that may leave at one minute."""

    @pytest.fixture
    def planned(self, request: pytest.FixtureRequest) -> Planned:
        """The scheduler under test."""
        part = described(_Held, "scheduler", given(self, "scheduler", request), "a scheduler")
        return Planned(part, Lab.model_validate(given(self, "lab", request)))

    @pytest.mark.parametrize("budget", BUDGETS, ids=" and ".join)
    def test_the_budget_is_never_exceeded_and_the_campaign_ends(
        self, planned: Planned, budget: Mapping[str, float]
    ) -> None:
        _, events = planned.histories(budget)
        n_designs = sum(e.kind == "submitted" and not e.data["retest"] for e in events)
        cost = total(amount for e in events if e.kind == "charged" for amount in e.data.values())
        weeks = max(e.minute for e in events) / WEEK
        for name, spent in (("designs", n_designs), ("weeks", weeks), ("cost", cost)):
            limit = budget.get(name, float("inf"))
            require(spent <= limit, f"{spent:g} {name} are used of {limit:g}; define `wish`, and leave `next` alone")

    def test_something_is_submitted(self, planned: Planned) -> None:
        _, events = planned.histories({"designs": 50})
        n_designs = sum(e.kind == "submitted" and not e.data["retest"] for e in events)
        require(
            n_designs == 50, f"{n_designs} of 50 designs are submitted; return `self.full_order(history)` until all are"
        )

    def test_no_batch_follows_another_at_the_same_minute(self, planned: Planned) -> None:
        _, events = planned.histories({"designs": 60, "weeks": 30})
        leaves = Counter({e.data["round"]: e.minute for e in events if e.kind == "submitted"}.values())
        most = max(leaves.values())
        require(
            most <= self.most_at_once,
            f"{most} batches leave at one minute; wait while history.last_submitted_at is now, or set `most_at_once`",
        )

    def test_a_step_depends_on_the_history_alone(self, planned: Planned) -> None:
        seen, _ = planned.histories({"designs": 60, "weeks": 15, "cost": 20_000})
        forwards = [planned.scheduler.next(history) for history in seen]
        backwards = [planned.scheduler.next(history) for history in seen[::-1]]
        require(
            forwards == backwards[::-1],
            "the same history gives different steps; keep nothing between calls, and draw no random numbers",
        )
        outlooks = [step.rounds_left for step in forwards if isinstance(step, Order)]
        require(all(left >= 1 for left in outlooks), "an order has less than itself left; correct `weeks_between`")

    def test_the_same_seed_gives_the_same_events(self, planned: Planned) -> None:
        budget = {"designs": 60, "weeks": 15}
        one, _, other = (planned.histories(budget, seed)[1] for seed in (0, 1, 0))
        require(one == other, "the same seed gives different events; keep nothing between calls")

    def test_no_global_generator_is_touched(self, planned: Planned) -> None:
        seen, _ = planned.histories({"designs": 30})
        before = global_states()
        for history in seen:
            planned.scheduler.next(history)
        moved = [name for name, state in global_states().items() if state != before[name]]
        require(not moved, f"the scheduler uses the global generator of {' and '.join(moved)}; draw no random numbers")

    def test_the_description_reads_back(self, planned: Planned) -> None:
        try:
            text = to_yaml(_Held(scheduler=planned.scheduler).describe())
            again = build(_Held, read_text(text, "the description")).scheduler
        except DesignloopError as error:
            pytest.fail(f"the scheduler cannot be described and read back: {error}", pytrace=False)
        require(
            again == planned.scheduler,
            "the description gives a different scheduler when it is read back; make every setting a field",
        )
