"""A rehearsal goes on from the real history, many times, and the record stays as it is."""

from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from pathlib import Path
from re import escape
from typing import Any

import numpy as np
import pytest
from rehearsal_stubs import QUIET, TODAY, linear, live, sequences, written

from designloop.campaign import Campaign
from designloop.core.errors import ConfigError, DesignloopError, Notice
from designloop.core.fold import Fold
from designloop.core.past import read_past
from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live
from designloop.live.folder import Folder
from designloop.rehearsal.rehearse import Rehearsal, rehearse
from designloop.rehearsal.snapshot import KNOWN
from designloop.storage.log import MemoryLog
from designloop.storage.run_directory import DATABASE
from designloop.study.run import Progress

LINEAR = {"kind": "bayesian-linear", "transform": "standard", "emphasis": 0.0}
COMMON: dict[str, Any] = {"at": TODAY, "lab": QUIET, "surrogate": LINEAR, "repeats": 2, "workers": 0}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live(tmp_path_factory.mktemp("rehearsal")).path


@pytest.fixture(scope="module")
def done(place: Path) -> Rehearsal:
    return rehearse(place, strategies=["random"], schedules=[12], target=2.5, **COMMON)


def digest(place: Path) -> str:
    return sha256((place / DATABASE).read_bytes()).hexdigest()


def campaigns(done: Rehearsal) -> Iterator[Campaign]:
    from designloop.study.plan import plan_of

    yield from (Campaign.model_validate_json(cell.config) for cell in plan_of(done.plan.study).cells)


def test_the_record_is_only_read_and_the_same_question_has_the_same_answer(place: Path, done: Rehearsal) -> None:
    before, seen = digest(place), list[int]()
    with Folder(place).changing():  # someone else is giving a command
        again = rehearse(
            place,
            strategies=["random"],
            schedules=[12],
            target=2.5,
            **COMMON,
            progress=lambda p: seen.append(p.n_found),
        )
    assert digest(place) == before
    assert set(seen) == {8}, "all simulations were recorded already"
    assert again.as_dict() == done.as_dict()
    other = rehearse(place, strategies=["random"], schedules=[12], target=2.5, **COMMON, store=place.parent / "other")
    assert {**other.as_dict(), "folder": ""} == {**done.as_dict(), "folder": ""}, "and run again, the same"


def test_what_was_simulated_before_an_interrupt_is_kept(tmp_path: Path) -> None:
    def stops(progress: Progress) -> None:
        if progress.n_done:
            raise KeyboardInterrupt

    its, seen = live(tmp_path), list[int]()
    with pytest.raises(KeyboardInterrupt):
        rehearse(its.path, **COMMON, weeks=3, progress=stops)
    rehearse(its.path, **COMMON, weeks=3, progress=lambda progress: seen.append(progress.n_found))
    assert set(seen) == {1}
    rehearse(its.path, **{**COMMON, "repeats": 3}, weeks=3, progress=lambda progress: seen.append(progress.n_found))
    assert set(seen) == {1, 2}, "more repeats add to those that are there"
    assert rehearse(its.path, **COMMON, weeks=3).outcome.n == 3, "and fewer are not refused"


def test_a_past_holds_every_event_that_changes_what_is_known() -> None:
    of_labs = {"entered", "left", "went_back", "reserved", "cut"}
    handled = {name.removeprefix("_") for name, its in vars(Fold).items() if callable(its) and name != "__init__"}
    assert handled - {"learn", "changes"} - of_labs == KNOWN - {"retest", "recommended", "waited"}


def test_arms_are_strategies_by_schedules(done: Rehearsal) -> None:
    found = [arm["label"] for arm in done.as_dict()["arms"]]
    assert found == ["as planned", "batch size 12", "random", "random, batch size 12"]
    assert [cell.event_hash for cell in done.study.results.cells] == list(
        dict.fromkeys(cell.event_hash for cell in done.study.results.cells)
    )


def test_each_simulation_begins_with_what_really_happened(place: Path, done: Rehearsal) -> None:
    """The log begins with the real events; ids, rounds, budget and clock go on; what is in the lab comes back."""
    record = Live(place).record
    past = read_past(str(done.directory / "past.json"))
    log = MemoryLog()
    next(campaigns(done))._play(log, 0, None, None)
    events = log.events()
    assert events[1 : len(past.events) + 1] == list(past.events)
    rest = events[len(past.events) + 1 :]
    simulated = [event for event in rest if event.kind == "submitted"]
    assert min(event.design or 0 for event in simulated) == record.history.n_designs == 12
    assert min(event.data["round"] for event in simulated) == 3
    assert sum(event.kind == "submitted" for event in events) == 30 == record.campaign.budget.designs
    outcomes = [event for event in rest if event.kind in ("observed", "failed")]
    assert min(event.minute for event in outcomes) > past.now
    assert {event.design for event in outcomes} >= set(record.history.waiting)
    assert min(event.minute for event in rest if event.kind == "charged") >= past.now
    again = MemoryLog()
    next(campaigns(done))._play(again, 0, None, None)
    assert again.hash() == log.hash()


def test_a_simulation_is_resumed_by_replay(done: Rehearsal, tmp_path: Path) -> None:
    campaign = next(campaigns(done))
    whole = campaign.run(seed=0, store=tmp_path / "whole")
    half = MemoryLog()
    half.append(list(whole.events[: len(whole.events) * 2 // 3]), documents=whole.documents)
    campaign._play(half, 0, None, None)
    assert half.events() == list(whole.events)


def test_arms_meet_the_same_truths(done: Rehearsal) -> None:
    """Value today is that of one truth, whatever the arm; truths of two simulations differ."""
    values = [done.outcome.values(arm.label, "recommended", [0.0])[:, 0] for arm in done.outcome.arms]
    assert all(np.array_equal(one, values[0]) for one in values)
    assert values[0][0] != values[0][1]


def test_money_and_designs_by_week_end_with_those_of_the_campaigns(done: Rehearsal) -> None:
    for arm in done.outcome.arms:
        cells = done.outcome.cells(arm.label)
        assert arm.by_week[0].designs == 12
        assert arm.by_week[0].cost == 0, "the rent of the week was due at 0:00"
        assert arm.by_week[1].cost >= 6000, "and the next in a week less nine hours"
        assert arm.by_week[-1].cost == pytest.approx(np.mean([cell.cost for cell in cells]))
        assert arm.by_week[-1].designs == np.mean([cell.designs for cell in cells]) == 30


def test_few_simulations_are_not_tested_and_many_say_what_they_show(done: Rehearsal) -> None:
    assert " in all 2 simulations, too few for a range of 8 in 10." in str(done)
    assert str(done).endswith("With 2 simulations of each arm nothing is tested; 20 are needed.")
    assert {pair["p"] for pair in done.as_dict()["differences"]} == {None}
    chance = done.as_dict()["arms"][0]["chance"]
    assert chance["low"] < chance["share"] or chance["share"] == 0
    assert chance["high"] > chance["share"] or chance["share"] == 1


def test_the_page_holds_the_figures_the_tables_and_what_is_assumed(done: Rehearsal) -> None:
    text = done.save().read_text(encoding="utf-8")
    for what in ("Value by week", "Money by week", "Differences at the end", "as planned", "What was simulated"):
        assert what in text
    for sentence in done.plan.sentences:
        assert sentence[1:40] in unescape(text)
    assert "Ranges hold only if the model of the truth is right. In our benchmark" in text


def test_a_truth_without_skill_is_a_loud_warning(tmp_path: Path) -> None:
    """Values that are noise alone are not predicted."""
    rng = np.random.default_rng(0)
    its = live(tmp_path, truth=lambda _: rng.normal())
    with pytest.warns(Notice, match="nearly arbitrary"):
        done = rehearse(its.path, **{**COMMON, "repeats": 1}, weeks=4)
    assert "nearly arbitrary" in str(done)
    assert "nearly arbitrary" in done.save().read_text(encoding="utf-8")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "strategy": (
        {"strategies": ["genetics"]},
        "unknown strategy 'genetics' (strategy, arm 'genetics' of the rehearsal). Did you mean 'genetic'",
    ),
    "schedule": ({"schedules": [{"batchsize": 4}]}, "the scheduler has no key 'batchsize'. Did you mean 'batch_size'"),
    "lab": ({"lab": "goood"}, "no lab preset 'goood'. Did you mean 'good'"),
    "limits": ({"lab": "antibody"}, "the lab 'antibody' reads values from 5 to 11, but most measured ones lie beyond"),
    "no file": ({"lab": "lab.yaml"}, "no configuration file lab.yaml"),
    "twice": ({"strategies": ["random", "random"]}, "two arms of the rehearsal are called 'random'"),
    "as planned": ({"strategies": ["genetic"]}, "the arms 'as planned' and 'genetic' are the same campaign"),
    "same": ({"schedules": [12], "arms": {"more": {"scheduler.batch_size": 12}}}, "are the same campaign"),
    "key": ({"arms": {"other": {"oracle.seed": 1}}}, "may not differ between arms"),
    "no arm": ({"arms": {"other": 12}}, "expected dotted keys"),
    "set": ({"settings": {"space.length": 4}}, "a rehearsal changes `budget`"),
    "truth": ({"truth": "guess", "surrogate": None}, "expected `posterior`, or a YAML file"),
    "both": ({"truth": {"kind": "nk"}}, "give only one"),
    "alphabet": ({"truth": {"kind": "nk"}, "surrogate": None}, "another alphabet"),
    "surrogate": ({"surrogate": "forest"}, "unknown surrogate 'forest'"),
    "noise": ({"noise": "loud"}, "expected `lab`, or the standard deviation"),
    "weeks": ({"weeks": 0}, "expected 0 to"),
    "repeats": ({"repeats": 0}, "expected 1 to 10,000"),
    "at": ({"at": "2026-03-05"}, "before the last entry"),
    "spent": ({"settings": {"budget.designs": 12}}, "budget.designs is 12, and 12 are spent; set more"),
    "weeks spent": ({"settings": {"budget.weeks": 2}}, "nothing is left to rehearse: budget.weeks"),
    "money": ({"settings": {"budget.cost": 0}}, "budget.cost"),
    "no budget": ({"settings": {"budget": None}}, "--set budget: expected limits, as in --set budget.designs=48"),
    "target": ({"target": float("nan")}, "--target: expected a true value to reach, such as 2.5, got nan"),
    "no end": ({"target": float("inf")}, "--target: expected a true value"),
    "seed": ({"seed": 99_999_999_999_999}, "--seed: expected 0 to 10,000,000,000,000"),
    "far": ({"at": "9999-01-01"}, "is more than 5,200 weeks after the beginning of the campaign"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_before_anything_runs(name: str, place: Path) -> None:
    changes, said = WRONG[name]
    with pytest.raises(DesignloopError, match=escape(said)):
        rehearse(place, **{**COMMON, **changes}, progress=lambda _: pytest.fail("a simulation was run"))


def test_without_a_value_nothing_is_rehearsed(tmp_path: Path) -> None:
    its = live(tmp_path, n_starts=0)
    with pytest.raises(ConfigError, match="nothing is measured yet"):
        rehearse(its.path, **COMMON)


def test_the_lab_may_stand_in_the_description(tmp_path: Path) -> None:
    its = live(tmp_path, lab={"preset": "live", "simulated": "cro"}, budget={})
    with pytest.raises(ConfigError, match="give --weeks N"):
        rehearse(its.path, **{**COMMON, "lab": None})
    done = rehearse(its.path, **{**COMMON, "lab": None, "repeats": 1}, weeks=6)
    assert "lab: 'cro' (from the campaign's `lab.simulated`): " in str(done)
    assert "weeks from order to result if nobody waits; prices in USD; its calendar" in str(done)
    assert not done.plan.is_assumed
    (cell,) = done.study.results.cells
    assert cell.weeks == pytest.approx(13, abs=0.1)


def test_money_that_was_spent_by_prices_is_not_there_to_rehearse(tmp_path: Path) -> None:
    its = live(tmp_path, lab={"preset": "live", "prices": {"per_design": 10}}, budget={"cost": 120})
    assert its.history.left.cost == 0
    with pytest.raises(
        ConfigError, match=r"budget\.cost is 120, and 120 are spent; set more, as in --set budget\.cost=240"
    ):
        rehearse(its.path, **COMMON)
    done = rehearse(its.path, **{**COMMON, "repeats": 1}, settings={"budget.cost": 60_120}, weeks=8)
    (arm,), (cell,) = done.outcome.arms, done.study.results.cells
    assert done.plan.spent == 120
    assert arm.by_week[0].cost == 0, "the rent of the week was due at 0:00"
    assert arm.by_week[1].cost >= 6000, "and the next in a week less nine hours"
    assert arm.cost.mean.value == cell.cost - 120 <= 60_000


def test_an_oracle_may_be_the_truth(place: Path) -> None:
    fixed = {"kind": "rough-mt-fuji", "alphabet": "rna", "length": 9}
    with pytest.warns(Notice, match="nearly arbitrary"):  # it has nothing to do with the data
        done = rehearse(place, **{**COMMON, "surrogate": None, "truth": fixed, "noise": "lab"}, weeks=3)
    assert "the truth of all simulations is the oracle 'rough-mt-fuji'" in str(done)
    assert "compared with the measured ones" in str(done)
    assert "folds" not in str(done)
    assert {cell.instance for cell in done.study.results.cells} == {0}


def test_limits_and_unequal_errors_are_said(tmp_path: Path) -> None:
    """Errors that grow with the values, and readings below a limit, which are no values that a model predicts."""
    rows = [(s, max(linear(s), 1.6), 0.02 * linear(s) ** 2, linear(s) < 1.6) for s in sequences(60)]
    n = sum(is_below for *_, is_below in rows)
    told = [(*row, "below_detection" if is_below else "observed") for *row, is_below in rows]
    starts = written(tmp_path / "limits.csv", ["sequence", "value", "std_error", "outcome"], told)
    its = live(tmp_path, n_starts=0, prior={"starts": starts})
    done = rehearse(its.path, **{**COMMON, "repeats": 1, "at": "2026-03-03 09:00"}, weeks=9)
    said = "\n".join(done.plan.sentences)
    assert 5 < n < 40
    assert f"of {60 - n} sequences measured" in said
    assert f"not counting {n} further sequences beyond a limit of detection" in said
    assert f"{n} measured designs beyond a limit of detection" in said
    assert "the simulated assay has no lower limit" in said
    assert "no upper limit" not in said
    assert "the same for all simulated values, although real errors differ" in said


def test_a_folder_of_something_else_is_refused(place: Path, tmp_path: Path) -> None:
    before = sorted(place.iterdir())
    with pytest.raises(ConfigError, match="holds a campaign; give a folder of its own"):
        rehearse(place, **COMMON, store=place)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ConfigError, match="holds other files, and no rehearsal"):
        rehearse(place, **COMMON, store=tmp_path)
    assert sorted(place.iterdir()) == before
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_urgency_is_left_out_where_no_batch_goes_first(tmp_path: Path) -> None:
    its = live(tmp_path, scheduler={"kind": "rounds", "batch_size": 6, "urgent": [3]})
    done = rehearse(its.path, **{**COMMON, "repeats": 1}, weeks=3)
    assert "the urgency of batch 3 (`scheduler.urgent`) is left out, since no batch goes first" in str(done)
    assert [campaign.scheduler.urgent for campaign in campaigns(done)] == [()]
    kept = rehearse(its.path, **{**COMMON, "repeats": 1, "lab": {**QUIET, "wip_limit": 500}}, weeks=3)
    assert "urgency" not in str(kept)
    assert [campaign.scheduler.urgent for campaign in campaigns(kept)] == [(3,)]


PRICED: dict[str, Any] = {"preset": "live", "prices": {"currency": "EUR", "per_design": 10}}
SAME_PRICES: dict[str, Any] = {
    "name": "ours", "stages": [{"name": "synthesis", "days": 5}], "assay": {"days": 2},
    "cost": {"currency": "EUR", "per_design": 10},
}  # fmt: skip


def test_the_first_simulated_order_is_as_large_as_the_real_one(tmp_path: Path) -> None:
    """Money is left for four of six designs; when the simulated lab charges twice as much, for two."""
    its = live(tmp_path, lab=PRICED, budget={"cost": 1000})
    its.extend({"budget.cost": 165}, at="2026-04-13 12:00")
    assert its.history.left.cost == 45
    dear = {**SAME_PRICES, "cost": {**SAME_PRICES["cost"], "per_design": 20}}
    for lab, n, price in ((SAME_PRICES, 4, "60.00 EUR"), (dear, 2, "120.00 EUR")):
        done = rehearse(its.path, **{**COMMON, "lab": lab, "repeats": 1})
        (cell,) = done.study.results.cells
        assert cell.designs == 12 + n
        assert "of the 165.00 EUR of the whole campaign, 120.00 EUR were spent by `lab.prices`; the 45.00 EUR" in str(
            done
        )
        assert (f"and {price} by the prices of the simulated lab" in str(done)) is (lab is dear)
    its.ask(at=TODAY, anyway=True)
    assert its.history.n_designs == 12 + 4


def test_the_price_of_a_batch_is_that_of_the_largest_that_the_schedule_orders(tmp_path: Path) -> None:
    schedule = {"kind": "rounds", "batch_sizes": [6, 9]}
    its = live(tmp_path, lab=PRICED, scheduler=schedule, budget={"cost": 1000})
    dear = {**SAME_PRICES, "cost": {**SAME_PRICES["cost"], "per_design": 20}}
    done = rehearse(its.path, **{**COMMON, "lab": dear, "repeats": 1}, weeks=1)
    assert "a batch of up to 9 designs costs about 90.00 EUR by `lab.prices`, and 180.00 EUR" in str(done)
    with pytest.raises(DesignloopError, match="which go before `batch_size`"):
        rehearse(its.path, **COMMON, schedules=[24])


def test_measured_sequences_outside_the_space_are_said_not_to_be_in_hand(tmp_path: Path) -> None:
    its = live(tmp_path)
    assert "outside the space" not in str(rehearse(its.path, **{**COMMON, "repeats": 1}, weeks=1))
    best = float(np.nanmax(its.history.readings))
    with pytest.warns(Notice, match="outside the space"):
        its.add(["ACGUACGUACGU"], new_round=True, at="2026-04-13 12:00")
    its.tell(written(tmp_path / "own.csv", ["design", "value"], [(12, best + 0.1)]), at="2026-04-13 13:00")
    done = rehearse(its.path, **{**COMMON, "repeats": 1}, weeks=1)
    assert "1 of 37 measured sequences are outside the space of the truth; the sequence in hand is the best of" in str(
        done
    )
    assert done.plan.in_hand is not None
    assert done.plan.in_hand.measured == best


def test_money_of_two_currencies_is_a_warning(tmp_path: Path) -> None:
    its = live(tmp_path, lab=PRICED, budget={"cost": 1000})
    dollars = {**SAME_PRICES, "cost": {**SAME_PRICES["cost"], "currency": "USD"}}
    with pytest.warns(Notice, match="are in EUR, but the simulated lab charges in USD"):
        rehearse(its.path, **{**COMMON, "lab": dollars, "repeats": 1}, weeks=1)
    free = {**SAME_PRICES, "cost": {}}
    with pytest.warns(Notice, match="charges nothing for a batch"):
        rehearse(its.path, **{**COMMON, "lab": free, "repeats": 1}, weeks=1)


def test_without_prices_a_budget_of_money_counts_from_now_on(place: Path) -> None:
    done = rehearse(place, **{**COMMON, "repeats": 1}, settings={"budget.cost": 20_000}, weeks=1)
    assert "money: 20,000.00 from now on" in str(done)


def test_values_are_at_least_that_of_the_sequence_in_hand(tmp_path: Path) -> None:
    """Also before the first design is recommended, and whatever the other arms find."""
    its = live(tmp_path, n_starts=30, truth=linear)
    alone = rehearse(its.path, **COMMON)
    both = rehearse(its.path, **COMMON, strategies=["random"])
    held = alone.plan.in_hand
    assert held is not None
    assert held.sequence == its.history.sequences[int(np.nanargmax(its.history.readings))]
    worth = [held.worth(cell.instance) for cell in alone.study.results.cells]
    for done in (alone, both):
        for arm in done.outcome.arms:
            values = done.outcome.values(arm.label, "recommended", [0.0, 2.0, 1e3])
            tested = done.outcome.values(arm.label, "true", [0.0, 2.0, 1e3])
            assert (values >= np.array(worth)[:, None]).all()
            assert (tested >= np.array(worth)[:, None]).all()
    assert alone.as_dict()["arms"][0] == both.as_dict()["arms"][0], "an arm does not depend on the others"


def test_while_nothing_is_recommended_the_value_is_that_of_the_best_start(tmp_path: Path) -> None:
    starts = tmp_path / "starts.csv"
    rows = [f"{s},{linear(s):.3f},0.1" for s in sequences(30)]
    starts.write_text("\n".join(["sequence,value,std_error", *rows]) + "\n")
    campaign = LiveCampaign.model_validate(
        {
            "name": "rbs", "space": {"alphabet": "rna", "length": 9}, "strategy": "random", "budget": {"designs": 6},
            "scheduler": {"kind": "rounds", "batch_size": 6}, "prior": {"starts": str(starts)},
        }
    )  # fmt: skip
    its = Live.begin(campaign, tmp_path / "live", start="2026-03-02 09:00", by="ana")
    done = rehearse(its.path, **{**COMMON, "at": "2026-03-03"}, target=0.0)
    (arm,), held = done.outcome.arms, done.plan.in_hand
    assert held is not None
    assert held.sequence == max(sequences(30), key=linear)
    worth = [held.worth(cell.instance) for cell in done.study.results.cells]
    assert arm.by_week[0].values["recommended"].mean.value == pytest.approx(np.mean(worth))
    assert arm.chance is not None
    assert arm.chance.weeks == 0.0, "the target is reached already"
    assert f"or of {held.sequence} (a starting sequence, measured " in done.save().read_text(encoding="utf-8")
