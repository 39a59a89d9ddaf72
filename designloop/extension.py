"""An extension continues a finished run: a new phase with more budget, or another strategy, scheduler or space.

The history and the lab are kept. The lab's clock continues from the minute at which the last phase closed, and designs
that were in the lab then still come back. A budget counts the whole run. `config.yaml` describes the first phase; each
later phase records its changes in its `extended` event.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from designloop.campaign import Campaign
from designloop.core.clock import as_weeks
from designloop.core.config import Document, build, put, to_yaml
from designloop.core.errors import ConfigError, StoreError, did_you_mean
from designloop.core.money import held_by, pays, total
from designloop.core.records import Event
from designloop.core.sources import changes as differences
from designloop.core.sources import sources_in, sources_of
from designloop.progress.campaigns import Progress
from designloop.storage.past import phases_of
from designloop.storage.result import Result
from designloop.storage.run_directory import continued

MAY_CHANGE = ("budget", "space", "strategy", "scheduler", "label")
"""Keys of a campaign; a generator, a surrogate and an acquisition function are part of the strategy."""


def extend(directory: str | Path, changes: Mapping[str, Any], progress: Progress = False) -> Result:
    """Continue the finished run in `directory` with changes: `{"budget.designs": 1440, "strategy": "genetic"}`.

    `changes`: dotted key -> value, a part or plain data. `Campaign.resume` continues an interrupted extension. Raises
    ConfigError if a key may not change, or if nothing changes; StoreError if the run is not finished.
    """
    place = Path(directory)
    first = Campaign.read(place)
    sources = sources_of(first)
    with continued(place, to_yaml(first.describe()), sources) as run:
        if not (run.is_finished and run.is_complete):
            raise StoreError(f"the run in {place} is not finished; first `designloop resume {place}`, then extend it")
        run.keep_sources(sources)
        events = run.log.events()
        before = last_phase(first, events)
        event = _extended(before, _after(before, changes), events)
        run.extend(event, sources)
        return first.go_on(run, progress)


def last_phase(first: Campaign, events: Iterable[Event]) -> Campaign:
    """The campaign of the last phase of a run."""
    return phases_of(first, events)[-1]


def _extensions(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.kind == "extended"]


def _after(before: Campaign, changes: Mapping[str, Any]) -> Campaign:
    """The campaign of the new phase. Raises ConfigError."""
    document = Document(before.describe(), "the extension")
    for key, value in changes.items():
        _check_key(key)
        put(document, key, value, f"--set {key}")
    after = build(Campaign, document)
    after.scheduler.check_ready(after.lab.card)
    after.lab.quote(after.whole_space)  # raises if the space is not within the oracle's, or a design has no price
    return after


def _check_key(key: str) -> None:
    first = key.partition(".")[0]
    if first in MAY_CHANGE:
        return
    if first in ("oracle", "lab", "seed", "prior", "name"):
        raise ConfigError(
            f"'{key}' cannot change when a run is extended: oracle, lab, seed, prior and name apply to the whole run; "
            "to change it, start a new run with --out"
        )
    raise ConfigError(f"unknown key '{key}'{did_you_mean(first, MAY_CHANGE)}")


def _extended(before: Campaign, after: Campaign, events: list[Event]) -> Event:
    """The event that begins the new phase, at the minute at which the last one closed. Raises ConfigError."""
    old, new = before.describe(), after.describe()
    changes = {key: new[key] for key in new if new[key] != old[key]}
    if not changes:
        raise ConfigError("the extension changes nothing; set a key, as in --set budget.designs=1440")
    now = events[-1].minute
    spent = _spent(events, now)
    _check_budget(after, spent, held_by(events))
    facts = {
        "phase": len(_extensions(events)) + 2,
        "changes": changes,
        "changed": list(differences(old, new)),
        "label": after.label or after.strategy.kind,
        "budget": after.budget.describe(),
        "spent": spent,
        "files": dict(sources_in(changes).files),
    }
    return Event(now, "extended", data=facts)


def _spent(events: list[Event], now: int) -> dict[str, float]:
    """What the run has spent so far, as a budget counts it."""
    designs = sum(event.kind == "submitted" and not event.data.get("retest", False) for event in events)
    cost = total(amount for event in events if event.kind == "charged" for amount in event.data.values())
    return {"designs": designs, "weeks": as_weeks(now), "cost": cost}


def _check_budget(after: Campaign, spent: Mapping[str, float], reserved: float) -> None:
    """Raise ConfigError if a limit is already reached, or does not pay for what is in the lab."""
    for key, gone in spent.items():
        limit = getattr(after.budget, key)
        if limit is not None and limit <= gone:
            raise ConfigError(
                f"budget.{key} is {limit:g}, but {gone:g} are already spent (a budget counts the whole run); set "
                f"more, as in --set budget.{key}={2 * gone:g}"
            )
    limit = after.budget.cost
    if limit is not None and not pays(limit, total([spent["cost"], reserved])):
        raise ConfigError(
            f"budget.cost is {limit:g}, but {spent['cost']:g} are already spent and {reserved:g} are reserved for "
            f"designs in the lab; set more, as in --set budget.cost={2 * (spent['cost'] + reserved):g}"
        )
