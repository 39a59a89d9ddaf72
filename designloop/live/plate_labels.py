"""Plates in result files: which plate of the campaign each label of a file means."""

from collections.abc import Iterator, Mapping, Sequence

from designloop.core.errors import InputError, near_word
from designloop.live.agreeing import is_told
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Tickets


def plates_meant(tickets: Tickets, rows: Sequence[ResultRow], given: str | None) -> Mapping[str, str]:
    """Label in the file -> plate of the campaign; `given` is the plate of a file with one label.

    A label that names no plate is the plate of which the file was told before, else the only one with wells to come.
    Raises InputError where it is not clear.
    """
    known = tickets.plates
    if given is not None and given not in known:
        raise InputError(f"no plate '{given}'{near_word(given, known)}; plates: {', '.join(known) or 'none'}")
    labels = dict.fromkeys(row.plate for row in rows)
    if given is not None and len(labels) > 1:
        raise InputError(f"the file has the plates {', '.join(labels)}, so it is not plate {given} alone")
    return {label: given or _meant(tickets, label, rows, is_only=len(labels) == 1) for label in labels}


def _meant(tickets: Tickets, label: str, rows: Sequence[ResultRow], *, is_only: bool) -> str:
    words = label.upper().translate(str.maketrans(",;:()[]", " " * 7)).split()
    named = [name for name in tickets.plates if name in words]
    told = [name for name in tickets.plates if is_only and _is_told_on(tickets, name, rows)]
    waiting = [name for name in tickets.plates if any(_is_to_come(tickets, name))]
    fitting = named or told[:1] or (waiting if is_only else [])
    if len(fitting) != 1:
        raise InputError(
            f"plate '{label}' of the file may be any of {', '.join(waiting or tickets.plates) or 'none'}; write its "
            "name above it or into the column `plate`, or give it as in `--plate R1P1`"
        )
    return fitting[0]


def _is_told_on(tickets: Tickets, plate: str, rows: Sequence[ResultRow]) -> bool:
    """Whether everything that the rows say of the designs of a plate was told before."""
    held = ((row, tickets.plates[plate].get(row.well)) for row in rows if row.value is not None)
    wells = [(row, its) for row, its in held if its is not None and not isinstance(its, str)]
    round_ = tickets.round_of[plate]
    return bool(wells) and all(is_told(tickets.tickets[round_, its[0]], row) for row, its in wells)


def _is_to_come(tickets: Tickets, plate: str) -> Iterator[bool]:
    """For each well of a design, whether its result is to come."""
    for its in tickets.plates[plate].values():
        if not isinstance(its, str):
            yield its[1] in tickets.tickets[tickets.round_of[plate], its[0]].to_come
