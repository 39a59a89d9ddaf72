"""Acquisition functions score candidates under a posterior and choose n of them, given the pending designs."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.acquisition.batch_improvement import QLogEI as QLogEI
    from designloop.acquisition.batch_improvement import QLogNEI as QLogNEI
    from designloop.acquisition.batch_ucb import QUCB as QUCB
    from designloop.acquisition.dpp import DPP as DPP
    from designloop.acquisition.epsilon_greedy import EpsilonGreedy as EpsilonGreedy
    from designloop.acquisition.farthest_first import FarthestFirst as FarthestFirst
    from designloop.acquisition.from_botorch import BoTorch as BoTorch
    from designloop.acquisition.greedy import Greedy as Greedy
    from designloop.acquisition.improvement import EI as EI
    from designloop.acquisition.improvement import PI as PI
    from designloop.acquisition.improvement import LogEI as LogEI
    from designloop.acquisition.max_variance import MaxVariance as MaxVariance
    from designloop.acquisition.optimality import ProbabilityOfOptimality as ProbabilityOfOptimality
    from designloop.acquisition.thompson import Thompson as Thompson
    from designloop.acquisition.ucb import UCB as UCB
    from designloop.acquisition.uniform import Random as Random

PARTS = {
    "random": "designloop.acquisition.uniform:Random",
    "greedy": "designloop.acquisition.greedy:Greedy",
    "ucb": "designloop.acquisition.ucb:UCB",
    "ei": "designloop.acquisition.improvement:EI",
    "log-ei": "designloop.acquisition.improvement:LogEI",
    "pi": "designloop.acquisition.improvement:PI",
    "thompson": "designloop.acquisition.thompson:Thompson",
    "qlog-ei": "designloop.acquisition.batch_improvement:QLogEI",
    "qlog-nei": "designloop.acquisition.batch_improvement:QLogNEI",
    "qucb": "designloop.acquisition.batch_ucb:QUCB",
    "max-variance": "designloop.acquisition.max_variance:MaxVariance",
    "probability-of-optimality": "designloop.acquisition.optimality:ProbabilityOfOptimality",
    "farthest-first": "designloop.acquisition.farthest_first:FarthestFirst",
    "dpp": "designloop.acquisition.dpp:DPP",
    "epsilon-greedy": "designloop.acquisition.epsilon_greedy:EpsilonGreedy",
    "botorch": "designloop.acquisition.from_botorch:BoTorch",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
