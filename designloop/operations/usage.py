"""Usage: what the machines and people of a stage did by week, and what the designs before it waited for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from designloop.operations.equipment import Equipped
from designloop.operations.hours import Hours
from designloop.operations.levels import Floats, Level


class Cause(StrEnum):
    """What a design waits for before a stage. The first that applies counts."""

    LIMIT = "limit"
    """A place within the work-in-progress limit."""
    MACHINES = "machines"
    """All machines, places or readers are in use or down."""
    STOCK = "stock"
    """Something that a run or a plate uses up is not in stock, whether its people are there or not."""
    PEOPLE = "people"
    """Too few people of the stage are free, on shift."""
    SHIFT = "shift"
    """The people of the stage are off shift."""
    START = "start"
    """A start time, a full load or plate, the rest of its batch, or a machine that broke down while idle."""


class State(StrEnum):
    """What a machine does."""

    WORKING = "working"
    OTHERS = "working for others"
    """It runs for other people alone."""
    DOWN = "down"
    """Within or after a run that a breakdown or maintenance met."""
    SHORT = "waiting for people"
    """Designs that it holds, or could take, wait for people, who are busy or off shift."""
    HELD = "waiting to start"
    """It is idle, and designs that it could take wait for a start time, a full load, a delivery or their batch."""
    IDLE = "idle"
    """No design waits for it."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The minutes between which nothing changes, and the bins (weeks) in which they lie."""

    minutes: Floats
    """In increasing order, the end included, (n + 1,)."""
    edges: Floats
    """Beginnings of the bins and the end of the last, (m + 1,)."""

    @classmethod
    def of(cls, edges: Floats, changes: Sequence[Floats]) -> "Grid":
        """The grid of all these changes, from the first edge to the last."""
        every = np.unique(np.concatenate([edges, *changes]))
        return cls(every[(every >= edges[0]) & (every <= edges[-1])], edges)

    @property
    def begins(self) -> Floats:
        """The beginning of each cell, (n,)."""
        return self.minutes[:-1]

    def totals(self, values: Floats, hours: Hours | None = None) -> Floats:
        """The integral of values, one for each cell, over the counted minutes of each bin, (m,)."""
        counted = self.minutes if hours is None else hours.until(self.minutes)
        bins = np.searchsorted(self.edges, self.begins, side="right") - 1
        return np.bincount(bins, values * np.diff(counted), minlength=len(self.edges) - 1).astype(np.float64)


@dataclass(frozen=True, eq=False)
class StageUse:
    """A stage by bin of time."""

    stage: Equipped
    queue: Floats
    """Design-minutes before the stage, (m,)."""
    waited: Mapping[Cause, Floats]
    """The same by cause."""
    inside: Floats
    """Design-minutes at the stage, (m,)."""
    available: Floats
    """Machine-minutes on the clock of the stage, (m,); 0 where nothing limits it."""
    states: Mapping[State, Floats]
    """The same by state."""

    @property
    def utilisation(self) -> Floats:
        """Share of the machines' time in which they work, (m,); NaN where there is none."""
        return ratio(self.states[State.WORKING] + self.states[State.OTHERS], self.available)

    @property
    def mean_utilisation(self) -> float:
        """The utilisation over all bins; NaN where there is none."""
        return self.share(State.WORKING) + self.share(State.OTHERS)

    def share(self, state: State) -> float:
        """Share of the machines' time in a state, over all bins; NaN where there is none."""
        return float(ratio(self.states[state].sum(), self.available.sum()))


@dataclass(frozen=True, eq=False)
class PeopleUse:
    """A group of people by bin of time."""

    name: str
    number: int
    busy: Floats
    """Person-minutes on shift that are hands-on, (m,)."""
    available: Floats
    """Person-minutes on shift, (m,)."""

    @property
    def utilisation(self) -> Floats:
        """Share of their time on shift in which they are hands-on, (m,); NaN where there is none."""
        return ratio(self.busy, self.available)


def ratio(part: Floats | float, whole: Floats | float) -> Floats:
    """Part / whole; NaN where the whole is 0."""
    shares: Floats = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=shares, where=np.asarray(whole) > 0)


@dataclass(frozen=True, eq=False)
class Levels:
    """The levels of one stage: designs before it and at it, machines in use and down."""

    queue: Level
    inside: Level
    lacking: Level
    """Items that are not in stock, for which a run or a plate waits."""
    in_use: Level
    down_in_use: Level
    """Machines that are down within a run."""
    down_idle: Level
    """Machines that are down after a run."""
    others: Level
    """Machines that work for other people alone."""
    held: Level
    """Machines that hold designs which wait for people to be made again."""

    @property
    def changes(self) -> list[Floats]:
        """The minutes at which a level changes."""
        machines = (self.in_use, self.down_in_use, self.down_idle, self.others, self.held)
        return [level.minutes for level in (self.queue, self.inside, self.lacking, *machines)]


@dataclass(frozen=True, eq=False)
class Staff:
    """Whether a stage has people to start a run, on the grid."""

    is_off: NDArray[np.bool_]
    """They are off shift, (n,)."""
    is_busy: NDArray[np.bool_]
    """Too few of them are free, (n,)."""

    @property
    def is_short(self) -> NDArray[np.bool_]:
        """No run can start, (n,)."""
        return self.is_off | self.is_busy


def stage_use(stage: Equipped, levels: Levels, grid: Grid, hours: Hours, outside: Floats, staff: Staff) -> StageUse:
    """The use of a stage. `outside`: designs before it that wait outside the work-in-progress limit, on the grid."""
    at = grid.begins
    queue, in_use, down_idle = levels.queue.at(at), levels.in_use.at(at), levels.down_idle.at(at)
    number = np.inf if stage.number is None else float(stage.number)
    idle = np.maximum(number - in_use - down_idle, 0.0)
    waiting, lacks_stock = queue - outside, levels.lacking.at(at) > 0
    may_start = (idle >= 1) & ~lacks_stock
    needs_people = may_start | ((idle < 1) & (levels.held.at(at) > 0))
    causes = {
        Cause.LIMIT: outside,
        Cause.MACHINES: np.where((idle < 1) & ~needs_people, waiting, 0.0),
        Cause.STOCK: np.where((idle >= 1) & lacks_stock, waiting, 0.0),
        Cause.SHIFT: np.where(needs_people & staff.is_off, waiting, 0.0),
        Cause.PEOPLE: np.where(needs_people & ~staff.is_off & (staff.is_busy | (idle < 1)), waiting, 0.0),
        Cause.START: np.where(may_start & ~staff.is_short, waiting, 0.0),
    }
    states = _states(stage, levels, at, idle, waiting, staff.is_short & ~lacks_stock)
    return StageUse(
        stage,
        grid.totals(queue),
        {cause: grid.totals(values) for cause, values in causes.items()},
        grid.totals(levels.inside.at(at)),
        grid.totals(np.full(len(at), float(stage.number or 0)), hours),
        {state: grid.totals(values, hours) for state, values in states.items()},
    )


def _states(
    stage: Equipped, levels: Levels, at: Floats, idle: Floats, waiting: Floats, is_short: NDArray[np.bool_]
) -> dict[State, Floats]:
    """Machines in each state, on the grid."""
    if stage.number is None:
        return dict.fromkeys(State, np.zeros(len(at)))
    down, others, held = levels.down_in_use.at(at), levels.others.at(at), levels.held.at(at)
    wanted = np.minimum(idle, np.ceil(waiting / stage.load))
    return {
        State.WORKING: levels.in_use.at(at) - down - others - held,
        State.OTHERS: others,
        State.DOWN: down + levels.down_idle.at(at),
        State.SHORT: held + np.where(is_short, wanted, 0.0),
        State.HELD: np.where(is_short, 0.0, wanted),
        State.IDLE: idle - wanted,
    }
