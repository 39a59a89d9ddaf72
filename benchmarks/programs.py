"""What an outside oracle costs besides its own work: milliseconds a batch of a program in Python that answers 1.

OMP_NUM_THREADS=1 python benchmarks/programs.py [--smoke]

The budget is 1 ms a batch and 1 µs a letter. It is met where the processor time of both sides, or the lowest elapsed
time, is within it: other work on the machine makes the one dearer and the other longer.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from designloop.core.lasting import lasting
from designloop.oracles import Command, Python
from designloop.oracles.base import Oracle

JSON = """import json, sys
for line in sys.stdin:
    message = json.loads(line)
    answer = {"type": "ready", "protocol": 1}
    if message["type"] == "evaluate":
        answer = {"type": "values", "id": message["id"], "values": [1.0] * len(message["sequences"])}
    print(json.dumps(answer), flush=True)
"""
CSV = """import sys
for line in sys.stdin:
    cells = line.rstrip().split(",")
    print("ready,1" if cells[0] == "hello" else ",".join(["values", cells[1], *["1.0"] * (len(cells) - 2)]), flush=True)
"""
FUNCTION = "def echo(sequences):\n    return [1.0] * len(sequences)\n"
SHAPES = ((1, 10), (96, 10), (96, 100), (96, 1000), (1000, 100))


def oracles(folder: Path, n: int, length: int) -> Iterator[tuple[str, Oracle]]:
    """The doors to an echo, each with one question for n sequences."""
    for name, text in (("echo_json.py", JSON), ("echo_csv.py", CSV), ("echo.py", FUNCTION)):
        (folder / name).write_text(text, encoding="utf-8")
    common = {"alphabet": "dna", "length": length, "batch_size": n}
    yield "command, json", Command(argv=(sys.executable, str(folder / "echo_json.py")), **common)
    yield "command, csv", Command(argv=(sys.executable, str(folder / "echo_csv.py")), format="csv", **common)
    yield "python", Python(function=f"{folder / 'echo.py'}:echo", **common)


def milliseconds(oracle: Oracle, sequences: list[str], repeats: int) -> tuple[float, float, float]:
    """(processor time of both sides, lowest elapsed, median elapsed) of a batch."""
    idle, _ = spent(oracle, sequences, 0)
    busy, elapsed = spent(oracle, sequences, repeats)
    return 1e3 * (busy - idle) / repeats, 1e3 * min(elapsed), 1e3 * float(np.median(elapsed))


def spent(oracle: Oracle, sequences: list[str], repeats: int) -> tuple[float, list[float]]:
    """Processor seconds of a run with one batch and `repeats` more, and the seconds that each of these took."""
    before, elapsed = processor_seconds(), list[float]()
    with lasting():
        assert oracle(sequences).tolist() == [1.0] * len(sequences)
        for _ in range(repeats):
            began = perf_counter()
            oracle(sequences)
            elapsed.append(perf_counter() - began)
    return processor_seconds() - before, elapsed


def processor_seconds() -> float:
    """Those of this process, and of its children that have ended."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=300)
    parser.add_argument("--smoke", action="store_true", help="three batches of one shape")
    given = parser.parse_args()
    shapes, repeats = (SHAPES[1:2], 3) if given.smoke else (SHAPES, given.repeats)
    worst = 0.0
    print("door           sequences  letters each    processor     lowest     median     budget")
    with TemporaryDirectory() as folder:
        for n, length in shapes:
            budget = 1.0 + n * length / 1000
            for door, oracle in oracles(Path(folder), n, length):
                sequences = oracle.space.sample(n, np.random.default_rng(0))
                took = milliseconds(oracle, sequences, repeats)
                print(f"{door:14} {n:9,}  {length:12,}  ", *(f"{ms:10.2f}" for ms in (*took, budget)), flush=True)
                worst = max(worst, min(took[:2]) / budget)
    print(f"at most {worst:.2f} of the budget")
    sys.exit(int(worst > 1 and not given.smoke))
