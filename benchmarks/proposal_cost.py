"""What a proposal of 96 designs by the default strategy costs, from 100 to 10,000 designs and beside BoTorch.

    python benchmarks/proposal_cost.py                               32 states, length 32, six sizes
    python benchmarks/proposal_cost.py --sizes 960 --length 128
    python benchmarks/proposal_cost.py --sizes 960 4000 --length 64 --states 4       all five surrogates are fitted
    python benchmarks/proposal_cost.py --sizes 960 --beside-botorch --repeats 3
    python benchmarks/proposal_cost.py --sizes 4000 --results FILE   appends to a CSV file, which can be resumed
    python benchmarks/proposal_cost.py --sizes --results FILE --figure cost.svg      draws what the file holds
    python benchmarks/proposal_cost.py --smoke

Every measurement is a new process, after a small proposal that imports and compiles what it needs. The table shows
medians of the processor seconds of one proposal, imports excluded, and of the peak memory of its process. BoTorch fits
a SingleTaskGP to one-hot letters and chooses by discrete Thompson sampling (MaxPosteriorSampling) from 5,000 mutants of
the best 100 designs; it has the same history, in turn in one run.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from designloop.core.alphabet import states
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.records import Event, Order
from designloop.core.spaces import Space

SIZES = (100, 300, 960, 2000, 4000, 10_000)
N_CANDIDATES, N_BEST = 5000, 100


class Case(NamedTuple):
    """What is measured: a method with a history of so many designs."""

    method: str
    states: int
    length: int
    designs: int


class Run(NamedTuple):
    """One measurement: processor seconds, peak memory of its process, and whether it had imported torch before."""

    seconds: float
    megabytes: float
    has_torch: bool


def history(n: int, length: int, n_states: int = 32) -> History:
    """Designs in rounds of 96, two thirds of them kin of one sequence, whose values span decades; one in ten failed.

    A value depends on a few pairs of letters that may stand anywhere.
    """
    space, rng = Space.of_length(states(n_states), length), np.random.default_rng(0)
    codes = rng.integers(0, n_states, (n, length))
    for row in codes[n // 3 :]:
        row[:] = np.where(rng.random(length) < 0.2, row, np.roll(codes[0], rng.integers(0, 4)))
    pairs = [(codes[0, p], codes[0, p + 3], 3) for p in range(0, 28, 4)]
    sums = [sum(((row[:-g] == a) & (row[g:] == b)).any() for a, b, g in pairs) for row in codes]
    values, letters = np.exp(np.array(sums) + 0.2 * rng.standard_normal(n)), np.array(list(space.alphabet.letters))
    events = []
    for i, (row, value) in enumerate(zip(codes, values, strict=True)):
        round_, fails = {"round": 1 + i // 96}, rng.random() < 0.1
        came = {"outcome": "not_expressed", "stage": "any"} if fails else {"outcome": "observed", "value": float(value)}
        events += [
            Event(1, "chosen", i, {"sequence": "".join(letters[row]), **round_}),
            Event(1, "submitted", i, round_),
            Event(9, "failed" if fails else "observed", i, came | round_ | ({} if fails else {"std_error": 0.0})),
        ]
    known = Known(corpus=tuple(space.sample(1000, rng)))
    return History.opening(space, known, Event(0, "opened", None, {})).after(events)


# -- what is measured ------------------------------------------------------------------------------------------------


def by_auto(told: History, n: int) -> int:
    """A proposal by the default strategy; the number of designs."""
    from designloop.strategies import Auto

    return len(Auto().propose(told, Order(n), np.random.default_rng(5)).choices)


def by_botorch(told: History, n: int) -> int:
    """A proposal by a Gaussian process of one-hot letters and discrete Thompson sampling."""
    import torch
    from botorch.fit import fit_gpytorch_mll
    from botorch.generation import MaxPosteriorSampling
    from botorch.models import SingleTaskGP
    from gpytorch.mlls import ExactMarginalLogLikelihood

    torch.manual_seed(5)
    rows = np.flatnonzero(told.is_measured)
    codes = told.space.padded_codes([told.sequences[i] for i in rows])
    values, n_states = torch.tensor(np.log(told.values[rows]))[:, None], len(told.space.alphabet)
    model = SingleTaskGP(_one_hot(codes, n_states), values)
    fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
    best = codes[np.argsort(-told.values[rows])[:N_BEST]]
    candidates = _one_hot(_mutants(best, n_states, np.random.default_rng(5)), n_states)
    return len(MaxPosteriorSampling(model, replacement=False)(candidates, num_samples=n))


def _one_hot(codes: Any, n_states: int) -> Any:
    import torch

    return torch.tensor(np.eye(n_states)[codes].reshape(len(codes), -1))


def _mutants(best: Any, n_states: int, rng: np.random.Generator) -> Any:
    """Copies in which each letter is changed with a chance of two in the length."""
    copies = best[rng.integers(len(best), size=N_CANDIDATES)].astype(np.int64)
    drawn = rng.integers(0, n_states, copies.shape)
    return np.where(rng.random(copies.shape) < 2.0 / copies.shape[1], drawn, copies)


METHODS: dict[str, Callable[[History, int], int]] = {"auto": by_auto, "botorch": by_botorch}


def child(case: Case, n_designs: int) -> dict[str, Any]:
    """One measurement in this process."""
    warnings.filterwarnings("ignore")
    propose = METHODS[case.method]
    propose(history(60, case.length, case.states), 8)
    told = history(case.designs, case.length, case.states)
    before, began = "torch" in sys.modules, time.process_time()
    found = propose(told, n_designs)
    took = time.process_time() - began
    assert found == n_designs, f"{case.method} proposed {found} of {n_designs}"
    return {
        "seconds": took,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "has_torch": before,
    }


def measured(case: Case, n_designs: int) -> Run:
    """One measurement in a new process with one thread."""
    words = [sys.executable, str(Path(__file__).resolve()), "--child", *map(str, case), str(n_designs)]
    env = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{case} ended with exit code {done.returncode}:\n{done.stderr[-3000:]}")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def known(file: Path | None) -> dict[Case, list[Run]]:
    """The measurements of a file."""
    found: dict[Case, list[Run]] = defaultdict(list)
    if file is not None and file.exists():
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                case = Case(row["method"], int(row["states"]), int(row["length"]), int(row["designs"]))
                found[case].append(Run(float(row["seconds"]), float(row["megabytes"]), row["has_torch"] == "True"))
    return found


def append(file: Path | None, case: Case, run: Run) -> None:
    if file is None:
        return
    is_new = not file.exists()
    with file.open("a", newline="") as lines:
        table = csv.writer(lines, lineterminator="\n")
        if is_new:
            table.writerow((*Case._fields, *Run._fields))
        table.writerow((*case, f"{run.seconds:.3f}", f"{run.megabytes:.0f}", run.has_torch))


def figure(file: Path, runs: dict[Case, list[Run]]) -> None:
    """Seconds and memory by number of designs: a point for each run, a line through the medians."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "designloop", "font.size": 8}):
        shape = Figure(figsize=(7, 2.9), layout="constrained")
        time_axes, memory_axes = shape.subplots(1, 2)
        for i, (method, n_states, length) in enumerate(sorted({case[:3] for case in runs})):
            its = {case.designs: runs[case] for case in sorted(runs) if case[:3] == (method, n_states, length)}
            for axes, key in ((time_axes, "seconds"), (memory_axes, "megabytes")):
                middle = [median(getattr(run, key) for run in each) for each in its.values()]
                axes.loglog(
                    list(its),
                    middle,
                    color=f"C{i}",
                    marker="o",
                    ms=3,
                    label=f"{method}, {n_states} states, length {length}",
                )
                for n, each in its.items():
                    axes.plot([n] * len(each), [getattr(run, key) for run in each], "_", color=f"C{i}", ms=5)
        time_axes.set(xlabel="designs in the history", ylabel="processor seconds of a proposal of 96")
        memory_axes.set(xlabel="designs in the history", ylabel="peak memory, MB")
        time_axes.legend(frameon=False)
        shape.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def shown(runs: list[Run]) -> str:
    """Medians of one method's measurements."""
    each, memory = [run.seconds for run in runs], median(run.megabytes for run in runs)
    torch = "torch" if any(run.has_torch for run in runs) else "no torch"
    return f"{median(each):7.2f} s ({min(each):.2f} to {max(each):.2f})  {memory:5.0f} MB  {torch} imported"


def compare(cases: list[Case], runs: dict[Case, list[Run]]) -> None:
    """Print the measurements of one number of designs."""
    for case in cases:
        method, n_states, length, n = case
        print(f"{n:6} designs  {n_states} states  length {length:4}  {method:8} {shown(runs[case])}", flush=True)
    if len(cases) > 1:
        ours, theirs = (runs[case] for case in cases)
        ratios = [b.seconds / a.seconds for a, b in zip(ours, theirs, strict=False)]
        print(f"{cases[0].designs:6} designs  BoTorch takes {median(ratios):.1f} times as long", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--length", type=int, default=32)
    parser.add_argument("--states", type=int, default=32, help="letters of the alphabet")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--beside-botorch", action="store_true")
    parser.add_argument("--results", type=Path, help="CSV file to which each run is appended as it ends")
    parser.add_argument("--figure", type=Path, help="file in which the figure is drawn, by matplotlib")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        method, *numbers, n_designs = asked.child
        print(json.dumps(child(Case(method, *map(int, numbers)), int(n_designs))))
        return
    sizes, repeats, n_designs = ([60], 1, 8) if asked.smoke else (asked.sizes, asked.repeats, 96)
    methods = ["auto", *(["botorch"] if asked.beside_botorch or asked.smoke else [])]
    if "botorch" in methods and find_spec("botorch") is None:
        print("BoTorch is left out: it is not installed; pip install 'designloop[botorch]'")
        methods.remove("botorch")
    runs = known(asked.results)
    for n in sizes:
        cases = [Case(method, asked.states, asked.length, n) for method in methods]
        for case in cases * repeats:
            if len(runs[case]) < repeats:
                runs[case].append(measured(case, n_designs))
                append(asked.results, case, runs[case][-1])
        compare(cases, runs)
    if asked.figure:
        figure(asked.figure, runs)


if __name__ == "__main__":
    main()
