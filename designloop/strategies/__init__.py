"""Strategies read the history and choose the next batch."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.strategies.adalead import AdaLead as AdaLead
    from designloop.strategies.auto import Auto as Auto
    from designloop.strategies.base import leaders as leaders
    from designloop.strategies.command import Command as Command
    from designloop.strategies.embedding_topn import EmbeddingTopN as EmbeddingTopN
    from designloop.strategies.ensemble_greedy import EnsembleGreedy as EnsembleGreedy
    from designloop.strategies.genetic import Genetic as Genetic
    from designloop.strategies.hill_climb import HillClimb as HillClimb
    from designloop.strategies.model_guided import ModelGuided as ModelGuided
    from designloop.strategies.pex import PEX as PEX
    from designloop.strategies.random_viable import RandomViable as RandomViable
    from designloop.strategies.uniform import Random as Random

PARTS = {
    "auto": "designloop.strategies.auto:Auto",
    "random": "designloop.strategies.uniform:Random",
    "random-viable": "designloop.strategies.random_viable:RandomViable",
    "hill-climb": "designloop.strategies.hill_climb:HillClimb",
    "genetic": "designloop.strategies.genetic:Genetic",
    "adalead": "designloop.strategies.adalead:AdaLead",
    "pex": "designloop.strategies.pex:PEX",
    "embedding-topn": "designloop.strategies.embedding_topn:EmbeddingTopN",
    "ensemble-greedy": "designloop.strategies.ensemble_greedy:EnsembleGreedy",
    "model-guided": "designloop.strategies.model_guided:ModelGuided",
    "command": "designloop.strategies.command:Command",
}
FOR_YOUR_OWN = {"leaders": "designloop.strategies.base:leaders"}
"""Building blocks for your own strategy."""
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, {**PARTS, **FOR_YOUR_OWN})
