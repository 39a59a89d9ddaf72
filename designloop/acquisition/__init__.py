"""Acquisition turns a posterior into a choice of n candidates, aware of what is pending."""

from designloop.core.parts import lazy_parts

PARTS = {
    "random": "designloop.acquisition.uniform:Random",
    "greedy": "designloop.acquisition.greedy:Greedy",
    "ucb": "designloop.acquisition.ucb:UCB",
    "ei": "designloop.acquisition.improvement:EI",
    "log-ei": "designloop.acquisition.improvement:LogEI",
    "pi": "designloop.acquisition.improvement:PI",
    "thompson": "designloop.acquisition.thompson:Thompson",
}
__getattr__, __dir__ = lazy_parts(__name__, PARTS)
