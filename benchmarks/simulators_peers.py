"""The lab of simulators.py in other simulators, without designloop, so that each may have an environment of its own.

    python benchmarks/simulators_peers.py {simpy,ciw} DESIGNS RUNS COPIES

For each run, prints a line of JSON: its seed, processor seconds, and for each design the days of its arrival, start and
end at each station. Exits with code 3 where the simulator is not installed.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from math import log, sqrt
from typing import Any

MEAN, MEDIAN, CV, LOW, HIGH = 0.7, 1.8, 0.5, 0.8, 2.0
"""Days: exponential at one machine, log-normal at three, uniform at two; `copies` of these three in line."""
MACHINES = (1, 3, 2)
SIGMA = sqrt(log(1 + CV**2))
Times = list[list[tuple[float, float, float]]]


def arrivals(n: int, seed: int) -> list[float]:
    """Sorted uniform times on n days: one design a day on average."""
    rng = random.Random(f"arrivals {seed}")
    return sorted(rng.uniform(0, n) for _ in range(n))


def in_simpy(n: int, seed: int, copies: int) -> tuple[float, Times]:
    """One process for each design, and a Resource for each station."""
    import simpy

    rng, came = random.Random(seed), arrivals(n, seed)
    draws: list[Callable[[], float]] = [
        lambda: rng.expovariate(1 / MEAN),
        lambda: MEDIAN * rng.lognormvariate(0, SIGMA),
        lambda: rng.uniform(LOW, HIGH),
    ] * copies
    times: Times = []

    def design(since: float) -> Any:
        passed: list[tuple[float, float, float]] = []
        yield env.timeout(since)
        for station, draw in zip(stations, draws, strict=True):
            arrival = env.now
            with station.request() as turn:
                yield turn
                start = env.now
                yield env.timeout(draw())
            passed.append((arrival, start, env.now))
        times.append(passed)

    began = time.process_time()
    env = simpy.Environment()
    stations = [simpy.Resource(env, n_machines) for n_machines in MACHINES * copies]
    for since in came:
        env.process(design(since))
    env.run()
    return time.process_time() - began, times


def in_ciw(n: int, seed: int, copies: int) -> tuple[float, Times]:
    """A network of nodes in line (Ciw 3.2)."""
    import ciw

    came, n_nodes = arrivals(n, seed), len(MACHINES) * copies
    gaps = [after - before for before, after in zip([0.0, *came], came, strict=False)]
    began = time.process_time()
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential(gaps), *[None] * (n_nodes - 1)],
        service_distributions=[
            ciw.dists.Exponential(1 / MEAN),
            ciw.dists.Lognormal(log(MEDIAN), SIGMA),
            ciw.dists.Uniform(LOW, HIGH),
        ]
        * copies,
        routing=[[float(after == node + 1) for after in range(n_nodes)] for node in range(n_nodes)],
        number_of_servers=list(MACHINES) * copies,
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(n, method="Finish")
    took = time.process_time() - began
    by_design: dict[int, list[tuple[float, float, float]]] = {}
    records = simulation.get_all_records(only=["service"])
    for record in sorted(records, key=lambda record: record.arrival_date):
        start, end = float(record.service_start_date), float(record.service_end_date)
        by_design.setdefault(record.id_number, []).append((float(record.arrival_date), start, end))
    return took, [passed for passed in by_design.values() if len(passed) == n_nodes]


def main() -> int:
    name, n, n_runs, copies = sys.argv[1], *map(int, sys.argv[2:])
    run = {"simpy": in_simpy, "ciw": in_ciw}[name]
    try:
        run(10, 0, copies)  # imports, and first calls
    except ModuleNotFoundError as error:
        print(error, file=sys.stderr)
        return 3
    for seed in range(n_runs):
        took, times = run(n, seed, copies)
        print(json.dumps({"seed": seed, "seconds": took, "times": times}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
