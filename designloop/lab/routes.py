"""Routes: which stages a design passes, by a share of the designs, or as one of several alternatives."""

from collections.abc import Sequence
from itertools import groupby
from math import inf, isclose
from typing import NamedTuple

from designloop.core.random import brief_stream
from designloop.lab.ledger import Ticket
from designloop.stages.base import Stage


class Draw(NamedTuple):
    """A stage is passed where the uniform random number of this name is from `low` to below `high`."""

    name: tuple[str, str]
    low: float
    high: float


class Routes:
    """The draws of a lab. The stages of a group share one, so that a design passes exactly one of them."""

    def __init__(self, stages: Sequence[Stage], seed: int) -> None:
        self._seed = seed
        self._draws = {stage.name: _draw(stage, stages) for stage in stages if stage.share_of_designs < 1}
        self.are_drawn = bool(self._draws)
        """Whether there is a stage that some designs skip."""

    def skips(self, ticket: Ticket, stage: str) -> bool:
        """Whether a design skips a stage; the same at each of its tries. A retest is drawn anew."""
        draw = self._draws.get(stage)
        if draw is None:
            return False
        retest = ("retest", ticket.round.number) if ticket.is_retest else ()
        number = brief_stream(self._seed, "lab", *draw.name, ticket.design.id, *retest).random()
        return not draw.low <= number < draw.high


def _draw(stage: Stage, stages: Sequence[Stage]) -> Draw:
    group = stage.alternatives
    if group is None:
        return Draw((stage.name, "share"), 0.0, stage.share_of_designs)
    members = [one for one in stages if one.alternatives == group]
    place = members.index(stage)
    low = sum(one.share_of_designs for one in members[:place])
    is_last = place == len(members) - 1  # whatever the sum of the shares is rounded to
    return Draw(("one of", group), low, inf if is_last else low + stage.share_of_designs)


def check_routes(stages: Sequence[Stage]) -> None:
    """Raise ValueError for a group of alternatives of which a design could not pass exactly one."""
    runs = [(group, list(members)) for group, members in groupby(stages, key=lambda stage: stage.alternatives)]
    groups = [group for group, _ in runs if group is not None]
    for group, members in runs:
        if group is None:
            continue
        names = ", ".join(f"'{stage.name}'" for stage in members)
        if groups.count(group) > 1:
            raise ValueError(f"one_of: the stages of '{group}' do not follow one another; move them together")
        if len(members) == 1:
            raise ValueError(f"one_of: {names} is the only stage of '{group}'; add another one, or remove `one_of`")
        total = sum(stage.share_of_designs for stage in members)
        if not isclose(total, 1):
            raise ValueError(
                f"one_of: the `share` of the stages of '{group}' ({names}) must sum to 1, but the sum is {total:g}"
            )
        _check_is_not_entered(group, members, stages)


def _check_is_not_entered(group: str, members: Sequence[Stage], stages: Sequence[Stage]) -> None:
    """Raise ValueError where a retest or a further try begins among alternatives, so that it might pass none."""
    later = {stage.name: stage for stage in members[1:]}
    if begun := next((name for name, stage in later.items() if stage.retest_from), None):
        raise ValueError(f"stage '{begun}': move `retest_from` to '{members[0].name}', the first stage of '{group}'")
    if lost := next((one for one in stages if one.back_to in later and one.back_to != one.name), None):
        raise ValueError(
            f"stage '{lost.name}': rework.to is '{lost.back_to}', which designs on other routes skip; name "
            f"'{members[0].name}', the first stage of '{group}'"
        )
