"""Charging: orders are paid for when they are given, and a veto, an addition or an undone order changes their price."""

from collections import Counter
from collections.abc import Mapping, Sequence

from designloop.core.money import Quote, cents, total
from designloop.core.records import Event
from designloop.live.record import Record


def charged(record: Record, events: Sequence[Event]) -> list[Event]:
    """The event with what these events add to the costs, which may be less than nothing; none where that is nothing."""
    if not events or Quote.of(record.opened.data["quote"]) == Quote():
        return []
    before, after = _costs(record), _costs(record.with_events(events))
    amounts = {item: (after[item] - before[item]) / 100 for item in sorted({*before, *after})}
    changed = {item: amount for item, amount in amounts.items() if amount}
    return [Event(max(event.minute for event in events), "charged", None, changed)] if changed else []


def spent(record: Record) -> float:
    """What was charged so far."""
    return total(amount for event in record.events if event.kind == "charged" for amount in event.data.values())


def _costs(record: Record) -> Mapping[str, int]:
    """Item -> the costs of all rounds, in cents, by the prices with which the campaign began."""
    costs, quote, designs = Counter[str](), record.history.quote, record.history.designs
    for round_ in record.tickets.submitted_at:
        tickets = sorted(record.tickets.of_round(round_), key=lambda ticket: ticket.is_retest)
        new = [ticket for ticket in tickets if not ticket.is_retest]
        lengths = [len(designs[ticket.design].sequence) for ticket in new]
        items = quote.items(lengths, len(tickets) - len(new), wells=[ticket.n_wells for ticket in tickets])
        costs.update({item: cents(amount) for item, amount in items.items()})
    return costs
