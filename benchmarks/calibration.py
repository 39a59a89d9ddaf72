"""Do predicted intervals reach their nominal coverage, for the truth of new sequences and for a new measurement?

    DESIGNLOOP_DATA=path/to/data python benchmarks/calibration.py            every landscape whose data are there
    python benchmarks/calibration.py nk-1 nk-4 --seeds 3                      some of them

200 designs are measured with errors of .1, 1 and 2 standard deviations of the truth, stated or unknown, and at least
300 others are predicted. A row shows the share of true values and of new measurements in the 90% interval, averaged
over seeds, with and without calibration (without it: the model's own moments and its residual variance), and the rank
correlation with the truth.
"""

import argparse
import os
from pathlib import Path

import numpy as np

from designloop.core.history import History, Known
from designloop.core.records import Event, Start
from designloop.core.spaces import Space
from designloop.oracles import NK, Ehrlich, Landscape
from designloop.report.calibration import rank_correlation
from designloop.surrogates import BayesianLinear

N = 200
CASES = [(0.1, True), (1.0, True), (2.0, True), (0.1, False), (1.0, False)]
Floats = np.ndarray
Task = tuple[Space, list[str], Floats]
_WIDTH = 1.6449


def nk(neighbours: int, seed: int) -> Task:
    oracle = NK(length=16, neighbours=neighbours, seed=seed)
    sequences = list(dict.fromkeys(oracle.space.sample(3 * N, np.random.default_rng(seed))))
    return oracle.space, sequences, np.asarray(oracle(sequences))


def ehrlich(seed: int) -> Task:
    oracle = Ehrlich(num_states=8, length=16, num_motifs=2, motif_length=4, seed=seed)
    sequences = list(dict.fromkeys(oracle.corpus(6 * N, np.random.default_rng(seed))))
    values = np.asarray(oracle(sequences))
    viable = np.flatnonzero(np.isfinite(values))[: 3 * N]
    return oracle.space, [sequences[i] for i in viable], values[viable]


def gb1(seed: int) -> Task:
    path = str(Path(os.environ["DESIGNLOOP_DATA"]) / "gb1_wu2016.csv.gz")
    oracle = Landscape(path=path, sequence="Variants", value="Fitness")
    known = sorted(oracle.truth.place)
    sequences = [known[i] for i in np.random.default_rng(seed).choice(len(known), 3 * N, replace=False)]
    return oracle.space, sequences, np.asarray(oracle(sequences))


TASKS = {
    "nk-1": lambda seed: nk(1, seed),
    "nk-4": lambda seed: nk(4, seed),
    "nk-6": lambda seed: nk(6, seed),
    "ehrlich": ehrlich,
    "gb1": gb1,
}


def held(task: Task, noise: float, is_stated: bool, rng: np.random.Generator) -> list[float]:
    """Share of truths in the 90% interval without and with calibration, the same of measurements; rank correlation."""
    space, sequences, truth = task
    error = noise * float(truth.std())
    read = truth + error * rng.standard_normal(len(truth))
    stated = error if is_stated else None
    starts = tuple(Start(s, float(v), stated) for s, v in zip(sequences[:N], read, strict=False))
    history = History.opening(space, Known(starts=starts), Event(0, "opened", None, {}))
    posterior = BayesianLinear().fit(history, rng)
    after = posterior.moments(sequences[N:])
    mean, std = posterior.model_moments(sequences[N:])
    before = posterior.scale.moments_to_assay(mean, np.hypot(std, np.sqrt(posterior.residual)))

    def share(values: Floats, moments: tuple[Floats, Floats], error: float) -> float:
        return float(np.mean(np.abs(values - moments[0]) <= _WIDTH * np.hypot(moments[1], error)))

    shares = [
        share(values[N:], moments, own)
        for values, own in ((truth, 0.0), (read, stated or 0.0))
        for moments in (before, after)
    ]
    return [*shares, rank_correlation(mean, truth[N:]) or 0.0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "landscapes", nargs="*", metavar="LANDSCAPE", help=f"one or more of {', '.join(TASKS)}; default: all"
    )
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    names = given.landscapes or [name for name in TASKS if name != "gb1" or "DESIGNLOOP_DATA" in os.environ]
    columns = (
        "landscape",
        "error",
        "truth in 90% interval",
        "uncalibrated",
        "measurement in 90% interval",
        "uncalibrated",
    )
    print("| " + " | ".join([*columns, "rank correlation"]) + " |")
    print("|---|---|---|---|---|---|---|")
    for name in names:
        for place, (noise, is_stated) in enumerate(CASES):
            rows = [
                held(TASKS[name](seed), noise, is_stated, np.random.default_rng([seed, place]))
                for seed in range(given.seeds)
            ]
            old, new, read_old, read_new, ranks = np.mean(rows, axis=0)
            said = f"{noise:g}" if is_stated else f"{noise:g}, unknown"
            print(
                f"| {name} | {said} | {new:.2f} | {old:.2f} | {read_new:.2f} | {read_old:.2f} | {ranks:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
