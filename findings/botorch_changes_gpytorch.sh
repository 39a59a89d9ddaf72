#!/usr/bin/env bash
# Expectation: A plain GPyTorch model gives the same log likelihood and predictions whether or not another module of the
# program imports BoTorch. An exact GP is exact.
#
# Versions: gpytorch 1.15.2 and botorch 0.18.1 (with linear_operator 0.6.1, torch 2.13.0, Python 3.11), from the
# Python package index.
# Source: botorch/__init__.py sets defaults of linear_operator for the whole process: it raises `max_cholesky_size` from
# 800 to 4096, and turns fast solves and log determinants off. With GPyTorch's own defaults, `ExactGP` is iterative and
# stochastic above 800 rows.
#
# Behaviour: Up to 800 rows there is no difference. With 900 rows, the log likelihood of one model with fixed parameters
# differs at each call and is too high by about 0.6 per row, which shifts the fitted parameters. Predicted means are wrong
# in the third decimal. After `import botorch` anywhere in the process, everything is exact. Results therefore change when
# a campaign passes 800 measurements. A helper that starts or stops importing BoTorch changes models that it does not use.
#
# Output on 2026-11-29 (900 rows; log likelihood per row, three calls; the first line depends on the seed):
#   without botorch: -13.3892 -13.3876 -13.3525, exact -13.9644; largest error of a mean 4.1e-03
#   with botorch:    -13.9644 -13.9644 -13.9644, exact -13.9644; largest error of a mean 0.0e+00
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6 gpytorch==1.15.2 linear_operator==0.6.1 botorch==0.18.1

cat > "$work/fit.py" <<'PY'
import sys
import warnings

import torch

if sys.argv[1] == "with":
    import botorch  # noqa: F401  # its import is the experiment
import gpytorch
from math import log, pi

warnings.filterwarnings("ignore")
torch.manual_seed(0)
torch.set_default_dtype(torch.double)
N, NOISE = 900, 0.01
x, new = torch.rand(N, 5), torch.rand(5, 5)
y = torch.sin(6 * x.sum(1)) + 0.05 * torch.randn(N)


class Plain(gpytorch.models.ExactGP):
    def __init__(self, likelihood):
        super().__init__(x, y, likelihood)
        self.mean_module = gpytorch.means.ZeroMean()
        self.covar_module = gpytorch.kernels.RBFKernel()

    def forward(self, at):
        return gpytorch.distributions.MultivariateNormal(self.mean_module(at), self.covar_module(at))


likelihood = gpytorch.likelihoods.GaussianLikelihood()
model = Plain(likelihood)
likelihood.noise, model.covar_module.lengthscale = NOISE, 0.5
density = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
seen = [float(density(model(x), y)) for _ in range(3)]
with torch.no_grad():
    means = model.eval()(new).mean
    factor = torch.linalg.cholesky(model.covar_module(x).to_dense() + NOISE * torch.eye(N))
    weights = torch.cholesky_solve(y[:, None], factor)[:, 0]
    exact = float(-0.5 * y @ weights - factor.diagonal().log().sum() - N / 2 * log(2 * pi)) / N
    error = float((means - model.covar_module(new, x).to_dense() @ weights).abs().max())
calls = " ".join(f"{value:.4f}" for value in seen)
print(f"{sys.argv[1] + ' botorch:':16} {calls}, exact {exact:.4f}; largest error of a mean {error:.1e}")
if sys.argv[1] == "with":
    assert max(abs(value - exact) for value in seen) < 1e-6 > error
else:
    assert min(abs(value - exact) for value in seen) > 1e-3 and len(set(seen)) == 3
PY
for botorch in without with; do OMP_NUM_THREADS=1 "$work/venv/bin/python" "$work/fit.py" "$botorch"; done
