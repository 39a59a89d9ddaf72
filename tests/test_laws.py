"""Laws that hold for every campaign."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import every_loop
import numpy as np
import pytest
from histories import GENERATORS, PENDING_RULES
from stubs import CountingOracle, FailingLog, Scripted, played, small

import designloop as dl
from designloop.core.clock import WEEK
from designloop.core.history import History, Known
from designloop.core.records import Event
from designloop.lab.noise import Noise
from designloop.storage.log import Transaction

ROOT = Path(__file__).parent.parent
SCHEDULES = [
    dl.scheduling.Rounds(batch_size=8, n_retests=2),
    dl.scheduling.Overlapping(batch_size=8, in_flight=3, gap_days=3, replicates=2),
    dl.scheduling.Weekly(batch_sizes=(9, 5, 3), every_weeks=2),
    dl.scheduling.Overlapping(batch_size=8, n_retests="auto"),
    dl.scheduling.WhenIdle(batch_size=8, n_retests=2),
    dl.scheduling.Fill(plates=1, n_retests=10, when=dl.scheduling.Weekly(every_weeks=3)),
    dl.scheduling.ValueOfWaiting(batch_size=7, n_retests="auto"),
]
BUDGETS = [{"designs": 21}, {"weeks": 13.5}, {"cost": 60_000.0}, {"designs": 30, "weeks": 9, "cost": 90_000.0}]
every_schedule = pytest.mark.parametrize("scheduler", SCHEDULES, ids=lambda part: part.kind)


def in_another_process(program: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "7", **variables}
    return subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, env=env, check=False)


def test_same_seed_same_hash_also_in_another_process() -> None:
    here = [played(small(), seed=5).hash(), played(small(), seed=5).hash(), played(small(), seed=6).hash()]
    there = in_another_process("from stubs import *; print(played(small(), seed=5).hash())")
    assert here[0] == here[1] == there.stdout.strip() != here[2], there.stderr


@every_schedule
@pytest.mark.parametrize("budget", BUDGETS, ids="-".join)
def test_no_event_exceeds_the_budget(scheduler: Any, budget: dict[str, Any]) -> None:
    events = played(small(scheduler=scheduler, budget=budget)).events()
    charges = [sum(e.data.values()) for e in events if e.kind == "charged"]
    n_submitted = sum(e.kind == "submitted" and not e.data["retest"] for e in events)
    assert sum(charges) <= budget.get("cost", np.inf)
    assert n_submitted <= budget.get("designs", np.inf)
    assert max(e.minute for e in events) <= budget.get("weeks", np.inf) * WEEK
    if list(budget) == ["designs"]:
        assert n_submitted == 21
    if list(budget) == ["weeks"]:
        assert events[-1].minute == 13.5 * WEEK


@every_schedule
def test_a_batch_holds_nothing_measured_or_pending(scheduler: Any) -> None:
    Scripted.seen.clear()
    events = played(small(scheduler=scheduler, budget={"designs": 30})).events()
    for seen in Scripted.seen:
        batch = [e.data["sequence"] for e in events if e.kind == "chosen" and e.data["round"] == seen.round + 1]
        assert len(set(batch)) == len(batch)
        assert not set(batch) & {seen.sequences[i] for i in np.flatnonzero(seen.is_measured)}
        assert not set(batch) & set(seen.pending_sequences)


@every_schedule
def test_stopped_at_every_transaction_and_resumed_the_hash_is_the_same(scheduler: Any) -> None:
    campaign = small(scheduler=scheduler, budget={"designs": 16})
    whole = FailingLog()
    played(campaign, log=whole)
    for fails_at in range(0, whole.n_appends, 4):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(campaign, log=log)
        log.fails_at = None
        assert played(campaign, log=log).hash() == whole.hash()
        assert log.events() == whole.events()


def test_stopped_and_resumed_labelled_starts_are_measured_to_the_same_values() -> None:
    """Nothing is asked of the oracle twice, and every event and truth happens again as recorded."""
    campaign = small(prior={"starts": {"draw": "random", "n": 20, "labelled": True}}, budget={"designs": 16})
    whole = FailingLog()
    played(campaign, log=whole)
    for fails_at in range(whole.n_appends):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(campaign, log=log)
        log.fails_at = None
        known = {truth.sequence for truth in log.truths()}
        again = campaign.with_(oracle=CountingOracle.fresh())
        assert played(again, log=log).hash() == whole.hash()
        assert not known & {sequence for call in CountingOracle.calls for sequence in call}


@pytest.mark.parametrize("rule", PENDING_RULES.values(), ids=PENDING_RULES)
def test_fantasies_never_reach_the_store(rule: Any) -> None:
    """In a lab without noise every recorded value is the truth, and what is pending has none, whatever is believed."""
    strategy = dl.strategies.ModelGuided(
        generator=GENERATORS["mutation"], acquisition=dl.acquisition.LogEI(pending=rule), viability_weight=0
    )
    campaign = small(
        strategy=strategy,
        lab=dl.Lab.preset("good", plate_size=24, assay={"noise": Noise()}),
        scheduler=dl.scheduling.Overlapping(batch_size=8, in_flight=2, gap_days=20),
        budget={"designs": 32},
    )
    log = played(campaign)
    events, true = log.events(), {truth.sequence: truth.value for truth in log.truths()}
    sequences = {e.design: e.data["sequence"] for e in events if e.kind == "chosen"}
    n_pending = n_guided = 0
    for event in events:
        n_pending += (event.kind == "submitted") - (event.kind in ("observed", "failed"))
        n_guided += event.kind == "chosen" and n_pending > 0 and event.data["mean"] is not None
        if event.kind == "observed":
            assert event.data["value"] == pytest.approx(true[sequences[event.design]])
        assert event.kind == "observed" or "value" not in event.data or event.kind == "control"
    assert n_guided > 0


def test_killed_and_resumed_the_hash_is_the_same(tmp_path: Path) -> None:
    whole = small(oracle=CountingOracle.fresh()).run(seed=2)
    program = """import sys; from stubs import *
CountingOracle.kills, CountingOracle.fails_at = True, 2
small().run(seed=2, store=sys.argv[1])"""
    done = in_another_process(program, str(tmp_path / "run"))
    assert done.returncode == -9, done.stderr
    assert small().resume(tmp_path / "run") == whole


class CutAfterRounds(FailingLog):
    """A log whose power goes once a round is kept, each time it is played, until no new round comes."""

    has_round = False

    def _write(self, new: Transaction) -> None:
        if self.has_round:
            self.has_round = False
            raise KeyboardInterrupt
        self.has_round = any(event.kind == "chosen" for event in new.events)
        super()._write(new)


def test_every_strategy_and_scheduler_has_the_hash_of_another_process_if_cut_off_after_every_round() -> None:
    program = "import every_loop, stubs; [print(stubs.played(c).hash()) for c in every_loop.EVERY.values()]"
    done = in_another_process(program, OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    for (name, campaign), there in zip(every_loop.EVERY.items(), done.stdout.split(), strict=True):
        log = CutAfterRounds()
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                played(campaign, log=log)
        assert played(campaign, log=log).hash() == there, name


def test_a_replayed_store_is_the_original_history(tmp_path: Path) -> None:
    from designloop.storage.store import Store

    histories: list[History] = []
    small().run(store=tmp_path, progress=lambda history, _: histories.append(history))
    with Store.open(tmp_path / "campaign.db") as store:
        events = store.campaign().events()
    again = History.opening(histories[-1].space, Known(), events[0]).after(events[1:])
    assert (again.rows, again.now, again.designs) == (histories[-1].rows, histories[-1].now, histories[-1].designs)
    assert again.left.cost == pytest.approx(histories[-1].left.cost)


def test_the_order_of_arrival_within_a_moment_is_irrelevant() -> None:
    events = played(small()).events()
    minute = next(e.minute for e in events if e.kind == "observed")
    moment = [e for e in events if e.minute == minute and e.kind in ("observed", "failed")]
    before = [e for e in events[1:] if e.minute < minute or (e.minute == minute and e.kind == "chosen")]
    start = History.opening(small().whole_space, Known(), events[0]).after(before)
    one, other = start.after(moment), start.after(moment[::-1])
    assert len(moment) > 2
    assert one.sequences == other.sequences
    assert np.array_equal(one.values, other.values, equal_nan=True)


def test_no_global_generator_is_read_or_seeded() -> None:
    import random

    np.random.seed(1)  # noqa: NPY002  # the law speaks of the global generator
    random.seed(1)
    before = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    first = played(small()).hash()
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert played(small()).hash() == first


def test_events_are_in_order_of_time_but_for_rent() -> None:
    events: list[Event] = [e for e in played(small()).events() if "rent" not in e.data]
    assert [e.minute for e in events] == sorted(e.minute for e in events)
