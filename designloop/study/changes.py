"""Changes of a study whose cells are recorded: those that would silently replace its plan are refused."""

from collections.abc import Iterator, Mapping
from typing import Any

from designloop.core.sources import changes, without_folders

_JUDGED = ("compare", "landscape", "floor", "threshold", "decide", "look")
"""Keys that say what is judged. No cell depends on them."""
_RUN = ("base", "settings", "is_smoke")
"""Keys on which every cell depends."""


def unplanned(old: Mapping[str, Any], new: Mapping[str, Any], *, has_equal_cells: bool = False) -> Iterator[str]:
    """`look.trace: "recommended" became "true"`, for each change that is refused once cells are recorded.

    `old`, `new`: descriptions. More instances or seeds, and labels that are added or removed, change no recorded cell.
    With `has_equal_cells`, neither do the campaigns, however they are spelled.
    """
    before, after = without_folders(old), without_folders(new)
    for key in ("instances", "seeds"):
        if after[key] < before[key]:
            yield from changes(before[key], after[key], key)
    yield from changes(sorted(before["axes"]), sorted(after["axes"]), "axes")
    for key in _JUDGED:
        yield from changes(*_common(before[key], after[key]), key)
    if not has_equal_cells:
        for key in _RUN:
            yield from changes(before[key], after[key], key)
        for name in before["axes"].keys() & after["axes"].keys():
            yield from changes(*_common(before["axes"][name], after["axes"][name]), f"axes.{name}")


def _common(before: Any, after: Any) -> tuple[Any, Any]:
    """The labels that both have, of two mappings or lists; other values as they are."""
    if isinstance(before, list) and isinstance(after, list):
        return None, None
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return before, after
    both = [label for label in before if label in after]
    return {label: before[label] for label in both}, {label: after[label] for label in both}


def are_equal(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the cells at the places that two plans share are the same campaigns; plans are {key: cell}."""
    before, after = _by_place(old), _by_place(new)
    return all(after.get(place, key) == key for place, key in before.items())


def _by_place(cells: Mapping[str, Mapping[str, Any]]) -> dict[tuple[Any, ...], str]:
    return {
        (*sorted(cell["labels"].items()), cell["instance"], cell["seed"]): key
        for key, cell in cells.items()
        if not cell.get("is_confirmation")
    }
