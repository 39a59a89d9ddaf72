"""The bottleneck: the machines or people for which designs waited longest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from designloop.core.clock import as_days
from designloop.core.counting import many
from designloop.operations.turnarounds import Turnarounds
from designloop.operations.usage import Cause, PeopleUse, StageUse, ratio

_SHARE = 0.02
"""The least share of all time in the lab that designs wait for a bottleneck. A judgement."""


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A stage or a group of people, and what designs waited for its machines or for the group."""

    name: str
    is_people: bool
    who: str
    """`its 2 machines`, `these people`."""
    waited: float
    """Design-minutes."""
    share: float
    """Its share of all waiting."""
    days: float
    """Mean days for each design that ended."""
    utilisation: float

    @property
    def in_words(self) -> str:
        """One sentence."""
        use = "" if isnan(self.utilisation) else f" Utilisation: {100 * self.utilisation:.0f}%."
        waited = f"a design waited {self.days:.1f} days for {self.who} on average"
        return f"The bottleneck is {self.name}: {waited}, {100 * self.share:.0f}% of all waiting.{use}"


def bottleneck(use: Sequence[StageUse], people: Sequence[PeopleUse], times: Turnarounds) -> Bottleneck | None:
    """The resource for which designs waited longest; None where that is less than 2% of their time in the lab."""
    waiting = sum(float(each.queue.sum()) for each in use)
    n = max(len(times.minutes), 1)
    found = [
        Bottleneck(name, is_people, who, waited, waited / waiting, as_days(round(waited / n)), utilisation)
        for name, is_people, who, waited, utilisation in (*_machines(use), *_people(use, people))
        if waited
    ]
    spent = waiting + sum(float(each.inside.sum()) for each in use)
    worst = max(found, key=lambda one: one.waited, default=None)
    return worst if worst is not None and worst.waited > _SHARE * spent else None


Resource = tuple[str, bool, str, float, float]
"""Name, whether it is people, who it is, design-minutes that were waited for it, utilisation."""


def _machines(use: Sequence[StageUse]) -> Iterator[Resource]:
    for each in use:
        if (number := each.stage.number) is not None:
            who = f"its {each.stage.kind if number == 1 else many(number, each.stage.kind)}"
            yield each.stage.name, False, who, float(each.waited[Cause.MACHINES].sum()), each.mean_utilisation


def _people(use: Sequence[StageUse], people: Sequence[PeopleUse]) -> Iterator[Resource]:
    for group in people:
        waited = sum(float(each.waited[Cause.PEOPLE].sum()) for each in use if each.stage.people == group.name)
        yield group.name, True, "these people", waited, float(ratio(group.busy.sum(), group.available.sum()))
