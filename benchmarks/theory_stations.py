"""Theory checks of stations: M/M/c, M/G/1, priorities, batch service, availability, tandems, Little's law.

Each row compares independent runs of one lab, which differ by their seed, with a closed form of the steady state. A run
has N designs; one arrives each day. It begins empty, so that the first tenth is left out as a warm-up, and the last
tenth with it, because no design follows it. The warm-up is at least 40 times the relaxation time of every queue here,
(service time) / (1 - √ρ)². Arrivals are uniform on N days, which are those of a Poisson process with N of them. Knowing
N makes mean waits lower, by less than a thousandth at these loads.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import factorial, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from theory_lab import EVERY_DAY, NormalHash, designs, finished
from theory_rows import Row, Sizes, near

from designloop.core.clock import DAY
from designloop.core.records import Batch
from designloop.lab.lab import Lab

N = 12_000
"""Designs of a run."""
SMOKE_N = 1_000
SLACK = 0.15
"""Of the theory, in the smoke size: means of few short runs are skewed."""
Floats = NDArray[np.float64]
Station = Mapping[str, Any]
TANDEM = ({"days": {"exponential": 0.6}, "machines": 1}, {"days": {"exponential": 1.3}, "machines": 2})
MIXED = (
    *TANDEM,
    {"days": {"exponential": 4}, "machines": 1, "load": 8, "min_fill": 0.5, "wait_days": 3},
    {
        "days": 0.6,
        "machines": 1,
        "queue": "priority",
        "breakdown": {"between": {"exponential": 8}, "repair": {"exponential": 1}},
    },
    {"days": {"hours": 20}, "capacity": 2, "failure": 0.2, "rework": {"days": 0.2, "failure": 0}},
)
"""Stations for which no closed form of the waiting time is known; Little's law holds at each."""


def stations(sizes: Sizes) -> Iterator[Row]:
    """All rows of check 8."""
    for rows in (erlang, pollaczek_khinchine, cobham, beside_others, batch_service, breakdowns, tandem, littles_law):
        yield from rows(sizes)


def runs(sizes: Sizes) -> tuple[range, int]:
    """The seeds of a row, and the designs of each run."""
    return range(sizes.n(24, 5)), sizes.n(N, SMOKE_N)


def waits(sizes: Sizes, *stations: Station, retests: float = 0.0) -> Floats:
    """Mean days in all queues of designs and of retests in each run, shape (runs, 2)."""
    seeds, n = runs(sizes)
    return np.array(sizes.each(mean_waits, seeds, stations, n, retests))


def row(sizes: Sizes, check: str, theory: float, source: str, found: Floats) -> Row:
    """One line of the table."""
    unit = f"lab runs of {runs(sizes)[1]:,} designs"
    slack = SLACK * theory * sizes.smoke
    return near(f"8 {check}", f"{theory:.3f} ({source})", theory, found, unit=unit, slack=slack)


def erlang(sizes: Sizes) -> Iterator[Row]:
    """M/M/c: exponential service at c machines."""
    for c, load in ((1, 0.7), (2, 0.7), (5, 0.8)):
        found = waits(sizes, {"days": {"exponential": c * load}, "machines": c})[:, 0]
        wait = erlang_c(c, c * load) * load / (1 - load)
        yield row(sizes, f"M/M/{c} at a load of {load:g}, days in the queue", wait, "Erlang C", found)


def pollaczek_khinchine(sizes: Sizes) -> Iterator[Row]:
    """M/G/1: the mean wait depends on the mean and the variance of the service time."""
    for name, station, mean, variance in (
        ("M/D/1", {"days": 0.7}, 0.7, 0.0),
        ("M/G/1, log-normal", {"days": {"lognormal": [0.6 / sqrt(2), 1.0]}}, 0.6, 0.36),
        ("M/G/1, uniform", {"days": {"uniform": [0.2, 1.2]}}, 0.7, 1 / 12),
        ("M/G/1, setup and run", {"setup": 0.3, "days": {"exponential": 0.4}}, 0.7, 0.16),
    ):
        found = waits(sizes, {**station, "machines": 1})[:, 0]
        wait = (mean**2 + variance) / (2 * (1 - mean))
        yield row(sizes, f"{name}, days in the queue", wait, "Pollaczek-Khinchine", found)


def cobham(sizes: Sizes) -> Iterator[Row]:
    """M/M/1 in which half of the designs, retests, go first, but interrupt no one (Cobham 1954)."""
    load, share = 0.7, 0.5
    found = waits(sizes, {"days": {"exponential": load}, "machines": 1, "queue": "priority"}, retests=share)
    for who, below, column in (("retests", 1.0, 1), ("designs", 1 - load, 0)):
        wait = load**2 / (1 - share * load) / below
        yield row(sizes, f"M/M/1 with priority, days of {who} in the queue", wait, "Cobham 1954", found[:, column])


def beside_others(sizes: Sizes) -> Iterator[Row]:
    """One arrival a day, of which three in four are other people's work, at a load of .7 and from week 0 on."""
    seeds, n_days = range(sizes.n(20, 4)), sizes.n(6_000, 2_000)
    load, others = 0.7, 0.75 * 0.7
    rest = load * 0.7  # mean work in service that an arrival finds: λ E[S²] / 2
    for priority, wait in (
        ("last", rest / (1 - load + others)),
        ("first-come", rest / (1 - load)),
        ("first", rest / ((1 - others) * (1 - load))),
    ):
        found = sizes.each(wait_beside_others, seeds, n_days, priority)
        check = f"8 M/M/1 with other people's work that goes {priority}, days of designs in the queue"
        unit, slack = f"lab runs of {n_days // 4:,} designs", SLACK * wait * sizes.smoke
        yield near(check, f"{wait:.2f} (Cobham 1954)", wait, found, unit=unit, slack=slack)


def batch_service(sizes: Sizes) -> Iterator[Row]:
    """A machine that takes up to so many designs at once, as soon as it is free (Neuts 1967)."""
    for most in (4, 10):
        time = 0.7 * most
        found = waits(sizes, {"days": {"exponential": time}, "machines": 1, "load": most})[:, 0]
        yield row(sizes, f"M/M(1,{most})/1, days in the queue", bulk_wait(1 / time, most), "Neuts 1967", found)


def breakdowns(sizes: Sizes) -> Iterator[Row]:
    """A machine that breaks down every 5 days for one day."""
    seeds, n = runs(sizes)
    found = np.array(sizes.each(availability, seeds, n))
    yield row(sizes, "availability of a machine that breaks down", 5 / 6, "MTBF / (MTBF + MTTR)", found)


def tandem(sizes: Sizes) -> Iterator[Row]:
    """Stations in line: what leaves M/M/c is a Poisson process, so that each behaves as if alone (Burke 1956)."""
    wait = erlang_c(1, 0.6) * 0.6 / 0.4 + erlang_c(2, 1.3) * 0.65 / 0.35
    yield row(sizes, "M/M/1 and M/M/2 in line, days in both queues", wait, "Burke 1956", waits(sizes, *TANDEM)[:, 0])


def littles_law(sizes: Sizes) -> Iterator[Row]:
    """Number in a station over (rate · time in it): batches, breakdowns, rework and priorities change nothing."""
    seeds, n = runs(sizes)
    ratios = np.array(sizes.each(little, seeds, MIXED, n))
    for place, name in enumerate(("one machine", "two machines", "batches of 4 to 8", "breakdowns", "rework")):
        yield row(sizes, f"L / (λ W) of a station, {name}", 1.0, "Little 1961", ratios[:, place])


# Closed forms


def erlang_c(c: int, offered: float) -> float:
    """Probability that an arrival waits at c machines with `offered` = arrival rate · service time."""
    waiting = offered**c / factorial(c) * c / (c - offered)
    return waiting / (sum(offered**k / factorial(k) for k in range(c)) + waiting)


def bulk_wait(rate: float, most: int) -> float:
    """Mean wait at a machine that takes up to `most` at once, at `rate` runs a day, with one arrival a day.

    The number in the queue is geometric while the machine is busy, with the root r < 1 of
    rate · r^(most + 1) - (1 + rate) · r + 1 = 0.
    """
    coefficients = [rate, *[0.0] * (most - 1), -(1 + rate), 1.0]
    r = min(root.real for root in np.roots(coefficients) if abs(root.imag) < 1e-9 and 0 < root.real < 1 - 1e-9)
    busy = 1 / (rate + 1 / (1 - r))  # probability that it is busy and nobody waits
    return float(busy * r / (1 - r) ** 2)


# Runs of labs


def passages(stations: Sequence[Station], n: int, retests: float, seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    """(left the stage before, entered, left) in days, shape (designs, stations, 3), and which are retests.

    Designs are in order of arrival, without the first and the last tenth. All fail behind the stations, without plates.
    """
    arrival = {"name": "arrival", "days": {"uniform": [0, n]}, "retest_from": True}
    end = {"name": "end", "days": 0, "failure": 1}
    stages = [arrival, *({"name": f"station {i}", **station} for i, station in enumerate(stations)), end]
    oracle = NormalHash()
    run = Lab.model_validate({"calendar": EVERY_DAY, "stages": stages}).start(oracle, seed, space=oracle.space)
    all_designs, n_retests = designs(n, seed, oracle), round(retests * n)
    batch = Batch(1, all_designs[n_retests:], all_designs[:n_retests])
    times = np.full((n, len(stages) - 1, 2), np.nan)
    places = {stage["name"]: i for i, stage in enumerate(stages[:-1])}
    for event in finished(run, batch):
        if event.kind in ("entered", "left") and event.data["stage"] in places:
            times[event.design, places[event.data["stage"]], int(event.kind == "left")] = event.minute / DAY
    whole = np.concatenate([times[:, :-1, 1:], times[:, 1:]], axis=2)
    order = np.argsort(whole[:, 0, 0])[n // 10 : -n // 10]
    return whole[order], order < n_retests


def mean_waits(stations: Sequence[Station], n: int, retests: float, seed: int) -> tuple[float, float]:
    """Mean days in all queues, of designs and of retests."""
    times, are_retests = passages(stations, n, retests, seed)
    waits = (times[:, :, 1] - times[:, :, 0]).sum(axis=1)
    return float(waits[~are_retests].mean()), float(waits[are_retests].mean()) if are_retests.any() else 0.0


def wait_beside_others(n_days: int, priority: str, seed: int) -> float:
    """Mean days in the queue of designs that arrive at uniform times of so many days."""
    stages = [
        {"name": "arrival", "days": {"uniform": [0, n_days]}},
        {"name": "queue", "days": {"exponential": 0.7}, "machines": 1},
    ]
    job = {"name": "others", "stages": ["queue"], "rate": 0.75 * 7, "size": 1, "priority": priority}
    lab = {"calendar": EVERY_DAY, "stages": stages, "background": [job], "warm_up_weeks": 10}
    oracle = NormalHash()
    run = Lab.model_validate(lab).start(oracle, seed, space=oracle.space)
    at = dict[tuple[int | None, str, Any], int]()
    for event in finished(run, Batch(1, designs(n_days // 4, seed, oracle))):
        at[event.design, event.kind, event.data.get("stage")] = event.minute
    waits = [at[i, "entered", "queue"] - at[i, "left", "arrival"] for i in range(n_days // 4)]
    return float(np.mean(waits)) / DAY


def availability(n: int, seed: int) -> float:
    """Share of the time in which a machine with a long queue works, if it breaks down every 5 days for one day."""
    breakdown = {"between": {"exponential": 5}, "repair": {"exponential": 1}}
    times, _ = passages([{"days": 0.9, "machines": 1, "breakdown": breakdown}], n, 0.0, seed)
    begun, ended = times[:, 0, 1], times[:, 0, 2]
    queued = ended > times[n // 20, 0, 2]  # a load of 1.08: never idle from here on
    return float(0.9 * queued.sum() / (ended[queued].max() - begun[queued].min()))


def little(stations: Sequence[Station], n: int, seed: int) -> list[float]:
    """L / (λ W) of each station over the middle half of the time."""
    times, _ = passages(stations, n, 0.0, seed)
    start, end = n / 4, 3 * n / 4
    ratios = []
    for came, went in zip(times[:, :, 0].T, times[:, :, 2].T, strict=True):
        inside = (np.clip(went, start, end) - np.clip(came, start, end)).sum() / (end - start)
        those = (came >= start) & (came < end)
        ratios.append(float(inside / (those.sum() / (end - start) * (went - came)[those].mean())))
    return ratios
