"""Theory checks of queues: M/M/1, Little's law, utilisation (field notes, 3.7)."""

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from theory_lab import EVERY_DAY, NormalHash, designs
from theory_rows import Row, Sizes, near

from designloop.core.clock import DAY, WEEK
from designloop.core.random import stream
from designloop.core.records import Batch, Design, Event
from designloop.lab.lab import Lab
from designloop.lab.run import LabRun

ARRIVALS, SERVICE = 1.0, 0.6
"""Mean days between arrivals and mean days of service: a load of .6."""
FIVE_WEEKS = {"calendar": EVERY_DAY, "stages": [{"name": "all", "days": {"lognormal": [35 / sqrt(1.09), 0.3]}}]}
"""A lab with a mean turnaround of 5 weeks; the mean of a log-normal is median · sqrt(1 + cv²)."""
WEEKLY, WEEKS = 69, 60
"""300 designs a month, submitted week by week."""


def queues(sizes: Sizes) -> Iterator[Row]:
    """A single-server station against M/M/1 and Little's law; 300 designs a month in `good`."""
    load, n = SERVICE / ARRIVALS, sizes.n(20, 4)
    stations = sizes.each(station, range(n))
    common = {"unit": "lab runs of 2,000 designs"}
    wait = load * SERVICE / (1 - load)
    waits = [float((times[500:, 1] - times[500:, 0]).mean()) for times in stations]
    yield near("7 M/M/1, days in the queue", f"{wait:.2f} = ρ/(μ-λ) (queueing theory)", wait, waits, **common)
    idle = [float((times[500:, 1] == times[500:, 0]).mean()) for times in stations]
    yield near("7 M/M/1, share of arrivals at an idle station", f"{1 - load:.2f} = 1-ρ", 1 - load, idle, **common)
    busy = [float((times[:, 2] - times[:, 1]).sum() / times[-1, 2]) for times in stations]
    yield near("7 M/M/1, utilisation", f"{load:.2f} = ρ", load, busy, **common)
    little = [inside_over_rate_times_time(times[:, 0], times[:, 2], 0.0, times[-1, 0]) for times in stations]
    yield near("7 M/M/1, number inside / (rate · time inside)", "1 (Little 1961)", 1.0, little, slack=0.01, **common)
    labs = sizes.each(standing_order, range(sizes.n(8, 3)), "good")
    common = {"unit": f"lab runs of {WEEKLY * WEEKS:,} designs"}
    ratios = [inside_over_rate_times_time(*times, 12.0, WEEKS - 2.0, rate=WEEKLY) for times in labs]
    yield near(
        "7 `good`, pending / (designs a week · turnaround in weeks)",
        "1 (Little 1961)",
        1.0,
        ratios,
        slack=0.01,
        **common,
    )
    labs = sizes.each(standing_order, range(len(labs)), FIVE_WEEKS)
    pending = [mean_inside(*times, 12.0, WEEKS - 2.0) for times in labs]
    said = "345 = 69 a week · 5 weeks (notes 1)"
    yield near(
        "7 pending at 300 designs a month, mean turnaround 5 weeks", said, 345.0, pending, slack=1.0, digits=1, **common
    )


def station(seed: int) -> NDArray[np.float64]:
    """(submitted, entered, left) in days, shape (2000, 3), of designs that arrive one by one at a single server."""
    stage = {"name": "station", "days": {"exponential": SERVICE}, "capacity": 1}
    oracle, n = NormalHash(), 2000
    run = Lab.model_validate({"calendar": EVERY_DAY, "stages": [stage]}).start(oracle, seed, space=oracle.space)
    arrivals = (np.cumsum(stream(seed, "arrivals").exponential(ARRIVALS, n)) * DAY).astype(int)
    events: list[Event] = []
    for design, minute in zip(designs(n, seed, oracle), arrivals, strict=True):
        events += passed(run, int(minute))
        events += run.submit(Batch(design.id + 1, (design,)))
    events += rest(run, n - closed(events))
    times, columns = np.full((n, 3), np.nan), ("submitted", "entered", "left")
    for event in events:
        if event.kind in columns and event.data.get("stage", "station") == "station":
            times[event.design, columns.index(event.kind)] = event.minute / DAY
    return times


def standing_order(lab: Any, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(submitted, ended) in weeks, each sorted, of 69 designs a week for 60 weeks."""
    oracle = NormalHash()
    run = Lab.model_validate(lab).start(oracle, seed, space=oracle.space)
    all_designs = designs(WEEKLY * WEEKS, seed, oracle)
    events: list[Event] = []
    for week in range(WEEKS):
        events += passed(run, week * WEEK)
        these = all_designs[week * WEEKLY : (week + 1) * WEEKLY]
        events += run.submit(Batch(week + 1, tuple(Design(d.id, d.sequence, week + 1) for d in these)))
    events += rest(run, WEEKS - closed(events))
    ended = {e.design: e.minute / WEEK for e in events if e.kind in ("observed", "failed")}
    submitted = {e.design: e.minute / WEEK for e in events if e.kind == "submitted"}
    return np.sort(list(submitted.values())), np.sort(list(ended.values()))


def passed(run: LabRun, minute: int) -> list[Event]:
    """Run the lab up to a minute, and return its events."""
    events: list[Event] = []
    while run.now < minute:
        events += run.run(until=minute)
    return events


def closed(events: Sequence[Event]) -> int:
    return sum(event.kind == "round_closed" for event in events)


def rest(run: LabRun, n_rounds: int) -> list[Event]:
    """Run the lab until `n_rounds` more rounds are closed, and return its events."""
    events: list[Event] = []
    while closed(events) < n_rounds:
        events += run.run()
    return events


def mean_inside(came: NDArray[np.float64], went: NDArray[np.float64], start: float, end: float) -> float:
    """Mean number of designs inside between two moments; exact, from each design's share of that time."""
    until = [np.clip(end - np.clip(times, start, end), 0, None).sum() for times in (came, went)]
    return float(until[0] - until[1]) / (end - start)


def inside_over_rate_times_time(
    came: NDArray[np.float64], went: NDArray[np.float64], start: float, end: float, rate: float | None = None
) -> float:
    """L / (λ W), 1 by Little's law."""
    rate = len(came) / (end - start) if rate is None else rate
    return mean_inside(came, went, start, end) / (rate * float((went - came).mean()))
