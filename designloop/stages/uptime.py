"""Uptime: whether a machine works often enough, and for long enough at a time, to end its runs."""

from typing import Protocol

import numpy as np

from designloop.core.distributions import Duration

_LEAST = 0.01
"""The least share of the time in which a machine must work."""
_DRAWS = 500
"""Runs that are tried against a breakdown: if none ends, hardly any would."""


class Breaks(Protocol):
    """Breakdowns of a machine."""

    @property
    def between(self) -> Duration: ...
    @property
    def repair(self) -> Duration: ...


class IsMaintained(Protocol):
    """Regular maintenance of a machine."""

    @property
    def every(self) -> float: ...
    @property
    def days(self) -> Duration: ...


def share_up(breakdown: Breaks | None, maintenance: IsMaintained | None, load: int) -> float:
    """The share of the time in which a machine works; 0 where its downtimes leave nothing."""
    up = 1.0
    if breakdown is not None:
        between, repair = breakdown.between.mean(load), breakdown.repair.mean(load)
        up *= between / (between + repair) if between else 0.0
    if maintenance is not None:
        up *= max(1 - maintenance.days.mean(load) / maintenance.every, 0.0)
    return up


def check_works(name: str, breakdown: Breaks | None, maintenance: IsMaintained | None, load: int) -> None:
    """Raise ValueError where a machine of a stage of that name is down nearly all the time."""
    if (up := share_up(breakdown, maintenance, load)) < _LEAST:
        what = " and ".join(
            [
                *(["`breakdown`"] if breakdown is not None else []),
                *(["`maintenance`"] if maintenance is not None else []),
            ]
        )
        raise ValueError(
            f"stage '{name}': its machines would work {up:.2%} of the time, by {what}; make downtimes shorter, or rarer"
        )


def check_runs_end(name: str, between: Duration, run: tuple[Duration, ...], load: int, work: str) -> None:
    """Raise ValueError where hardly any run would end before a breakdown. A run is a sum of durations."""
    rng = np.random.default_rng(0)
    if not any(between.draw(rng, load) > sum(part.draw(rng, load) for part in run) for _ in range(_DRAWS)):
        raise ValueError(
            f"stage '{name}': hardly any run ends between two breakdowns, so that all work is {work}; raise "
            "`breakdown.between`, or set `work: kept`"
        )
