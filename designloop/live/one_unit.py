"""The unit of the results: all files that are told have the same one, as far as they say it."""

from collections.abc import Iterator

from designloop.core.errors import LiveError
from designloop.core.readers.headers import folded
from designloop.core.records import Event
from designloop.live.record import Record

_PERCENT = "%"
_FILES = ("told", "imported")


def same_unit(record: Record, unit: str, file: str) -> Iterator[str]:
    """A remark where a file has no unit, and others have one; else nothing. Raises LiveError where units differ."""
    before = [event for event in record.events if event.kind in _FILES and event.data["n"]]
    others = [event for event in reversed(before) if event.data.get("unit", "") != unit]
    if not others:
        return
    other = next((event for event in others if event.data.get("unit")), others[0])
    said = str(other.data.get("unit", ""))
    if (unit and said) or _PERCENT in (unit, said):
        raise LiveError(
            f"{file}: the values are in {unit or 'no unit'}, but those of entry {other.data['entry']} are in "
            f"{said or 'no unit'}; convert them, and say the unit, as in a header `value ({said or 'nM'})`"
        )
    if said:
        yield f"{file}: no unit is given; the values are taken to be in {said}, as those of entry {_entry(other)}"
    else:
        yield f"{file}: the values are in {unit}; those of entry {_entry(other)} say no unit, and are taken to be in it"


def same_column(record: Record, column: str | None, file: str) -> Iterator[str]:
    """A remark where the values stand in another column than those of the last file, as its unit may differ too."""
    told = [event for event in record.events if event.kind == "told" and "column" in event.data]
    if column is not None and told and folded(told[-1].data["column"]) != folded(column):
        yield (
            f"{file}: the values of earlier files stood in column '{told[-1].data['column']}' (entry "
            f"{_entry(told[-1])}), and these stand in '{column}'"
        )


def _entry(event: Event) -> int:
    return int(event.data["entry"])


def fact(unit: str) -> dict[str, str]:
    """What an event says of a unit; nothing where there is none."""
    return {"unit": unit} if unit else {}
