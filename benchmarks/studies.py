"""Measures studies: the speed-up by two processes, and that killing a worker or the study loses no recorded cell.

    python benchmarks/studies.py                 all four parts
    python benchmarks/studies.py quick           processor seconds of `designloop study` on 12 quick cells
    python benchmarks/studies.py scaling         one process, then two, on the same 200 cells
    python benchmarks/studies.py dask            a local Dask scheduler with two workers, one of which is killed
    python benchmarks/studies.py kill            kill the study (signal 9) at five random moments, and run it again

The study has non-degenerate Ehrlich functions, two strategies with the n-gram model, and 6 batches of 48 designs.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from costs import as_installed

from designloop.core.config import to_yaml
from designloop.study import Dask, Processes, Study, results_of, run_study


def study(n_cells: int) -> Study:
    generator = {"kind": "language-model", "model": "markov", "climb": {"generations": 10, "children": 300}}
    oracle = {"kind": "ehrlich", "num_states": 32, "length": 32, "num_motifs": 4, "motif_length": 4}
    return Study.model_validate(
        {
            "name": "benchmark",
            "base": {
                "oracle": oracle,
                "lab": "good",
                "strategy": "random",
                "scheduler": {"kind": "rounds", "batch_size": 48},
                "budget": {"designs": 288 if n_cells > 20 else 96},
            },
            "axes": {
                "strategies": {
                    "genetic": {"kind": "genetic", "model": "markov"},
                    "guided": {"kind": "model-guided", "generator": generator},
                }
            },
            "instances": n_cells // 2,
            "seeds": 1,
        }
    )


def facts(folder: Path) -> list[Any]:
    """All results except the time they took."""
    return [(cell.key, cell.event_hash, cell.error) for cell in results_of(folder).cells]


def scaling(folder: Path, n_cells: int) -> bool:
    took = {}
    for n in (1, 2):
        progress = run_study(study(n_cells), folder / f"{n}", Processes(n))
        took[n] = progress.seconds
        inside = progress.seconds_inside / (n * progress.seconds)
        print(f"{n} process{'es' * (n > 1)}: {progress.seconds:.1f} s, {inside:.1%} inside campaigns", flush=True)
    print(f"{took[1] / took[2]:.2f} times as fast; results equal: {facts(folder / '1') == facts(folder / '2')}")
    return facts(folder / "1") == facts(folder / "2")


QUICK = """\
name: quick
base:
  oracle: {kind: ehrlich, num_states: 32, length: 32, num_motifs: 4, motif_length: 4}
  lab: good
  strategy: random
  scheduler: {kind: rounds, batch_size: 48}
  budget: {designs: 240}
axes:
  strategies:
    random: random
    random-viable: {kind: random-viable, model: markov}
    guided: {kind: model-guided, generator: {kind: language-model, model: markov}}
seeds: 4
"""


def quick(folder: Path, n_cells: int) -> bool:
    """Processor seconds of the command and of its server of workers until cells start, and of each worker.

    The command and its server work in parallel, and the busiest worker follows the slower of the two. On a quiet
    machine, later work of the command delays no worker.
    """
    (folder / "quick.yaml").write_text(QUICK)
    critical, path = {}, {}
    for n in (1, 1, 2):  # the first run fills the caches
        own, server, workers = _processor_seconds(folder, n)
        critical[n], path[n] = own + max(workers), max(own, server) + max(workers)
        busy = [round(w, 2) for w in workers]
        print(f"{n} worker{'s' * (n > 1)}: {own:.2f} s (server {server:.2f} s) + busiest worker of {busy}", flush=True)
    print(f"{critical[1] / critical[2]:.2f} times as fast with two workers; {path[1] / path[2]:.2f} with its server")
    return critical[2] < critical[1]


def _processor_seconds(folder: Path, n: int) -> tuple[float, float, list[float]]:
    import psutil

    words = ["study", str(folder / "quick.yaml"), "--out", str(folder / f"quick-{time.time_ns()}"), "--workers", str(n)]
    env = {**os.environ, "DESIGNLOOP_CACHE": str(folder / "cache")}
    running = psutil.Popen([sys.executable, "-m", "designloop.cli.main", *words, "--quiet"], env=as_installed(env))
    own, server, seen = 0.0, 0.0, dict[int, float]()
    while running.poll() is None:
        with contextlib.suppress(psutil.Error):
            helpers = running.children()  # the server of workers and its resource tracker
            workers = [worker for helper in helpers for worker in helper.children()]
            if not workers and not seen:
                own, server = _seconds(running), max(map(_seconds, helpers), default=0.0)
            seen |= {worker.pid: _seconds(worker) for worker in workers}
        time.sleep(0.01)
    return own, server, sorted(seen.values(), reverse=True)[:n]


def _seconds(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def dask(folder: Path, n_cells: int) -> bool:
    started = [
        _start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(folder / "s")
        )
    ]
    try:
        while not (folder / "s").exists():
            time.sleep(0.1)
        address = json.loads((folder / "s").read_text())["address"]
        options = ("--nthreads", "1", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1")
        started += [_start("worker", address, *options) for _ in range(2)]
        killed: list[int] = []

        def kill_one(progress: Any) -> None:
            if not killed and progress.n_done >= n_cells // 2:
                started[-1].send_signal(signal.SIGKILL)
                killed.append(progress.n_done)
                print(f"killed a worker after {progress.n_done} cells", flush=True)

        progress = run_study(study(n_cells), folder / "dask", Dask(address), kill_one)
        print(f"Dask: {progress.seconds:.1f} s, {progress.n_done} done, {len(progress.failures)} failed", flush=True)
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
    run_study(study(n_cells), folder / "here", Processes(2))
    same = facts(folder / "dask") == facts(folder / "here")
    rows, distinct = _count(folder / "dask")
    print(f"results equal to those with processes: {same}; {rows} cells recorded, {distinct} of them distinct")
    return same and rows == distinct == n_cells


def _start(*words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def kill(folder: Path, n_cells: int, n_kills: int = 5) -> bool:
    config, out = folder / "study.yaml", folder / "killed"
    config.write_text(to_yaml(study(n_cells).describe()))
    command = [sys.executable, "-m", "designloop.cli.main", "study", str(config), "--out", str(out), "--quiet"]
    moments = sorted(random.Random(0).sample(range(1, n_cells), n_kills))
    kept: dict[str, float] = {}
    is_kept = True
    for moment in moments:
        running = subprocess.Popen(command)
        while running.poll() is None and len(recorded(out)) < moment:
            time.sleep(0.02)
        running.kill()
        running.wait()
        now = recorded(out)
        is_kept &= all(now.get(key) == seconds for key, seconds in kept.items())
        kept = now
        print(f"killed with {len(kept)} of {n_cells} cells recorded", flush=True)
    subprocess.run(command, check=True)
    now = recorded(out)
    is_kept &= all(now.get(key) == seconds for key, seconds in kept.items())
    run_study(study(n_cells), folder / "whole", Processes(2))
    same = facts(out) == facts(folder / "whole")
    print(f"same table as without a kill: {same}; every recorded cell unchanged: {is_kept}")
    return same and is_kept


def recorded(folder: Path) -> dict[str, float]:
    """Seconds of every recorded cell by key. A cell that is computed again would have other seconds."""
    try:
        with sqlite3.connect(f"file:{folder / 'study.db'}?mode=ro", uri=True) as connection:
            return dict(connection.execute("select key, seconds from cells"))
    except sqlite3.OperationalError:
        return {}


def _count(folder: Path) -> tuple[int, int]:
    with sqlite3.connect(folder / "study.db") as connection:
        rows, distinct = connection.execute("select count(*), count(distinct key) from cells").fetchone()
    return int(rows), int(distinct)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", help="one or more of quick, scaling, dask, kill; default: all")
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--smoke", action="store_true", help="run eight cells")
    args = parser.parse_args()
    n_cells = 8 if args.smoke else args.cells
    parts = {"quick": quick, "scaling": scaling, "dask": dask, "kill": kill}
    held = []
    for name in args.what or parts:
        with tempfile.TemporaryDirectory() as folder:
            print(f"\n{name}, {n_cells} cells", flush=True)
            held.append(parts[name](Path(folder), n_cells))
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
