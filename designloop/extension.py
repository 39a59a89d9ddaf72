"""An extension lets a finished run go on: a new phase with more budget, or another strategy, scheduler or space.

The history is kept, and so is the lab with all that is in it: its clock goes on from the minute the last phase closed
at, and what was in the lab then comes back as if nothing had happened. A budget counts the whole run. `config.yaml`
stays the first phase's; what a later phase changes stands whole in its `extended` event.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

from designloop.campaign import Campaign
from designloop.core.clock import as_weeks
from designloop.core.config import Document, build, changed, put, to_yaml
from designloop.core.errors import ConfigError, StoreError, did_you_mean
from designloop.core.records import Event
from designloop.core.sources import changes as differences
from designloop.core.sources import sources_in, sources_of
from designloop.progress.campaigns import Progress
from designloop.storage.result import Result
from designloop.storage.run_directory import continued

MAY_CHANGE = ("budget", "space", "strategy", "scheduler", "label")
"""Keys of a campaign; a generator, a surrogate and an acquisition function are part of the strategy."""


def extend(directory: str | Path, changes: Mapping[str, Any], progress: Progress = False) -> Result:
    """Go on with the finished run in `directory` under changes: `{"budget.designs": 1440, "strategy": "genetic"}`.

    `changes`: dotted key -> value, a part or plain data. Interrupted, it goes on with `Campaign.resume`. Raises
    ConfigError where a key may not change, or nothing would follow; StoreError where the run is not finished.
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
    """The campaign as the last phase of a run describes it."""
    return reduce(lambda campaign, event: changed(campaign, event.data["changes"]), _extensions(events), first)


def _extensions(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.kind == "extended"]


def _after(before: Campaign, changes: Mapping[str, Any]) -> Campaign:
    """The campaign of the new phase. Raises ConfigError."""
    document = Document(before.describe(), "the extension")
    for key, value in changes.items():
        _check_key(key)
        put(document, key, value, f"--set {key}")
    after = build(Campaign, document)
    after.whole_space  # noqa: B018  # raises where the space goes beyond the oracle's
    return after


def _check_key(key: str) -> None:
    first = key.partition(".")[0]
    if first in MAY_CHANGE:
        return
    if first in ("oracle", "lab", "seed", "prior", "name"):
        raise ConfigError(
            f"'{key}' cannot change when a run is extended: truth, lab, seed, prior and name are the whole run's; "
            "run the campaign anew with it, with --out"
        )
    raise ConfigError(f"unknown key '{key}'{did_you_mean(first, MAY_CHANGE)}")


def _extended(before: Campaign, after: Campaign, events: list[Event]) -> Event:
    """The event that begins the new phase, at the minute the last one closed at. Raises ConfigError."""
    old, new = before.describe(), after.describe()
    changes = {key: new[key] for key in new if new[key] != old[key]}
    if not changes:
        raise ConfigError("nothing changes; give what does, as in --set budget.designs=1440")
    now = events[-1].minute
    spent = _spent(events, now)
    _check_budget(after, spent)
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
    """What the run spent so far, as a budget counts it."""
    designs = sum(event.kind == "submitted" and not event.data.get("retest", False) for event in events)
    cost = sum(sum(event.data.values()) for event in events if event.kind == "charged")
    return {"designs": designs, "weeks": as_weeks(now), "cost": cost}


def _check_budget(after: Campaign, spent: Mapping[str, float]) -> None:
    """Raise ConfigError where a limit is spent already: the phase would close as it begins."""
    for key, gone in spent.items():
        limit = getattr(after.budget, key)
        if limit is not None and limit <= gone:
            raise ConfigError(
                f"budget.{key} is {limit:g}, and {gone:g} are spent already (a budget counts the whole run); give "
                f"more, as in --set budget.{key}={2 * gone:g}"
            )
