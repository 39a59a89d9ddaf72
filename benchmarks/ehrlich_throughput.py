"""Sequences a second that an Ehrlich function evaluates on one thread, from strings; optionally next to pytorch-holo.

OMP_NUM_THREADS=1 python benchmarks/ehrlich_throughput.py [--holo PYTHON_WITH_PYTORCH_HOLO] [--batch 10000]
"""

import argparse
import subprocess
from time import perf_counter

import numpy as np

from designloop.oracles import Ehrlich

HOLO = """
import sys, time, torch
from holo.test_functions.closed_form import Ehrlich
torch.set_num_threads(1)
function = Ehrlich(32, 32, 4, 4, 4, random_seed=0)
x = function.initial_solution(int(sys.argv[1]))
best = float("inf")
for _ in range(int(sys.argv[2])):
    start = time.perf_counter(); function(x); best = min(best, time.perf_counter() - start)
print(len(x) / best)
"""


def rate(call, argument, repeats):
    """Sequences a second, the best of `repeats`: the speed when nothing else runs."""
    call(argument)
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        call(argument)
        seconds.append(perf_counter() - start)
    return len(argument) / min(seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--smoke", action="store_true", help="one repeat")
    parser.add_argument("--holo", help="a Python interpreter with pytorch-holo 0.0.5")
    given = parser.parse_args()
    if given.smoke:
        given.repeats = 1

    oracle = Ehrlich(num_states=32, length=32, num_motifs=4, motif_length=4, quantization=4, seed=0)
    sequences = oracle.corpus(given.batch, np.random.default_rng(0))
    print("32 states, length 32, 4 motifs of 4, batch", f"{given.batch:,}")
    codes = oracle.space.alphabet.encode(sequences)
    print(f"designloop, list of strings   {rate(oracle, sequences, given.repeats):12,.0f} sequences/s")
    print(f"designloop, encoded           {rate(oracle.values, codes, given.repeats):12,.0f}")
    if given.holo:
        out = subprocess.run(
            [given.holo, "-c", HOLO, str(given.batch), str(given.repeats)], check=True, capture_output=True, text=True
        )
        print(f"pytorch-holo, encoded         {float(out.stdout.split()[-1]):12,.0f}")
