#!/usr/bin/env bash
# Expectation: A failed assay that is passed to CMA-ES as NaN is left out or counts as the worst. The list of values that
# the caller passes is not changed.
#
# Version: cma 4.5.0 (with numpy 2.4.6, Python 3.11), from the Python package index.
# Source: cma/evolution_strategy.py, `CMAEvolutionStrategy.tell`, which assigns to the list that it received. A warning
# says that the value is set to the median, but not that it is set in the caller's list.
#
# Behaviour: A missing value is replaced by the median of the others. A failed design therefore ranks above half of the
# measured ones and moves the mean of the next batch. The median is also written into the caller's list or array: the
# record then holds a value that nobody measured, and the failure is lost.
#
# Output on 2026-11-29:
#   list before tell: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, nan]
#   list after tell:  [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 4.0]
#   array after tell: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 4.0]
#   measured designs below the failed one's rank: 3 of 7
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet cma==4.5.0 numpy==2.4.6

cat > "$work/tell.py" <<'PY'
import cma
import numpy as np

VALUES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, float("nan")]


def told(values):
    strategy = cma.CMAEvolutionStrategy([0.0] * 4, 0.5, {"seed": 1, "popsize": 8, "verbose": -9})
    strategy.tell(strategy.ask(), values)
    return [float(value) for value in values]


as_list, as_array = told(list(VALUES)), told(np.array(VALUES))
print("list before tell:", VALUES)
print("list after tell: ", as_list)
print("array after tell:", as_array)
print(f"measured designs below the failed one's rank: {sum(v > as_list[-1] for v in as_list)} of 7")
assert as_list == as_array == [*VALUES[:-1], 4.0]
PY
"$work/venv/bin/python" -W ignore "$work/tell.py"
