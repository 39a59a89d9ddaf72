#!/usr/bin/env bash
# Expectation: If a plate of 96 trials is asked for and told, `CmaEsSampler` learns from all 96 values. Since pull request
# 2610 of optuna/optuna, the tutorial on ask and tell shows batches with this sampler.
#
# Version: optuna 5.0.0, cmaes 0.13.1, numpy 2.4.6, Python 3.11, from the Python package index.
# Source: optuna/samplers/_cmaes.py: one generation is updated with the first `popsize` of its trials (4 + 3 log d by
# default, six for two parameters). The documentation says that the sampler cannot use some trials in parallel
# optimisation.
#
# Behaviour: Six trials of the plate count, those with the smallest numbers; the other ninety are ignored, without a
# word, in this round and later. The next suggestions are the same, digit for digit, if all ninety values are replaced
# by those of another objective. With `popsize=96`, they differ.
#
# Output on 2026-11-30 (the digits may vary):
#   true values: (0.366, 0.199), (0.572, 0.251)
#   the last 90 of another objective: (0.366, 0.199), (0.572, 0.251)
#   the last 91 of another objective: (0.363, 0.200), (0.569, 0.246)
#   popsize=96, the last 90 differ: suggestions differ
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet optuna==5.0.0 cmaes==0.13.1 numpy==2.4.6

cat > "$work/plate.py" <<'PY'
import optuna
from optuna.distributions import FloatDistribution

optuna.logging.set_verbosity(optuna.logging.ERROR)
SPACE = {"x": FloatDistribution(0, 1), "y": FloatDistribution(0, 1)}


def suggestions(n_true, popsize=None):
    """The two suggestions after a plate, of which the first trials have true values and the others another optimum."""
    study = optuna.create_study(sampler=optuna.samplers.CmaEsSampler(seed=0, popsize=popsize))
    study.tell(study.ask(SPACE), 1.0)  # the first trial of a study is a random one
    plate = [study.ask(SPACE) for _ in range(96)]
    for number, trial in enumerate(plate):
        best = 0.3 if number < n_true else 0.9
        study.tell(trial, (trial.params["x"] - best) ** 2 + (trial.params["y"] - best) ** 2)
    return [tuple(study.ask(SPACE).params.values()) for _ in range(2)]


def shown(points):
    return ", ".join(f"({x:.3f}, {y:.3f})" for x, y in points)


true, six, five = suggestions(96), suggestions(6), suggestions(5)
print("true values:", shown(true))
print("the last 90 of another objective:", shown(six))
print("the last 91 of another objective:", shown(five))
whole = suggestions(96, popsize=96) == suggestions(6, popsize=96)
print("popsize=96, the last 90 differ:", "suggestions equal" if whole else "suggestions differ")
assert true == six and true != five and not whole
PY
"$work/venv/bin/python" -W ignore "$work/plate.py"
