"""The bottleneck: the machines, people or consumable for which designs waited longest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Literal

from designloop.core.clock import as_days
from designloop.core.counting import many
from designloop.operations.turnarounds import Turnarounds
from designloop.operations.usage import Cause, PeopleUse, StageUse, ratio

_SHARE = 0.02
"""The least share of all time in the lab that designs wait for a bottleneck. A judgement."""


Kind = Literal["machines", "people", "consumable"]


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A stage, a group of people or a consumable, and what designs waited for its machines, the group or a delivery."""

    name: str
    kind: Kind
    who: str
    """`its 2 machines`, `these people`, `a delivery`."""
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
        mend = " Order earlier: raise `reorder_at`." if self.kind == "consumable" else ""
        return f"The bottleneck is {self.name}: {waited}, {100 * self.share:.0f}% of all waiting.{use}{mend}"


def bottleneck(
    use: Sequence[StageUse], people: Sequence[PeopleUse], times: Turnarounds, scarce: Mapping[str, str]
) -> Bottleneck | None:
    """The resource for which designs waited longest; None where that is less than 2% of their time in the lab.

    `scarce` names, by stage, the consumable that was out of stock there for longest.
    """
    waiting = sum(float(each.queue.sum()) for each in use)
    n = max(len(times.minutes), 1)
    found = [
        Bottleneck(name, kind, who, waited, waited / waiting, as_days(round(waited / n)), utilisation)
        for name, kind, who, waited, utilisation in (*_machines(use), *_people(use, people), *_consumables(use, scarce))
        if waited
    ]
    spent = waiting + sum(float(each.inside.sum()) for each in use)
    worst = max(found, key=lambda one: one.waited, default=None)
    return worst if worst is not None and worst.waited > _SHARE * spent else None


Resource = tuple[str, Kind, str, float, float]
"""Name, kind, who it is, design-minutes that were waited for it, utilisation."""


def _machines(use: Sequence[StageUse]) -> Iterator[Resource]:
    for each in use:
        if (number := each.stage.number) is not None:
            who = f"its {each.stage.kind if number == 1 else many(number, each.stage.kind)}"
            yield each.stage.name, "machines", who, float(each.waited[Cause.MACHINES].sum()), each.mean_utilisation


def _people(use: Sequence[StageUse], people: Sequence[PeopleUse]) -> Iterator[Resource]:
    for group in people:
        waited = sum(float(each.waited[Cause.PEOPLE].sum()) for each in use if each.stage.people == group.name)
        yield group.name, "people", "these people", waited, float(ratio(group.busy.sum(), group.available.sum()))


def _consumables(use: Sequence[StageUse], scarce: Mapping[str, str]) -> Iterator[Resource]:
    for name in dict.fromkeys(scarce.values()):
        waited = sum(float(each.waited[Cause.STOCK].sum()) for each in use if scarce.get(each.stage.name) == name)
        yield name, "consumable", "a delivery", waited, nan
