#!/usr/bin/env bash
# Expectation: With a model in double precision, `best_f=values.max().item()` and `best_f=values.max()` give the same
# expected improvement, because a Python float has double precision.
#
# Version: botorch 0.18.1 (with gpytorch 1.15.2 and torch 2.13.0, Python 3.11), from the Python package index.
# Source: botorch/acquisition/analytic.py and logei.py. The constructor calls `torch.as_tensor(best_f)`, which has torch's
# default precision (single) for a Python float, whatever the precision of the model.
#
# Behaviour: A best value given as a Python float is rounded to seven digits. Values near a million (photon counts, molar
# masses, money) are rounded to multiples of 1/16. Expected improvement is then wrong by any factor, without a warning,
# and another candidate is chosen. The logarithmic, probability of improvement and Monte Carlo classes do the same. To
# avoid it, pass a tensor in double precision, or standardise the values before.
#
# Output on 2026-11-30 (the same model and 200 candidates, values within 0.04 of a million):
#   best_f as a tensor: 1000000.031617, expected improvement of the best candidate 0.01038, candidate 48
#   best_f as a float:  1000000.062500, expected improvement of the best candidate 0.00011, candidate 64
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6 gpytorch==1.15.2 linear_operator==0.6.1 botorch==0.18.1

cat > "$work/improve.py" <<'PY'
import torch
from botorch.acquisition import LogExpectedImprovement
from botorch.models import SingleTaskGP

pool = torch.rand(200, 2, generator=torch.Generator().manual_seed(0), dtype=torch.double)
measured = pool[:12]
values = 1_000_000.0 + 0.02 * torch.sin(7 * measured).sum(1, keepdim=True)
model = SingleTaskGP(measured, values)


def improvement(best_f):
    """The threshold as BoTorch holds it, the largest expected improvement, and its candidate."""
    function = LogExpectedImprovement(model, best_f=best_f)
    with torch.no_grad():
        found = function(pool[:, None])
    return float(function.best_f), float(found.max().exp()), int(found.argmax())


exact, rounded = improvement(values.max()), improvement(values.max().item())
for name, (best_f, largest, place) in (("a tensor:", exact), ("a float: ", rounded)):
    print(f"best_f as {name} {best_f:.6f}, expected improvement of the best candidate {largest:.5f}, candidate {place}")
assert exact[0] == values.max().item() != rounded[0]
assert exact[1] > 10 * rounded[1]
assert exact[2] != rounded[2]
PY
OMP_NUM_THREADS=1 "$work/venv/bin/python" -W ignore "$work/improve.py"
