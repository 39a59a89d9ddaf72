#!/usr/bin/env bash
# Expectation: `ask(n, add_pending=True)` adds the designs to the pending ones, and `tell` with their results takes them
# out again, as Ax and Optuna do for the trials that they are told.
#
# Version: bofire 0.5.0 (with botorch 0.18.1, torch 2.14.1, Python 3.11), from the Python package index.
# Source: bofire/strategies/strategy.py: `tell` extends or replaces the experiments, and only `set_candidates` and
# `reset_candidates` change the pending ones.
#
# Behaviour: Every design that was ever pending stays pending: 32 after eight rounds of four, all of them measured. The
# acquisition function gets them as `X_pending` and expects results there that it already has, so it makes other
# suggestions than for the same experiments without pending designs. `reset_candidates()` before each round helps only
# if no batches overlap, since it also forgets those that are still in the lab.
#
# Output on 2026-11-30 (the suggestions may vary; the optimum is at 0.7, 0.4):
#   pending after each round: 4 8 12 16 20 24 28 32, of those measured: 4 8 12 16 20 24 28 32
#   next designs as it is: [(0.27, 0.01), (0.5, 0.43)]
#   next designs without pending: [(0.58, 0.37), (0.5, 0.43)] and once more: [(0.58, 0.37), (0.5, 0.43)]
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet "bofire[optimization]==0.5.0" botorch==0.18.1 torch==2.14.1 numpy==2.4.6

cat > "$work/pending.py" <<'PY'
import bofire.data_models.strategies.api as descriptions
import bofire.strategies.api as strategies
import numpy as np
from bofire.data_models.domain.api import Domain
from bofire.data_models.features.api import ContinuousInput, ContinuousOutput
from bofire.data_models.objectives.api import MaximizeObjective

DOMAIN = Domain.from_lists(
    [ContinuousInput(key="x", bounds=(0, 1)), ContinuousInput(key="z", bounds=(0, 1))],
    [ContinuousOutput(key="y", objective=MaximizeObjective())],
)


def strategy():
    return strategies.map(descriptions.SoboStrategy(domain=DOMAIN, seed=0))


def measured(designs, rng):
    noise = rng.normal(0, 0.05, len(designs))
    return designs[["x", "z"]].assign(y=-((designs.x - 0.7) ** 2) - (designs.z - 0.4) ** 2 + noise, valid_y=1)


rng = np.random.default_rng(0)
campaign, pending, known = strategy(), [], []
campaign.tell(measured(DOMAIN.inputs.sample(8, seed=0), rng))
for _ in range(8):
    campaign.tell(measured(campaign.ask(4, add_pending=True), rng))
    pending.append(len(campaign.candidates))
    known.append(len(campaign.candidates.merge(campaign.experiments, on=["x", "z"])))
print("pending after each round:", *pending, end=", of those measured: ")
print(*known)


def next_designs(candidates):
    again = strategy()
    again.tell(campaign.experiments)
    if candidates is not None:
        again.set_candidates(candidates)
    return [tuple(round(float(x), 2) for x in row) for row in again.ask(2)[["x", "z"]].to_numpy()]


left, cleared = next_designs(campaign.candidates), next_designs(None)
print("next designs as it is:", left)
print("next designs without pending:", cleared, "and once more:", next_designs(None))
assert pending == known == list(range(4, 33, 4))
assert left != cleared and cleared == next_designs(None)
PY
OMP_NUM_THREADS=1 "$work/venv/bin/python" -W ignore "$work/pending.py" 2> /dev/null
