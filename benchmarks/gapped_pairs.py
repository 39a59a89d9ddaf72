"""Times the linear model with gapped pairs beside the one with letters alone, as ratios within one run.

    python benchmarks/gapped_pairs.py            32 states, length 32: 960 designs, 96 draws of 40 sequences each
    python benchmarks/gapped_pairs.py --smoke    60 designs, 3 draws

Processor seconds, medians of `--repeats` runs in turn. The first line is what numba compiles when its cache is empty.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from designloop.core.alphabet import states
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.records import Event
from designloop.core.spaces import Space
from designloop.surrogates import BayesianLinear
from designloop.surrogates.gapped_pairs import GappedPairs
from designloop.surrogates.views import OneHot

SPACE = Space.of_length(states(32), 32)
PARTS = {
    "letters": BayesianLinear(),
    "gapped pairs": BayesianLinear(features="gapped-pairs"),
    "gapped pairs, scale by the data": BayesianLinear(features="gapped-pairs", transform="auto"),
}


def compile_all() -> None:
    """Uses every compiled loop once."""
    sequences = SPACE.sample(4, np.random.default_rng(0))
    for view in (GappedPairs(SPACE), OneHot(SPACE)):
        rows = view(sequences)
        rows.kernel(rows)
        view.own(np.zeros((rows.shape[1], 2)))(SPACE.padded_codes(sequences).reshape(2, 2, 32))


def compilation(folder: str) -> float:
    """Processor seconds of a process that uses every compiled loop once, imports included."""
    program = "import sys; sys.path.insert(0, 'benchmarks'); from gapped_pairs import compile_all; compile_all()"
    before = os.times()
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "NUMBA_CACHE_DIR": folder})
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def history(n: int) -> History:
    """Designs whose values span decades and depend on a few pairs that may stand anywhere; two thirds are kin."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 32, (n, 32))
    for row in codes[n // 3 :]:
        row[:] = np.where(rng.random(32) < 0.2, row, np.roll(codes[0], rng.integers(0, 4)))
    pairs = [(codes[0, p], codes[0, p + 3], 3) for p in range(0, 28, 4)]
    values = [
        np.exp(sum(((row[:-g] == a) & (row[g:] == b)).any() for a, b, g in pairs) + 0.2 * rng.standard_normal())
        for row in codes
    ]
    letters = np.array(list(SPACE.alphabet.letters))
    events = []
    for i, (row, value) in enumerate(zip(codes, values, strict=True)):
        events += [
            Event(1, "chosen", i, {"sequence": "".join(letters[row]), "round": 1}),
            Event(1, "submitted", i, {"round": 1}),
            Event(9, "observed", i, {"outcome": "observed", "value": float(value), "std_error": 0.0, "round": 1}),
        ]
    return History.opening(SPACE, Known(), Event(0, "opened", None, {})).after(events)


def seconds(works: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Median processor seconds of each, measured in turn after one run each."""
    took: dict[str, list[float]] = {name: [] for name in works}
    for repeat in range(repeats + 1):
        for name, work in works.items():
            start = time.process_time()
            work()
            if repeat:
                took[name].append(time.process_time() - start)
    return {name: median(its) for name, its in took.items()}


def printed(title: str, took: dict[str, float]) -> None:
    first = next(iter(took.values()))
    print(f"\n{title}")
    for name, its in took.items():
        print(f"  {name:34} {its:8.4f} s   {its / first:6.2f} times the first")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    n, k, repeats = (60, 3, 1) if asked.smoke else (960, 96, asked.repeats)
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = compilation(folder), compilation(folder)
    print(f"compiled loops, imports included: {cold:.2f} s with an empty cache, {warm:.2f} s after that")
    told, rng = history(n), np.random.default_rng(1)
    fits = {name: (lambda part=part: part.fit(told, rng)) for name, part in PARTS.items()}
    printed(f"a fit of {n} designs", seconds(fits, repeats))
    draw = BayesianLinear(features="gapped-pairs", pair_share=0.6).fit(told, rng).draw(k, rng)
    own = [[told.sequences[i] for i in rng.integers(0, n, 40)] for _ in range(k)]
    codes = np.stack([SPACE.padded_codes(its) for its in own])
    every = [sequence for its in own for sequence in its]
    np.testing.assert_allclose(draw.own(codes), draw(every).reshape(k, k, 40)[np.arange(k), np.arange(k)], atol=1e-9)
    works = {"own": lambda: draw.own(codes), "all draws at all of them": lambda: draw(every)}
    printed(f"{k} draws at 40 sequences each", seconds(works, repeats))


if __name__ == "__main__":
    main()
