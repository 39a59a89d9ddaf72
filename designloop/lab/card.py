"""The card of a lab: how many designs a week each station can take, from the means of its description."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Protocol

from designloop.core.calendar import Calendar, WorkingTime
from designloop.core.clock import DAY, WEEK, WEEKDAYS, minute_of_day, minutes
from designloop.core.lab_card import LabCard, StationCard
from designloop.core.people import People, ShiftTime
from designloop.lab.assay import Assay
from designloop.stages.base import Stage
from designloop.stages.station import Station
from designloop.stages.uptime import share_up

_WEEKS, _MOST_RUNS = 52, 500
"""A rate is taken from so many whole weeks, or from fewer with so many runs."""


class Description(Protocol):
    """The part of a lab's description that its card uses."""

    @property
    def plate_size(self) -> int: ...
    @property
    def calendar(self) -> Calendar: ...
    @property
    def people(self) -> tuple[People, ...]: ...
    @property
    def stages(self) -> tuple[Stage, ...]: ...
    @property
    def retest_stages(self) -> tuple[Stage, ...]: ...
    @property
    def assay(self) -> Assay: ...


def lab_card(lab: Description) -> LabCard:
    """The card of a lab. Failures, closures and the designs of others are not counted."""
    places = lab.assay.template(lab.plate_size).n_places
    return LabCard((*_stages(lab), _assay(lab, places)), places, lab.assay.replicates_together)


def _assay(lab: Description, places: int) -> StationCard:
    assay, workdays = lab.assay, len(lab.calendar.workdays)
    per_day = inf if assay.plates_per_day is None else assay.readers * assay.plates_per_day * places
    weeks = (assay.days.mean(places) + assay.analysis_days.mean(places)) / workdays
    return StationCard(assay.name, places, per_day * workdays, weeks, takes_wells=True)


def _stages(lab: Description) -> Iterator[StationCard]:
    workdays, with_people = len(lab.calendar.workdays), _with_people(lab)
    for stage in lab.stages:
        takes_retests = stage in lab.retest_stages
        if isinstance(stage, Station):
            days = len(lab.calendar.workdays) if stage.clock == "working" else 7
            rate = min(machines_rate(stage, days, lab), with_people.get(stage.people or "", inf))
            weeks = (_run_days(stage) if stage.machines else _mean_days(stage)) / days
            load = stage.load if stage.machines else stage.capacity
            yield StationCard(stage.name, load, rate, weeks, takes_retests, share=stage.share)
        else:
            machines, shortest = min(stage.resources.values(), default=None), stage.shortest_days
            rate = machines * workdays / shortest if machines and shortest else inf
            yield StationCard(stage.name, machines, rate, shortest / workdays, takes_retests)


def machines_rate(stage: Station, days: int, lab: Description) -> float:
    """Designs a week that the machines, or the places, of a stage can take; `days` a week are its working days."""
    n = (stage.machines or 0) * stage.load or stage.capacity
    if n is None:
        return inf
    is_free = stage.people is None and stage.start_days is None and stage.start_times is None
    length = _run_days(stage) if stage.machines else _mean_days(stage)
    runs = _runs_a_week(stage, minutes(days=length), lab) if not is_free else days / length if length else inf
    return n * runs * share_up(stage.breakdown, stage.maintenance, stage.load) / stage.share


def _runs_a_week(stage: Station, length: int, lab: Description) -> float:
    """Runs of mean length, in minutes, that a machine does a week, in the shifts of its people and on its starts."""
    working = WorkingTime(Calendar(start=lab.calendar.start, workdays=lab.calendar.workdays))
    group = next((group for group in lab.people if group.name == stage.people), None)
    shift = ShiftTime(group, working) if group is not None else None
    by_hand = minutes(days=hands_on(stage)) if shift is not None else 0
    times = tuple(minute_of_day(time) for time in stage.start_times or ())
    has_starts = stage.start_days is not None or stage.start_times is not None

    def start_from(minute: int) -> int:
        """The first minute, from one on, at which a run may start."""
        on_time = working.next_start(minute, stage.start_days or WEEKDAYS, times) if has_starts else minute
        on_shift = shift.next_on(on_time) if shift is not None else on_time
        return on_time if on_shift == on_time else start_from(on_shift)

    first = start = start_from(0)
    n = weeks = 0
    while weeks < _WEEKS and n < _MOST_RUNS:
        weeks += 1
        while start < first + weeks * WEEK:
            end = shift.after(start, by_hand) if shift is not None else start
            alone = length - by_hand
            end = working.after(end, alone) if stage.clock == "working" else end + alone
            start, n = start_from(max(end, start + 1)), n + 1
    return n / weeks


def _run_days(stage: Station) -> float:
    return stage.setup.mean(stage.load) + _mean_days(stage)


def _mean_days(stage: Station) -> float:
    """Mean days of a run, or of a design, with the second attempt in place."""
    again = stage.rework.days if stage.rework is not None else None
    if again is None:
        return stage.days.mean(stage.load)
    fails = 1 - (1 - stage.failure) ** stage.load
    return stage.days.mean(stage.load) + fails * again.mean(stage.load)


def hands_on(stage: Station) -> float:
    """Mean days that people are hands-on in a run."""
    return _run_days(stage) if stage.hands_on is None else min(stage.hands_on.mean(stage.load), _run_days(stage))


def _with_people(lab: Description) -> Mapping[str, float]:
    """Group of people -> designs a week for which it has the hands, if all its stations take equally many."""
    work = dict[str, float]()
    for stage in lab.stages:
        if isinstance(stage, Station) and stage.people is not None:
            days = stage.share * stage.n_people * hands_on(stage) / stage.load
            work[stage.people] = work.get(stage.people, 0.0) + days
    minutes = {group.name: group.number * minutes_a_week(group, lab.calendar) for group in lab.people}
    return {name: minutes[name] / DAY / days for name, days in work.items() if days}


def minutes_a_week(group: People, calendar: Calendar) -> int:
    """Minutes a week in which a group is on shift."""
    shifts = ((shift.days, range(*shift.span)) for shift in group.shifts)
    return len({(day, minute) for days, span in shifts for day in days if day in calendar.workdays for minute in span})
