"""Adding: people put designs of their own into a batch, or order a batch of their own."""

import warnings
from collections.abc import Sequence

from designloop.core.counting import many
from designloop.core.errors import LiveError, Notice
from designloop.core.readers.sequences import checked
from designloop.core.records import PEOPLE, Batch, Choice, Design, Event
from designloop.core.spaces import Space, compress
from designloop.live.entry import Entry
from designloop.live.plating import check_plates, with_added
from designloop.live.record import Record
from designloop.storage.replay import facts_of


def added(
    record: Record, entry: Entry, sequences: Sequence[str], why: str, replicates: int | None, *, new_round: bool
) -> list[Event]:
    """The events of designs of people: in the last batch, or as a batch of their own (`new_round`).

    `replicates`: the wells of each; None: as many as the schedule gives. In the last batch, they take free wells of its
    plates, and then further plates. Raises LiveError where a sequence is known already, or where results of the last
    batch were told.
    """
    its, history, tickets = checked_sequences(record, sequences), record.history, record.tickets
    round_ = history.round + 1 if new_round else _last_round(record)
    designs = [Design(n, sequence, round_) for n, sequence in enumerate(its, start=history.n_designs)]
    before = {name: held for name, held in tickets.plates.items() if tickets.round_of[name] == round_}
    n_wells = record.campaign.scheduler.full_order(history).replicates if replicates is None else replicates
    batch = Batch(round_, tuple(designs), replicates=n_wells)
    check_plates(batch, record.campaign.lab)
    plates = with_added(before, batch, record.campaign.lab, record.seed)
    facts = {"round": round_, "designs": [design.id for design in designs], "why": why, **entry.facts}
    events = [Event(entry.minute, "added", None, facts)]
    where = {"round": round_, "entry": entry.number}
    for design in designs:
        choice = facts_of(Choice(design.sequence, PEOPLE))
        events += [
            Event(entry.minute, "chosen", design.id, {**where, **choice, "by": entry.by}),
            Event(entry.minute, "submitted", design.id, {**where, "replicates": n_wells, "retest": False}),
        ]
    return [*events, Event(entry.minute, "plated", None, {**where, "plates": plates})]


def checked_sequences(record: Record, sequences: Sequence[str]) -> list[str]:
    """The sequences in the letters of the space. Raises InputError for a wrong letter, LiveError for a known one.

    A Notice says which are outside the space.
    """
    space, history = record.history.space, record.history
    its = checked(sequences, space.alphabet, "sequence ")
    if not its:
        raise LiveError("no sequence is given")
    for at, sequence in enumerate(its):
        if sequence in history.taken or sequence in its[:at]:
            raise LiveError(f"{sequence} is known already: it was measured, vetoed, is in the lab, or is given twice")
    notice_outside(its, space)
    return its


def notice_outside(sequences: Sequence[str], space: Space) -> None:
    """A Notice of the sequences that are outside the space."""
    if outside := compress(sequences, ~space.contains(sequences)):
        warnings.warn(
            f"{many(len(outside), 'sequence', 'are')} outside the space ({outside[0]}): models learn from it, but the "
            "strategy will choose none like it",
            Notice,
            stacklevel=3,
        )


def _last_round(record: Record) -> int:
    """The round to which designs can still be added."""
    round_ = record.history.round
    tickets = record.tickets.of_round(round_)
    if not tickets:
        raise LiveError("there is no batch to add to; ask for one, or order your own (`--new-round`)")
    if any(ticket.results or ticket.failed or ticket.lost for ticket in tickets):
        raise LiveError(f"results of round {round_} were told already; order a batch of your own (`--new-round`)")
    return round_
