"""`designloop show` and `schema`: what a run came to, and what a campaign may say."""

from collections.abc import Mapping
from json import dumps
from pathlib import Path
from typing import Any


def show_run(directory: Path, *, json: bool, quiet: bool) -> None:
    """The summary of the run in `directory`."""
    from designloop.storage.directory import summary_of

    print_summary(summary_of(directory), json=json, quiet=quiet)


def print_summary(summary: Mapping[str, Any], *, json: bool, quiet: bool) -> None:
    """A summary as one JSON object, as its best only, or in full."""
    if json:
        print(dumps(summary, allow_nan=False))
    else:
        names = ("best_recommended",) if quiet else tuple(summary)
        for name in names:
            print(f"{name.replace('_', ' '):18} {summary[name]}")


def print_schema() -> None:
    """The JSON Schema of a campaign."""
    from designloop.campaign import Campaign
    from designloop.core.schema import schema_of

    print(dumps(schema_of(Campaign), indent=2))
