#!/usr/bin/env bash
# Expectation: `optimize_acqf_discrete` never returns a design in `X_avoid` and, with `unique=True`, never returns a
# design twice. A batch needs no check against measured designs.
#
# Version: botorch 0.18.1 (with gpytorch 1.15.2 and torch 2.13.0, Python 3.11), from the Python package index.
# Source: botorch/optim/optimize.py. Rows of `choices` are dropped if they equal a row of `X_avoid` in every bit. `unique`
# removes the chosen row by its index in `choices`.
#
# Behaviour: Features that were once stored as float32 (a saved embedding, a Parquet column) are not recognised as the
# same design. Measured designs are then chosen again without a warning: here two of five. A pool that lists a design
# twice (synonymous variants, two spellings of one row) returns it twice in one batch. To avoid both, remove rows of
# `choices` by their sequence beforehand.
#
# Output on 2026-11-29 (50 designs, of which the best 30 were measured; batches of 5):
#   X_avoid in the pool's own bits: 0 of 5 measured already
#   X_avoid through float32: 2 of 5 measured already
#   each design listed twice, unique=True: 3 different designs of 5
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6 gpytorch==1.15.2 linear_operator==0.6.1 botorch==0.18.1

cat > "$work/choose.py" <<'PY'
import torch
from botorch.acquisition import qUpperConfidenceBound
from botorch.models import SingleTaskGP
from botorch.optim import optimize_acqf_discrete

torch.manual_seed(0)
torch.set_default_dtype(torch.double)
pool = torch.rand(50, 8)
pool = pool[pool.sum(1).argsort(descending=True)]
measured = pool[:30]
model = SingleTaskGP(measured, measured.sum(1, keepdim=True))
acquisition = qUpperConfidenceBound(model, beta=0.1)


def batch(choices, avoided):
    """Places in the pool of five designs."""
    chosen, _ = optimize_acqf_discrete(acquisition, q=5, choices=choices, X_avoid=avoided, unique=True)
    return [int((pool - row).abs().sum(1).argmin()) for row in chosen]


same, rounded = batch(pool, measured), batch(pool, measured.float().double())
twice = batch(torch.cat([pool, pool]), None)
again = [sum(place < 30 for place in places) for places in (same, rounded)]
print(f"X_avoid in the pool's own bits: {again[0]} of 5 measured already")
print(f"X_avoid through float32: {again[1]} of 5 measured already")
print(f"each design listed twice, unique=True: {len(set(twice))} different designs of 5")
assert again[0] == 0 < again[1]
assert len(set(twice)) < 5
PY
OMP_NUM_THREADS=1 "$work/venv/bin/python" -W ignore "$work/choose.py"
