"""Kill ten runs (signal 9) at random moments, resume each, and compare the event hash with an undisturbed run.

    python benchmarks/kill_and_resume.py --kills 10

The run is configs/quickstart.yaml with the n-gram model. Moments are uniform over the duration of an undisturbed run.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

CONFIG = Path(__file__).parent.parent / "configs" / "quickstart.yaml"
COMMAND = [sys.executable, "-m", "designloop.cli.main"]


def settings(designs: int) -> list[str]:
    return ["--quiet", "--set", "strategy.model=markov", "--set", f"budget.designs={designs}"]


def start(run: Path, designs: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([*COMMAND, "run", str(CONFIG), *settings(designs), "--out", str(run)])


def shown(run: Path) -> dict[str, Any]:
    out = subprocess.run([*COMMAND, "show", str(run), "--json"], check=True, capture_output=True, text=True).stdout
    summary: dict[str, Any] = json.loads(out)
    return summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--designs", type=int, default=384)
    parser.add_argument("--smoke", action="store_true", help="kill one run of two batches")
    args = parser.parse_args()
    if args.smoke:
        args.kills, args.designs = 1, 192
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        if start(Path(folder) / "whole", args.designs).wait():
            sys.exit("the undisturbed run failed")
        took = time.perf_counter() - began
        whole = shown(Path(folder) / "whole")["event_hash"]
        print(f"undisturbed: {whole[:16]} in {took:.1f} s", flush=True)
        moments = Random(0)
        same = sum(killed(Path(folder) / f"kill-{i}", args.designs, took, moments, whole) for i in range(args.kills))
    print(f"{same} of {args.kills} resumed runs have the event hash of the undisturbed run")
    sys.exit(0 if same == args.kills else 1)


def killed(run: Path, designs: int, took: float, moments: Random, whole: str) -> bool:
    """Start a run, kill it at a random moment, resume it (or restart it if it had not begun), compare the hash."""
    process = start(run, designs)
    wait = moments.random() * took
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    begun = (run / "campaign.db").exists()
    kept = shown(run)["designs"] if begun else 0
    again = [*COMMAND, "resume", str(run), "--quiet"] if begun else None
    code = subprocess.run(again, check=False).returncode if again else start(run, designs).wait()
    found = shown(run)["event_hash"] if code == 0 else f"exit {code}"
    print(f"killed after {wait:5.1f} s with {kept:4} designs recorded, resumed: {found[:16]}", flush=True)
    return bool(found == whole)


if __name__ == "__main__":
    main()
