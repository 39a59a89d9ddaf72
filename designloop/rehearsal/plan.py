"""The plan of a rehearsal: a study whose arms go on from the same past, each instance with its own truth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from json import dumps
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from designloop.core.clock import as_weeks
from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.past import Past
from designloop.lab.lab import Lab
from designloop.live.campaign import LiveCampaign
from designloop.live.dates import shown
from designloop.live.record import Record
from designloop.rehearsal.arms import arms_of
from designloop.rehearsal.asked import (
    NO_END,
    TRUTHS,
    Asked,
    changed_by,
    check_measured,
    check_numbers,
    check_size,
    minute_of_start,
)
from designloop.rehearsal.assumptions import assumptions, overdue
from designloop.rehearsal.budgets import budgets_of, own_budget
from designloop.rehearsal.in_hand import InHand, left_out
from designloop.rehearsal.money import Money
from designloop.rehearsal.noise_known import NoiseKnown
from designloop.rehearsal.simulated_lab import check_reads, dated, described, with_noise, without_urgency
from designloop.rehearsal.skill import Skill
from designloop.rehearsal.snapshot import past_of
from designloop.rehearsal.truth import Truth, truth_of
from designloop.storage.manifest import write_whole
from designloop.storage.run_directory import DATABASE, made
from designloop.study.folder import STUDY as STUDY_FILE
from designloop.study.plan import source_hash
from designloop.study.runnable import Study

PAST, STUDY = "past.json", "study"


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
    spent: float
    """What the live campaign was charged before, by the prices of its real lab."""
    currency: str
    """Of the simulated lab; empty if it names none."""
    in_hand: InHand | None
    """The sequence that was measured highest so far; None where the truth does not know it."""
    noise_warning: str
    """Why the noise of the assay is uncertain; empty where it is not."""
    money_warning: str
    """Why the budget of money is not to be trusted; empty where it is."""
    overdue: str
    """What the simulated lab would have returned already; empty if it is nothing."""

    @property
    def money(self) -> str:
        """The currency, or `money`: the title of columns and axes."""
        return self.currency or "money"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the numbers untrustworthy."""
        return tuple(filter(None, (self.skill.warning, self.noise_warning, self.money_warning, self.overdue)))


def plan_of(record: Record, asked: Asked, folder: Path | None, home: Path) -> Plan:
    """The plan. Writes the past to its folder, by default one of its own under `home`, and nothing else.

    Raises ConfigError, InputError where something is wrong, before any simulation.
    """
    check_folder(folder)
    check_numbers(asked)
    campaign, minute = changed_by(record.campaign, asked), minute_of_start(record, asked.at)
    past = past_of(record, minute)
    history = past.history(campaign.whole_space)
    check_measured(history)
    arms = arms_of(campaign, asked.strategies, asked.schedules, asked.arms)
    check_size(arms, asked)
    budgets = budgets_of(past, campaign, asked, arms)
    lab, whence = described(asked.lab, campaign)
    lab = dated(lab, record.began)
    check_reads(lab, history.values[history.is_measured])
    campaign, urgency = without_urgency(campaign, lab)
    place = folder or home / _key(past, campaign, arms, lab, asked)
    made(place)
    write_whole(place / PAST, past.as_text())
    truth = truth_of(asked.truth, asked.surrogate, campaign, history, place / PAST, lab)
    lab, noise = _noisy(lab, truth, asked.noise, history)
    repeats = max(asked.repeats, _recorded(place / STUDY))
    study = _study(campaign, arms, truth, lab, place / PAST, replace(asked, repeats=repeats), budgets)
    held = InHand.of(history, truth.oracle, campaign.name)
    money = Money(past, campaign, lab, budgets)
    also = filter(None, [urgency, left_out(history, truth.oracle)])
    said = (*assumptions(record, past, history, whence, noise, lab, truth, money), *also)
    return Plan(
        record.campaign.name,
        place,
        study,
        arms,
        as_weeks(minute),
        shown(record.moment(minute)),
        asked.lab is None and campaign.lab.simulated is None,
        said,
        truth.skill,
        asked.target,
        past.spent,
        lab.cost.currency,
        held,
        NoiseKnown.of(history, truth.sd_of_a_well or 0.0).warning if asked.noise is None else "",
        money.warning,
        overdue(past, lab, truth, campaign.whole_space),
    )


def check_folder(folder: Path | None) -> None:
    """Raise ConfigError for a folder of something else than a rehearsal."""
    if folder is None or not folder.is_dir():
        return
    if (folder / DATABASE).exists():
        raise ConfigError(f"--out: {folder} holds a campaign; give a folder of its own to the rehearsal")
    if not (folder / PAST).is_file() and any(folder.iterdir()):
        raise ConfigError(f"--out: {folder} holds other files, and no rehearsal; give a new or an empty folder")


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
    oracle = truth.oracle.with_(seed=asked.seed * TRUTHS) if truth.is_drawn else truth.oracle
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
        filter(None, [budgets["weeks"], *(own_budget(one).get("weeks") for one in arms.values())]), default=NO_END
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
