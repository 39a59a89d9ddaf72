"""Second attempts in place: designs of a run that failed are made again on its machine, by its group of people."""

from collections.abc import Callable, Generator
from typing import Any

import simpy

from designloop.lab.floor import Floor, Machines, Pool, Rules, Run
from designloop.lab.ledger import Ledger, Ticket


class SecondAttempts:
    """The second attempts at a station with people, which begin together for all designs of a run that failed.

    They begin when people are on shift and free, who are hands-on for the same part as in a run. Then each design takes
    its own time. The machine is held until the last one is done.
    """

    def __init__(
        self, floor: Floor, ledger: Ledger, pool: Pool, n_people: int, after: Callable[[int, int], int]
    ) -> None:
        self._floor, self._ledger, self._pool, self._n_people, self._after = floor, ledger, pool, n_people, after
        self._runs: dict[Ticket, Run] = {}
        """The run in which a design has failed."""
        self._times: dict[Ticket, int] = {}
        rules = Rules(load=2**31, group_of=self._runs.__getitem__, pool=pool, n_people=n_people)
        self._machines = Machines(floor, 2**31, rules, self._begin)  # a run has its machine already

    def make(self, ticket: Ticket, run: Run, time: int) -> Generator[simpy.Event, Any, None]:
        """Make a design again, which takes so many minutes, unless it ends before people come."""
        self._runs[ticket], self._times[ticket] = run, time
        run.failed_at = self._ledger.minute if run.failed_at is None else run.failed_at
        attempt: Run | None = yield self._machines.request(ticket)
        del self._runs[ticket], self._times[ticket]
        if attempt is None:
            return
        now, by_hand = self._ledger.minute, time if run.hands_on is None else min(run.hands_on, time)
        if delay := self._after(self._pool.time.after(now, by_hand), time - by_hand) - now:
            yield self._floor.env.timeout(delay)
        self._machines.leave(attempt)

    def _begin(self, attempt: Run) -> None:
        """People begin, and are free when they have handled the longest attempt."""
        run, longest = self._runs[attempt.tickets[0]], max(self._times[ticket] for ticket in attempt.tickets)
        run.again, by_hand = longest, longest if run.hands_on is None else min(run.hands_on, longest)
        run.handled += by_hand
        freed = self._pool.time.after(self._ledger.minute, by_hand)
        failed_at = self._ledger.minute if run.failed_at is None else run.failed_at
        run.handled_again = failed_at, self._ledger.minute, freed
        self._floor.at(freed, lambda: self._pool.release(self._n_people))
