#!/usr/bin/env bash
# Expectation: A black box of poli with `evaluation_budget=10` evaluates ten sequences at most, and evaluates up to ten.
#
# Version: poli-core 1.3.1 (with numpy 1.26.4, Python 3.11), from the Python package index.
# Source: poli/core/abstract_black_box.py, `__call__`. The budget is compared once a call, before its batches are made,
# with `num_evaluations + batch_size`, and not with the number of sequences.
#
# Behaviour: With a `batch_size`, one call evaluates any number of sequences: a hundred here, on a budget of ten. And with a
# batch size above what is left, a call for one sequence is refused although nothing was evaluated yet. Comparisons at
# equal budgets, in which one method asks for whole generations and another one by one, are not at equal budgets.
#
# Output on 2026-11-30:
#   batch_size=1, budget 10, asked for 100: 100 evaluated
#   batch_size=16, budget 10, asked for 1: BudgetExhaustedException, 0 evaluated
#   no batch_size, budget 10, asked for 11: BudgetExhaustedException, 0 evaluated
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet numpy==1.26.4 poli-core==1.3.1

cat > "$work/budget.py" <<'PY'
import numpy as np
from poli.core.exceptions import BudgetExhaustedException
from poli.objective_repository import AlohaBlackBox

seen = []
for batch_size, asked in ((1, 100), (16, 1), (None, 11)):
    box = AlohaBlackBox(batch_size=batch_size, evaluation_budget=10)
    try:
        box(np.array([list("ALOHA")] * asked))
        refused = ""
    except BudgetExhaustedException as error:
        refused = f"{type(error).__name__}, "
    said = "no batch_size" if batch_size is None else f"batch_size={batch_size}"
    print(f"{said}, budget 10, asked for {asked}: {refused}{box.num_evaluations} evaluated")
    seen.append((bool(refused), box.num_evaluations))
assert seen == [(False, 100), (True, 0), (True, 0)], seen
PY
"$work/venv/bin/python" "$work/budget.py"
