"""The worst case of the runs of machines: how many a batch may need at a station, and why.

A run is full, or it takes all that wait. So if a batch comes at once, its last run is the only one that is not full,
and if it comes in the groups in which another station released it, each group may end with such a run. If it comes
within a limited time, no more such runs can start than the machines can do in that time, and one at the end. Otherwise
each design may start a run of its own, unless runs wait until they are filled.
"""

from collections.abc import Iterator, Sequence, Set
from math import floor, inf

from designloop.core.clock import DAY
from designloop.core.distributions import BySize
from designloop.core.machine_runs import Hop
from designloop.stages.base import Stage
from designloop.stages.station import Station

_MINUTE = 1 / DAY
"""Times are rounded to minutes."""
Route = tuple[Hop, ...]
"""From the last station at which the batch is together, to a station."""


def routes(
    stages: Sequence[Stage], visits: Sequence[int], *, is_limited: bool, shared: Set[str] = frozenset()
) -> dict[str, Route]:
    """Station -> the route of a batch that begins at the first of these stages.

    `visits`: the most visits of a design at each stage. `is_limited`: whether designs may have to wait outside.
    `shared`: stations whose runs other people's work fills too, so that each design may be in a run without another.
    """
    found: dict[str, Route] = {}
    before: tuple[Station, Route] | None = None
    is_together, spread = not is_limited, inf if is_limited else 0.0
    for stage, n_visits in zip(stages, visits, strict=True):
        if not isinstance(stage, Station):
            is_together, spread, before = False, inf, None
            continue
        if stage.release == "together" and not is_limited:
            is_together, spread = True, 0.0
        if stage.machines is None:
            spread += _spread(stage)
            if not _keeps_groups(stage):
                is_together, before = False, None
            continue
        alone = (Hop(again=n_visits - 1),)
        is_shared = stage.name in shared
        route = alone if is_shared else tuple(_route(stage, n_visits - 1, before, spread, is_together=is_together))
        found[stage.name] = route
        is_together, spread, before = False, inf, (stage, route) if _releases_groups(stage) else None
    return found


def _route(
    stage: Station, again: int, before: tuple[Station, Route] | None, spread: float, *, is_together: bool
) -> Iterator[Hop]:
    """The route to a station at which the first design of a batch comes so many working days before the last."""
    if is_together:
        yield Hop(stage.load, again=again)
    elif stage.wait_days is None:
        yield Hop(stage.n_to_start, extra=int(stage.mixes and stage.n_to_start > 1), again=again)
    elif before is not None and stage.share == 1 and (stage.mixes or not before[0].mixes):
        yield from before[1]
        yield Hop(stage.load if stage.load < before[0].load else 0, again=again, follows=True)
    elif (shortest := _shortest_run(stage)) > 0 and spread < inf:
        meanwhile = (stage.machines or 0) * (floor(spread / shortest) + 1)
        yield Hop(stage.load, extra=meanwhile + 1, again=again)
    else:
        yield Hop(again=again)


def _spread(stage: Station) -> float:
    """The most working days by which a stage without machines may draw the designs of a batch apart."""
    is_free = stage.capacity is None and stage.start_days is None and stage.start_times is None
    if not is_free or stage.clock != "working" or stage.back_to is not None:
        return inf
    drawn_apart = 0.0 if stage.per == "batch" else stage.days.longest - stage.days.shortest
    skipped = stage.days.longest if stage.share < 1 else 0.0
    return max(drawn_apart, skipped) + stage.again_days.longest + 2 * _MINUTE


def _shortest_run(stage: Station) -> float:
    """A lower bound on the working days for which a run occupies its machine; 0 where there is none."""
    may_be_lost = stage.breakdown is not None and stage.breakdown.work == "lost"
    return 0.0 if may_be_lost or stage.clock != "working" else stage.setup.shortest + stage.days.shortest - _MINUTE


def _keeps_groups(stage: Station) -> bool:
    """Whether designs that come in the same minute also leave in the same minute, unless they fail."""
    is_same = stage.per == "batch" or (stage.days.shortest == stage.days.longest and not isinstance(stage.days, BySize))
    return is_same and stage.capacity is None and stage.share == 1 and stage.rework is None


def _releases_groups(stage: Station) -> bool:
    """Whether all designs of the batch are in runs, and leave with them."""
    return stage.share == 1 and (stage.rework is None or stage.rework.to is not None)


def most_visits(stages: Sequence[Stage]) -> list[int]:
    """The most times that a design is at each stage: once, and once more for each try that passes it again."""
    names = [stage.name for stage in stages]
    loops = [
        (names.index(stage.back_to), last, stage.times_again) for last, stage in enumerate(stages) if stage.back_to
    ]
    return [1 + sum(times for first, last, times in loops if first <= place <= last) for place in range(len(names))]
