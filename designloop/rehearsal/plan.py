"""The plan of a rehearsal: a study whose arms go on from the same past, each instance with its own truth."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from json import dumps
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from designloop.core.clock import as_weeks
from designloop.core.config import Document, build, put
from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.past import Past
from designloop.core.records import Stop
from designloop.core.spaces import Space
from designloop.lab.catching_up import CaughtUp
from designloop.lab.lab import Lab
from designloop.live.campaign import LiveCampaign
from designloop.live.dates import minute_of, moment, now, shown
from designloop.live.record import Record
from designloop.rehearsal.arms import arms_of
from designloop.rehearsal.simulated_lab import check_reads, dated, described, with_noise
from designloop.rehearsal.skill import Skill
from designloop.rehearsal.snapshot import past_of
from designloop.rehearsal.truth import Truth, truth_of
from designloop.scheduling.base import Budget
from designloop.storage.manifest import write_whole
from designloop.storage.run_directory import made
from designloop.study.folder import STUDY as STUDY_FILE
from designloop.study.plan import source_hash
from designloop.study.runnable import Study

PAST, STUDY = "past.json", "study"
_MOST_ARMS = 12
_COURSES = 5
"""Courses of the lab from which it is told whether results are overdue."""
_NO_END = 5_200.0
"""Weeks after which the campaign has ended in any case."""


class _Limits(Part):
    """Reads a budget from its description."""

    budget: Budget


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


@dataclass(frozen=True)
class Plan:
    """A rehearsal before its simulations run."""

    name: str
    folder: Path
    study: Study
    arms: Mapping[str, Mapping[str, Any]]
    today: float
    """The week of the campaign in which the simulations begin."""
    moment: str
    is_assumed: bool
    """Whether nobody described the lab."""
    sentences: tuple[str, ...]
    """What is simulated, and what is assumed."""
    skill: Skill
    target: float | None
    currency: str
    """Of the simulated lab; empty if it names none."""
    overdue: str
    """What the simulated lab would have returned already; empty if it is nothing."""

    @property
    def money(self) -> str:
        """The currency, or `money`: the title of columns and axes."""
        return self.currency or "money"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the numbers untrustworthy."""
        return tuple(filter(None, (self.skill.warning, self.overdue)))


def plan_of(record: Record, asked: Asked, folder: Path | None, home: Path) -> Plan:
    """The plan. Writes the past to its folder, by default one of its own under `home`, and nothing else.

    Raises ConfigError, InputError where something is wrong, before any simulation.
    """
    campaign, minute = _changed(record.campaign, asked), _minute(record, asked.at)
    past = past_of(record, minute)
    history = past.history(campaign.whole_space)
    _check_measured(history)
    arms = arms_of(campaign, asked.strategies, asked.schedules, asked.arms)
    _check_size(arms, asked)
    budgets = _budgets(past, campaign, asked, arms)
    lab, whence = described(asked.lab, campaign)
    lab = dated(lab, record.began)
    check_reads(lab, history.values[history.is_measured])
    place = folder or home / _key(past, campaign, arms, lab, asked)
    made(place)
    write_whole(place / PAST, past.as_text())
    truth = truth_of(asked.truth, asked.surrogate, campaign, history, place / PAST, lab)
    lab, noise = _noisy(lab, truth, asked.noise, history)
    repeats = max(asked.repeats, _recorded(place / STUDY))
    study = _study(campaign, arms, truth, lab, place / PAST, replace(asked, repeats=repeats), budgets)
    said = _sentences(record, past, whence, noise, lab, truth, budgets)
    return Plan(
        record.campaign.name,
        place,
        study,
        arms,
        as_weeks(minute),
        shown(record.moment(minute)),
        asked.lab is None and campaign.lab.simulated is None,
        tuple(said),
        truth.skill,
        asked.target,
        lab.cost.currency,
        _overdue(past, lab, truth, campaign.whole_space),
    )


def _changed(campaign: LiveCampaign, asked: Asked) -> LiveCampaign:
    """The campaign with settings that all arms share."""
    document = Document(campaign.describe(), "the rehearsal")
    for key, value in asked.settings.items():
        if key.partition(".")[0] not in ("budget", "strategy", "scheduler"):
            raise ConfigError(
                f"--set {key}: a rehearsal changes `budget`, `strategy` and `scheduler`; --lab describes the lab"
            )
        put(document, key, value, f"--set {key}")
    money = document.data["budget"].pop("cost", None)  # it may need prices, which the rehearsal has
    changed = build(LiveCampaign, document)
    if money is None:
        return changed
    limits = Document({"budget": {**changed.budget.describe(), "cost": money}}, "the rehearsal")
    return changed.model_copy(update={"budget": build(_Limits, limits).budget})


def _minute(record: Record, at: datetime | str | None) -> int:
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
    return minute


def _check_measured(history: History) -> None:
    """Raise ConfigError where nothing is measured."""
    if not history.is_measured.any():
        raise ConfigError(
            "nothing is measured yet, so that nothing is known of the truth that a rehearsal simulates; tell the first "
            "results (`designloop live tell`), begin with measured sequences (`designloop live init --measured`), or "
            "simulate the whole campaign with an oracle (`designloop run`)"
        )


def _check_size(arms: Mapping[str, Any], asked: Asked) -> None:
    if len(arms) > _MOST_ARMS:
        raise ConfigError(
            f"{len(arms)} arms are too many to compare; give at most {_MOST_ARMS}: every strategy is combined with "
            "every schedule, and `arms` names single ones"
        )
    if not 1 <= asked.repeats <= 10_000:
        raise ConfigError(f"--repeats: expected 1 to 10,000 simulations of each arm, got {asked.repeats:,}")
    if asked.weeks is not None and not 0 < asked.weeks <= _NO_END:
        raise ConfigError(f"--weeks: expected 0 to {_NO_END:,.0f} weeks from now on, got {asked.weeks:g}")


def _budgets(
    past: Past, campaign: LiveCampaign, asked: Asked, arms: Mapping[str, Mapping[str, Any]]
) -> dict[str, float | None]:
    """The budget of the whole campaign. Raises ConfigError where none is left, or where there is no end."""
    budget: dict[str, Any] = campaign.budget.describe()
    if asked.weeks is not None:
        budget["weeks"] = as_weeks(past.now) + asked.weeks
    if all(limit is None for limit in budget.values()) and campaign.scheduler.max_rounds is None:
        raise ConfigError(
            "the campaign has no limit, so that a rehearsal would never end; give --weeks N, or --set budget.designs=N"
        )
    seen = dict[str, str]()
    for label, settings in arms.items():
        its = {**budget, **_own_budget(settings)}
        arm = _arm(campaign, settings, label)
        _check_is_left(past, arm, its, label)
        other = seen.setdefault(dumps([arm.describe(), its], sort_keys=True, default=str), label)
        if other != label:
            raise ConfigError(f"the arms '{other}' and '{label}' are the same campaign; change one, or remove it")
    return budget


def _own_budget(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key.partition(".")[2]: value for key, value in settings.items() if key.startswith("budget.")}


def _arm(campaign: LiveCampaign, settings: Mapping[str, Any], label: str) -> LiveCampaign:
    """The strategy and the schedule of an arm. Raises ConfigError where it is no campaign."""
    document = Document({**campaign.describe(), "budget": {}}, "the rehearsal")
    for key, value in settings.items():
        if key.partition(".")[0] in ("strategy", "scheduler"):
            put(document, key, deepcopy(value), f"arm '{label}'")
    return build(LiveCampaign, document)


def _check_is_left(past: Past, arm: LiveCampaign, budget: Mapping[str, Any], label: str) -> None:
    """Raise ConfigError where an arm ends at once."""
    opened = replace(past.opened, data={**past.opened.data, "budget": budget})
    history = replace(past, opened=opened).history(arm.whole_space, arm.lab.card)
    gone = {name: (budget.get(name) or 0) - getattr(history.left, name) for name in ("designs", "cost")}
    gone["weeks"] = as_weeks(past.now)
    left = {"designs": history.left.designs, "weeks": history.left.weeks, "cost": history.left.cost}
    over = next((key for key, rest in left.items() if rest <= 0), None)
    if over is not None:
        raise ConfigError(
            f"arm '{label}': nothing is left to rehearse: budget.{over} is {budget[over]:g}, and {gone[over]:g} are "
            f"spent; set more, as in --set budget.{over}={2 * gone[over]:g} (`designloop live extend` extends the "
            "campaign itself)"
        )
    if isinstance(step := arm.scheduler.next(history), Stop):
        raise ConfigError(f"arm '{label}': nothing is left to rehearse: {step.reason}; raise that limit with --set")


def _key(past: Past, campaign: LiveCampaign, arms: Mapping[str, Any], lab: Lab, asked: Asked) -> str:
    """The name of its folder: the same question has the same folder, in which its simulations are found again."""
    parts = [str(asked.truth), str(asked.surrogate), str(asked.noise), asked.weeks, asked.seed, asked.target]
    facts = [past.as_text(), campaign.describe(), arms, lab.describe(), parts, source_hash()]
    return sha256(dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:10]


def _recorded(study: Path) -> int:
    """The number of simulations of each arm that its folder holds already, or is to hold."""
    if not (study / STUDY_FILE).is_file():
        return 0
    before = Study.read(study / STUDY_FILE)
    return before.instances * before.seeds


def _noisy(lab: Lab, truth: Truth, given: float | str | None, history: History) -> tuple[Lab, str]:
    """The lab with the noise of its assay, and that noise in words."""
    if given == "lab" or (given is None and truth.sd_of_a_well is None):
        return lab, "that of the lab's description"
    spread = float(np.std(history.values[history.is_measured]))
    if given is None:
        assert truth.sd_of_a_well is not None
        return with_noise(lab, truth.sd_of_a_well, spread), truth.noise_in_words
    try:
        sd = float(given)
    except ValueError:
        sd = -1.0
    if not 0 <= sd < inf:
        raise ConfigError(f"--noise: expected `lab`, or the standard deviation of a well, got '{given}'")
    return with_noise(lab, sd, spread), f"standard deviation {sd:g} of a well, as given"


def _study(
    campaign: LiveCampaign,
    arms: Mapping[str, Mapping[str, Any]],
    truth: Truth,
    lab: Lab,
    past: Path,
    asked: Asked,
    budgets: Mapping[str, float | None],
) -> Study:
    described = campaign.describe()
    base = {key: described[key] for key in ("name", "strategy", "scheduler")}
    oracle = truth.oracle.with_(seed=asked.seed * 100_000) if truth.is_drawn else truth.oracle
    base |= {
        "oracle": oracle.describe(),
        "lab": lab.describe(),
        "budget": dict(budgets),
        "prior": {"past": str(past.absolute())},
    }
    base |= {"label": campaign.chooser}
    if truth.space is not None:
        base["space"] = truth.space.describe()
    units = (asked.repeats, 1) if truth.is_drawn else (1, asked.repeats)
    end = max(
        filter(None, [budgets["weeks"], *(_own_budget(one).get("weeks") for one in arms.values())]), default=_NO_END
    )
    return Study(
        name=campaign.name,
        base=base,
        axes={"arms": {label: dict(settings) for label, settings in arms.items()}},
        instances=units[0],
        seeds=units[1],
        compare="arms",
        threshold=asked.target,
        look={"trace": "recommended", "axis": "weeks", "at": {"weeks": float(end)}},
        question=f"What happens in the rest of the campaign '{campaign.name}'?",
    )


def _sentences(
    record: Record, past: Past, whence: str, noise: str, lab: Lab, truth: Truth, budgets: Mapping[str, float | None]
) -> Iterator[str]:
    yield f"from {shown(record.moment(past.now))} on, week {as_weeks(past.now):.1f} of the campaign"
    yield f"lab: {whence}; its calendar begins on the day of the campaign, {record.began.date()}"
    yield f"noise of the assay: {noise}"
    yield from truth.sentences
    yield from _pending(past)
    limits = [f"{limit:g} {key}" for key, limit in budgets.items() if limit is not None]
    yield f"budget of the whole campaign: {', '.join(limits) or 'none; the schedule ends it'}"
    yield "money is counted from now on, by the prices of that lab; what was ordered before is paid"


def _overdue(past: Past, lab: Lab, truth: Truth, space: Space) -> str:
    """The warning where the lab would usually have returned values already, by the first of its courses."""
    early = [lab.begin(truth.oracle, seed, past, space=space) for seed in range(_COURSES)] if past.in_lab else []
    late = [one.n_early for one in early if isinstance(one, CaughtUp) and one.n_early]
    if 2 * len(late) <= _COURSES:
        return ""
    return (
        f"results are overdue: the simulated lab would have returned {min(late)} to {many(max(late), 'value')} of "
        f"{many(len(past.in_lab), 'design')} by now. The simulations let them come a working day later; describe a lab "
        "that is as slow as yours (--lab), or declare what is lost (`designloop live lost`)"
    )


def _pending(past: Past) -> Iterator[str]:
    if not past.in_lab:
        yield "nothing is in the lab"
        return
    rounds = sorted({one.round for one in past.in_lab})
    yield (
        f"{many(len(past.in_lab), 'design')} of round {' and '.join(map(str, rounds))} come back after a time drawn "
        "from that lab, given that they are not back yet"
    )
