"""Strategies look at the history and choose the next batch."""

from designloop.core.parts import lazy_parts

PARTS = {
    "random": "designloop.strategies.uniform:Random",
    "random-viable": "designloop.strategies.random_viable:RandomViable",
    "genetic": "designloop.strategies.genetic:Genetic",
    "adalead": "designloop.strategies.adalead:AdaLead",
    "ensemble-greedy": "designloop.strategies.ensemble_greedy:EnsembleGreedy",
    "model-guided": "designloop.strategies.model_guided:ModelGuided",
}
__getattr__, __dir__ = lazy_parts(__name__, PARTS)
