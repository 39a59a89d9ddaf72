"""How much quicker is the card of a large scan of named mutants than before? Old and new code are measured in one run.

    python benchmarks/mutants.py [--smoke] [--file gb1_data.csv.gz] [--repeats 2]

`--file` is the GB1 table that mavenn 1.1.4 ships (mavenn/examples/datasets/gb1_data.csv.gz; Olson et al. 2014): 530,737
single and double mutants of 55 residues, whose sequences are written as names (`Q2A:Y3C`). Without it, the table holds
as many random mutants with random values. `card` is what `designloop parts landscape` computes; `read` is the table
with its sequences. Old code is taken from the repository's history, and both run in turn, in processes of their own.
Processor seconds (user and system) are compared, because other programs of a shared machine delay wall clocks.
"""

import argparse
import csv
import gzip
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

OLD = "cb097b1"
PARENT, FIRST, ROWS = "QYKLILNGKTLKGETTTEAVDAATAEKVFKQYANDNGVDGEWTYDDATKTFTVTE", 2, 530_737
LETTERS = list("ACDEFGHIKLMNPQRSTVWY")
HERE = Path(__file__).resolve().parents[1]
CHILD = """
import json, resource, sys, time
from designloop.oracles import Landscape
from designloop.oracles.card import card
began = time.process_time()
oracle = Landscape(path=sys.argv[1], mutant="mutant", value="value", parent=sys.argv[2], first=int(sys.argv[3]))
n = len(oracle.truth.values)
read = time.process_time() - began
shown = card(oracle)
print(json.dumps({
    "read": read, "card": time.process_time() - began, "n": n, "r2": shown.additive_r2, "best": shown.best[0][0],
    "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def named(sequence: str) -> str:
    letters = enumerate(zip(PARENT, sequence, strict=True), start=FIRST)
    return ":".join(f"{old}{place}{new}" for place, (old, new) in letters if old != new) or "wt"


def of_mavenn(file: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(file, "rt") as lines:
        yield from ((named(row["x"]), row["y"]) for row in csv.DictReader(lines))


def at_random(n: int) -> Iterator[tuple[str, str]]:
    rng = np.random.default_rng(0)
    places = np.sort(rng.integers(0, len(PARENT), (n, 2)), axis=1)
    for (first, second), (a, b), value in zip(places, rng.choice(LETTERS, (n, 2)), rng.normal(size=n), strict=True):
        letters = list(PARENT)
        letters[first], letters[second] = a, b
        yield named("".join(letters)), f"{value:.6f}"


def measured(code: Path, table: Path) -> dict[str, float]:
    env = {**os.environ, "PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", CHILD, str(table), PARENT, str(FIRST)]
    done = subprocess.run(command, cwd=code, env=env, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def unpack_old(folder: Path) -> None:
    """The package before the change, from the history of this repository."""
    packed = subprocess.run(["git", "-C", HERE, "archive", OLD, "designloop"], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="2,000 random mutants, once, by today's code alone")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--repeats", type=int, default=2)
    args = parser.parse_args()
    rows = of_mavenn(args.file) if args.file else at_random(2_000 if args.smoke else ROWS)
    with TemporaryDirectory() as folder:
        old, table = Path(folder) / "old", Path(folder) / "scan.csv"
        if not args.smoke:
            unpack_old(old)
        table.write_text("mutant,value\n" + "".join(f"{name},{value}\n" for name, value in rows))
        results: dict[str, list[dict[str, float]]] = {"old": [], "new": []}
        for _ in range(1 if args.smoke else args.repeats):
            for which, code in (("new", HERE),) if args.smoke else (("old", old), ("new", HERE)):
                results[which].append(one := measured(code, table))
                print(which, json.dumps(one), flush=True)
    for what in () if args.smoke else ("read", "card", "MB"):
        before, after = (min(one[what] for one in results[which]) for which in ("old", "new"))
        print(f"{what}: {before:.2f} before, {after:.2f} now, {before / after:.1f} times less")


if __name__ == "__main__":
    main()
