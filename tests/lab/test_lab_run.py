"""A tiny lab, event by event: stages, failures, plates, rounds."""

from dataclasses import replace

import pytest
from lab_stubs import DAY, EVERY_DAY, Counting, designs, finish, log, start, values, whole
from numpy.random import Generator, Philox

from designloop.core import random
from designloop.core.errors import DesignloopError, OracleError
from designloop.core.history import History, Known
from designloop.core.records import Batch, Event
from designloop.lab.lab import Lab


def tiny(**changes):
    """Two days of synthesis, three of expression, one of the assay, on any day of the week."""
    stages = [
        {"name": "synthesis", "days": 2, "outcome": "synthesis_failed"},
        {"name": "expression", "days": 3, "outcome": "not_expressed", "expresses": True, "retest_from": True},
    ]
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": stages, "assay": {"days": 1}, **changes})


def test_the_whole_log_of_one_design():
    assert log(whole(tiny(), 1)) == [
        (0, "submitted", 0),
        (0, "synthesis", 0),
        (2, "left", 0),
        (2, "expression", 0),
        (5, "left", 0),
        (5, "assay", 0),
        (6, "observed", 0),
        (6, "round_closed", None),
    ]


def test_what_an_observation_says():
    observed = next(event for event in whole(tiny(), 1) if event.kind == "observed")
    assert observed.data == {
        "round": 1, "retest": False, "plate": "1-1-1", "replicate": 1, "assay": "assay",
        "outcome": "observed", "value": 9.0, "std_error": 0.0, "well": observed.data["well"],
    }  # fmt: skip


def test_a_sequence_that_is_not_viable_fails_like_one_lost_by_chance():
    by_nature = start(tiny())
    by_nature.submit(Batch(1, designs(1, letter="T")))
    by_chance = start(_losing())
    by_chance.submit(Batch(1, designs(1)))
    assert finish(by_nature) == finish(by_chance)


def _losing():
    lab = tiny()
    return lab.with_(stages=(lab.stages[0], lab.stages[1].with_(failure=1.0)))


def test_the_oracle_is_asked_once_for_all_that_are_in_expression():
    calls = []

    class Watched(Counting):
        def __call__(self, sequences):
            calls.append(len(sequences))
            return super().__call__(sequences)

    lab, oracle = tiny(), Watched()
    run = lab.start(oracle, 0, space=oracle.space)
    run.submit(Batch(1, designs(100)))
    finish(run)
    assert calls == [96, 5]  # a plate at a time; one of the first is asked again with the second
    assert len(run.truths()) == 100
    assert run.truths() == []


def test_a_design_of_a_closed_round_leaves_expression_without_a_question():
    """It is lost on day 4 and would be expressed on day 10, when ten designs of the next round are in expression."""
    days = {"by_size": [[1, 10], [10, 2]]}
    stage = {"name": "expression", "days": days, "outcome": "not_expressed", "expresses": True}
    run = start(tiny(stages=[stage], close_at={"days": 4}))
    run.submit(Batch(1, designs(1)))
    while run.now < 9 * DAY:
        run.run(until=9 * DAY)
    run.submit(Batch(2, designs(10, first=1, round=2)))
    assert sum(event.kind == "observed" for event in finish(run)) == 10


def test_without_an_expression_stage_the_assay_finds_what_is_not_viable():
    run = start(Lab.preset("instant"))
    run.submit(Batch(1, (*designs(1), *designs(1, first=1, letter="T"), *designs(1, first=2, letter="G"))))
    outcomes = [(e.kind, e.design, e.data["outcome"]) for e in run.run() if e.kind in ("observed", "failed")]
    assert outcomes == [("observed", 0, "observed"), ("failed", 1, "not_expressed"), ("failed", 2, "unmeasured")]
    assert [truth.value for truth in run.truths()] == [9.0, None]


def test_a_failure_is_made_once_more_and_may_fail_again():
    stage = {"name": "cloning", "days": 2, "failure": 1.0, "rework": {"days": 3, "failure": 0.0}}
    assert log(whole(tiny(stages=[stage]), 1))[2] == (5, "left", 0)
    stage["rework"] = {"days": 3, "failure": 1.0}
    failed = whole(tiny(stages=[stage]), 1)[2]
    assert (failed.minute, failed.data["outcome"]) == (5 * DAY, "build_failed")


def test_a_capacity_makes_designs_queue():
    stage = {"name": "cloning", "days": 1, "capacity": 2}
    entries = [entry for entry in log(whole(tiny(stages=[stage]), 5)) if entry[1] == "cloning"]
    assert entries == [(0, "cloning", 0), (0, "cloning", 1), (1, "cloning", 2), (1, "cloning", 3), (2, "cloning", 4)]


def test_capacity_is_never_exceeded():
    stage = {"name": "cloning", "days": {"exponential": 1}, "capacity": 3, "failure": 0.3}
    inside = most = 0
    for event in whole(tiny(stages=[stage]), 60):
        if event.data.get("stage") == "cloning":
            inside += 1 if event.kind == "entered" else -1
            most = max(most, inside)
    assert (inside, most) == (0, 3)


def test_what_is_shipped_together_waits_for_the_last():
    slow = {"name": "synthesis", "days": {"uniform": [1, 9]}, "failure": 0.3, "outcome": "synthesis_failed"}
    ship = {"name": "shipping", "days": 1, "per": "batch", "release": "together"}
    events = whole(tiny(stages=[slow, ship]), 20)
    ends = max(e.minute for e in events if e.data.get("stage") == "synthesis")
    assert {e.minute for e in events if e.kind == "entered" and e.data["stage"] == "shipping"} == {ends}
    assert len({e.minute for e in events if e.kind == "observed"}) == 1


def test_a_stage_starts_on_its_weekdays():
    lab = tiny(calendar={}, stages=[{"name": "order", "days": 1, "start_days": ["wed"], "clock": "calendar"}])
    assert log(whole(lab, 1))[1:3] == [(2, "order", 0), (3, "left", 0)]


def test_retests_enter_where_the_stage_is_marked():
    run = start(tiny())
    first = designs(1)
    run.submit(Batch(1, first))
    finish(run)
    run.submit(Batch(2, (), first, replicates=2))
    events = finish(run)
    assert log(events)[0] == (6, "expression", 0)
    assert [(e.minute / DAY, e.data["retest"], e.data["replicate"]) for e in events if e.kind == "observed"] == [
        (10, True, 1),
        (10, True, 2),
    ]


def test_replicates_stand_on_plates_of_their_own():
    events = whole(tiny(), 3, replicates=2)
    assert [(e.design, e.data["plate"]) for e in events if e.kind == "observed"] == [
        *((i, "1-1-1") for i in range(3)),
        *((i, "1-1-2") for i in range(3)),
    ]


def test_no_result_before_the_fastest_turnaround():
    lab = Lab.preset("typical", calendar=EVERY_DAY)
    assert lab.shortest_days == 1 + 0 + 1 + 4 + 4 + 1 + 0.5
    first = min(e.minute for e in whole(lab, 96) if e.kind == "observed")
    assert first >= lab.shortest_days * DAY


@pytest.mark.parametrize("preset", ["instant", "good", "typical", "cellfree", "strain"])
def test_the_same_seed_gives_the_same_events_in_whatever_order_designs_are_submitted(preset):
    lab, batch = Lab.preset(preset), Batch(1, designs(40), (), 2)
    one, other = start(lab, 3), start(lab, 3)
    events = one.submit(batch) + finish(one)
    assert events == other.submit(replace(batch, designs=batch.designs[::-1])) + finish(other)
    assert one.truths() == other.truths()
    if preset != "instant":
        assert events != whole(lab, 40, seed=4, replicates=2)


def test_delays_of_a_design_do_not_depend_on_the_others():
    lab = Lab.preset("typical")
    few, many = whole(lab, 10), whole(lab, 40)

    def built(events: list[Event]) -> list[Event]:
        return [e for e in events if e.design == 7 and e.data.get("stage") in ("ordering", "synthesis", "cloning")]

    assert built(few) == built(many)


def test_a_round_closes_at_its_share_of_results():
    stage = {"name": "synthesis", "days": {"uniform": [1, 9]}}
    lab = tiny(stages=[stage], assay={"days": 1}, close_at={"share": 0.9})
    run = start(lab)
    run.submit(Batch(1, designs(20)))
    events = finish(run)
    closed = [e.design for e in events if e.kind == "failed" and e.data["stage"] == "closed"]
    assert events[-1].data == {"round": 1, "n_results": 20 - len(closed), "n_lost": len(closed)}
    assert len(closed) in (1, 2)
    assert run.run(until=run.now + 100 * DAY) == []  # what comes later is discarded
    assert start(tiny(close_at={"share": 1.0})).submit(Batch(1, designs(1)))


def test_a_round_closes_after_its_days_and_the_rest_is_lost():
    stages = [{"name": "synthesis", "days": 2}, {"name": "expression", "days": 3, "clock": "calendar"}]
    run = start(tiny(stages=stages, close_at={"days": 4}))
    run.submit(Batch(1, designs(2)))
    events = run.run()
    assert log(events)[-4:] == [(2, "expression", 1), (4, "failed", 0), (4, "failed", 1), (4, "round_closed", None)]
    assert events[-2].data == {"stage": "closed", "outcome": "lost", "round": 1, "retest": False}
    with pytest.raises(DesignloopError, match="the lab is empty"):
        run.run()


def test_a_replicate_that_is_back_when_a_round_closes_is_a_result():
    run = start(tiny(stages=[], assay={"days": 1, "plates_per_day": 1}, close_at={"days": 1.5}))
    run.submit(Batch(1, designs(1), (), replicates=2))
    assert [e.kind for e in finish(run)][-2:] == ["observed", "round_closed"]


def test_a_lost_plate_stops_its_designs_pending():
    run = start(tiny(assay={"days": 1, "lost_plates": 1.0}))
    opened = Event(0, "opened", None, {})
    history = History.opening(Counting().space, Known(), opened)
    chosen = [Event(0, "chosen", d.id, {"sequence": d.sequence, "round": 1}) for d in designs(3)]
    submitted = run.submit(Batch(1, designs(3)))
    assert len(history.after([*chosen, *submitted]).pending) == 3
    events = finish(run)
    after = history.after([*chosen, *submitted, *events])
    assert after.pending == []
    assert [str(outcome) for outcome in after.outcomes] == ["lost"] * 3
    assert sum(e.kind == "plate_lost" for e in events) == 1
    assert after.open_rounds == {}


def test_lost_wells_lose_a_design_only_with_its_last_well():
    lab = tiny(assay={"days": 1, "lost_wells": 0.5})
    events = whole(lab, 90, replicates=3)
    n_failed = sum(e.kind == "failed" for e in events)
    assert 3 <= n_failed <= 22  # an eighth of 90
    assert len(values(events)) == pytest.approx(135, abs=25)
    assert events[-1].data["n_results"] == 90 - n_failed


def test_run_stops_at_until_and_goes_on():
    run = start(tiny())
    run.submit(Batch(1, designs(1)))
    assert log(run.run(until=3 * DAY)) == [(0, "synthesis", 0), (2, "left", 0), (2, "expression", 0)]
    assert run.now == 3 * DAY
    run.submit(Batch(2, designs(1, first=1, round=2)))
    assert log(run.run())[-1] == (6, "round_closed", None)
    assert log(run.run())[-2:] == [(9, "observed", 1), (9, "round_closed", None)]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda _: 1 / 0, r"oracle '.*' in week 0\.7, expression, round 1: raised ZeroDivisionError"),
        (lambda _: [1.0], r"expected shape \(3,\) for 3 sequences, got \(1,\)"),
        (lambda _: [float("inf")] * 3, "infinite value"),
        (lambda _: [1.0, 2.0, -1e101], "a value beyond 1e\\+100 in size"),
    ],
)
def test_an_oracle_that_breaks_its_contract_is_named_with_week_and_plate(answer, sentence):
    class Broken(Counting):
        def __call__(self, sequences):
            return answer(sequences)

    oracle = Broken()
    run = tiny().start(oracle, 0, space=oracle.space)
    run.submit(Batch(1, designs(3)))
    with pytest.raises(OracleError, match=sentence):
        run.run()


def test_a_round_is_submitted_once_and_not_empty():
    run = start(tiny())
    run.submit(Batch(1, designs(1)))
    with pytest.raises(DesignloopError, match="give each batch its own round"):
        run.submit(Batch(1, designs(1)))
    with pytest.raises(DesignloopError, match="is empty"):
        run.submit(Batch(2, ()))


@pytest.mark.parametrize("preset", ["good", "typical", "cellfree", "strain"])
def test_no_stream_is_drawn_from_after_another_has_taken_it_back(preset, monkeypatch):
    """With a generator of its own for each name the same events happen: first, retest, replicate and rework."""

    def events() -> list[Event]:
        run = start(Lab.preset(preset, plate_size=24))
        happened = [*run.submit(Batch(1, designs(40), (), 2)), *finish(run)]
        return [*happened, *run.submit(Batch(2, designs(20, first=40), designs(5), 1)), *finish(run)]

    brief = events()
    monkeypatch.setattr(random, "_set_to", lambda key: Generator(Philox(key=int.from_bytes(key, "little"))))
    assert brief == events()
