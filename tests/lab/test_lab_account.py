"""What falls due after submission is reserved at its worst case, charged when it is due, and released where unused."""

from collections import Counter
from math import ceil
from typing import Any

import numpy as np
import pytest
from lab_stubs import DAY, EVERY_DAY, Counting, designs, finish, start
from pydantic import ValidationError
from stubs import CountingOracle, FailingLog, Scripted, played, small

import designloop as dl
from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.money import cents
from designloop.core.records import Batch, Event
from designloop.lab.lab import Lab
from designloop.lab.ledger import Ledger, Ticket
from designloop.storage.summary import summarise


def money(events: list[Event]) -> list[tuple[float, str, dict[str, float]]]:
    return [(e.minute / DAY, e.kind, dict(e.data)) for e in events if e.kind in ("charged", "reserved")]


def lab(stages: Any = (), assay: Any = (), **cost: Any) -> Lab:
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": list(stages), "assay": dict(assay), "cost": cost})


def one_batch(of: Lab, n: int, **batch: Any) -> list[Event]:
    run = start(of)
    return run.submit(Batch(1, designs(n), **batch)) + finish(run)


def test_a_stage_may_be_paid_when_a_design_enters_it_or_passes_it():
    """Some fail at cloning. Each design pays 30 for what it entered, and 50 for what it passed."""
    cloning = {"name": "cloning", "days": 2, "cost": 30, "due": "entered", "failure": 0.5}
    expression = {"name": "expression", "days": 3, "cost": 50, "due": "passed", "retest_from": True}
    of = lab([cloning, expression], per_design=1)
    events = one_batch(of, 8)
    n_failed = sum(event.kind == "failed" for event in events)
    assert 0 < n_failed < 8
    assert money(events) == [
        (0, "charged", {"designs": 8}),
        (0, "reserved", {"cloning": 240, "expression": 400}),
        (0, "reserved", {"cloning": 0}),
        (0, "charged", {"cloning": 240}),
        (2, "reserved", {"expression": 50 * (8 - n_failed)}),
        (5, "reserved", {"expression": 0}),
        (5, "charged", {"expression": 50 * (8 - n_failed)}),
    ]
    assert of.quote(Counting().space).price([8] * 3, n_retests=2) == 3 + 90 + 150 + 2 * 50


def test_a_further_attempt_is_paid_if_it_is_made():
    often = {"name": "cloning", "days": 1, "failure": 0.5, "rework": {"days": 2, "failure": 0.0, "cost": 20.5}}
    events = one_batch(lab([often]), 8)
    n_again = sum(event.kind == "left" and event.minute == 3 * DAY for event in events)
    assert 0 < n_again < 8
    assert money(events) == [
        (0, "reserved", {"cloning": 164}),
        (1, "reserved", {"cloning": 0}),
        (1, "charged", {"cloning": 20.5 * n_again}),
    ]


def test_plates_are_charged_when_they_start_and_each_replicate_is_a_plate():
    """Ten designs without stages share plates of four: three plates, twice."""
    of = lab(per_plate=180).with_(plate_size=4)
    assert money(one_batch(of, 10, replicates=2)) == [
        (0, "reserved", {"plates": 1080}),
        (0, "reserved", {"plates": 0}),
        (0, "charged", {"plates": 1080}),
    ]


@pytest.mark.parametrize(("wait_days", "reserved"), [(5, 600), (None, 200)])
def test_the_worst_case_is_a_plate_for_each_design_unless_plates_wait_until_they_are_full(wait_days, reserved):
    """Six designs that arrive together fill two of the three places of two plates, with an empty well for controls."""
    stage = {"name": "synthesis", "days": 1}
    assay = {"wait_days": wait_days, "min_fill": 1.0, "days": 1}
    of = lab([stage], assay, per_plate=100).with_(plate_size=3)
    assert money(one_batch(of, 6)) == [
        (0, "reserved", {"plates": reserved}),
        (1, "reserved", {"plates": 0}),
        (1, "charged", {"plates": 200}),
    ]


def test_a_plate_that_waits_for_its_last_design_starts_when_no_other_comes():
    days = {"triangular": [1, 3, 9]}
    events = one_batch(lab([{"name": "s", "days": days}], {"wait_days": None, "min_fill": 1.0}, per_plate=100), 20)
    arrived = max(event.minute for event in events if event.kind == "left")
    assert {event.minute for event in events if event.kind == "observed"} == {arrived}
    assert money(events)[-1][1:] == ("charged", {"plates": 100})


def test_consumables_are_bought_in_packs_and_what_is_left_serves_the_next_batch():
    """A plate of 12 has two controls for 6 wells each, so 4: ten designs take two plates and 18 tips of packs of 10."""
    tips = {"name": "tips", "per": "well", "price": 7, "pack": 10}
    of = lab((), {"wells_per_control": 6}, consumables=[tips, {"name": "kit", "price": 3}]).with_(plate_size=12)
    run = start(of)
    first = run.submit(Batch(1, designs(10))) + finish(run)
    second = run.submit(Batch(2, designs(4, first=10, round=2))) + finish(run)
    assert money(first)[0][2] == {"kit": 6, "tips": 14}
    assert [facts for _, kind, facts in money(first) if kind == "charged"] == [{"kit": 6, "tips": 14}]
    assert money(second)[0][2] == {"kit": 3, "tips": 7}  # 8 more, of which 2 are left
    assert of.quote(Counting().space).price([8] * 4) == 10


def test_what_a_closed_round_does_not_need_is_released():
    stages = [{"name": "slow", "days": {"uniform": [1, 50]}}, {"name": "late", "days": 1, "cost": 5, "due": "entered"}]
    of = lab(stages, {"wait_days": 0}, per_plate=10).with_(close_at=dl.lab.lab.CloseAt(days=20))
    events = one_batch(of, 9)
    late = sum(event.kind == "entered" and event.data["stage"] == "late" for event in events)
    plated = sum(event.kind == "entered" and event.data["stage"] == "assay" for event in events)
    assert 0 < plated < 9
    paid = Counter[str]()
    for _, kind, facts in money(events):
        paid.update(facts if kind == "charged" else {})
    assert paid == {"late": 5 * late, "plates": 10 * plated}
    assert {item: money(events)[-1][2].get(item, 0) for item in ("late", "plates")} == {"late": 0, "plates": 0}


def test_a_run_is_paid_by_its_hours_and_those_of_people():
    """Five designs in runs of three, each of 1 hour of setup and 24 of work; people are hands-on for the first 2."""
    station = {
        "name": "liquid handler", "machines": 2, "load": 3, "setup": {"hours": 1}, "days": 1, "per_run": 40,
        "per_hour": 1.2, "people": "technicians", "hands_on": {"hours": 2}, "n_people": 2,
    }  # fmt: skip
    people = [{"name": "technicians", "number": 4, "per_hour": 30.5}]
    of = Lab.model_validate({"calendar": EVERY_DAY, "stages": [station], "people": people})
    events = one_batch(of, 5)
    assert money(events) == [
        (0, "reserved", {"liquid handler runs": 140, "technicians": 244}),
        (25 / 24, "reserved", {"liquid handler runs": 0, "technicians": 0}),
        (25 / 24, "charged", {"liquid handler runs": 140, "technicians": 244}),
    ]


def test_every_try_may_need_a_run_of_its_own():
    """The reader may send a design back to the handler twice, so that both are reserved three times, the other once."""
    machine = {"days": 1, "machines": 1, "per_run": 10}
    stages = [{"name": name, **machine} for name in ("first", "handler", "reader")]
    stages[2] |= {"failure": 1.0, "rework": {"to": "handler", "times": 2}}
    told = money(one_batch(lab(stages), 1))
    assert told[0][2] == {"first runs": 10, "handler runs": 30, "reader runs": 30}
    assert sum(facts.get("reader runs", 0) for _, kind, facts in told if kind == "charged") == 30


@pytest.mark.parametrize(("with_people", "people"), [(True, {"staff": 60}), (False, {})])
def test_a_second_attempt_in_place_is_paid_by_the_hour_too(with_people, people):
    """Four hours and three more of the machine, and one hour of people each time; the run is paid once."""
    station = {
        "name": "handler", "machines": 1, "load": 4, "days": {"hours": 4}, "failure": 1.0,
        "rework": {"days": {"hours": 3}}, "per_run": 5, "per_hour": 10,
    }  # fmt: skip
    station |= {"people": "staff", "hands_on": {"hours": 1}} if with_people else {}
    staff = [{"name": "staff", "per_hour": 30}]
    events = one_batch(Lab.model_validate({"calendar": EVERY_DAY, "stages": [station], "people": staff}), 3)
    assert [facts for _, _, facts in money(events)] == [
        {"handler runs": 75, **people}, {"handler runs": 0, **dict.fromkeys(people, 0)}, {"handler runs": 75, **people},
    ]  # fmt: skip


@pytest.mark.parametrize("days", [{"lognormal": [1, 0.3]}, {"sum": [1, {"exponential": 2}]}])
def test_hours_without_a_worst_case_are_refused(days):
    station = {"name": "reader", "days": days, "machines": 1}
    assert lab([{**station, "per_run": 9}]).quote(Counting().space).price([8]) == 9
    with pytest.raises(
        ValidationError, match=r"stage 'reader': `per_hour` is reserved at its worst case, .* triangular"
    ):
        lab([{**station, "per_hour": 9}])
    with pytest.raises(ValidationError, match="`per_hour` needs `machines`"):
        lab([{"name": "reader", "days": 1, "per_hour": 9}])
    of = {"stages": [{**station, "people": "all"}], "people": [{"name": "all", "per_hour": 3}]}
    with pytest.raises(ValidationError, match="`per_hour` of people 'all' is reserved at its worst case"):
        Lab.model_validate(of)
    Lab.model_validate({**of, "stages": [{**station, "people": "all", "hands_on": {"hours": 1}}]})


def random_lab(rng: np.random.Generator) -> dict[str, Any]:
    def price(most: float) -> float:
        return float(np.round(rng.uniform(0, most), 2)) * bool(rng.random() < 0.7)

    def stage(name: str) -> dict[str, Any]:
        days = [{"uniform": [0.2, 6]}, {"lognormal": [2, 0.8]}, 1][int(rng.integers(3))]
        failure = float(rng.choice([0.0, 0.4]))
        rework = (
            {"days": {"exponential": 2}, "failure": 0.3, "cost": price(20)} if failure and rng.random() < 0.6 else None
        )
        if rng.random() < 0.4:
            load = int(rng.integers(1, 5))
            hands_on = [None, {"hours": 1}][int(rng.integers(2))]
            wait = 1 if load == 1 else [1, None][int(rng.integers(2))]
            return {
                "name": name, "days": {"triangular": [0, 1, 2]}, "setup": {"hours": 3}, "machines": 2, "load": load,
                "mixes": bool(rng.random() < 0.5),
                "failure": failure, "min_fill": 1.0, "wait_days": wait, "per_run": price(20), "per_hour": price(3),
                "people": "staff", "hands_on": hands_on, "cost": price(30), "due": "passed",
            }  # fmt: skip
        return {
            "name": name, "days": days, "failure": failure, "rework": rework, "cost": price(30),
            "due": str(rng.choice(["ordered", "entered", "passed"])), "capacity": [None, 2][int(rng.integers(2))],
        }  # fmt: skip

    stages = [stage(name) for name in "abc"[: int(rng.integers(0, 4))]]
    if stages:
        stages[-1] |= {"retest_from": True, "outcome": "not_expressed", "expresses": bool(rng.random() < 0.5)}
    if len(stages) > 1 and stages[-1].get("machines"):
        stages[-1] |= {"failure": 0.5, "rework": {"to": "a", "times": 2, "cost": price(10)}}
    tips = {"name": "tips", "per": "well", "price": price(9), "pack": int(rng.integers(1, 12))}
    controls = [
        {"name": "blank", "wells": ["A1", "C4"]},
        {"name": "standard", "value": 2.0, "n": 2},
        {"name": "positive", "sequence": "AAAACCCC", "wells": "B2:B3"},
    ][: int(rng.integers(4))]
    return {
        "plate_size": 12,
        "stages": stages,
        "people": [{"name": "staff", "number": 2, "per_hour": price(2), "shifts": [{"hours": ["08:00", "17:00"]}]}],
        "assay": {
            "days": 1,
            "min_fill": float(rng.choice([0.0, 0.5, 1.0])),
            "wait_days": [None, 0.0, 3.0][int(rng.integers(3))],
            "wells_per_control": [None, 6][int(rng.integers(2))] if not controls else None,
            "controls": controls,
            "fill_order": str(rng.choice(["random", "rows", "columns"])),
            "lost_plates": 0.1,
            "plates_per_day": 2,
            "replicates_together": bool(rng.random() < 0.5),
        },
        "cost": {"per_bp": price(0.1), "per_plate": price(40), "consumables": [tips], "per_round": price(20),
                 "per_week": price(15), "per_replicate": price(2)},
        "close_at": {"days": 12} if rng.random() < 0.3 else {"share": 0.8},
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_what_is_spent_and_reserved_never_exceeds_the_budget_of_a_random_lab(seed: int) -> None:
    """After every event; and nothing stays reserved for what is not in the lab. A resumed run has the same hash."""
    rng = np.random.default_rng(seed)
    budget = float(np.round(rng.uniform(200, 2000), 2))
    size = int(rng.integers(2, 9))
    replicates, again = ((2, 3), (1, 4), (5, 1), (3, 11))[seed % 4]  # a plate has 6 to 12 wells for designs
    scheduler = dl.scheduling.Overlapping(
        batch_size=size, gap_days=4, replicates=replicates, retest_replicates=again, n_retests=2, max_rounds=5
    )
    campaign = small(
        oracle=CountingOracle.fresh(), strategy=Scripted(), lab=random_lab(rng), scheduler=scheduler,
        budget={"cost": budget, "weeks": 40},
    )  # fmt: skip
    log = FailingLog()
    played(campaign, log=log)
    spent, held = 0, Counter[str]()
    history = History.opening(campaign.whole_space, Known(), log.events()[0])
    for event in log.events()[1:]:
        history = history.after([event])
        amounts = (
            {item: cents(amount) for item, amount in event.data.items()}
            if event.kind in ("charged", "reserved")
            else {}
        )
        if event.kind == "charged":
            spent += sum(amounts.values())
        held.update({item: amount - held[item] for item, amount in amounts.items()} if event.kind == "reserved" else {})
        assert spent + held.total() <= cents(budget)
        assert cents(history.left.cost) == cents(budget) - spent - held.total()
        assert min(held.values(), default=0) >= 0
    if not history.open_rounds:
        assert held.total() == 0
    assert (cents(summarise(log).cost), cents(summarise(log).reserved)) == (spent, held.total())
    cut_off = FailingLog(int(rng.integers(log.n_appends)))
    with pytest.raises(KeyboardInterrupt):
        played(campaign, log=cut_off)
    cut_off.fails_at = None
    assert played(campaign, log=cut_off).hash() == log.hash()


@pytest.mark.parametrize("close_at", [{}, {"share": 0.6}])
@pytest.mark.parametrize("seed", range(12))
def test_a_round_of_a_random_lab_closes_in_the_minute_in_which_its_last_design_ends(
    seed: int, close_at: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the last of the share that closes it. Plates are lost, so the last well of a design may be an empty one."""
    ends: dict[int, list[int]] = {}
    end = Ledger._end

    def noted(ledger: Ledger, ticket: Ticket) -> None:
        ends.setdefault(ticket.round.number, []).append(ledger.minute)
        end(ledger, ticket)

    monkeypatch.setattr(Ledger, "_end", noted)
    data = random_lab(np.random.default_rng(seed))
    data["assay"] |= {"days": {"uniform": [1, 3]}, "lost_plates": 0.5}
    run = start(Lab.model_validate({**data, "close_at": close_at}), seed)
    events = run.submit(Batch(1, designs(5), (), 3)) + run.run(until=2 * DAY)
    events += run.submit(Batch(2, designs(4, first=5, round=2), designs(1), 2))
    n_open = 2 - sum(event.kind == "round_closed" for event in events)
    closed = {e.data["round"]: e.minute for e in events + finish(run, n_open) if e.kind == "round_closed"}
    share = close_at.get("share", 1.0)
    assert closed == {number: minutes[ceil(share * len(minutes)) - 1] for number, minutes in ends.items()}


def test_a_later_phase_pays_for_what_is_in_the_lab(tmp_path):
    """The first phase closes with eight designs in the lab, for which 80 are reserved."""
    stages = [{"name": "slow", "days": 20, "cost": 10, "due": "passed"}]
    campaign = small(
        lab={"stages": stages, "cost": {"per_design": 1}},
        budget={"weeks": 1},
        scheduler={"kind": "rounds", "batch_size": 8},
    )
    result = campaign.run(store=tmp_path)
    assert (result.cost, result.reserved, result.cost_in_words) == (8, 80, "cost 8 and 80 reserved")
    with pytest.raises(
        ConfigError, match=r"budget.cost is 87, but 8 are already spent and 80 are reserved for designs in"
    ):
        dl.extend(tmp_path, {"budget": {"cost": 87.0}})
    assert dl.extend(tmp_path, {"budget": {"cost": 88.0}}).cost == 88


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cost": {"per_plate": 0.005}}, "expected whole cents"),
        ({"cost": {"consumables": [{"name": "tips", "price": 0.001}]}}, "expected whole cents"),
        ({"cost": {"consumables": [{"name": "plates", "price": 1}]}}, "'plates' names two items of the bill; rename"),
        ({"cost": {"consumables": [{"name": "tips", "price": 1}] * 2}}, "'tips' names two items"),
        ({"stages": [{"name": "rent", "days": 1, "cost": 1, "due": "passed"}]}, "'rent' names two items"),
        ({"stages": [{"name": "s", "days": 1, "cost": 0.001, "due": "passed"}]}, "expected whole cents"),
        ({"stages": [{"name": "s", "days": 1, "due": "later"}]}, "due"),
    ],
)
def test_prices_that_cannot_be_charged_are_refused(change, says):
    with pytest.raises(ValidationError, match=says):
        Lab.model_validate(change)
