#!/usr/bin/env bash
# Expectation: An Ehrlich function with `quantization=q` has q + 1 values for a motif, 0, 1/q, ... 1, as its paper says. A
# larger q gives a finer function, and the best sequence has the value 1.
#
# Version: pytorch-holo 0.0.5 (with botorch 0.18.1, torch 2.13.0, numpy 2.4.6, Python 3.11), from the Python package
# index. It is installed without its dependencies, which ask for numpy below 2 and more than the function needs.
# Source: holo/test_functions/elemental/_motif.py. Elements of a motif of length k count in steps of ceil(k / q), divided
# by k. Steps are 1/q only if q divides k, but other q are accepted.
#
# Behaviour: With k=6, q=4 is the same function as q=3. With k=5, a complete motif counts as 4 of 5 (q=3 or 4) or 3 of 5
# (q=2). The highest value is then 0.8 or 0.6 with one motif, and 0.41 or 0.13 with four. `optimal_value` is 1.0 in all
# cases, so a regret computed from it never reaches 0. `optimal_solution()` raises an error.
#
# Output on 2026-11-29 (one motif; 500 feasible sequences and one that holds the whole motif):
#   k=6 q=4: best 1.0, optimal_value 1.0, optimal_solution found; equal to q=3 everywhere
#   k=5 q=4: best 0.8, optimal_value 1.0, RuntimeError: optimal value not achieved by optimal solution.
#   k=5 q=3: best 0.8, optimal_value 1.0, RuntimeError: optimal value not achieved by optimal solution.
#   k=5 q=2: best 0.6, optimal_value 1.0, RuntimeError: optimal value not achieved by optimal solution.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 botorch==0.18.1 numpy==2.4.6 pandas==3.1.1 pooch==1.9.0
"$work/venv/bin/pip" install --quiet --no-deps pytorch-holo==0.0.5

cat > "$work/values.py" <<'PY'
import torch
from holo.test_functions.closed_form import Ehrlich


def function(k, q):
    return Ehrlich(num_states=20, dim=40, num_motifs=1, motif_length=k, quantization=q, random_seed=0)


def sequences(k):
    """500 feasible sequences, and one that holds the whole motif; the seed gives the same motif for every q."""
    unquantised = function(k, k)
    return torch.cat([unquantised.initial_solution(500), unquantised.optimal_solution()[None]])


def values(k, q):
    return [round(value, 4) for value in function(k, q)(SEQUENCES[k]).tolist()]


def solution(k, q):
    try:
        function(k, q).optimal_solution()
    except RuntimeError as error:
        return f"RuntimeError: {error}"
    return "optimal_solution found"


SEQUENCES = {k: sequences(k) for k in (5, 6)}
equal = values(6, 4) == values(6, 3)
for k, q in ((6, 4), (5, 4), (5, 3), (5, 2)):
    note = f"; {'equal to' if equal else 'unlike'} q=3 everywhere" if k == 6 else ""
    told = f"optimal_value {function(k, q).optimal_value}, {solution(k, q)}"
    print(f"k={k} q={q}: best {max(values(k, q))}, {told}{note}")
assert equal
assert [max(values(5, q)) for q in (4, 3, 2)] == [0.8, 0.8, 0.6]
assert all(function(5, q).optimal_value == 1.0 and solution(5, q).startswith("RuntimeError") for q in (4, 3, 2))
PY
"$work/venv/bin/python" "$work/values.py" 2> /dev/null
