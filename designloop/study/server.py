"""The server of workers imports, before it forks any, what most cells need: never torch, which few of them do.

The collector would look for cycles among all that is imported: many times meanwhile, and again in every worker.
"""

import gc
from importlib import import_module

_NEEDED = (
    "designloop.study.cell",
    "designloop.lab.run",
    "designloop.strategies.model_guided",
    "designloop.generators.language_model",
    "designloop.language_models.markov",
    "designloop.surrogates.bayesian_linear",
    "scipy.linalg",
    "scipy.sparse",
    "scipy.special",
    "threadpoolctl",
)

gc.disable()
for _name in _NEEDED:
    import_module(_name)
import_module("designloop.study.plan").source_hash()  # kept: every worker compares it with that of the study
gc.freeze()
gc.enable()
