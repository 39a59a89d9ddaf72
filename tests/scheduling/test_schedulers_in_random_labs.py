"""Schedulers that see the lab, in random labs: the budget is used and not exceeded, and one batch leaves at a time."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from stubs import CountingOracle, Scripted, played, small

import designloop as dl
from designloop.core.clock import WEEK

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from random_labs import random_lab


@pytest.mark.parametrize("seed", range(12))
def test_in_every_lab_the_budget_is_used_and_one_batch_leaves_at_a_time(seed: int) -> None:
    lab = random_lab(seed)
    assert all(station.per_week > 0 and station.weeks >= 0 for station in lab.card.stations)
    for scheduler in (
        dl.scheduling.WhenIdle(batch_size=9, n_retests=1),
        dl.scheduling.Fill(plates=1, n_retests="auto", when=dl.scheduling.ValueOfWaiting()),
    ):
        if lab.card.bottleneck is None and scheduler.kind == "when-idle":
            continue
        campaign = small(oracle=CountingOracle(), strategy=Scripted(), lab=lab, scheduler=scheduler)
        events = played(campaign.with_(budget=dl.Budget(designs=40, weeks=80)), seed=seed).events()
        submitted = [e for e in events if e.kind == "submitted"]
        leaves = Counter({e.data["round"]: e.minute for e in submitted}.values())
        assert sum(not e.data["retest"] for e in submitted) == 40
        assert max(leaves.values()) == 1
        assert events[-1].minute <= 80 * WEEK
