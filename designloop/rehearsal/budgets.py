"""The budget of a rehearsal: that of the whole campaign, of which something must be left."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from json import dumps
from typing import Any

from designloop.core.clock import as_weeks
from designloop.core.config import Document, build, put
from designloop.core.errors import ConfigError
from designloop.core.past import Past
from designloop.core.records import Stop
from designloop.live.campaign import LiveCampaign
from designloop.rehearsal.asked import Asked


def budgets_of(
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
        its = {**budget, **own_budget(settings)}
        arm = _arm(campaign, settings, label)
        _check_is_left(past, arm, its, label)
        other = seen.setdefault(dumps([arm.describe(), its], sort_keys=True, default=str), label)
        if other != label:
            raise ConfigError(f"the arms '{other}' and '{label}' are the same campaign; change one, or remove it")
    return budget


def own_budget(settings: Mapping[str, Any]) -> dict[str, Any]:
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
