"""Extending: a live campaign goes on with more budget, or with another space, strategy, scheduler or lab."""

from collections.abc import Mapping
from typing import Any

from designloop.core.clock import as_weeks
from designloop.core.config import Document, build, put
from designloop.core.errors import ConfigError, did_you_mean
from designloop.core.records import Event
from designloop.core.sources import changes as differences
from designloop.core.sources import sources_in
from designloop.live.campaign import LiveCampaign
from designloop.live.charging import spent
from designloop.live.entry import Entry
from designloop.live.record import Record

MAY_CHANGE = ("budget", "space", "strategy", "scheduler", "lab", "label")
"""Keys of a live campaign that may change; oracle, prior and name apply to the whole campaign."""


def extended(record: Record, entry: Entry, changes: Mapping[str, Any]) -> list[Event]:
    """The event with which a campaign goes on with changes, {dotted key: value}. Raises ConfigError."""
    after = _after(record.campaign, changes)
    old, new = record.campaign.describe(), after.describe()
    its = {key: new[key] for key in new if new[key] != old[key]}
    if not its:
        raise ConfigError("the extension changes nothing; set a key, as in --set budget.designs=960")
    gone = _spent(record, entry.minute)
    _check_budget(after, gone)
    facts = {
        "phase": sum(event.kind == "extended" for event in record.every) + 2,
        "changes": its,
        "changed": list(differences(old, new)),
        "label": after.chooser,
        "budget": after.budget.describe(),
        "spent": gone,
        "files": dict(sources_in(its).files),
    }
    return [Event(entry.minute, "extended", None, {**facts, **entry.facts})]


def _after(before: LiveCampaign, changes: Mapping[str, Any]) -> LiveCampaign:
    """The campaign of the new phase. Raises ConfigError."""
    document = Document(before.describe(), "the extension")
    for key, value in changes.items():
        first = key.partition(".")[0]
        if first not in MAY_CHANGE:
            raise ConfigError(f"'{key}' cannot change in a live campaign{did_you_mean(first, MAY_CHANGE)}")
        put(document, key, value, f"--set {key}")
    after = build(LiveCampaign, document)
    if after.lab.prices != before.lab.prices:
        raise ConfigError("lab.prices cannot change in a live campaign: its orders were paid for by them")
    after.scheduler.check_ready(after.lab.card)
    after.lab.check_letters(after.whole_space.alphabet)  # raises too where its rules leave too little
    return after


def _spent(record: Record, minute: int) -> dict[str, float]:
    """What was spent so far, as a budget counts it: vetoed designs are not paid for."""
    tickets = record.tickets.tickets.values()
    return {
        "designs": sum(not ticket.is_retest for ticket in tickets),
        "weeks": as_weeks(minute),
        "cost": spent(record),
    }


def _check_budget(after: LiveCampaign, spent: Mapping[str, float]) -> None:
    """Raise ConfigError if a limit is already reached."""
    for key in ("designs", "weeks", "cost"):
        limit = getattr(after.budget, key)
        if limit is not None and limit <= spent[key]:
            raise ConfigError(
                f"budget.{key} is {limit:g}, but {spent[key]:g} are already spent (a budget counts the whole "
                f"campaign); set more, as in --set budget.{key}={2 * spent[key]:g}"
            )
