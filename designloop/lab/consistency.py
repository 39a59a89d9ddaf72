"""What must hold between the stages, the people and the calendar of a lab, before anything runs."""

from collections.abc import Sequence

from designloop.core.calendar import Calendar
from designloop.core.clock import DAY, Weekday, minute_of_day
from designloop.core.errors import did_you_mean
from designloop.core.faults import asked_first
from designloop.core.people import People
from designloop.lab.routes import check_routes
from designloop.stages.base import Stage
from designloop.stages.station import Station

_WEEKS = 52


def check_stages(stages: Sequence[Stage], assay: str, people: Sequence[People], calendar: Calendar) -> None:
    """Raise ValueError for stages that could not work in a lab; `assay` is the name of its assay."""
    names = [stage.name for stage in stages]
    if len({*names, assay}) <= len(names):
        raise ValueError(f"stages and assay must have different names, got {', '.join([*names, assay])}; rename one")
    for flag in ("expresses", "retest_from"):
        marked = [stage.name for stage in stages if getattr(stage, flag)]
        if len(marked) > 1:
            raise ValueError(f"only one stage may have `{flag}: true`, got {', '.join(marked)}")
    groups = {group.name: group for group in people}
    if len(groups) < len(people):
        raise ValueError(f"groups of people must have different names, got {', '.join(g.name for g in people)}")
    for group in people:
        group.check_works_in(calendar)
    for place, stage in enumerate(stages):
        if stage.back_to is not None and stage.back_to not in names[: place + 1]:
            raise ValueError(
                f"stage '{stage.name}': rework.to is '{stage.back_to}', which is neither this stage nor one before it"
                f"{did_you_mean(stage.back_to, names[: place + 1])}"
            )
        with asked_first(stage, "shortest_days` or `resources"):
            stage.check_promises()
        if isinstance(stage, Station):
            _check_station(stage, groups, calendar)
    check_routes(stages)


def check_limit(stages: Sequence[Stage], wip_limit: int | None) -> None:
    """Raise ValueError where runs wait for the designs of a batch that a limit may keep outside."""
    waiting = [stage.name for stage in stages if isinstance(stage, Station) and stage.wait_days is None]
    if wip_limit is not None and waiting:
        raise ValueError(
            f"stage '{waiting[0]}': with `wait_days: null`, runs wait for designs that `wip_limit` may keep outside; "
            "set a number of days, or remove the limit"
        )


def _check_station(stage: Station, groups: dict[str, People], calendar: Calendar) -> None:
    days = set(stage.start_days or calendar.workdays) & set(calendar.workdays)
    if not days:
        raise ValueError(f"stage '{stage.name}': none of `start_days` is a workday of the lab; change them")
    if not calendar.opens_on(days):
        raise ValueError(f"stage '{stage.name}': the lab is closed on all of its `start_days`; change them")
    if stage.people is None:
        return
    if stage.people not in groups:
        hint = did_you_mean(stage.people, groups) or "; add it to `lab.people`"
        raise ValueError(f"stage '{stage.name}': there are no people '{stage.people}'{hint}")
    group = groups[stage.people]
    if stage.n_people > group.number:
        raise ValueError(
            f"stage '{stage.name}': a run needs {stage.n_people} people, but '{group.name}' are {group.number}; change "
            "`n_people` or `number`"
        )
    _check_hours(stage, group, calendar)
    if not any(_may_start(stage, calendar, days & set(shift.days), shift.span) for shift in group.shifts):
        raise ValueError(
            f"stage '{stage.name}': people '{group.name}' are not on shift at its `start_days` and `start_times`; "
            "change one of them"
        )


def _check_hours(stage: Station, group: People, calendar: Calendar) -> None:
    """Raise ValueError where people would be hands-on in a run for more than a year of shifts."""
    until_end = stage.setup.mean(stage.load) + stage.days.mean(stage.load)
    work = until_end if stage.hands_on is None else stage.hands_on.mean(stage.load)
    if work * DAY > _WEEKS * group.weekly_minutes(calendar):
        hours = group.weekly_minutes(calendar) / 60
        raise ValueError(
            f"stage '{stage.name}': {work:g} days of hands-on work take people '{group.name}', who work {hours:.2g} "
            "hours a week, more than a year; shorten `hands_on`, or lengthen `shifts`"
        )


def _may_start(stage: Station, calendar: Calendar, days: set[Weekday], span: tuple[int, int]) -> bool:
    times = [minute_of_day(time) for time in stage.start_times or ()]
    return calendar.opens_on(days) and (not times or any(span[0] <= time < span[1] for time in times))
