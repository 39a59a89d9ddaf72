"""Theory checks of stations: M/M/c, M/G/1, priorities, batch service, Little's law at each station."""

from collections.abc import Iterator, Mapping, Sequence
from math import factorial, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from theory_lab import EVERY_DAY, NormalHash, designs, finished
from theory_rows import Row, Sizes, near

from designloop.core.records import Batch
from designloop.lab.lab import Lab

N = 6_000
"""Arrivals of a run; the first and the last tenth are left out."""
Floats = NDArray[np.float64]
Station = Mapping[str, Any]


def stations(sizes: Sizes) -> Iterator[Row]:
    """Waiting times of stations against closed forms, with one arrival a day."""
    n, common = sizes.n(20, 4), {"unit": f"lab runs of {N:,} designs"}
    for c, load in ((1, 0.7), (3, 0.8)):
        found = sizes.each(mean_waits, range(n), [{"days": {"exponential": c * load}, "machines": c}])
        wait = erlang_c(c, c * load) * c * load / (c - c * load)
        said = f"{wait:.2f} (Erlang C)"
        yield near(f"8 M/M/{c} at a load of {load:g}, days in the queue", said, wait, [w[0] for w in found], **common)
    for name, days, mean, square in (
        ("M/D/1", 0.7, 0.7, 0.49),
        ("M/G/1, log-normal", {"lognormal": [0.5, 1.0]}, 0.5 * sqrt(2), 0.25 * 4),
        ("M/G/1, setup and run", {"exponential": 0.4}, 0.7, 0.7**2 + 0.4**2),
    ):
        station = {"days": days, "machines": 1, "setup": 0.3 if "setup" in name else 0}
        wait = square / (2 * (1 - mean))
        found = [w[0] for w in sizes.each(mean_waits, range(n), [station])]
        yield near(f"8 {name}, days in the queue", f"{wait:.2f} (Pollaczek-Khinchine)", wait, found, **common)
    load, share = 0.8, 0.5
    urgent, other = (load**2 / (1 - share * load) / below for below in (1, 1 - load))
    station = {"days": {"exponential": load}, "machines": 1, "queue": "priority"}
    found = sizes.each(mean_waits, range(n), [station], share)
    for who, wait, column in (("retests", urgent, 1), ("designs", other, 0)):
        check, said = f"8 M/M/1 with priority, days of {who} in the queue", f"{wait:.2f} (Cobham 1954)"
        yield near(check, said, wait, [w[column] for w in found], **common)
    yield from beside_others(sizes, n)
    for most in (4, 10):
        station = {"days": {"exponential": 0.8 * most}, "machines": 1, "load": most}
        wait = bulk_wait(1 / (0.8 * most), most)
        found = [w[0] for w in sizes.each(mean_waits, range(n), [station])]
        yield near(f"8 M/M(1,{most})/1, days in the queue", f"{wait:.2f} (Neuts 1967)", wait, found, **common)
    found = sizes.each(availability, range(n))
    said = f"{5 / 6:.3f} = MTBF / (MTBF + MTTR)"
    yield near("8 availability of a machine that breaks down", said, 5 / 6, found, **common)
    tandem = [{"days": {"exponential": 0.7}, "machines": 1}, {"days": {"exponential": 1.6}, "machines": 2}]
    found = sizes.each(mean_waits, range(n), tandem)
    wait = 0.7 * 0.7 / 0.3 + erlang_c(2, 1.6) * 1.6 / 0.4
    said = f"{wait:.2f} = sum of M/M/1 and M/M/2 (Burke 1956)"
    yield near("8 two stations in line, days in both queues", said, wait, [w[0] for w in found], **common)
    ratios = np.array(sizes.each(little, range(n), tandem))
    for place in range(len(tandem)):
        said = "1 (Little 1961)"
        yield near(f"8 station {place + 1}: number in it / (rate · time in it)", said, 1.0, ratios[:, place], **common)


def beside_others(sizes: Sizes, n: int) -> Iterator[Row]:
    """One arrival a day, of which three in four are other people's work, at a load of .7 and from week 0 on."""
    load, others = 0.7, 0.75 * 0.7
    rest = load * 0.7  # mean work in service that an arrival finds: λ E[S²] / 2
    for priority, wait in (
        ("last", rest / (1 - load + others)),
        ("first-come", rest / (1 - load)),
        ("first", rest / ((1 - others) * (1 - load))),
    ):
        found = sizes.each(wait_beside_others, range(n), priority)
        check = f"8 M/M/1 with other people's work that goes {priority}, days of designs in the queue"
        unit = f"lab runs of {N // 4:,} designs"
        yield near(check, f"{wait:.2f} (Cobham 1954)", wait, found, unit=unit)


def wait_beside_others(priority: str, seed: int) -> float:
    """Mean days in the queue of designs that arrive at uniform times of N days."""
    stages = [
        {"name": "arrival", "days": {"uniform": [0, N]}},
        {"name": "queue", "days": {"exponential": 0.7}, "machines": 1},
    ]
    job = {"name": "others", "stages": ["queue"], "rate": 0.75 * 7, "size": 1, "priority": priority}
    lab = {"calendar": EVERY_DAY, "stages": stages, "background": [job], "warm_up_weeks": 10}
    oracle = NormalHash()
    run = Lab.model_validate(lab).start(oracle, seed, space=oracle.space)
    at = dict[tuple[int | None, str, Any], int]()
    for event in finished(run, Batch(1, designs(N // 4, seed, oracle))):
        at[event.design, event.kind, event.data.get("stage")] = event.minute
    waits = [at[i, "entered", "queue"] - at[i, "left", "arrival"] for i in range(N // 4)]
    return float(np.mean(waits)) / 1440


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


def passages(stations: Sequence[Station], retests: float, seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    """(left the stage before, entered, left) in days, shape (N, stations, 3), and which are retests.

    Designs arrive at uniform times of N days: given their number, those of a Poisson process.
    """
    arrival = {"name": "arrival", "days": {"uniform": [0, N]}, "retest_from": True}
    stages = [arrival, *({"name": f"station {i}", **station} for i, station in enumerate(stations))]
    oracle = NormalHash()
    run = Lab.model_validate({"calendar": EVERY_DAY, "stages": stages}).start(oracle, seed, space=oracle.space)
    all_designs, n_retests = designs(N, seed, oracle), round(retests * N)
    batch = Batch(1, all_designs[n_retests:], all_designs[:n_retests])
    times = np.full((N, len(stages), 2), np.nan)
    places = {stage["name"]: i for i, stage in enumerate(stages)}
    for event in finished(run, batch):
        if event.kind in ("entered", "left") and event.data["stage"] in places:
            times[event.design, places[event.data["stage"]], int(event.kind == "left")] = event.minute / 1440
    whole = np.concatenate([times[:, :-1, 1:], times[:, 1:]], axis=2)
    order = np.argsort(whole[:, 0, 0])[N // 10 : -N // 10]
    return whole[order], order < n_retests


def availability(seed: int) -> float:
    """Share of the time in which a machine with a long queue works, if it breaks down every 5 days for one day."""
    breakdown = {"between": {"exponential": 5}, "repair": {"exponential": 1}}
    times, _ = passages([{"days": 0.9, "machines": 1, "breakdown": breakdown}], 0.0, seed)
    begun, ended = times[:, 0, 1], times[:, 0, 2]
    queued = ended > times[N // 20, 0, 2]  # a load of 1.08: never idle from here on
    return float(0.9 * queued.sum() / (ended[queued].max() - begun[queued].min()))


def mean_waits(stations: Sequence[Station], *given: Any) -> tuple[float, float]:
    """Mean days in all queues, of designs and of retests."""
    *share, seed = given
    times, are_retests = passages(stations, share[0] if share else 0.0, seed)
    waits = (times[:, :, 1] - times[:, :, 0]).sum(axis=1)
    return float(waits[~are_retests].mean()), float(waits[are_retests].mean()) if are_retests.any() else 0.0


def little(stations: Sequence[Station], seed: int) -> list[float]:
    """L / (λ W) of each station over the middle half of the time."""
    times, _ = passages(stations, 0.0, seed)
    start, end = N / 4, 3 * N / 4
    ratios = []
    for came, went in zip(times[:, :, 0].T, times[:, :, 2].T, strict=True):
        inside = (np.clip(went, start, end) - np.clip(came, start, end)).sum() / (end - start)
        those = (came >= start) & (came < end)
        ratios.append(float(inside / (those.sum() / (end - start) * (went - came)[those].mean())))
    return ratios
