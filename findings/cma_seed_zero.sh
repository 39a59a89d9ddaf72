#!/usr/bin/env bash
# Expectation: Seeds 0, 1, 2, ... are equivalent, so an experiment over `range(5)` is reproducible.
#
# Version: cma 4.5.0 (with numpy 2.4.6, Python 3.11), from the Python package index.
# Source: the description of the option `seed` in cma/options_parameters.py: None and 0 mean the time of day.
#
# Behaviour: Seed 0 gives other designs in each process, without a message. All other seeds are reproducible. Of the usual
# five runs, the first cannot be repeated, and comparing two variants at equal seeds is unpaired for that run.
#
# Output on 2026-11-29:
#   seed 0: 3 different first designs in 3 runs
#   seed 1: 1 different first designs in 3 runs
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet cma==4.5.0 numpy==2.4.6

cat > "$work/ask.py" <<'PY'
import sys
import cma

strategy = cma.CMAEvolutionStrategy([0.0] * 4, 0.5, {"seed": int(sys.argv[1]), "verbose": -9})
print(strategy.ask()[0].tolist())
PY
for seed in 0 1; do
    for _ in 1 2 3; do
        "$work/venv/bin/python" -W ignore "$work/ask.py" "$seed"
        sleep 0.1
    done | sort -u | wc -l > "$work/seen-$seed"
    echo "seed $seed: $(cat "$work/seen-$seed") different first designs in 3 runs"
done
[ "$(cat "$work/seen-0")" -gt 1 ] && [ "$(cat "$work/seen-1")" -eq 1 ]
