"""The presets of labs as plain data, and changes of such data, as in YAML."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from designloop.core.durations import read_duration
from designloop.core.errors import did_you_mean
from designloop.core.parts import Part

_PRESETS = Path(__file__).parent / "presets"
PRESETS = ("instant", "good", "typical", "cellfree", "strain", "academic", "biofoundry", "cloud", "cro", "antibody")
_NAMED = {"stages": "stage", "background": "background"}
"""Lists of a lab whose entries a mapping changes by their names."""


def preset_data(name: Any) -> dict[str, Any]:
    """The plain data of a preset. Raises ValueError with the nearest valid name."""
    if name not in PRESETS:
        raise ValueError(f"unknown lab preset '{name}'{did_you_mean(str(name), PRESETS)}")
    return deepcopy(_read_preset(name))


@cache
def _read_preset(name: str) -> dict[str, Any]:
    from designloop.core.config import read_document

    return read_document(_PRESETS / f"{name}.yaml").data


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`base` updated with `changes`, key by key; a mapping for `stages` or `background` changes those that it names.

    A duration, and a part with a `preset`, replaces what was there.
    """
    result = dict(base)
    for key, change in changes.items():
        before = result.get(key)
        if isinstance(change, Part):
            result[key] = change
        elif key in _NAMED and isinstance(change, dict):
            result[key] = _changed_by_name(before, change, _NAMED[key])
        elif isinstance(before, dict) and isinstance(change, dict) and not ("preset" in change or _is_duration(before)):
            result[key] = merged(before, change)
        elif key == "noise" and isinstance(before, str) and isinstance(change, dict) and "preset" not in change:
            result[key] = {"preset": before, **change}
        else:
            result[key] = change
    return result


def _is_duration(data: dict[str, Any]) -> bool:
    try:
        read_duration(data)
    except ValueError:
        return False
    return True


def _changed_by_name(parts: Any, changes: dict[str, Any], what: str) -> list[dict[str, Any]]:
    parts = parts or []  # the instant lab has none
    names = [part["name"] for part in parts]
    for name in changes:
        if name not in names:
            raise ValueError(f"unknown {what} '{name}'{did_you_mean(str(name), names)}")
    return [_changed_part(part, changes.get(part["name"], {})) for part in parts]


def _changed_part(part: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A part with a change; one of another kind replaces it, and keeps its name."""
    return {"name": part["name"], **change} if "kind" in change else {**part, **change}
