"""Surrogates predict values with uncertainty, and learn from failures which sequences are viable."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.surrogates.auto import Auto as Auto
    from designloop.surrogates.bayesian_linear import BayesianLinear as BayesianLinear
    from designloop.surrogates.deep_ensemble import DeepEnsemble as DeepEnsemble
    from designloop.surrogates.dense_ensemble import DenseEnsemble as DenseEnsemble
    from designloop.surrogates.ensemble import EnsemblePosterior as EnsemblePosterior
    from designloop.surrogates.gaussian_process import GaussianProcess as GaussianProcess
    from designloop.surrogates.motifs import Motifs as Motifs
    from designloop.surrogates.random_forest import RandomForest as RandomForest
    from designloop.surrogates.scale import Measured as Measured
    from designloop.surrogates.scale import ValueScale as ValueScale
    from designloop.surrogates.viability import Viability as Viability

PARTS = {
    "bayesian-linear": "designloop.surrogates.bayesian_linear:BayesianLinear",
    "dense-ensemble": "designloop.surrogates.dense_ensemble:DenseEnsemble",
    "deep-ensemble": "designloop.surrogates.deep_ensemble:DeepEnsemble",
    "random-forest": "designloop.surrogates.random_forest:RandomForest",
    "gaussian-process": "designloop.surrogates.gaussian_process:GaussianProcess",
    "motifs": "designloop.surrogates.motifs:Motifs",
    "auto": "designloop.surrogates.auto:Auto",
}
FOR_YOUR_OWN = {
    "ensemble posterior": "designloop.surrogates.ensemble:EnsemblePosterior",
    "measured rows": "designloop.surrogates.scale:Measured",
    "value scale": "designloop.surrogates.scale:ValueScale",
    "viability": "designloop.surrogates.viability:Viability",
}
"""Building blocks for your own surrogate."""
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, {**PARTS, **FOR_YOUR_OWN})
