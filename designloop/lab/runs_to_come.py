"""The runs to come of one station: for how many money is reserved."""

from collections.abc import Sequence

from designloop.core.machine_runs import MachineRuns
from designloop.core.supply import Supply
from designloop.lab.ledger import Round, Ticket


class RunsToCome:
    """Counts down from the worst case of each batch, and never counts more runs than visits.

    Both are right for any later batch: a run with an old design uses up one of its visits, and the runs without any are
    no more than the worst case of the later batches.
    """

    def __init__(self, runs: MachineRuns, visits: int) -> None:
        self._runs, self._visits = runs, visits
        self.n_reserved = 0
        """Runs that are in progress or may still start."""
        self._n_in_progress = 0
        self._left: dict[Ticket, int] = {}
        """The most visits of a design to come."""
        self._visits_of: dict[Round, int] = {}
        self._most: dict[Round, int] = {}
        """The worst case of each batch of which designs may still come."""
        self._is_by_batch = len(runs.designs) == len(runs.retests or (0,)) == 1
        """Whether a batch needs no more runs than its worst case while others come; not behind another station."""

    @property
    def supplies(self) -> tuple[Supply, ...]:
        """What the runs use up."""
        return self._runs.supplies

    def units(self, supply: Supply) -> int:
        """The most units of a supply that runs to come use up."""
        return supply.units(sum(self._visits_of.values()), self.n_reserved - self._n_in_progress)

    def open(self, round_: Round) -> None:
        """Reserve the worst case of a batch."""
        tickets = [ticket for ticket in round_.tickets if self._runs.retests or not ticket.is_retest]
        n_retests = sum(ticket.is_retest for ticket in tickets)
        self._left |= dict.fromkeys(tickets, self._visits)
        self._visits_of[round_] = self._visits * len(tickets)
        self._most[round_] = self._runs.most(len(tickets) - n_retests, n_retests)
        self.n_reserved += self._most[round_]

    def start(self, tickets: Sequence[Ticket]) -> None:
        """A run starts."""
        self._n_in_progress += 1
        for ticket in tickets:
            self._use(ticket, 1)
        self._narrow()

    def end_run(self) -> None:
        """A run ends, and is charged."""
        self._n_in_progress -= 1
        self.n_reserved -= 1

    def end(self, ticket: Ticket) -> None:
        """A design has ended."""
        if ticket in self._left:
            self._use(ticket, self._left[ticket])
            del self._left[ticket]
            self._narrow()

    def _use(self, ticket: Ticket, n_visits: int) -> None:
        if not n_visits:
            return
        self._left[ticket] -= n_visits
        self._visits_of[ticket.round] -= n_visits
        if self._visits_of[ticket.round] == 0:
            del self._most[ticket.round]
            del self._visits_of[ticket.round]

    def _narrow(self) -> None:
        """Release the runs that cannot come any more."""
        most = sum(self._visits_of.values())
        if self._is_by_batch:
            most = min(most, sum(self._most.values()))
        self.n_reserved = min(self.n_reserved, self._n_in_progress + most)
