"""Surrogates predict values with uncertainty, and learn from failures what is viable."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.surrogates.bayesian_linear import BayesianLinear as BayesianLinear
    from designloop.surrogates.deep_ensemble import DeepEnsemble as DeepEnsemble
    from designloop.surrogates.dense_ensemble import DenseEnsemble as DenseEnsemble

PARTS = {
    "bayesian-linear": "designloop.surrogates.bayesian_linear:BayesianLinear",
    "dense-ensemble": "designloop.surrogates.dense_ensemble:DenseEnsemble",
    "deep-ensemble": "designloop.surrogates.deep_ensemble:DeepEnsemble",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
