"""Acquisition functions score candidates under a posterior and choose n of them, given the pending designs."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.acquisition.greedy import Greedy as Greedy
    from designloop.acquisition.improvement import EI as EI
    from designloop.acquisition.improvement import PI as PI
    from designloop.acquisition.improvement import LogEI as LogEI
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
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
