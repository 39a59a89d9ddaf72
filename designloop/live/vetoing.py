"""Vetoing: people remove a design from a batch, and the next best one of the same decision takes its wells."""

from dataclasses import replace
from math import inf

from designloop.core.errors import LiveError
from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.records import PEOPLE, Choice, Event, Order
from designloop.core.standing import standing
from designloop.live.adding import checked_sequences
from designloop.live.entry import Entry
from designloop.live.plating import exchanged
from designloop.live.record import Record
from designloop.live.tickets import Ticket
from designloop.storage.replay import facts_of


def vetoed(record: Record, entry: Entry, design: int, why: str, instead: str | None = None) -> list[Event]:
    """The events of a veto. `instead`: a sequence that people chose for the wells; None: the next best design.

    Raises LiveError where results of the design were told, or where there is no other design.
    """
    ticket = _ticket(record, design)
    if instead is None:
        choice, by = _next_best(record, ticket), {}
    else:
        choice, by = Choice(checked_sequences(record, [instead])[0], PEOPLE), {"by": entry.by}
    new = record.history.n_designs
    facts = {"round": ticket.round, "instead": new, "why": why, **entry.facts}
    its = {"round": ticket.round, "entry": entry.number}
    chosen = {**its, **facts_of(choice), "instead_of": design, **by}
    sent = {**its, "replicates": ticket.n_wells, "retest": False}
    plates = {name: its for name, its in record.tickets.plates.items() if record.tickets.round_of[name] == ticket.round}
    return [
        Event(entry.minute, "vetoed", design, facts),
        Event(entry.minute, "chosen", new, chosen),
        Event(entry.minute, "submitted", new, sent),
        Event(entry.minute, "plated", None, {**its, "plates": exchanged(plates, design, new)}),
    ]


def _ticket(record: Record, design: int) -> Ticket:
    """The ticket of a design that may be vetoed."""
    tickets = record.tickets.of_design(design)
    if not tickets:
        raise LiveError(f"there is no design {design} in a batch; `designloop live status` shows what is")
    first = tickets[0]
    if first.results or first.lost or first.failed is not None:
        raise LiveError(f"results of design {design} were told already, so it was built; it cannot be vetoed")
    return first


def _next_best(record: Record, ticket: Ticket) -> Choice:
    """What the strategy chooses for one place, from what was known at the decision, with the rest of its batch."""
    asked = next((e for e in record.every if e.kind == "asked" and e.data["round"] == ticket.round), None)
    if asked is None:
        raise LiveError(
            f"people chose design {ticket.design}, not the strategy; name one for its wells (`--instead SEQUENCE`)"
        )
    history = _at_decision(record, asked, ticket.round)
    left = asked.data["rounds_left"]
    order = Order(1, replicates=ticket.n_wells, rounds_left=inf if left is None else left)
    rng = stream(record.seed, "veto", record.campaign.chooser, asked.data["decision"], ticket.design)
    choices = record.campaign.strategy.answer(replace(history, vetoed=_besides(record, ticket)), order, rng).choices
    if not choices:
        raise LiveError("the strategy has no other design; name one for the wells (`--instead SEQUENCE`)")
    return choices[0]


def _at_decision(record: Record, asked: Event, round_: int) -> History:
    """What was known when the batch was chosen, and the batch as pending."""
    before = record.every[: list(record.every).index(asked)]
    batch = [e for e in record.events if e.kind in ("chosen", "submitted", "vetoed") and e.data["round"] == round_]
    return record.history_of([*standing(before), Event(asked.minute, "waited"), *batch])


def _besides(record: Record, ticket: Ticket) -> frozenset[str]:
    """Sequences that are not the next best: vetoed ones, this one, and all that are known by now."""
    return frozenset({*record.history.vetoed, *record.history.taken, record.history.designs[ticket.design].sequence})
