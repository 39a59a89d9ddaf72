"""The floor: at the end of a minute, free machines take the designs that wait for them."""

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import simpy

from designloop.core.people import ShiftTime
from designloop.lab.ledger import Ledger, Ticket
from designloop.lab.store import Store

NEVER = 2**62
"""A minute that does not come."""
Turn = tuple[int, int, int, int]
"""Place in a queue: rank, minute of arrival, design, round."""


class Waiting(NamedTuple):
    """A design in a queue. `granted` succeeds with its run, or with None if the design ends before."""

    turn: Turn
    deadline: int
    """The minute from which a run that is not full takes it."""
    ticket: Ticket
    granted: simpy.Event


@dataclass(eq=False, slots=True)
class Pool:
    """People that stations share."""

    name: str
    n_free: int
    time: ShiftTime
    users: list["Machines"] = field(default_factory=list)

    def release(self, n: int) -> None:
        """Let people go."""
        self.n_free += n
        for machines in self.users:
            machines.floor.changed[machines] = None


@dataclass(eq=False, slots=True)
class Run:
    """One run of a machine, and how many of its designs are still inside."""

    ordinal: int
    machine: int
    tickets: list[Ticket]
    n_inside: int
    minutes: int = 0
    """Working time of the machine: setup, and the duration where it is that of the run."""
    hands_on: int | None = None
    """Minutes of people on shift; None: until the run ends."""
    worked: int = 0
    """Minutes of the whole run, once its work has begun."""
    handled: int = 0
    """Minutes of these in which people are hands-on."""
    ends: int | None = None
    """The minute at which its work ends, once it is known."""
    is_lost: bool = False
    """Whether a breakdown ends it."""
    fails: bool = False
    """Whether all its designs fail."""
    freed: int | None = None
    """The minute at which people are free, once it is known."""
    again: int = 0
    """Minutes of the longest second attempt in place."""
    failed_at: int | None = None
    """The minute at which the first of its designs waits for people to be made again."""
    handled_again: tuple[int, int, int] | None = None
    """`failed_at`, and the minutes from which to which people are hands-on in second attempts."""


def at_any_time(minute: int) -> int:
    """Each minute may be the first of a run."""
    return minute


@dataclass(frozen=True, slots=True)
class Rules:
    """When a run starts, and which designs it takes."""

    load: int = 1
    n_to_start: int = 1
    """A run starts when this many designs wait, or when one has waited until its `deadline`."""
    deadline: Callable[[int], int] = at_any_time
    is_last: Callable[[Ticket], bool] | None = None
    """Whether no other design of its batch will come, so that a run need not wait any longer."""
    next_start: Callable[[int], int] = at_any_time
    """The first minute from one on at which a run may start."""
    rank: Callable[[Ticket], int] = lambda _: 0
    """Lower ranks go first, and within a rank, who came first."""
    group_of: Callable[[Ticket], Hashable] | None = None
    """What the designs of a run have in common, such as their batch; None: nothing."""
    pool: Pool | None = None
    n_people: int = 1
    lacks_stock: Callable[[list[Ticket]], bool] | None = None
    """Whether something is not in stock that a run of these designs uses up; they decide again on delivery."""


@dataclass(eq=False, slots=True)
class Machines:
    """Equal machines, and the designs that wait for one."""

    floor: "Floor"
    n_machines: int
    rules: Rules = Rules()
    begin: Callable[[Run], None] = lambda _: None
    """Called with each run when it starts."""
    end: Callable[[Run], None] = lambda _: None
    """Called with each run when its last design leaves."""
    up_from: Callable[[int, int], int] | None = None
    """The first minute, from one on, at which a machine is up; None where all always are."""
    queue: list[Waiting] = field(default_factory=list)
    wakes: set[int] = field(default_factory=set)
    """Minutes at which it decides again."""
    _idle: list[int] = field(default_factory=list)
    """Machines that were used and are idle, as a heap; the others with higher numbers were never used."""
    _n_used: int = 0
    _n_runs: int = 0
    n_free: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_free = self.n_machines
        if self.rules.pool is not None:
            self.rules.pool.users.append(self)

    def request(self, ticket: Ticket) -> simpy.Event:
        """An event with the run that takes the design; with None if the design ends before."""
        now = self.floor.minute
        turn = (self.rules.rank(ticket), now, ticket.design.id, ticket.round.number)
        waiting = Waiting(turn, self.rules.deadline(now), ticket, self.floor.env.event())
        insort(self.queue, waiting)
        self.floor.waiting[ticket] = self, waiting
        self.floor.changed[self] = None
        if now < waiting.deadline < NEVER:
            self.floor.wake(self, waiting.deadline)
        return waiting.granted

    def forget(self, waiting: Waiting) -> None:
        """Remove a design that has ended from the queue."""
        del self.queue[bisect_left(self.queue, waiting)]
        waiting.granted.succeed()

    def leave(self, run: Run) -> None:
        """A design leaves a run. The last one frees the machine."""
        run.n_inside -= 1
        if run.n_inside == 0:
            self.n_free += 1
            heappush(self._idle, run.machine)
            self.end(run)
            if self.queue:
                self.floor.changed[self] = None

    def start(self) -> bool:
        """Start a run; False if none can start now."""
        if not (self.queue and self.n_free) or self._waits_for_its_time():
            return False
        groups = (group for group in self._groups() if self._is_due(group) and not self._lacks_stock(group))
        if (group := next(groups, None)) is None:
            return False
        machine = self._machine()
        if machine is None:
            return False
        self._start(machine, group[: self.rules.load])
        return True

    def _lacks_stock(self, group: list[Waiting]) -> bool:
        lacks = self.rules.lacks_stock
        return lacks is not None and lacks([one.ticket for one in group[: self.rules.load]])

    def _waits_for_its_time(self) -> bool:
        """Whether no run may start now, on the clock or for want of people. It decides again when one may."""
        now, pool = self.floor.minute, self.rules.pool
        start = self.rules.next_start(now)
        if pool is not None:
            if pool.n_free < self.rules.n_people:
                return True  # it is called when people are free
            start = max(start, pool.time.next_on(now))
        if start > now:
            self.floor.wake(self, start)
        return start > now

    def _groups(self) -> Iterator[list[Waiting]]:
        """The designs that may be in one run."""
        group_of = self.rules.group_of
        if group_of is None:
            yield self.queue
            return
        groups: dict[Hashable, list[Waiting]] = {}
        for waiting in self.queue:
            groups.setdefault(group_of(waiting.ticket), []).append(waiting)
        yield from groups.values()

    def _is_due(self, group: list[Waiting]) -> bool:
        if len(group) >= self.rules.n_to_start or min(one.deadline for one in group) <= self.floor.minute:
            return True
        is_last = self.rules.is_last
        return is_last is not None and any(is_last(one.ticket) for one in group)

    def _start(self, machine: int, group: list[Waiting]) -> None:
        self.n_free -= 1
        if self.rules.pool is not None:
            self.rules.pool.n_free -= self.rules.n_people
        self._n_runs += 1
        run = Run(self._n_runs, machine, [one.ticket for one in group], len(group))
        self.begin(run)
        for one in group:
            del self.queue[bisect_left(self.queue, one)]
            del self.floor.waiting[one.ticket]
            one.granted.succeed(run)

    def _machine(self) -> int | None:
        """The idle machine with the lowest number, from 1, that is up; None where all are down."""
        if self.up_from is not None:
            return self._machine_that_is_up(self.up_from)
        if self._idle:
            return heappop(self._idle)
        self._n_used += 1
        return self._n_used

    def _machine_that_is_up(self, up_from: Callable[[int, int], int]) -> int | None:
        while self._n_used < self.n_machines:  # each may be the first that is up
            self._n_used += 1
            heappush(self._idle, self._n_used)
        up, machine = min((up_from(machine, self.floor.minute), machine) for machine in self._idle)
        if up > self.floor.minute:
            self.floor.wake(self, up)
            return None
        self._idle.remove(machine)
        heapify(self._idle)
        return machine


class Floor:
    """All machines of a lab. It decides at the end of a minute, when every request and release of it is known.

    The order of events within a minute therefore does not matter. Of several machines, the one whose first design has
    waited longest decides first.
    """

    def __init__(
        self,
        env: simpy.Environment,
        ledger: Ledger,
        pools: Iterable[Pool] = (),
        stores: Mapping[str, Store] | None = None,
        *,
        is_shared: bool = False,
    ) -> None:
        self.env = env
        self.first = int(env.now)
        """The first minute: before 0 where the lab warms up."""
        self.is_shared = is_shared
        """Whether other people's work takes machines too."""
        self.pools = {pool.name: pool for pool in pools}
        self.changed: dict[Machines, None] = {}
        """Machines that may start a run now and could not before."""
        self.waiting: dict[Ticket, tuple[Machines, Waiting]] = {}
        self.stores = stores or {}
        """What is kept in stock, by name."""
        self._ledger = ledger
        ledger.ended.append(self._forget)

    @property
    def minute(self) -> int:
        """The current minute."""
        return self._ledger.minute

    def wake(self, machines: Machines, minute: int) -> None:
        """Let machines decide again at a later minute."""
        if minute not in machines.wakes:
            machines.wakes.add(minute)
            self.at(minute, lambda: self._wake(machines, minute))

    def at(self, minute: int, do: Callable[[], None]) -> None:
        """Do something at a later minute."""
        self.env.timeout(minute - self.minute).callbacks.append(lambda _: do())

    def _wake(self, machines: Machines, minute: int) -> None:
        machines.wakes.remove(minute)
        self.changed[machines] = None

    def settle(self) -> None:
        """Start all runs that can start; called at the end of a minute in which something `changed`."""
        groups = [machines for machines in self.changed if machines.queue]
        self.changed.clear()
        while groups:
            first = min(groups, key=_first_turn)
            if not (first.start() and first.queue):
                groups.remove(first)

    def _forget(self, ticket: Ticket) -> None:
        if ticket in self.waiting:
            machines, waiting = self.waiting.pop(ticket)
            machines.forget(waiting)


def _first_turn(machines: Machines) -> tuple[int, ...]:
    return machines.queue[0].turn[1:]
