"""Rounds in result files: of which round the value of a design is that was measured, and is measured again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from designloop.core.errors import InputError
from designloop.live.agreeing import is_told
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Ticket, Tickets


@dataclass(frozen=True)
class Named:
    """A row that names a design, and the tickets of which it may be."""

    row: ResultRow
    tickets: Sequence[Ticket]
    where: str


class RoundsMeant:
    """Chooses the ticket of each row of a file. `given` is the round of the file, where people say it.

    A value of a design that is measured again may be that of the retest, or the first one, sent again or corrected. A
    row says its round by its column or its plate. Else the other rows decide: those of designs of one round only.
    """

    def __init__(self, tickets: Tickets, labels: Mapping[int, int], named: Iterable[Named], given: int | None) -> None:
        self._tickets, self._labels, self._given = tickets, labels, given
        rows = list(named)
        self._said = {row.row.row: self._of_round(row) for row in rows}
        self._certain = {its[0].round for its in self._said.values() if len({ticket.round for ticket in its}) == 1}
        self._known = {ticket.design for row in rows for ticket in row.tickets if is_told(ticket, row.row)}

    def ticket(self, named: Named) -> Ticket:
        """The ticket of a row. Raises InputError where it may be of several rounds."""
        its = self._said[named.row.row]
        to_come = [ticket for ticket in its if ticket.is_open]
        before = [ticket for ticket in its if not ticket.is_open]
        if not before or not to_come:
            told = (ticket for ticket in its if is_told(ticket, named.row))
            return next(told, None) or (self._of_others(named, to_come) if to_come else its[-1])
        return self._either(named, before, to_come)

    def _of_others(self, named: Named, to_come: Sequence[Ticket]) -> Ticket:
        """The ticket of a design that is to come in these rounds. Raises InputError where the file does not say it."""
        certain = [ticket for ticket in to_come if ticket.round in self._certain]
        if len(to_come) == 1 or named.row.outcome is None:
            return to_come[0]
        if len(certain) != 1:
            rounds = " and ".join(str(ticket.round) for ticket in to_come)
            raise InputError(
                f"{named.where}: '{named.row.design}' is to come in rounds {rounds}; of which is this? Add a column "
                f"`round`, or give it, as in `--round {to_come[-1].round}`"
            )
        return certain[0]

    def _either(self, named: Named, before: Sequence[Ticket], to_come: Sequence[Ticket]) -> Ticket:
        """The ticket of a design that has results, and is measured again."""
        of_before, of_retest = (any(t.round in self._certain for t in tickets) for tickets in (before, to_come))
        told = next((ticket for ticket in (*before, *to_come) if is_told(ticket, named.row)), None)
        if of_retest and not of_before:
            return next((ticket for ticket in to_come if is_told(ticket, named.row)), to_come[0])
        if told is not None:
            return told
        if of_before and not of_retest and named.row.value is not None and named.tickets[0].design not in self._known:
            return before[-1]  # it contradicts what was told, which is shown
        if named.tickets[0].design in self._known or named.row.outcome is None:
            return to_come[0]  # the file repeats the earlier value too, or says nothing
        raise InputError(
            f"{named.where}: '{named.row.design}' was measured in round {before[-1].round}, and is measured again in "
            f"round {to_come[0].round}; of which is this? Add a column `round`, or give it, as in "
            f"`--round {to_come[0].round}`"
        )

    def _of_round(self, named: Named) -> Sequence[Ticket]:
        """The tickets of the round that a row says; all of them where it says none. Raises InputError."""
        plate = self._tickets.round_of.get(named.row.plate)
        said = self._given if named.row.round is None else named.row.round
        if said is None and plate is None:
            return named.tickets
        rounds = {plate} if said is None else {said, self._labels.get(said, said)}
        its = [ticket for ticket in named.tickets if ticket.round in rounds]
        if not its:
            round_ = plate if said is None else said
            raise InputError(f"{named.where}: '{named.row.design}' is not in round {round_}; correct the round")
        if len({ticket.round for ticket in its}) > 1:
            raise InputError(
                f"{named.where}: round {said} of an imported file is round {self._labels[said or 0]} here, and "
                f"'{named.row.design}' is in both; give the round here, as in `--round {self._labels[said or 0]}`"
            )
        return its
