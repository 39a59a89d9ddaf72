"""The server of workers imports what most cells need before it forks them; few need torch, so it is not imported.

Garbage collection is off meanwhile, since it would scan all imports repeatedly, and again in every worker.
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
import_module("designloop.study.plan").source_hash()  # cached, since every worker compares it with that of the study
gc.freeze()
gc.enable()
