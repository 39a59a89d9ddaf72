"""The lab against queueing theory, which did not build it."""

import numpy as np
import pytest
from lab_stubs import DAY, EVERY_DAY, Counting, designs, whole

from designloop.core.records import Batch
from designloop.lab.lab import Lab

COLUMNS = ("submitted", "entered", "left")
ARRIVALS, SERVICE = 1.0, 0.6  # days between arrivals, and in service: utilisation .6


@pytest.fixture(scope="module")
def station():
    """(submitted, entered, left) in days, shape (n, 3), for designs that arrive one by one at a station of one."""
    stage = {"name": "station", "days": {"exponential": SERVICE}, "capacity": 1}
    lab = Lab.model_validate({"calendar": EVERY_DAY, "stages": [stage]})
    oracle = Counting()
    run, rng, n = lab.start(oracle, 5, space=oracle.space), np.random.default_rng(5), 8000
    arrivals = np.cumsum(rng.exponential(ARRIVALS, n))
    events = []
    for ordinal, design in enumerate(designs(n)):
        while run.now < int(arrivals[ordinal] * DAY):
            events += run.run(until=int(arrivals[ordinal] * DAY))
        events += run.submit(Batch(ordinal + 1, (design,)))
    while sum(event.kind == "round_closed" for event in events) < n:
        events += run.run()
    times = np.full((n, 3), np.nan)
    for event in events:
        if event.kind in COLUMNS and event.data.get("stage", "station") == "station":
            times[event.design, COLUMNS.index(event.kind)] = event.minute / DAY
    return times


def test_a_station_of_one_waits_as_mm1_says(station):
    load = SERVICE / ARRIVALS
    waits = (station[:, 1] - station[:, 0])[500:]
    assert waits.mean() == pytest.approx(load * SERVICE / (1 - load), rel=0.12)  # W_q = rho / (mu - lambda)
    assert (waits == 0).mean() == pytest.approx(1 - load, abs=0.03)  # who comes finds it idle: 1 - rho


def test_utilisation_is_the_load(station):
    busy = (station[:, 2] - station[:, 1]).sum() / station[-1, 2]
    assert busy == pytest.approx(SERVICE / ARRIVALS, rel=0.05)


def test_little_the_number_inside_is_the_rate_times_the_time_inside(station):
    end = station[-1, 0]
    moments = np.linspace(0, end, 40_000)
    inside = np.searchsorted(np.sort(station[:, 0]), moments) - np.searchsorted(np.sort(station[:, 2]), moments)
    rate, time_inside = len(station) / end, (station[:, 2] - station[:, 0]).mean()
    assert inside.mean() == pytest.approx(rate * time_inside, rel=0.02)


def test_little_for_a_whole_lab():
    """At 300 designs a month and 5 weeks on the way, about 345 are pending (field notes, section 1)."""
    lab = Lab.preset("good", stages={"ordering": {"days": 1}}, close_at={}, assay={"lost_plates": 0})
    oracle = Counting()
    run = lab.start(oracle, 0, space=oracle.space)
    events = []
    n_weekly, n_weeks = 69, 30  # 300 designs a month
    for week in range(n_weeks):
        while run.now < week * 7 * DAY:
            events += run.run(until=week * 7 * DAY)
        events += run.submit(Batch(week + 1, designs(n_weekly, first=week * n_weekly, round=week + 1)))
    while sum(e.kind == "round_closed" for e in events) < n_weeks:
        events += run.run()
    submitted = np.sort([e.minute for e in events if e.kind == "submitted"])
    ended = np.sort([e.minute for e in events if e.kind in ("observed", "failed")])
    assert len(submitted) == len(ended)
    moments = np.arange(12 * 7 * DAY, 29 * 7 * DAY, 60)
    pending = (np.searchsorted(submitted, moments, "right") - np.searchsorted(ended, moments, "right")).mean()
    mean_weeks = (ended.sum() - submitted.sum()) / len(ended) / (7 * DAY)
    assert pending == pytest.approx(n_weekly * mean_weeks, rel=0.03)


def test_ten_designs_through_two_stations_of_one():
    """Fixed times: the slower station sets the pace, 1 + 10 × 2 days."""
    stages = [{"name": "a", "days": 1, "capacity": 1}, {"name": "b", "days": 2, "capacity": 1}]
    lab = Lab.model_validate({"calendar": EVERY_DAY, "stages": stages})
    assert whole(lab, 10)[-1].minute == 21 * DAY
