"""The sources of a run: its description, and the SHA-256 of every file that the description names.

They are part of the record, so that a run is resumed with the same sources. A path is recorded by its last component
only: the same campaign gives the same record wherever its files are.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from designloop.core.contents import digest, file_digest, place_named
from designloop.core.errors import ConfigError
from designloop.core.own_code import code_named, programs_in
from designloop.core.parts import Part

_LIMITS = ("workers", "seconds", "start_seconds", "restarts", "back_off", "max_output")
_IDLE: Mapping[str, tuple[str, ...]] = dict.fromkeys(("command", "python", "parallel"), _LIMITS)
"""Kind of a part of designloop -> fields of which no value changes a result; a failed run may go on with others."""
_LIMIT_OF_A_CAMPAIGN = "oracle_seconds"


@dataclass(frozen=True, slots=True)
class Sources:
    """What a run reads."""

    description: Mapping[str, Any] | None = None
    """The campaign, with paths by their last component; None if one of its parts exists only in this process."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Dotted key of the description -> SHA-256 of the data, the table or the model that it names."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Dotted key -> that file or folder, as in the description."""
    code: Mapping[str, str] = field(default_factory=dict)
    """The user's Python files, including imported ones, and the files of outside programs -> SHA-256."""

    def changed(self, changes: Mapping[str, Any]) -> "Sources":
        """The sources after a change of these keys of the description; earlier code is kept."""
        new = sources_in(changes)
        return Sources(
            self.description,
            {**kept(self.files, changes), **new.files},
            {**kept(self.paths, changes), **new.paths},
            {**self.code, **new.code},
        )

    def facts(self) -> dict[str, Any]:
        """The data for the `opened` event."""
        return {"description": self.description, "files": dict(self.files)}


def sources_of(part: Part) -> Sources:
    """The current sources of a part; missing files are skipped."""
    try:
        return sources_in(part.describe())
    except ConfigError:
        return Sources()


def sources_in(description: Mapping[str, Any]) -> Sources:
    """The sources of a description (plain data), or of some keys of a campaign's description."""
    named = dict(texts(description))
    programs = programs_in(named)
    files_of = {**{key: code_named(text) for key, text in named.items() if key not in programs}, **programs}
    code = {str(file): file_digest(file) for key in named for file in files_of[key]}
    places = {key: (text, place_named(text)) for key, text in named.items() if is_path(text) and key not in programs}
    paths = {key: text for key, (text, place) in places.items() if place is not None}
    files = {key: digest(place) for key, (_, place) in places.items() if place is not None}
    return Sources(without_folders(description), files, paths, code)


def kept(by_key: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, str]:
    """The entries whose dotted key is not below one of the changed keys."""
    return {key: entry for key, entry in by_key.items() if key.partition(".")[0] not in changes}


def is_path(text: str) -> bool:
    """Whether a text of a description is an absolute path; descriptions contain no relative paths."""
    return Path(text).is_absolute() or text.startswith(("~", "$"))


def without_idle(data: Any) -> Any:
    """A description without the fields that change no result, such as the number of processes of an oracle."""
    if isinstance(data, Mapping):
        idle = (*_IDLE.get(str(data.get("kind")), ()), _LIMIT_OF_A_CAMPAIGN)
        return {key: without_idle(value) for key, value in data.items() if key not in idle}
    return [without_idle(value) for value in data] if isinstance(data, list | tuple) else data


def without_folders(data: Any) -> Any:
    """A description as JSON values, with each path by its last component and keys as text; without idle fields."""
    if isinstance(data, Mapping):
        return {str(key): without_folders(value) for key, value in without_idle(data).items()}
    if isinstance(data, list | tuple):
        return [without_folders(value) for value in data]
    if isinstance(data, str):
        return Path(data).name if is_path(data) else data
    return str(data) if isinstance(data, float) and not isfinite(data) else data


def changes(before: Any, after: Any, key: str = "") -> Iterator[str]:
    """`scheduler.batch_size: 12 became 6`, for each key in which two descriptions differ; `strategy: random became
    genetic` where a part was replaced.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before.get("kind") == after.get("kind"):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from changes(before.get(name), after.get(name), f"{key}.{name}" if key else name)
    elif before != after:
        yield f"{key}: {_short(before)} became {_short(after)}"


def _short(value: Any) -> str:
    """A value as short text: a part by its kind, a mapping without empty entries."""
    if isinstance(value, Mapping) and "kind" in value:
        return str(value["kind"])
    if isinstance(value, Mapping):
        value = {key: one for key, one in value.items() if one not in (None, [], {})}
    text = "none" if value is None else json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def texts(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """(dotted key, text) for every text of a description."""
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, Mapping):
        for name, child in node.items():
            yield from texts(child, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list) and not all(isinstance(child, int | float) for child in node):
        for ordinal, child in enumerate(node):
            yield from texts(child, f"{key}.{ordinal}")
