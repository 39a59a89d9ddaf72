"""Measures the processor seconds and memory of commands and decisions, optionally next to another checkout.

    python benchmarks/costs.py                                    all rows
    python benchmarks/costs.py fit-states-2000 validate           some rows
    python benchmarks/costs.py --beside ../before --repeats 5     each row also with the package in that folder

Every measurement runs in a new process with an empty cache. The two checkouts take turns. A row shows the median of the
processor seconds (user and system, of the process and its children) and of the peak memory of its largest process.
Rows of whole commands include the imports. The other rows count only the named work, after its imports. A digest of the
proposed designs, or of the posterior means to six digits, shows whether both checkouts give the same answer.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
MARKOV = ["--set", "strategy.model=markov"]
STUDY = """
name: quick
base:
  oracle: {{kind: ehrlich, num_states: 32, length: 32, num_motifs: 4, motif_length: 4}}
  lab: good
  strategy: random
  scheduler: {{kind: rounds, batch_size: 48}}
  budget: {{designs: {designs}}}
axes:
  strategies:
    random: random
    viable: {{kind: random-viable, model: markov}}
    genetic: {{kind: genetic, model: markov}}
    guided:
      kind: model-guided
      generator: {{kind: language-model, model: markov, climb: {{generations: 10, children: 300}}}}
instances: {n}
seeds: 1
"""
Work = Callable[[Path, bool], dict[str, Any]]
"""(an empty folder, whether it is a smoke test) -> the measurement."""


# -- commands, imports included -------------------------------------------------------------------------------------


def as_installed(env: dict[str, str]) -> dict[str, str]:
    """An environment in which Python keeps its compiled files, as for an installed package."""
    return {name: value for name, value in env.items() if name != "PYTHONDONTWRITEBYTECODE"}


def command(*words: str) -> dict[str, Any]:
    """Run a command of the package to its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "designloop", *words], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"processor": seconds, "wall": time.perf_counter() - began, "megabytes": after.ru_maxrss / 1024}


def shipped(name: str) -> str:
    """A config of the checkout under test."""
    import designloop

    return str(Path(designloop.__file__).parent.parent / "configs" / name)


def quickstart(folder: Path, is_smoke: bool) -> dict[str, Any]:
    few = ["--set", "budget.designs=96", *MARKOV] if is_smoke else []
    return command("run", shipped("quickstart.yaml"), *few, "--quiet", "--out", str(folder / "run"))


def quickstart_markov(folder: Path, is_smoke: bool) -> dict[str, Any]:
    few = ["--set", "budget.designs=96"] if is_smoke else []
    return command("run", shipped("quickstart.yaml"), *MARKOV, *few, "--quiet", "--out", str(folder / "run"))


def validate(folder: Path, is_smoke: bool) -> dict[str, Any]:
    return command("validate", shipped("quickstart.yaml"))


def report(folder: Path, is_smoke: bool) -> dict[str, Any]:
    quickstart_markov(folder, is_smoke)
    return command("report", str(folder / "run"))


def study(n_workers: int) -> Work:
    """12 quick cells: four strategies that need no network, on three instances of an Ehrlich function."""

    def work(folder: Path, is_smoke: bool) -> dict[str, Any]:
        (folder / "study.yaml").write_text(STUDY.format(designs=48 if is_smoke else 240, n=1 if is_smoke else 3))
        words = ["study", str(folder / "study.yaml"), "--out", str(folder / "out"), "--workers", str(n_workers)]
        return command(*words, "--quiet")

    return work


# -- decisions, without imports -------------------------------------------------------------------------------------


def counted(work: Callable[[], Any], answer: Callable[[Any], str] = lambda _: "") -> dict[str, Any]:
    """Processor seconds of a call, the peak memory of the process, and a digest of its answer."""
    began, clock = time.process_time(), time.perf_counter()
    found = work()
    took = {"processor": time.process_time() - began, "wall": time.perf_counter() - clock}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**took, "megabytes": peak, "digest": sha256(answer(found).encode()).hexdigest()[:8]}


def measured_history(letters: int, length: int, n: int, *, free: int | None = None) -> Any:
    """n uniform sequences, 90% of them with a value that depends on a few letters, and a corpus of a thousand."""
    try:
        from designloop.core.spaces import Space
    except ImportError:  # the other checkout is older than that package
        from designloop.core.space import Space

    from designloop.core.alphabet import DNA, PROTEIN, states
    from designloop.core.history import History, Known
    from designloop.core.records import Event

    alphabet = {4: DNA, 20: PROTEIN}.get(letters) or states(letters)
    rng = np.random.default_rng(7)
    parent = "".join(rng.choice(list(alphabet.letters), size=length))
    fixed = () if free is None else tuple(range(free, length))
    space = Space.of_length(alphabet, length, parent=parent if fixed else None, fixed=fixed)
    weight = rng.normal(size=(length, letters)) * (rng.random((length, 1)) < 0.3)
    sequences = list(dict.fromkeys(space.sample(2 * n, rng)))[:n]
    values = weight[np.arange(length), alphabet.encode(sequences)].sum(axis=1) + 0.1 * rng.standard_normal(
        len(sequences)
    )
    events = []
    for key, (sequence, value) in enumerate(zip(sequences, values, strict=True)):
        events += [
            Event(1, "chosen", key, {"sequence": sequence, "round": 1}),
            Event(1, "submitted", key, {"round": 1}),
            Event(9, "failed", key, {"outcome": "not_expressed", "stage": "any", "round": 1})
            if rng.random() < 0.1
            else Event(
                9, "observed", key, {"outcome": "observed", "value": float(value), "std_error": 0.1, "round": 1}
            ),
        ]
    known = Known(corpus=tuple(space.sample(1000, rng)))
    return History.opening(space, known, Event(0, "opened", None, {})).after(events)


def warm() -> None:
    """Import what a fit needs, so that imports are not counted."""
    fitted(measured_history(4, 8, 30)).model_moments(["ACGTACGT"])


def fitted(history: Any) -> Any:
    from designloop.surrogates import BayesianLinear

    return BayesianLinear().fit(history, np.random.default_rng(0))


def six_digits(posterior: Any, history: Any) -> str:
    return " ".join(f"{mean:.5e}" for mean in posterior.model_moments(history.sequences[:50])[0])


def fit(letters: int, length: int, n: int, free: int | None = None) -> Work:
    def work(folder: Path, is_smoke: bool) -> dict[str, Any]:
        warm()
        history = measured_history(letters, length, min(n, 100) if is_smoke else n, free=free)
        return counted(lambda: fitted(history), lambda posterior: six_digits(posterior, history))

    return work


def means(folder: Path, is_smoke: bool) -> dict[str, Any]:
    """Posterior means of 2,000 measured designs, without variances."""
    warm()
    history = measured_history(32, 32, 100 if is_smoke else 2000)
    posterior = fitted(history)
    ask = getattr(posterior, "model_means", None) or (lambda sequences: posterior.model_moments(sequences)[0])
    return counted(lambda: ask(history.sequences), lambda found: " ".join(f"{mean:.5e}" for mean in found))


def draws(folder: Path, is_smoke: bool) -> dict[str, Any]:
    """96 posterior draws with 2,560 features and 96 designs, evaluated on 100 sequences."""
    warm()
    history = measured_history(20, 128, 30 if is_smoke else 96)
    posterior = fitted(history)
    return counted(lambda: posterior.draw(96, np.random.default_rng(1))(history.sequences[:100]))


THOROUGH = {
    **{"generations": 40, "children": 3840, "starts": 60, "tournament": 2, "crossover": 0.5, "donors": 100},
    **{"pending": True, "shifts": 0.5, "far": 0.5, "moves": 0.3, "mutation": 0.85, "model_share": 0.6, "seams": False},
}


def proposal(model: dict[str, Any], letters: int, length: int, n: int, climb: dict[str, Any] | None = None) -> Work:
    """A guided proposal of 96 designs, after a quick one that imports and compiles what it needs."""

    def work(folder: Path, is_smoke: bool) -> dict[str, Any]:
        from designloop.core.cache import cache_folder
        from designloop.core.records import Order
        from designloop.generators import LanguageModel
        from designloop.strategies import ModelGuided

        quick = {"climb": {"generations": 2, "children": 200}}
        described = {**model, "steps": 5} if is_smoke and "steps" in model else model
        searched = quick if is_smoke else {} if climb is None else {"climb": climb}
        strategy = ModelGuided(generator=LanguageModel(model=described, **searched))
        history = measured_history(letters, length, min(n, 60) if is_smoke else n)
        with cache_folder(folder):
            strategy.generator.language_model().pretrained(history.known.corpus, history.space)
            warmed = strategy.with_(generator=LanguageModel(model=described, **quick))
            warmed.propose(measured_history(letters, length, 30), Order(8), np.random.default_rng(5))
            rng = np.random.default_rng(5)
            return counted(
                lambda: strategy.propose(history, Order(8 if is_smoke else 96), rng),
                lambda found: " ".join(sorted(choice.sequence for choice in found.choices)),
            )

    return work


def table(folder: Path, is_smoke: bool) -> dict[str, Any]:
    """Read a measured table of 149,361 rows and six columns, the size of GB1, as a landscape."""
    from designloop.oracles import Landscape

    n, rng = 100 if is_smoke else 149_361, np.random.default_rng(3)
    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    places = rng.permutation(20**4)[:n]
    names = ["".join(word) for word in letters[np.stack([places // 20**i % 20 for i in range(4)], axis=1)]]
    rows = zip(names, rng.random(n), strict=True)
    lines = [f"{name},{len(set(name))},{value * 1e4:.0f},{value * 2e4:.0f},{value:.12f},True\n" for name, value in rows]
    (folder / "table.csv").write_text("Variants,HD,Count input,Count selected,Fitness,keep\n" + "".join(lines))
    landscape = Landscape(path=str(folder / "table.csv"), format="gb1")
    return counted(lambda: landscape.optimum, lambda best: f"{best:.6g}")


ANY_ORDER = {"kind": "transformer", "objective": "any-order", "steps": 300}
ROWS: dict[str, Work] = {
    "quickstart": quickstart,
    "quickstart-markov": quickstart_markov,
    "validate": validate,
    "report-768": report,
    "study-12-workers-1": study(1),
    "study-12-workers-2": study(2),
    "proposal-any-order": proposal(ANY_ORDER, 32, 32, 384),
    "proposal-markov-960": proposal({"kind": "markov"}, 32, 32, 960),
    "proposal-thorough-960": proposal({"kind": "markov"}, 32, 32, 960, THOROUGH),
    "proposal-thorough-128": proposal({"kind": "markov"}, 32, 128, 960, THOROUGH),
    "fit-states-2000": fit(32, 32, 2000),
    "fit-states-4000": fit(32, 32, 4000),
    "fit-states-10000": fit(32, 32, 10_000),
    "fit-dna-2000": fit(4, 50, 2000),
    "fit-dna-4000": fit(4, 50, 4000),
    "fit-protein-four-free": fit(20, 286, 384, free=4),
    "means-2000": means,
    "draws-96-of-2560": draws,
    "table-150000": table,
}
NOT_BEFORE = ("fit-states-10000", "proposal-thorough-960", "proposal-thorough-128")
"""Not run in the other checkout: the fit there is cubic (nine minutes and 5 GB), and the climb has fewer fields."""


# -- measuring ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Took:
    """One measurement."""

    processor: float
    wall: float
    megabytes: float
    digest: str = ""


def measured(row: str, checkout: Path, is_smoke: bool) -> Took:
    """Measure one row once with the package in a checkout, in a new process with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        words = [
            sys.executable,
            str(Path(__file__).resolve()),
            "--child",
            row,
            folder,
            *(["--smoke"] if is_smoke else []),
        ]
        here = {"PYTHONPATH": str(checkout), "DESIGNLOOP_CACHE": f"{folder}/cache", "OMP_NUM_THREADS": "1"}
        env = as_installed(os.environ | here)
        done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{row} in {checkout} ended with exit code {done.returncode}:\n{done.stderr[-3000:]}")
    return Took(**json.loads(done.stdout.splitlines()[-1]))


def shown(runs: list[Took]) -> str:
    """Medians of a row's measurements."""
    seconds = [run.processor for run in runs]
    spread = f"({min(seconds):.2f} to {max(seconds):.2f})"
    return (
        f"{median(seconds):8.3f} s {spread:18} {median(run.wall for run in runs):7.2f} s wall "
        f"{median(run.megabytes for run in runs):6.0f} MB"
    )


def compared(row: str, other: Path | None, repeats: int, is_smoke: bool) -> str:
    """The line of a row, and below it that of the other checkout with the ratio."""
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(measured(row, ROOT, is_smoke))
        if other is not None and row not in NOT_BEFORE:
            theirs.append(measured(row, other, is_smoke))
    if not theirs:
        return f"{row:22} {shown(ours)}"
    ratio = median(their.processor / max(our.processor, 1e-9) for our, their in zip(ours, theirs, strict=True))
    agree = f", answers {'equal' if ours[0].digest == theirs[0].digest else 'differ'}" if ours[0].digest else ""
    return f"{row:22} {shown(ours)}\n{'  other checkout':22} {shown(theirs)}  {ratio:.1f} times as long{agree}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one or more of {', '.join(ROWS)}; default: all")
    parser.add_argument("--beside", type=Path, help="another checkout of the project, measured in turn")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="measure a small version of each row once")
    parser.add_argument("--child", nargs=2, metavar=("ROW", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        row, folder = given.child
        print(json.dumps(ROWS[row](Path(folder), given.smoke)))
        return
    if unknown := [row for row in given.rows if row not in ROWS]:
        parser.error(f"unknown row {unknown[0]!r}; expected one of {', '.join(ROWS)}")
    for row in given.rows or ROWS:
        other = None if given.beside is None else given.beside.resolve()
        print(compared(row, other, 1 if given.smoke else given.repeats, given.smoke), flush=True)


if __name__ == "__main__":
    main()
