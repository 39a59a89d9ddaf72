"""Other people's work: whole logs by hand, its priorities and sources, what it costs, and its errors."""

from datetime import date

import numpy as np
import pytest
from lab_stubs import DAY, EVERY_DAY, designs, finish, start, whole
from pydantic import ValidationError
from stubs import FailingLog, played, small

from designloop.campaign import Campaign
from designloop.core.calendar import Calendar, WorkingTime
from designloop.core.contents import file_digest
from designloop.core.errors import ConfigError, DesignloopError, InputError
from designloop.core.records import Batch
from designloop.core.sources import sources_of
from designloop.lab.arrivals import arrivals, listed
from designloop.lab.background import Background
from designloop.lab.lab import Lab
from designloop.storage.run_directory import load

MONDAYS = {"name": "others", "calendar": {"days": ["mon"], "times": ["12:00"]}, "size": 2}
RATE = {"name": "others", "rate": 3, "size": 2}


def lab(*stages, **changes):
    named = [{"name": f"s{i}", **stage} for i, stage in enumerate(stages)]
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": named, **changes})


def shared(stage, **job):
    return lab(stage, background=[{**MONDAYS, **job}])


def runs(events, stage="s0"):
    """(day, designs, items of others) of each run of a station."""
    began = [e for e in events if e.kind == "run_started" and e.data["stage"] == stage]
    return [(e.minute / DAY, e.data["designs"], sum(e.data.get("background", {}).values())) for e in began]


def until(run, day):
    """All events up to a day."""
    events = []
    while run.now < day * DAY:
        events += run.run(until=int(day * DAY))
    return events


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        ("first", [(0, [0, 1], 0), (1, [], 2), (2, [2, 3], 0), (3, [4], 0)]),
        ("first-come", [(0, [0, 1], 0), (1, [2, 3], 0), (2, [4], 1), (3, [], 1)]),
        ("last", [(0, [0, 1], 0), (1, [2, 3], 0), (2, [4], 1), (3, [], 1)]),
    ],
)
def test_two_items_come_at_noon_and_go_before_after_or_in_turn_with_five_designs(priority, expected):
    events = whole(shared({"days": 1, "machines": 1, "load": 2}, priority=priority), 5)
    assert runs(events) == expected[: len(runs(events))]
    assert len(runs(events)) >= 3
    assert all(e.design is None or e.design < 5 for e in events)


def test_what_comes_last_waits_for_designs_that_come_later():
    the_lab = shared({"days": 1, "machines": 1}, priority="last")
    run = start(the_lab)
    events = [*run.submit(Batch(1, designs(1))), *until(run, 0.75)]
    events += [*run.submit(Batch(2, designs(2, first=1, round=2))), *until(run, 5)]
    assert runs(events) == [(0, [0], 0), (1, [1], 0), (2, [2], 0), (3, [], 1), (4, [], 1)]


@pytest.mark.parametrize(
    ("rule", "second"),
    [
        ({"queue": "by-batch"}, ([], 2)),
        ({"queue": "priority", "retest_from": True}, ([0], 1)),
        ({"mixes": False}, ([], 2)),
    ],
)
def test_a_queue_takes_other_work_in_its_own_order(rule, second):
    """Two items come at noon, after batch 1 and before batch 2, which is a new design and a retest."""
    run = start(shared({"days": 1, "machines": 1, "load": 2, **rule}))
    events = [*run.submit(Batch(1, designs(1))), *until(run, 0.75)]
    events += [*run.submit(Batch(2, designs(1, first=1, round=2), designs(1))), *until(run, 3)]
    assert runs(events)[1] == (1, *second)


def test_it_comes_at_random_in_working_time_at_its_rate():
    """1,000 working weeks of a lab that is closed on weekends; counts of a week are Poisson with mean 3."""
    calendar = Calendar()
    working = WorkingTime(calendar)
    times, n_weeks = [], 1000
    for arrival in arrivals(Background(**RATE), calendar, working, np.random.default_rng(0), 0):
        if arrival.minute >= n_weeks * 7 * DAY:
            break
        times.append(arrival.minute)
    counts = np.bincount(np.array(times) // (7 * DAY), minlength=n_weeks)
    assert abs(counts.mean() - 3) < 3 * np.sqrt(3 / n_weeks)
    assert abs(counts.var() - 3) < 3 * np.sqrt((3 + 2 * 9) / n_weeks)
    assert all(calendar.is_working(date.fromordinal(calendar.start.toordinal() + t // DAY)) for t in times)


def test_it_is_the_same_whatever_a_campaign_does():
    """Without a queue its runs are those of an idle lab, and designs have the times that they have without it."""
    the_lab = lab({"days": {"exponential": 2}, "machines": 1000, "failure": 0.2}, background=[{**RATE, "rate": 30}])
    few, many = (whole(the_lab, n, seed=3) for n in (1, 20))
    of_few, of_many = ([run for run in runs(events) if not run[1]] for events in (few, many))
    assert of_few == of_many[: len(of_few)]
    assert of_few

    def ends(the_lab):
        return {(e.design, e.minute, e.kind) for e in whole(the_lab, 20, seed=3) if e.kind in ("left", "failed")}

    assert ends(the_lab) == ends(the_lab.without_background())


def test_runs_of_designs_draw_the_same_times_with_other_work_between_them():
    stage = {"days": {"exponential": 1}, "machines": 1, "load": 4, "mixes": False}
    busy = lab(stage, background=[{**RATE, "rate": 7, "size": [1, 4], "priority": "first"}])

    def times(the_lab):
        events = whole(the_lab, 12)
        ends = {e.data["run"]: e.minute for e in events if e.kind == "run_ended"}
        return [ends[e.data["run"]] - e.minute for e in events if e.kind == "run_started" and e.data["designs"]]

    assert times(busy) == times(busy.without_background())
    assert whole(busy, 12)[-1].minute > whole(busy.without_background(), 12)[-1].minute


def test_a_lone_design_waits_as_long_as_queueing_theory_says():
    """M/M/1 at a load of 1/2: a design that arrives at any time waits ρ / (μ - λ) = half a day on average."""
    queue = lab(
        {"days": {"exponential": 0.5}, "machines": 1},
        background=[{"name": "others", "rate": 7, "size": 1}],
        warm_up_weeks=3,
    )
    waits = []
    for seed in range(150):
        events = whole(queue, 1, seed=seed)
        waits.append(next(e.minute for e in events if e.kind == "entered") / DAY)
    assert abs(np.mean(waits) - 0.5) < 3 * np.std(waits) / np.sqrt(len(waits))


def test_a_run_that_is_shared_costs_the_campaign_its_share():
    stage = {"days": 1, "machines": 1, "load": 4, "per_run": 10, "per_hour": 1, "start_times": ["13:00"]}
    events = whole(lab(stage, background=[{**MONDAYS, "size": 2}]), 1)
    charged = sum(e.data.get("s0 runs", 0) for e in events if e.kind == "charged")
    assert runs(events)[0] == (13 / 24, [0], 2)
    assert charged == round((10 + 24) / 3, 2)
    held = [e.data["s0 runs"] for e in events if e.kind == "reserved"]
    assert held == [34, 0]


@pytest.mark.parametrize(("price", "ours", "others", "share"), [(10, 2, 1, 6.67), (10, 1, 2, 3.33), (1, 29, 71, 0.29)])
def test_the_share_of_a_run_is_rounded_to_the_nearest_cent(price, ours, others, share):
    """In floating point, 29 of 100 cents are a little less than 29 cents."""
    stage = {"days": 1, "machines": 1, "load": 100, "per_run": price, "start_times": ["13:00"]}
    events = whole(lab(stage, background=[{**MONDAYS, "size": others}]), ours)
    assert [e.data["s0 runs"] for e in events if e.kind == "charged"] == [share]


def test_other_work_takes_people_and_places_and_passes_its_stages_in_order():
    stages = (
        {"days": 1, "machines": 2, "people": "bench"},
        {"days": 2, "capacity": 1},
        {"days": 5},
    )
    job = {**MONDAYS, "calendar": {"days": ["mon"], "times": ["00:00"]}, "size": 1, "stages": ["s1", "s0"]}
    events = whole(lab(*stages, people=[{"name": "bench"}], background=[job]), 2)
    entered = {(e.design, e.data["stage"]): e.minute / DAY for e in events if e.kind == "entered"}
    assert [entered[i, "s0"] for i in (0, 1)] == [0, 1]
    assert [entered[i, "s1"] for i in (0, 1)] == [2, 4]
    assert runs(events)[2] == (2, [], 1)


TABLE = "day,size\n3.5,2\n0,1\n"


def test_a_file_lists_batches_by_day_or_by_date(tmp_path):
    (tmp_path / "days.csv").write_text(TABLE)
    (tmp_path / "dates.csv").write_text("date,size\n2025-01-09 12:00,2\n2025-01-06,1\n")
    (tmp_path / "weeks.csv").write_text("size;week\n2;0,5\n1;0,0\n")
    for name in ("days.csv", "dates.csv", "weeks.csv"):
        job = Background(name="others", file=str(tmp_path / name))
        assert listed(job, Calendar()) == [(0, 1), (3.5 * DAY, 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("day,size\n1,2\n2,0.5\n", r"b.csv, line 3, column 'size': expected a whole number of at least 1, got 0.5"),
        ("day,size\n-3,2\n", r"b.csv, line 2: the batch comes 4,320 minutes before the lab begins; raise lab.warm_up"),
        ("day,size\n,2\n", "line 2, column 'day': expected a number of days"),
        ("date,size\n3.2.25,2\n", "line 2, column 'date': expected a date such as '2025-02-03'"),
        ("month,size\n1,2\n", r"'others': .*b.csv has no column day, week or date \(columns: month, size\)"),
        ("day,n\n1,2\n", "has no column 'size'"),
    ],
)
def test_a_wrong_file_is_an_error_before_a_campaign_begins(tmp_path, text, message):
    (tmp_path / "b.csv").write_text(text)
    described = small().describe()["lab"]
    stages = [{"name": "s0", "days": 1, "machines": 1}]
    jobs = [{"name": "others", "file": str(tmp_path / "b.csv")}]
    campaign = small(lab={**described, "stages": stages, "background": jobs})
    with pytest.raises(InputError, match=message):
        campaign.known()


BUSY = {
    "calendar": EVERY_DAY,
    "stages": [{"name": "s0", "days": {"exponential": 1}, "machines": 2, "load": 2, "per_run": 3}],
    "background": [{"name": "others", "rate": 4, "size": [1, 2, 5]}],
    "warm_up_weeks": 2,
}


def test_a_finished_run_is_the_background_of_another(tmp_path):
    """Its batches come at their times. Reading it does not change it, and its content is part of the record."""
    first = small(lab=BUSY, budget={"designs": 12}).run(store=tmp_path / "first")
    database = tmp_path / "first" / "campaign.db"
    before = file_digest(database)
    again = {**BUSY, "background": [{"name": "first", "run": str(tmp_path / "first")}]}
    campaign = small(lab=again)
    came = listed(campaign.lab.background[0], campaign.lab.calendar)
    submitted = [e for e in first.events if e.kind == "submitted"]
    assert sum(arrival.size for arrival in came) == len(submitted)
    assert {arrival.minute for arrival in came} == {e.minute for e in submitted}
    assert sources_of(campaign).files["lab.background.0.run"] == before
    campaign.run(store=tmp_path / "second")
    load(tmp_path / "first")
    assert file_digest(database) == before
    assert Campaign.read(tmp_path / "second").lab == campaign.lab


def test_a_run_that_is_not_finished_is_no_background(tmp_path):
    campaign = small(lab=BUSY)
    with pytest.raises(KeyboardInterrupt):
        campaign.run(store=tmp_path, progress=_interrupted)
    job = Background(name="others", run=str(tmp_path))
    with pytest.raises(ConfigError, match="is not finished; resume it first"):
        listed(job, Calendar())


def _interrupted(history, events):
    if any(event.kind == "submitted" for event in events):
        raise KeyboardInterrupt


def test_a_campaign_with_other_work_is_killed_and_resumed_to_the_same_hash():
    campaign = small(lab=BUSY, budget={"designs": 12})
    whole_log = FailingLog()
    played(campaign, log=whole_log)
    kinds = [event.kind for event in whole_log.events()]
    assert "run_started" in kinds
    for fails_at in range(1, whole_log.n_appends, max(whole_log.n_appends // 3, 1)):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(campaign, log=log)
        log.fails_at = None
        assert played(campaign, log=log).hash() == whole_log.hash()


ONE = {"days": 1, "machines": 1}


@pytest.mark.parametrize(
    ("stages", "jobs", "message"),
    [
        ([ONE], [{"name": "a", "size": 1}], "'a': give one of rate, calendar, file and run"),
        ([ONE], [{**RATE, "file": "x.csv"}], "give one of rate, calendar, file and run, got rate and file"),
        ([ONE], [{"name": "a", "rate": 1}], "'a': add `size`, the items of a batch"),
        ([ONE], [{"name": "a", "file": "x.csv", "size": 1}], "'a': remove `size`; the file lists sizes"),
        ([ONE], [{**RATE, "rate": 0}], "background.0.rate"),
        ([ONE], [{**RATE, "stages": ["s1"]}], "passes 's1', which is no stage of the lab. Did you mean 's0'"),
        ([ONE], [{**RATE, "stages": ["s0", "s0"]}], "names a stage twice"),
        ([{"days": 1}], [RATE], "no station on its way has `machines` or a `capacity`"),
        ([ONE], [RATE, RATE], "jobs must have different names, got others, others"),
        ([{**ONE, "one_of": "x", "share": 0.5}] * 2, [RATE], "several alternatives of 'x'; list its `stages`"),
    ],
)
def test_a_wrong_description_is_refused(stages, jobs, message):
    with pytest.raises(ValidationError, match=message):
        lab(*stages, background=jobs)


def test_the_jobs_of_a_preset_are_changed_by_their_names():
    (job,) = Lab.preset("biofoundry", background={"other projects": {"priority": "first"}}).background
    assert (job.priority, job.rate) == ("first", 3)
    with pytest.raises(ValueError, match=r"unknown background 'other'. Did you mean 'other projects'"):
        Lab.preset("biofoundry", background={"other": {"priority": "first"}})


def test_a_standing_order_on_days_off_never_comes():
    job = {"name": "a", "calendar": {"days": ["sun"]}, "size": 1}
    with pytest.raises(ValidationError, match=r"'a' never comes: none of `calendar.days` is a workday"):
        lab(ONE, background=[job], calendar={})


def test_other_work_that_keeps_all_designs_out_is_an_error_and_no_endless_run():
    flood = lab({**ONE, "days": 7}, background=[{**RATE, "rate": 2, "size": 1, "priority": "first"}])
    run = start(flood)
    run.submit(Batch(1, designs(20)))
    with pytest.raises(DesignloopError, match="other people's work keeps designs from 'submitted'; lower `rate`"):
        finish(run)
