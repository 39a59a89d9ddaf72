#!/usr/bin/env bash
# Expectation: `GaussianProcessRegressor(alpha=variances)` takes the error variance of each measurement in squared units
# of the values, and `normalize_y=True` scales it with them. A change of units changes nothing.
#
# Version: scikit-learn 1.9.1 (with numpy 2.4.6 and scipy 1.17.1, Python 3.11), from the Python package index.
# Source: sklearn/gaussian_process/_gpr.py. `fit` divides the values by their standard deviation, and adds `alpha` to the
# kernel unscaled. The documentation calls `alpha` the variance of the measurement noise, without units.
#
# Behaviour: With `normalize_y=True`, which values far from 0 need, `alpha` is in units of the variance of the values. If
# an assay reads in thousands, its errors are taken as enormous and all predictions are close to the mean. If it reads in
# thousandths, its errors are taken as zero and noise is fitted. Each further round changes the standard deviation of the
# values, and so the meaning of the same alpha. Dividing `alpha` by `np.var(y)` gives consistent predictions.
#
# Output on 2026-11-29 (predictions at the first three designs and their deviations, in units of the first line):
#   values as they are: [1.05 1.45 1.82], deviations [0.13 0.11 0.1 ]
#   in units of 1/1000: [1.19 1.19 1.19], deviations [0.67 0.67 0.67]
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1

cat > "$work/predict.py" <<'PY'
import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

designs = np.arange(10.0)[:, None]
values = 1 + np.sin(np.arange(10.0) / 2)
variances = np.full(10, 0.05)


def predictions(unit, scaled=False):
    """Means and deviations at three designs, in the first units, where values are told in `unit` times those."""
    y, alpha = values * unit, variances * unit**2
    alpha = alpha / np.var(y) if scaled else alpha
    model = GaussianProcessRegressor(RBF(2.0), alpha=alpha, normalize_y=True, optimizer=None)
    means, deviations = model.fit(designs, y).predict(designs[:3], return_std=True)
    return means / unit, deviations / unit


for name, unit in (("values as they are", 1.0), ("in units of 1/1000", 1000.0)):
    means, deviations = predictions(unit)
    print(f"{name}: {means.round(2)}, deviations {deviations.round(2)}")
assert np.abs(predictions(1000.0)[0] - predictions(1.0)[0]).max() > 0.1
assert np.ptp(predictions(1000.0)[0]) < 1e-3
assert np.allclose(predictions(1000.0, scaled=True), predictions(1.0, scaled=True))
PY
"$work/venv/bin/python" "$work/predict.py"
