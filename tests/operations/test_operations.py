"""What a lab did: utilisation, queues, waits and turnarounds, by hand and as laws."""

from itertools import pairwise

import numpy as np
import pytest
from lab_batches import CROWDED, batches
from lab_stubs import EVERY_DAY

from designloop.core.clock import DAY, WEEK
from designloop.core.records import Event
from designloop.lab.lab import Lab
from designloop.operations.operations import Operations
from designloop.operations.usage import Cause, State


def operations(lab: Lab, events: list[Event], **span: int) -> Operations:
    return Operations.of(events, lab.describe(), **span)


def days(minutes: float) -> float:
    return minutes / DAY


def test_a_machine_for_one_design_by_hand():
    """Four designs of a day each: the machine works for four of seven days, and they wait 0 + 1 + 2 + 3 days."""
    lab = Lab(calendar=EVERY_DAY, stages=[{"name": "synthesis", "days": 1, "machines": 1}])
    facts = operations(lab, batches(lab, [4]), end=WEEK)
    synthesis, assay = facts.use
    assert synthesis.utilisation.tolist() == [4 / 7]
    assert synthesis.queue.tolist() == [6 * DAY]
    assert synthesis.waited[Cause.MACHINES].tolist() == [6 * DAY]
    assert synthesis.inside.tolist() == [4 * DAY]
    assert assay.queue.tolist() == [0]
    assert facts.turnarounds.minutes.tolist() == [DAY, 2 * DAY, 3 * DAY, 4 * DAY]
    assert facts.turnarounds.waiting["synthesis"].tolist() == [0, DAY, 2 * DAY, 3 * DAY]
    assert facts.throughput == 4
    found = facts.bottleneck
    assert found is not None
    assert (found.name, found.days, found.share, found.utilisation) == ("synthesis", 1.5, 1.0, 4 / 7)
    assert found.in_words == (
        "The bottleneck is synthesis: a design waited 1.5 days for its machine on average, 100% of all waiting. "
        "Utilisation: 57%."
    )


def test_working_days_alone_count_for_a_machine_that_works_on_them():
    """From Thursday on, three days of work end on Monday night: 2 of the 5 working days, then 1 of 5."""
    lab = Lab(calendar={"start": "2025-01-06"}, stages=[{"name": "cloning", "days": 3, "machines": 2}])
    facts = operations(lab, batches(lab, [1], first=3 * DAY), end=2 * WEEK)
    assert facts.use[0].available.tolist() == [2 * 5 * DAY] * 2
    assert facts.use[0].states[State.WORKING].tolist() == [2 * DAY, DAY]
    assert facts.use[0].states[State.IDLE].tolist() == [8 * DAY, 9 * DAY]


def test_waiting_for_people_off_shift_and_busy():
    """Both designs come at midnight. One person works from 8 to 16 and needs 4 hours for each.

    Both wait 8 hours for the shift, and one waits 4 hours more for the person.
    """
    lab = Lab(
        calendar=EVERY_DAY,
        people=[{"name": "bench", "shifts": [{"hours": ["08:00", "16:00"]}]}],
        stages=[{"name": "picking", "days": {"hours": 4}, "machines": 2, "people": "bench"}],
    )
    facts = operations(lab, batches(lab, [2]), end=DAY)
    (picking, _), (bench,) = facts.use, facts.people
    assert picking.waited[Cause.SHIFT].tolist() == [16 * 60]
    assert picking.waited[Cause.PEOPLE].tolist() == [4 * 60]
    assert picking.states[State.WORKING].tolist() == [8 * 60]
    assert picking.states[State.SHORT].tolist() == [20 * 60]
    assert picking.states[State.IDLE].tolist() == [20 * 60]
    assert bench.utilisation.tolist() == [1.0]
    found = facts.bottleneck
    assert found is not None
    assert (found.name, found.kind) == ("bench", "people")


def test_other_peoples_work_uses_machines_and_people_and_is_waited_for():
    """An item came at 18:00 on Sunday. Its person was free at 19:00, and its run ends on Monday at 18:00."""
    job = {"name": "others", "calendar": {"days": ["sun"], "times": ["18:00"]}, "size": 1}
    lab = Lab(
        calendar=EVERY_DAY,
        people=[{"name": "bench"}],
        stages=[{"name": "pcr", "days": 1, "machines": 1, "people": "bench", "hands_on": {"hours": 1}}],
        background=[job],
        warm_up_weeks=1,
    )
    facts = operations(lab, batches(lab, [1]), end=4 * DAY)
    assert [(days(run.began), run.n_items, run.in_words) for run in facts.runs.of("pcr")] == [
        (0, 1, "0 designs and 1 of others"),
        (0.75, 1, "1 design"),
    ]
    assert facts.use[0].states[State.WORKING].tolist() == [DAY]
    assert facts.use[0].states[State.OTHERS].tolist() == [0.75 * DAY]
    assert facts.use[0].utilisation.tolist() == [1.75 / 4]
    assert facts.use[0].waited[Cause.MACHINES].tolist() == [0.75 * DAY]
    assert facts.people[0].busy.tolist() == [60]


def test_a_run_waits_for_its_load_and_not_for_a_machine():
    lab = Lab(
        calendar=EVERY_DAY,
        stages=[{"name": "synthesis", "days": 1, "machines": 1, "load": 4, "min_fill": 1.0, "wait_days": 2}],
    )
    facts = operations(lab, batches(lab, [3]), end=WEEK)
    assert facts.use[0].waited[Cause.START].tolist() == [3 * 2 * DAY]
    assert facts.use[0].states[State.HELD].tolist() == [2 * DAY]
    assert facts.use[0].states[State.WORKING].tolist() == [DAY]
    assert facts.bottleneck is None


def test_waiting_for_a_delivery():
    """Three runs of four designs use a kit each. The third could start on day 2, and the kits come on day 3."""
    kit = {"name": "kit", "price": 1, "pack": 2, "stock": 2, "reorder_at": 1, "delay_days": 3}
    stage = {"name": "cloning", "machines": 1, "load": 4, "days": 1, "consumables": [kit]}
    lab = Lab(calendar=EVERY_DAY, stages=[stage])
    facts = operations(lab, batches(lab, [12]), end=WEEK)
    assert facts.use[0].waited[Cause.STOCK].tolist() == [4 * DAY]
    assert facts.use[0].waited[Cause.MACHINES].tolist() == [(8 + 4) * DAY]
    assert facts.use[0].waited[Cause.START].tolist() == [0]
    by_day = {"name": "bench", "shifts": [{"hours": ["00:00", "12:00"]}]}
    staffed = Lab(calendar=EVERY_DAY, people=[by_day], stages=[{**stage, "people": "bench", "hands_on": {"hours": 1}}])
    use = operations(staffed, batches(staffed, [12]), end=WEEK).use[0]
    assert use.waited[Cause.STOCK].tolist() == [4 * DAY]  # by day and by night
    assert use.waited[Cause.SHIFT].tolist() == [0]
    short = operations(lab, batches(lab, [12]), end=5 * DAY // 2)  # the record ends before the delivery
    assert short.use[0].waited[Cause.STOCK].tolist() == [4 * DAY / 2]


def test_a_breakdown_is_no_work():
    """The machine breaks down on day 2 for three days. The run of four days goes on after it, until day 7."""
    broken = {"between": 2, "repair": 3, "work": "kept"}
    stage = {"name": "synthesis", "days": 3.5, "machines": 1, "load": 2, "breakdown": broken}
    lab = Lab(calendar=EVERY_DAY, stages=[stage])
    facts = operations(lab, batches(lab, [2]))
    assert facts.use[0].states[State.DOWN].tolist() == [3 * DAY]
    assert facts.use[0].states[State.WORKING].tolist() == [3.5 * DAY]


def test_a_machine_is_down_also_after_the_run_that_was_lost():
    broken = {"between": {"mixture": [[0.95, 2], [0.05, 9]]}, "repair": 3, "work": "lost"}
    lab = Lab(calendar=EVERY_DAY, stages=[{"name": "cloning", "days": 3.5, "machines": 1, "breakdown": broken}])
    facts = operations(lab, batches(lab, [1]), end=WEEK)
    assert facts.use[0].states[State.WORKING].tolist() == [2 * DAY]
    assert facts.use[0].states[State.DOWN].tolist() == [3 * DAY]


def test_designs_outside_the_limit_wait_for_a_place_in_the_lab():
    lab = Lab(calendar=EVERY_DAY, wip_limit=2, stages=[{"name": "cloning", "days": 1, "machines": 1}])
    facts = operations(lab, batches(lab, [4]))
    assert facts.use[0].waited[Cause.LIMIT].tolist() == [(2 + 1) * DAY]
    assert facts.use[0].waited[Cause.MACHINES].tolist() == [(1 + 1 + 1) * DAY]


def test_a_reader_holds_a_plate_for_its_share_of_a_day():
    """Three plates of 6 wells, two a day: they are taken at 0:00, 12:00 and 24:00."""
    lab = Lab(calendar=EVERY_DAY, plate_size=6, assay={"days": 2, "plates_per_day": 2})
    facts = operations(lab, batches(lab, [18]), end=3 * DAY)
    (assay,) = facts.use
    assert assay.states[State.WORKING].tolist() == [1.5 * DAY]
    assert assay.waited[Cause.MACHINES].tolist() == [6 * (0.5 + 1) * DAY]


def test_a_design_that_goes_back_has_all_its_waits_in_its_lead_time():
    again = {"to": "cloning", "times": 3}
    lab = Lab(
        calendar=EVERY_DAY,
        stages=[
            {"name": "cloning", "days": 1, "machines": 2},
            {"name": "check", "days": 0.5, "failure": 0.6, "rework": again, "machines": 1},
        ],
    )
    facts = operations(lab, batches(lab, [8], seed=3))
    assert any(visit.outcome == "went_back" for visit in facts.visits.visits)
    check_parts(facts)


def check_parts(facts: Operations) -> None:
    times = facts.turnarounds
    parts = [*times.waiting.values(), *times.working.values(), times.astray]
    assert np.sum(parts, axis=0).tolist() == times.minutes.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_the_laws_of_a_crowded_lab(seed: int):
    """Shares add up, nobody works more than there is, waiting and work add up, and Little's law holds."""
    events = batches(CROWDED, [14, 9, 11, 6], seed=seed, gap=4 * DAY)
    facts = operations(CROWDED, events)
    for use in facts.use:
        assert np.nansum(use.utilisation > 1 + 1e-9) == 0
        assert np.sum(list(use.states.values()), axis=0) == pytest.approx(use.available)
        assert np.sum(list(use.waited.values()), axis=0) == pytest.approx(use.queue)
        assert min(map(np.min, (*use.states.values(), *use.waited.values()))) >= -1e-6
    for group in facts.people:
        assert np.nanmax(group.utilisation) <= 1 + 1e-9
        assert group.busy.sum() > 0
    check_parts(facts)
    check_little(facts)
    for what in (State.WORKING, State.OTHERS, State.DOWN, State.SHORT, State.HELD):
        assert sum(use.states[what].sum() for use in facts.use) > 0
    for why in Cause:
        assert sum(use.waited[why].sum() for use in facts.use) > 0


def check_little(facts: Operations) -> None:
    """All designs have left: the mean queue is the arrival rate times the mean wait, at every stage and in all."""
    times, length = facts.turnarounds, facts.lengths.sum()
    rate = len(times.minutes) / length
    for use in facts.use[:-1]:
        assert use.queue.sum() / length == pytest.approx(rate * times.waiting[use.stage.name].mean())
        assert use.inside.sum() / length == pytest.approx(rate * times.working[use.stage.name].mean())
    inside = sum(use.queue.sum() + use.inside.sum() for use in facts.use) / length
    assert inside == pytest.approx(rate * times.minutes.mean())


def test_the_time_of_machines_is_that_of_their_runs():
    facts = operations(CROWDED, batches(CROWDED, [14, 9], seed=1, gap=2 * DAY))
    runs = facts.runs.of("synthesis")
    assert sorted(design for run in runs for design in run.designs)[:3] == [0, 1, 2]
    for machine in (1, 2):
        mine = [run for run in runs if run.machine == machine]
        assert all(first.ended <= second.began for first, second in pairwise(mine))


def test_a_record_that_is_not_finished_counts_until_its_end():
    """Two designs are in, one waits: at the end of day 0.5 they have been there for half a day."""
    lab = Lab(calendar=EVERY_DAY, stages=[{"name": "cloning", "days": 1, "machines": 2}])
    events = [event for event in batches(lab, [3]) if event.minute == 0] + [Event(DAY // 2, "waited")]
    facts = operations(lab, events)
    assert facts.use[0].queue.tolist() == [DAY // 2]
    assert facts.use[0].utilisation.tolist() == [1.0]
    assert len(facts.turnarounds.minutes) == 0
    assert facts.throughput == 0


def test_the_description_of_the_lab_is_in_the_record():
    lab = Lab(stages=[{"name": "cloning", "days": 1, "machines": 2}])
    opened = Event(0, "opened", data={"description": {"lab": lab.describe()}})
    assert [use.stage.in_words for use in Operations.of([opened]).use] == ["2 machines", ""]
    assert Operations.of([]).use[0].queue.tolist() == [0]


def test_a_long_record_has_bins_of_several_weeks():
    lab = Lab(stages=[{"name": "cloning", "days": 1}])
    facts = operations(lab, [Event(500 * WEEK, "waited")])
    assert facts.weeks_per_bin == 5
    assert len(facts.lengths) == 100


def test_a_vetoed_design_was_never_in_the_lab():
    submitted = [Event(0, "submitted", i, {"round": 1, "replicates": 1, "retest": False}) for i in range(2)]
    facts = Operations.of([*submitted, Event(0, "vetoed", 1, {"round": 1}), Event(DAY, "waited")])
    assert [passage.design for passage in facts.visits.passages] == [0]
    assert facts.use[0].queue.tolist() == [DAY]


def test_a_machine_that_holds_failed_designs_waits_for_people():
    """One person works from 8 to 12. A run of 4 hours fails at 12, and is made again from 8 to 10 on the next day.

    The other design waits 8 hours for the shift, 4 for the machine, 20 for the shift and 2 for the machine. Its run is
    interrupted from 12 to 8, ends at 10, and is made again at once.
    """
    hours, hour = {"hours": ["08:00", "12:00"], "days": ["mon", "tue", "wed", "thu", "fri"]}, DAY / 24
    stage = {"name": "build", "machines": 1, "days": {"hours": 4}, "people": "bench", "failure": 1.0}
    rework = {"days": {"hours": 2}, "failure": 1.0}
    lab = Lab(calendar=EVERY_DAY, people=[{"name": "bench", "shifts": [hours]}], stages=[stage | {"rework": rework}])
    build = operations(lab, batches(lab, [2]), end=3 * DAY).use[0]
    assert {state: each.sum() / hour for state, each in build.states.items() if each.any()} == {
        State.WORKING: 4 + 2 + 24 + 2, State.SHORT: 8 + 20, State.IDLE: 12,
    }  # fmt: skip
    assert {cause: each.sum() / hour for cause, each in build.waited.items() if each.any()} == {
        Cause.MACHINES: 4 + 2, Cause.SHIFT: 2 * 8 + 20,
    }  # fmt: skip
