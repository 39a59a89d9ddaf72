#!/usr/bin/env bash
# Expectation: Results may be reported in any order, since `tell` takes the trial with its value. Every ask-and-tell
# library pairs the two by the number of the trial.
#
# Version: syne-tune 0.16.0 (with botorch 0.18.1 and torch 2.13.0, Python 3.11), from the Python package index. It is
# installed without its dependencies, of which the searcher needs those named below.
# Source: syne_tune/optimizer/schedulers/searchers/botorch/botorch_searcher.py. Designs are read in the order of `ask`,
# values in the order of `tell`, and the model gets the two lists side by side.
#
# Behaviour: If results arrive in another order than the designs were requested, the BoTorch searcher trains on values of
# other designs, without an error. Here the optimum is at 0.85 and the grid is symmetric, so results in reverse order make
# it search at the mirror image, 0.15. A lab that returns plates as they become ready has the same effect.
#
# Output on 2026-11-29 (the last digits vary):
#   results in the order of requests: [0.843, 0.847, 0.839, 0.844]
#   results in reverse order: [0.157, 0.153, 0.161, 0.156]
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 botorch==0.18.1 numpy==2.4.6 pandas==3.1.1 dill==0.4.1 \
    sortedcontainers==2.4.0 statsmodels==0.15.0 tqdm==4.70.1 psutil==7.2.2 typing_extensions==4.16.0
"$work/venv/bin/pip" install --quiet --no-deps syne-tune==0.16.0

cat > "$work/tell.py" <<'PY'
from syne_tune.config_space import uniform
from syne_tune.optimizer.schedulers.ask_tell_scheduler import AskTellScheduler
from syne_tune.optimizer.schedulers.searchers.botorch.botorch_searcher import BoTorchSearcher
from syne_tune.optimizer.schedulers.single_objective_scheduler import SingleObjectiveScheduler

SPACE = {"x": uniform(0, 1)}
GRID = [{"x": x} for x in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]


def next_designs(reverse):
    searcher = BoTorchSearcher(SPACE, points_to_evaluate=GRID, random_seed=0)
    campaign = AskTellScheduler(
        SingleObjectiveScheduler(SPACE, metric="y", do_minimize=False, searcher=searcher, random_seed=0)
    )
    trials = [campaign.ask() for _ in GRID]
    for trial in reversed(trials) if reverse else trials:
        campaign.tell(trial, {"y": -((trial.config["x"] - 0.85) ** 2)})
    return [round(campaign.ask().config["x"], 3) for _ in range(4)]


in_order, in_reverse = next_designs(reverse=False), next_designs(reverse=True)
print("results in the order of requests:", in_order)
print("results in reverse order:", in_reverse)
assert all(0.8 < x < 0.9 for x in in_order)
assert all(0.1 < x < 0.2 for x in in_reverse)
PY
OMP_NUM_THREADS=1 "$work/venv/bin/python" "$work/tell.py" 2> /dev/null
