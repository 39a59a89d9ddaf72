"""A live campaign that is fed with a simulated lab's results makes the choices of the simulation: the two are one."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from live_stubs import as_told, small, twin

from designloop.acquisition.thompson import Thompson
from designloop.campaign import Campaign
from designloop.core.records import Event
from designloop.generators.mutation import Mutation
from designloop.lab.lab import Lab
from designloop.live.directory import Live
from designloop.scheduling.base import Budget
from designloop.scheduling.overlapping import Overlapping
from designloop.scheduling.rounds import Rounds
from designloop.scheduling.weekly import Weekly
from designloop.strategies.genetic import Genetic
from designloop.strategies.model_guided import ModelGuided
from designloop.surrogates.bayesian_linear import BayesianLinear

LAB = Lab.preset("good", plate_size=24, cost={"per_round": 0}, assay={"lost_wells": 0.0, "lost_plates": 0.0})
SCHEDULERS = {
    "rounds": Rounds(batch_size=8, replicates=2, n_retests=2),
    "overlapping": Overlapping(batch_size=6, in_flight=2, gap_days=7),
    "weekly": Weekly(batch_size=4, every_weeks=2, n_retests=1),
}
RESULTS = ("observed", "failed")
DECISIONS = ("chosen", "retest", "recommended")


def decisions(events: Sequence[Event]) -> Iterator[tuple[int, list[Event]]]:
    """(index of its first event, events) of each decision that orders designs."""
    for at, event in enumerate(events):
        is_first = event.kind == "submitted" and events[at - 1].kind != "submitted"
        if is_first:
            began = at
            while events[began - 1].kind in (*DECISIONS, "believed", "short", "cut"):
                began -= 1
            yield began, list(events[began:at])


def told_until(live: Live, events: Sequence[Event], minute: int, folder: Path) -> None:
    """Tell the results of the simulated lab, as one file."""
    results = [event for event in events if event.kind in (*RESULTS, "chosen")]
    if any(event.kind in RESULTS for event in results):
        live.tell(as_told(results, folder / f"until-{minute}.csv"), at=minute, columns={"minute": "minute"})


def same(event: Event) -> tuple[object, ...]:
    return event.minute, event.kind, event.design, dict(event.data)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_choices_are_those_of_the_simulation(name: str, tmp_path: Path) -> None:
    campaign = small(lab=LAB, scheduler=SCHEDULERS[name], strategy=Genetic(), budget=Budget(designs=28, weeks=52))
    assert_one(campaign, tmp_path)


def test_a_strategy_that_learns_makes_the_choices_of_the_simulation(tmp_path: Path) -> None:
    strategy = ModelGuided(generator=Mutation(), surrogate=BayesianLinear(), acquisition=Thompson())
    scheduler = Rounds(batch_size=8, n_retests="auto")
    assert_one(small(lab=LAB, strategy=strategy, scheduler=scheduler, budget=Budget(designs=32)), tmp_path)


def assert_one(campaign: Campaign, tmp_path: Path, n_decisions: int = 3) -> None:
    events = campaign.run(seed=3).events
    live = Live.begin(twin(campaign), tmp_path / "live", seed=3)
    n_before = n_compared = 0
    for at, decided in decisions(events):
        chosen = [event for event in events[:at] if event.kind == "chosen"]  # the table names sequences
        results = [event for event in events[n_before:at] if event.kind in RESULTS]
        told_until(live, [*chosen, *results], decided[0].minute, tmp_path)
        asked = live.ask(at=decided[0].minute)
        assert [same(event) for event in asked if event.kind in DECISIONS] == [
            same(event) for event in decided if event.kind in DECISIONS
        ]
        n_before, n_compared = at, n_compared + 1
    assert n_compared >= n_decisions
    results = [event for event in events[n_before:] if event.kind in RESULTS]
    told_until(live, [*(event for event in events if event.kind == "chosen"), *results], events[-1].minute, tmp_path)
    assert live.record.tickets.ended == live.record.tickets.reopened == []
    closed = [(event.minute, event.data["round"]) for event in events if event.kind == "round_closed"]
    assert sorted((e.minute, e.data["round"]) for e in live.record.events if e.kind == "round_closed") == sorted(closed)
