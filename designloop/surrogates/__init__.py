"""Surrogates predict values with uncertainty, and learn from failures what is viable."""

from designloop.core.parts import lazy_parts

PARTS = {
    "bayesian-linear": "designloop.surrogates.bayesian_linear:BayesianLinear",
    "dense-ensemble": "designloop.surrogates.dense_ensemble:DenseEnsemble",
    "deep-ensemble": "designloop.surrogates.deep_ensemble:DeepEnsemble",
}
__getattr__, __dir__ = lazy_parts(__name__, PARTS)
