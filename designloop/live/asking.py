"""Asking for the next batch: a pure function of the record, with the seed."""

from math import inf

from designloop.core.counting import many, numbered
from designloop.core.errors import LiveError
from designloop.core.history import History
from designloop.core.paid_for import paid_for
from designloop.core.random import stream
from designloop.core.records import Batch, Event, Order, Stop, Wait
from designloop.live.counts import Counts
from designloop.live.dates import shown
from designloop.live.entry import Entry
from designloop.live.plating import check_plates, plates_of
from designloop.live.record import Record
from designloop.scheduling.base import affordable
from designloop.storage.replay import batch_of, told
from designloop.strategies.base import recommendations


def asked(record: Record, entry: Entry, *, anyway: bool = False) -> list[Event]:
    """The events of the next batch. Raises LiveError where the scheduler waits, or the campaign is over.

    `anyway`: a full batch is ordered although the scheduler would wait.
    """
    history, campaign = record.history.after([Event(entry.minute, "waited")]), record.campaign
    order = _order(record, history, anyway=anyway)
    n = record.n_decisions
    rng = stream(record.seed, "strategy", campaign.chooser, n)
    whole = campaign.strategy.answer(history, order, rng)
    named = recommendations(campaign.strategy, history, stream(record.seed, "recommend", campaign.chooser, n))
    kept = paid_for(whole, order, history.quote)
    batch = batch_of(kept, history, order)
    facts = {
        **entry.facts,
        "round": batch.round,
        "decision": n,
        "anyway": anyway,
        "rounds_left": _finite(order.rounds_left),
    }
    events = [Event(entry.minute, "asked", None, facts), *named, *told(whole, kept, order, history)]
    return [*events, *ordered(batch, record, entry)] if batch.designs or batch.retests else events


def ordered(batch: Batch, record: Record, entry: Entry) -> list[Event]:
    """The events with which a batch goes to the lab: a ticket for each design and retest, and its plates."""
    check_plates(batch, record.campaign.lab)
    plates = plates_of(batch, record.campaign.lab, record.seed)
    sent = [
        Event(entry.minute, "submitted", design.id, _ticket(batch, batch.n_wells(design), is_retest=is_retest))
        for designs, is_retest in ((batch.designs, False), (batch.retests, True))
        for design in sorted(designs, key=lambda design: design.id)
    ]
    return [*sent, Event(entry.minute, "plated", None, {"round": batch.round, "plates": plates})]


def _finite(number: float) -> float | None:
    return None if number == inf else number


def _ticket(batch: Batch, n_wells: int, *, is_retest: bool) -> dict[str, int]:
    urgency = {"urgent": True} if batch.urgent else {}
    return {"round": batch.round, "replicates": n_wells, "retest": is_retest, **urgency}


def _order(record: Record, history: History, *, anyway: bool) -> Order:
    """The scheduler's order. Raises LiveError where it is none."""
    scheduler = record.campaign.scheduler
    step = scheduler.next(history)
    if isinstance(step, Wait) and anyway:
        step = affordable(scheduler.full_order(history), history) or step
    if isinstance(step, Order):
        return step
    if isinstance(step, Stop):
        raise LiveError(f"the campaign is over: {step.reason}; `designloop live status` shows what it found")
    raise LiveError(_wait_in_words(record, history, step))


def _wait_in_words(record: Record, history: History, step: Wait) -> str:
    counts = Counts.of(list(record.tickets.tickets.values()))
    rounds = numbered("round", history.open_rounds) if history.open_rounds else ""
    what = f"{many(counts.n_open + counts.n_partly, 'design')} of {rounds}" if rounds else "nothing"
    partly = f", {counts.n_partly:,} of them measured in part" if counts.n_partly else ""
    when = "" if step.until is None else f", and the schedule waits until {shown(record.moment(step.until))}"
    return (
        f"the next batch is not due: {what} still to come from the lab{partly}{when}; tell the results, declare "
        "designs lost (`designloop live lost`), or ask for a batch anyway (`--anyway`)"
    )
