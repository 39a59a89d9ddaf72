"""The load that other people's work puts on a lab, reckoned before anything runs.

The load of a station is the work that arrives in a week over the most that its machines can do, at full loads and
without waits. From 1 on, its queue grows for ever, whatever a campaign does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Protocol

from designloop.core.clock import DAY
from designloop.lab.background import Background
from designloop.lab.card import Description, hands_on, machines_rate, minutes_a_week
from designloop.stages.station import Station


class Described(Description, Protocol):
    """The part of a lab's description that is used here."""

    @property
    def background(self) -> tuple[Background, ...]: ...


@dataclass(frozen=True, slots=True)
class Load:
    """What other people's work asks of a station or of a group of people, in a working week."""

    who: str
    share: float
    """Of what it can do at the most."""

    @property
    def is_too_much(self) -> bool:
        return self.share >= 1


def loads(lab: Described) -> list[Load]:
    """The load of each station with machines or places, and of each group of people; batches in files do not count."""
    items = _items(lab)
    return [*_at_stations(lab, items), *_of_people(lab, items)]


def overloads(lab: Described) -> tuple[str, ...]:
    """A sentence for each station and group of people that other people's work alone fills for ever."""
    return tuple(
        f"other people's work is {load.share:.2f} times what {load.who} can do at the most, so that its queue grows "
        "for ever; lower `rate` or `size` in lab.background, or add machines or people"
        for load in loads(lab)
        if load.is_too_much
    )


def _items(lab: Described) -> Mapping[str, float]:
    """Station -> items of other people's work in a working week. A standing order on a day off does not come."""
    items = dict[str, float]()
    for job in lab.background:
        n_batches = job.rate or 0.0
        if job.calendar is not None:
            n_batches = len(set(job.calendar.days) & set(lab.calendar.workdays)) * len(job.calendar.times)
        for station in job.route(lab.stages) if n_batches else ():
            items[station.name] = items.get(station.name, 0.0) + n_batches * sum(job.size) / len(job.size)
    return items


def _at_stations(lab: Described, items: Mapping[str, float]) -> Iterator[Load]:
    for station in lab.stages:
        if isinstance(station, Station) and station.name in items:
            days = len(lab.calendar.workdays) if station.clock == "working" else 7
            rate = machines_rate(station, days, lab) * station.share  # those that skip it take no time
            if rate < inf:
                yield Load(f"station '{station.name}'", items[station.name] / rate)


def _of_people(lab: Described, items: Mapping[str, float]) -> Iterator[Load]:
    stations = [stage for stage in lab.stages if isinstance(stage, Station) and stage.name in items]
    for group in lab.people:
        theirs = [station for station in stations if station.people == group.name]
        days = sum(items[one.name] / one.load * one.n_people * hands_on(one) for one in theirs)
        if days:
            most = group.number * minutes_a_week(group, lab.calendar) / DAY
            yield Load(f"the group '{group.name}' of people", days / most)
