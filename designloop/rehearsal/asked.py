"""What a rehearsal is asked for, checked before anything runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any

from designloop.core.clock import as_weeks
from designloop.core.config import Document, build, put
from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.live.campaign import LiveCampaign
from designloop.live.dates import minute_of, moment, now, shown
from designloop.live.record import Record
from designloop.scheduling.base import Budget

NO_END = 5_200.0
"""Weeks after which the campaign has ended in any case."""
TRUTHS = 100_000
"""Seeds of truths apart from one seed of a rehearsal to the next."""
_MOST_ARMS = 12
_LAST_SEED = 10**13
"""Times `TRUTHS`, it is still a whole number of 64 bits."""


@dataclass(frozen=True)
class Asked:
    """What a rehearsal is asked for; the fields are those of `designloop.rehearse`."""

    lab: Any = None
    strategies: Sequence[Any] = ()
    schedules: Sequence[Any] = ()
    arms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    truth: Any = "posterior"
    surrogate: Any = None
    noise: float | str | None = None
    repeats: int = 20
    weeks: float | None = None
    target: float | None = None
    at: datetime | str | None = None
    seed: int = 0


class _Limits(Part):
    """Reads a budget from its description."""

    budget: Budget


def changed_by(campaign: LiveCampaign, asked: Asked) -> LiveCampaign:
    """The campaign with settings that all arms share."""
    document = Document(campaign.describe(), "the rehearsal")
    for key, value in asked.settings.items():
        if key.partition(".")[0] not in ("budget", "strategy", "scheduler"):
            raise ConfigError(
                f"--set {key}: a rehearsal changes `budget`, `strategy` and `scheduler`; --lab describes the lab"
            )
        if key == "budget" and not isinstance(value, Mapping):
            raise ConfigError(f"--set budget: expected limits, as in --set budget.designs=48, got {value!r}")
        put(document, key, value, f"--set {key}")
    money = document.data["budget"].pop("cost", None)  # it may need prices, which the rehearsal has
    changed = build(LiveCampaign, document)
    if money is None:
        return changed
    limits = Document({"budget": {**changed.budget.describe(), "cost": money}}, "the rehearsal")
    return changed.model_copy(update={"budget": build(_Limits, limits).budget})


def minute_of_start(record: Record, at: datetime | str | None) -> int:
    """The minute at which the simulations begin: the given one, or 0:00 of today, if the record does not end later."""
    if at is None:
        when = now().replace(hour=0, minute=0)
        return max(minute_of(when, record.began), record.minute)
    given = at.astimezone() if isinstance(at, datetime) else moment(at, "--at")
    minute = minute_of(given, record.began)
    if minute < record.minute:
        raise ConfigError(
            f"--at: {shown(given)} is before the last entry, of {shown(record.moment(record.minute))}; a rehearsal "
            "goes on from the whole record: give a later moment, or none for today"
        )
    if as_weeks(minute) > NO_END:
        raise ConfigError(
            f"--at: {shown(given)} is more than {NO_END:,.0f} weeks after the beginning of the campaign; give an "
            "earlier moment"
        )
    return minute


def check_numbers(asked: Asked) -> None:
    """Raise ConfigError for a target that is no number, and a seed out of range."""
    if asked.target is not None and not isfinite(asked.target):
        raise ConfigError(f"--target: expected a true value to reach, such as 2.5, got {asked.target}")
    if not 0 <= asked.seed <= _LAST_SEED:
        raise ConfigError(f"--seed: expected 0 to {_LAST_SEED:,}, got {asked.seed:,}")


def check_measured(history: History) -> None:
    """Raise ConfigError where nothing is measured."""
    if not history.is_measured.any():
        raise ConfigError(
            "nothing is measured yet, so that nothing is known of the truth that a rehearsal simulates; tell the first "
            "results (`designloop live tell`), begin with measured sequences (`designloop live init --measured`), or "
            "simulate the whole campaign with an oracle (`designloop run`)"
        )


def check_size(arms: Mapping[str, Any], asked: Asked) -> None:
    if len(arms) > _MOST_ARMS:
        raise ConfigError(
            f"{len(arms)} arms are too many to compare; give at most {_MOST_ARMS}: every strategy is combined with "
            "every schedule, and `arms` names single ones"
        )
    if not 1 <= asked.repeats <= 10_000:
        raise ConfigError(f"--repeats: expected 1 to 10,000 simulations of each arm, got {asked.repeats:,}")
    if asked.weeks is not None and not 0 < asked.weeks <= NO_END:
        raise ConfigError(f"--weeks: expected 0 to {NO_END:,.0f} weeks from now on, got {asked.weeks:g}")
