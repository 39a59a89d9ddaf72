"""Starting points: the preset or the file that the description of a lab begins with, and the changes to it."""

from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from designloop.core.config import Document, read_document
from designloop.core.durations import read_duration
from designloop.core.errors import ConfigError, did_you_mean
from designloop.core.files import is_file, near_files
from designloop.core.parts import Part

_PRESETS = Path(__file__).parent / "presets"
PRESETS = ("instant", "good", "typical", "cellfree", "strain", "academic", "biofoundry", "cloud", "cro", "antibody")
"""First the stages alone, then kinds of labs with their people and machines."""


_NAMED = {"stages": "stage", "background": "background"}
"""Lists of a lab whose entries a mapping changes by their names."""


def is_file_of_lab(name: Any) -> bool:
    """Whether a name is that of a file, not of a preset."""
    return isinstance(name, str) and name.lower().endswith((".yaml", ".yml"))


def path_of(name: str, folder: Path | None) -> Path:
    """The file of that name in the folder of the campaign's file, or in the working folder. Raises ValueError."""
    places = [(folder or Path()) / name, Path(name)]
    found = next((place for place in places if is_file(place)), None)
    if found is None:
        hint = near_files(places[0]) or "; name a file beside the campaign's, or one in the working folder"
        raise ValueError(f"no file '{name}'{hint}")
    return found


def document_of(path: Path) -> Document:
    """The document of a lab: a whole file, or the key `lab` of a campaign or of the base of a study."""
    document = read_document(path)
    for keys in (("lab",), ("base", "lab")):
        if (found := _at(document.data, keys)) is not None:
            document = _below(document, keys, {"preset": found} if isinstance(found, str) else found)
            break
    else:
        if "oracle" in document.data or "base" in document.data:
            raise ConfigError(f"{path} describes a campaign without a lab; add `lab`, such as lab: good")
    if is_file_of_lab(document.data.get("preset")):
        raise ConfigError(f"{path}: the file of a lab may begin with a preset ({', '.join(PRESETS)}), not with a file")
    return document


def _below(document: Document, keys: tuple[str, ...], data: Any) -> Document:
    places = {place[len(keys) :]: line for place, line in document.places.items() if place[: len(keys)] == keys}
    return Document(data, document.name, places)


def _at(data: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def preset_data(name: Any) -> dict[str, Any]:
    """The plain data of a preset. Raises ValueError with the nearest valid name."""
    if name not in PRESETS:
        raise ValueError(f"unknown lab preset '{name}'{did_you_mean(str(name), PRESETS)}")
    return deepcopy(_read_preset(name))


@cache
def _read_preset(name: str) -> dict[str, Any]:
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
