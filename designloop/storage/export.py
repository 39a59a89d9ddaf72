"""Exports the measurements of a run as a table."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from designloop.core.clock import as_weeks
from designloop.core.records import Event

COLUMNS = {
    "design": int, "sequence": str, "origin": str, "round": int, "outcome": str, "value": float, "std_error": float,
    "replicate": int, "retest": bool, "plate": str, "well": str, "assay": str, "stage": str, "minute": int,
    "week": float,
}  # fmt: skip
"""Name of a column -> type of its values; a value may be missing."""


def observations(events: Iterable[Event]) -> Iterator[dict[str, Any]]:
    """One row for each well that was read and each failed design, in order of arrival. No true values."""
    chosen: dict[int | None, dict[str, Any]] = {}
    for event in events:
        if event.kind == "chosen":
            chosen[event.design] = {name: event.data.get(name) for name in ("sequence", "origin")}
        elif event.kind in ("observed", "failed"):
            facts = {name: event.data.get(name) for name in COLUMNS}
            yield {
                **facts,
                "design": event.design,
                **chosen.get(event.design, {}),
                "minute": event.measured_at,
                "week": round(as_weeks(event.measured_at), 4),
            }


def observations_csv(events: Iterable[Event]) -> str:
    """The observations as CSV, with a header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(observations(events))
    return out.getvalue()
