"""What tests of live campaigns share: a small campaign, its live twin, and files as a simulated lab would send them."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from stubs import CountingOracle, Scripted, small

from designloop.campaign import Campaign
from designloop.core.records import Event
from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live
from designloop.scheduling.base import Budget
from designloop.scheduling.rounds import Rounds
from designloop.storage.export import COLUMNS, observations


def twin(campaign: Campaign, **lab: Any) -> LiveCampaign:
    """The live campaign of a simulation: all but the lab stays."""
    described = campaign.describe()
    return LiveCampaign.model_validate({**described, "lab": {"preset": "live", **lab}})


def begun(folder: Path, lab: dict[str, Any] | None = None, **changes: Any) -> Live:
    """A live campaign of two batches of six, begun at a known moment."""
    fields: dict[str, Any] = {
        "name": "rbs", "oracle": CountingOracle(), "strategy": Scripted(), "scheduler": Rounds(batch_size=6),
        "budget": Budget(designs=12), "lab": {"preset": "live", **(lab or {})}, **changes,
    }  # fmt: skip
    return Live.begin(LiveCampaign.model_validate(fields), folder / "live", start="2026-03-02 09:00", by="ana")


def written(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], separator: str = ",") -> Path:
    """A table in a file."""
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out, delimiter=separator).writerows([header, *rows])
    return file


def as_told(events: Iterable[Event], file: Path) -> Path:
    """The results of a simulated lab in a file, with full precision and their minutes."""
    rows = [[row.get(name) for name in COLUMNS] for row in observations(events)]
    return written(file, list(COLUMNS), rows)


__all__ = ["as_told", "begun", "small", "twin", "written"]
