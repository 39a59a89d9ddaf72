"""Arms are the ways to go on that a rehearsal compares: strategies, schedules, or any keys of the campaign."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from designloop.core.config import read_document
from designloop.core.errors import ConfigError, did_you_mean
from designloop.live.campaign import LiveCampaign
from designloop.rehearsal.given import value_of

AS_PLANNED = "as planned"
"""The label of the campaign's own strategy and schedule."""
MAY_DIFFER = ("strategy", "scheduler", "budget")
"""Keys of a campaign; all arms go on in the same lab."""
Arms = Mapping[str, Mapping[str, Any]]
"""Label -> {dotted key of the campaign: value}."""


def arms_of(campaign: LiveCampaign, strategies: Sequence[Any], schedules: Sequence[Any], own: Arms) -> dict[str, Any]:
    """The campaign as planned first, then every combination of strategies and schedules, then the arms given whole.

    Raises ConfigError for an arm that changes nothing, a key that may not differ, and a label that is given twice.
    """
    choosers = [("", {}), *(_strategy(one) for one in strategies)]
    rhythms = [("", {}), *(_schedule(one, campaign) for one in schedules)]
    found: dict[str, Any] = {}
    for who, chooser in choosers:
        for when, rhythm in rhythms:
            _add(found, ", ".join(filter(None, (who, when))) or AS_PLANNED, {**chooser, **rhythm})
    for label, settings in own.items():
        _check(label, settings)
        _add(found, label, dict(settings))
    return found


def _add(found: dict[str, Any], label: str, settings: dict[str, Any]) -> None:
    if label in found:
        raise ConfigError(f"two arms of the rehearsal are called '{label}'; give each its own label")
    found[label] = settings


def _check(label: str, settings: Any) -> None:
    """Raise ConfigError where an arm is no mapping of keys that may differ."""
    if not isinstance(settings, Mapping) or not settings:
        raise ConfigError(
            f"arm '{label}': expected dotted keys of the campaign with their values, as in "
            f"{{scheduler.batch_size: 24}}, got {settings!r}"
        )
    for key in settings:
        if str(key).partition(".")[0] not in MAY_DIFFER:
            hint = did_you_mean(str(key), MAY_DIFFER)
            raise ConfigError(f"arm '{label}': '{key}' may not differ between arms{hint}")


def _strategy(given: Any) -> tuple[str, dict[str, Any]]:
    """The label and the settings of another strategy: its kind, a mapping, or a part."""
    value = value_of(given)
    return _label_of(value), {"strategy": value}


def _schedule(given: Any, campaign: LiveCampaign) -> tuple[str, dict[str, Any]]:
    """The label and the settings of another schedule.

    A mapping without a kind changes keys of the campaign's own; a number is another batch size.
    """
    value = value_of(given)
    if isinstance(value, int) and not isinstance(value, bool):
        value = {"batch_size": value}
    if isinstance(value, dict) and "kind" not in value:
        fields = campaign.scheduler.describe()
        wrong = next((key for key in value if key not in fields), None)
        if wrong is not None:
            raise ConfigError(f"schedule {value}: the scheduler has no key '{wrong}'{did_you_mean(str(wrong), fields)}")
        if "batch_size" in value and "batch_sizes" not in value and campaign.scheduler.batch_sizes:
            raise ConfigError(
                f"schedule {value}: the campaign has `scheduler.batch_sizes`, which go before `batch_size`; give "
                "`{batch_sizes: [...]}`, or a whole schedule with its `kind`"
            )
        label = ", ".join(f"{key.replace('_', ' ')} {one}" for key, one in value.items())
        return label, {f"scheduler.{key}": one for key, one in value.items()}
    return _label_of(value), {"scheduler": value}


def _label_of(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    rest = (f"{key.replace('_', ' ')} {one}" for key, one in value.items() if key != "kind")
    return " ".join((str(value.get("kind", "")), ", ".join(rest))).strip()


def read_arms(path: str | Path) -> dict[str, Any]:
    """The arms in a YAML file: `arms`, label -> {dotted key: value}. Raises ConfigError."""
    data = read_document(path).data
    arms = data.get("arms")
    if not isinstance(arms, dict) or not arms:
        raise ConfigError(f"{path}: expected the key `arms`, with {{label: {{dotted key: value}}}} under it")
    return {str(label): settings for label, settings in arms.items()}


def in_words(arms: Arms) -> Iterator[str]:
    """`genetic: strategy genetic`, for each arm."""
    for label, settings in arms.items():
        its = "; ".join(f"{key} {_label_of(value)}" for key, value in settings.items())
        yield f"{label}: {its or 'the strategy and the schedule of the campaign'}"
