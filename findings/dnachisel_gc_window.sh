#!/usr/bin/env bash
# Expectation: `EnforceGCContent(mini=0.4, maxi=0.6, window=50)` holds for the whole of a sequence that is shorter than
# the window, or refuses the window.
#
# Version: dnachisel 3.2.16, numpy 2.4.6, Python 3.11, from the Python package index.
# Source: dnachisel/biotools/gc_content.py: the list of the shares in all windows, which is empty for a shorter
# sequence.
#
# Behaviour: Every sequence below the window's length passes, also one of 49 G, and the summary says "Passed". It does
# so in the part of a longer sequence that a `location` names, such as a linker. With one letter more, 50 G fail.
#
# Output on 2026-11-30:
#   49 G, window 50: passes True, after resolving 49 of 49 are G or C
#   50 G, window 50: passes False, after resolving 30 of 50 are G or C
#   a linker of 40 G in a gene, window 50: passes True, after resolving 40 of 40 are G or C
#   49 G, no window: passes False, after resolving 29 of 49 are G or C
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet dnachisel==3.2.16 numpy==2.4.6

cat > "$work/window.py" <<'PY'
import numpy as np
from dnachisel import DnaOptimizationProblem, EnforceGCContent


def resolved(said, sequence, **options):
    constraint = EnforceGCContent(mini=0.4, maxi=0.6, **options)
    problem = DnaOptimizationProblem(sequence, constraints=[constraint], logger=None)
    passes = problem.all_constraints_pass()
    np.random.seed(0)
    problem.resolve_constraints()
    start, end = options.get("location", (0, len(sequence)))
    part = problem.sequence[start:end]
    n_gc = part.count("G") + part.count("C")
    print(f"{said}: passes {passes}, after resolving {n_gc} of {len(part)} are G or C")
    return passes, n_gc


short = resolved("49 G, window 50", "G" * 49, window=50)
enough = resolved("50 G, window 50", "G" * 50, window=50)
gene = "ACGTT" * 10 + "G" * 40 + "ACGTT" * 10
linker = resolved("a linker of 40 G in a gene, window 50", gene, window=50, location=(50, 90))
whole = resolved("49 G, no window", "G" * 49)
assert short == (True, 49) and linker == (True, 40)
assert not enough[0] and enough[1] <= 30 and not whole[0] and whole[1] <= 29
PY
"$work/venv/bin/python" "$work/window.py"
