"""Findings: what batches showed, and what more equipment and other loads would."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from designloop.trial_runs.loads import Load, loads_of
from designloop.trial_runs.one_more import OneMore, measured
from designloop.trial_runs.passed import Passed


@dataclass(frozen=True)
class Findings(Passed):
    """Batches that went through a lab, and further runs with the same random numbers, made when they are read."""

    @cached_property
    def one_more(self) -> Sequence[OneMore]:
        """What one more machine or person would buy, measured, the best first; of what designs waited for."""
        return measured(self)

    @cached_property
    def loads(self) -> Sequence[Load]:
        """Throughput and turnaround at other rates of arrival, from the lowest."""
        return loads_of(self)
