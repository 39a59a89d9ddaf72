"""A station at run time: the stay of each design at a built-in stage."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from fractions import Fraction
from typing import Any

import simpy

from designloop.core.calendar import WorkingTime
from designloop.core.clock import WEEKDAYS, minute_of_day, minutes
from designloop.core.random import Streams, stream
from designloop.core.records import Outcome
from designloop.lab.downtime import Down, Downtime
from designloop.lab.expression import Expression
from designloop.lab.fates import Fates
from designloop.lab.floor import NEVER, Floor, Machines, Rules, Run, at_any_time
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.lab.second_attempts import SecondAttempts
from designloop.lab.store import Shelf
from designloop.stages.station import Station

Stay = Generator[simpy.Event, Any, Outcome | None]
_RANKS: Mapping[str, Callable[[Ticket], int]] = {
    "first-come": lambda _: 0,
    "priority": lambda ticket: 2 * (not ticket.round.batch.urgent) + (not ticket.is_retest),
    "by-batch": lambda ticket: ticket.round.number,
}


_FAR = 2**32
"""More than any rank, so that precedence decides first."""


def _with_precedence(rank: Callable[[Ticket], int]) -> Callable[[Ticket], int]:
    return lambda ticket: ticket.round.precedence * _FAR + rank(ticket)


class Gathering:
    """The point at which the designs of a batch wait for one another."""

    def __init__(self, env: simpy.Environment, expected: set[Ticket]) -> None:
        self.all_are_here = env.event()
        self._expected = expected

    def strike(self, ticket: Ticket) -> None:
        """Stop waiting for a design that has arrived, or will not arrive."""
        self._expected.discard(ticket)
        if not self._expected and not self.all_are_here.triggered:
            self.all_are_here.succeed()


def _after_any_time(minute: int, time: int) -> int:
    """The end of work on a clock that never stops."""
    return minute + time


class StationRun:
    """A station with its machines and its random streams."""

    def __init__(
        self, stage: Station, floor: Floor, seed: int, working: WorkingTime, ledger: Ledger, expression: Expression
    ) -> None:
        self.stage = stage
        self._floor, self._seed = floor, seed
        self._downtimes: dict[int, Downtime] = {}
        self._machines_never_stop = stage.breakdown is None and stage.maintenance is None
        self._env, self._working, self._ledger, self._expression = floor.env, working, ledger, expression
        self._streams = Streams(seed, "lab", stage.name)
        self._gatherings: dict[Round, Gathering] = {}
        self._n_runs = 0
        """Runs with designs."""
        self._times = tuple(minute_of_day(time) for time in stage.start_times or ())
        self._pool = floor.pools[stage.people] if stage.people is not None else None
        supplies = [consumable.supply for consumable in stage.consumables]
        self._shelf = Shelf(supplies, floor.stores)
        self._shelf.on_delivery(self._decide_again)
        self._machines = self._equipped(floor)
        # Read for every design, and faster here than in the description.
        self._name, self._days, self._outcome = stage.name, stage.days, stage.outcome
        self._fates, self._rework = Fates(stage, seed), None if stage.back_to is not None else stage.rework
        self.gathers = stage.release == "together"
        self._waits = self._machines is None and self._has_starts
        self._is_per_run, self._is_common = stage.load > 1, stage.per == "batch"
        self._is_working, self._expresses = stage.clock == "working", stage.expresses
        self._after = working.after if self._is_working else _after_any_time
        self._second_attempts = (
            SecondAttempts(floor, ledger, self._pool, stage.n_people, self._after)
            if self._pool is not None and self._rework is not None
            else None
        )
        self._fills = stage.wait_days is None
        self._has_turns = self._waits or self._fills or self._machines is not None
        self.expects = self.gathers or self._fills
        """Whether it must know which designs of a batch will come."""
        if self.expects:
            ledger.ended.append(self.will_not_come)

    @property
    def _has_starts(self) -> bool:
        return self.stage.start_days is not None or self.stage.start_times is not None

    def _equipped(self, floor: Floor) -> Machines | None:
        """The machines or places of the stage; None where it holds any number of designs."""
        stage = self.stage
        if stage.machines is None and stage.capacity is None:
            return None
        rules = Rules(
            load=stage.load,
            n_to_start=stage.n_to_start,
            deadline=self._deadlines(),
            is_last=self._no_other_comes if stage.wait_days is None else None,
            next_start=self._next_start if self._has_starts else at_any_time,
            rank=_with_precedence(_RANKS[stage.queue]) if floor.is_shared else _RANKS[stage.queue],
            group_of=None if stage.mixes else lambda ticket: ticket.round,
            pool=self._pool,
            n_people=stage.n_people,
            lacks_stock=self._lacks_stock if self._shelf else None,
        )
        if stage.machines is None:
            return Machines(floor, stage.capacity or 0, rules)
        up_from = self._up_from if stage.breakdown or stage.maintenance else None
        return Machines(floor, stage.machines, rules, self._begin, self._end, up_from)

    def _deadlines(self) -> Callable[[int], int]:
        """The minute from which a run that is not full takes a design, by the minute at which it came."""
        if self.stage.wait_days is None:
            return lambda _: NEVER
        wait = minutes(days=self.stage.wait_days)
        return at_any_time if self.stage.n_to_start == 1 else lambda minute: self._working.after(minute, wait)

    def _no_other_comes(self, ticket: Ticket) -> bool:
        """Whether all designs of a batch have been here, or will not come."""
        return self._gatherings[ticket.round].all_are_here.triggered

    def _next_start(self, minute: int) -> int:
        return self._working.next_start(minute, self.stage.start_days or WEEKDAYS, self._times)

    def _begin(self, run: Run) -> None:
        """Record a run that starts, and draw its times."""
        ours, others = self._owners(run.tickets)
        self._n_runs += bool(ours)
        # Runs without designs have names of their own, so that they do not change what the others draw.
        rng = self._streams.brief(*(("run", self._n_runs) if ours else ("run of others", run.ordinal - self._n_runs)))
        days = self.stage.setup.draw(rng, len(run.tickets))
        if self._is_per_run:
            days += self.stage.days.draw(rng, len(run.tickets))
        run.minutes = minutes(days=days)
        if self.stage.hands_on is not None:
            run.hands_on = minutes(days=self.stage.hands_on.draw(rng, len(run.tickets)))
        run.fails = self.stage.run_failure > 0 and rng.random() < self.stage.run_failure
        designs = [ticket.design.id for ticket in ours]
        facts: dict[str, Any] = {"designs": designs, **({"background": others} if others else {})}
        self._ledger.write("run_started", stage=self._name, run=run.ordinal, machine=run.machine, **facts)
        for tell in self._ledger.runs_started if ours else ():
            tell(self._name, ours)

    def _owners(self, tickets: list[Ticket]) -> tuple[list[Ticket], dict[str, int]]:
        """The designs of a run, and {name of other people's work: number of its items}."""
        if not self._floor.is_shared:
            return tickets, {}
        owners = Counter(ticket.round.owner for ticket in tickets)
        ours = [ticket for ticket in tickets if not ticket.round.owner]
        return ours, {owner: n for owner, n in sorted(owners.items()) if owner}

    def _lacks_stock(self, tickets: list[Ticket]) -> bool:
        """Whether a run would wait for a delivery. Other people's work has consumables of its own."""
        ours, _ = self._owners(tickets)
        return bool(ours) and self._shelf.lacks(len(ours))

    def _end(self, run: Run) -> None:
        by: dict[str, Any] = {"people": self.stage.people, "freed": run.freed} if run.freed is not None else {}
        by |= {"again": list(run.handled_again)} if run.handled_again is not None else {}
        self._ledger.write("run_ended", stage=self._name, run=run.ordinal, machine=run.machine, **by)
        share = Fraction(len(self._owners(run.tickets)[0]), len(run.tickets))
        for tell in self._ledger.runs_ended if share else ():
            tell(self._name, run.worked + run.again, run.handled, share)

    def expect(self, round_: Round, tickets: set[Ticket]) -> None:
        """Prepare for the designs of a batch that wait for one another."""
        self._gatherings[round_] = Gathering(self._env, tickets)

    def gathering(self, ticket: Ticket) -> Gathering | None:
        """Where a design waits for its batch; None if the whole batch has been there."""
        gathering = self._gatherings[ticket.round]
        return None if gathering.all_are_here.triggered else gathering

    def will_not_come(self, ticket: Ticket) -> None:
        """Expect a design or an item no more."""
        self._gatherings[ticket.round].strike(ticket)
        if self._fills:
            self._decide_again()

    def _decide_again(self) -> None:
        """Let the machines start runs at the end of the minute."""
        if self._machines is not None:
            self._floor.changed[self._machines] = None

    def stay(self, ticket: Ticket) -> Stay:
        """The stay of a design, and its outcome if it fails."""
        run: Run | None = (yield from self._turn(ticket)) if self._has_turns else None
        if not ticket.is_open:  # its round has closed
            return None
        self._ledger.enter(ticket, self._name)
        if self._expresses:
            self._expression.enter(ticket)
        time, again, fails, fails_again = self._fates.of(ticket, run)
        now = self._ledger.minute
        if delay := (self._after(now, time) if run is None else self._end_of(run, time)) - now:
            yield self._env.timeout(delay)
        if run is not None and run.is_lost:
            self._leave(run)
            return Outcome.LOST
        if self._expresses or fails:
            fails = yield from self._struggle(ticket, run, again, fails, fails_again)
        if run is not None:
            self._leave(run)
        return self._outcome if fails else None

    def _turn(self, ticket: Ticket) -> Generator[simpy.Event, Any, Run | None]:
        """Wait for the time to start, or for a machine; its run, or None."""
        if self._waits and (start := self._next_start(self._ledger.minute)) > self._ledger.minute:
            yield self._env.timeout(start - self._ledger.minute)
        if self._fills:
            self._gatherings[ticket.round].strike(ticket)
        if self._machines is not None and ticket.is_open:
            run: Run | None = yield self._machines.request(ticket)
            return run
        return None

    def host(self, ticket: Ticket) -> Generator[simpy.Event, Any, bool]:
        """The stay of an item of other people's work, and whether it goes on. It neither fails nor is made again."""
        if self.gathers:
            self._gatherings[ticket.round].strike(ticket)
            yield self._gatherings[ticket.round].all_are_here
        run: Run | None = (yield from self._turn(ticket)) if self._has_turns else None
        now, time = self._ledger.minute, self._time_of_others(ticket, run)
        if delay := (self._after(now, time) if run is None else self._end_of(run, time)) - now:
            yield self._env.timeout(delay)
        if run is not None:
            self._leave(run)
        return run is None or not run.is_lost

    def _time_of_others(self, ticket: Ticket, run: Run | None) -> int:
        """Minutes of an item of other people's work, drawn for it, or for its batch."""
        machine = run.minutes if run is not None else 0
        if self._is_per_run:
            return machine
        item = ticket.round.batch.designs[0] if self._is_common else ticket.design
        rng = self._streams.brief("background", ticket.round.owner, item.id)
        return machine + minutes(days=self._days.draw(rng, ticket.round.size))

    def _leave(self, run: Run) -> None:
        assert self._machines is not None
        self._machines.leave(run)

    def _struggle(
        self, ticket: Ticket, run: Run | None, again: int, fails: bool, fails_again: bool
    ) -> Generator[simpy.Event, Any, bool]:
        """Whether a design fails that is not viable or failed at first. With rework, a second attempt may succeed."""
        is_viable = not self._expresses or self._expression.is_viable(ticket)
        if (fails or not is_viable) and self._rework is not None and ticket.is_open:
            self._ledger.try_again(ticket)
            if run is not None and self._second_attempts is not None:
                yield from self._second_attempts.make(ticket, run, again)
            else:
                yield self._env.timeout(self._delay(again))
                if run is not None:
                    run.again = max(run.again, again)
            fails = fails_again
        return fails or not is_viable

    def _end_of(self, run: Run, time: int) -> int:
        """The minute at which a run that begins now has done `time` minutes of work. People are free before or then."""
        if run.ends is None:
            now, pool, run.worked = self._ledger.minute, self._pool, time
            if pool is not None:
                hands_on = run.handled = time if run.hands_on is None else min(run.hands_on, time)
                now = run.freed = pool.time.after(now, hands_on)
                self._floor.at(now, lambda: pool.release(self.stage.n_people))
                time -= hands_on
            run.ends = now + self._delay(time, now) if self._machines_never_stop else self._planned(run, now, time)
        return run.ends

    def _planned(self, run: Run, minute: int, time: int) -> int:
        """The minute at which the work of a run ends, with the downtimes of its machine."""
        plan = self._downtime(run.machine).plan(self._on_clock(minute), time)
        run.is_lost = plan.is_lost
        for down in plan.met:
            self._tell(run.machine, down)
        return self._off_clock(plan.end)

    def _up_from(self, machine: int, minute: int) -> int:
        """The first minute from one on at which a machine is up."""
        on_clock = self._on_clock(minute)
        up = self._downtime(machine).up_from(on_clock)
        return minute if up == on_clock else self._off_clock(up)

    def _downtime(self, machine: int) -> Downtime:
        if machine not in self._downtimes:
            self._downtimes[machine] = Downtime(
                self.stage.breakdown,
                self.stage.maintenance,
                lambda why: stream(self._seed, "lab", self._name, why, machine),
                since=self._on_clock(self._floor.first),
            )
        return self._downtimes[machine]

    def _tell(self, machine: int, down: Down) -> None:
        """Record a downtime that a run meets, when it begins, or now if it has begun."""
        why = "breakdown" if down.is_breakdown else "maintenance"
        start, until = self._off_clock(down.start), self._off_clock(down.end)

        def write() -> None:
            self._ledger.write("machine_down", stage=self._name, machine=machine, until=until, why=why)

        self._floor.at(max(start, self._ledger.minute), write)

    def _on_clock(self, minute: int) -> int:
        """A minute on the clock of the stage: working minutes since the first, or the minute itself."""
        return self._working.elapsed(minute) if self._is_working else minute

    def _off_clock(self, minute: int) -> int:
        return self._working.after(self._floor.first, minute) if self._is_working else minute

    def _delay(self, time: int, since: int | None = None) -> int:
        """Calendar minutes from now, or from a later minute, until `time` minutes of work are done."""
        now = self._ledger.minute if since is None else since
        return self._after(now, time) - now
