"""A campaign from the command line: read from its file, and run with its progress told and its summary printed."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.cli.shared.summaries import print_summary
from designloop.core.config import build, override, read_document
from designloop.core.errors import ConfigError, DesignloopError, StoreLost
from designloop.core.faults import asked_first
from designloop.progress.campaigns import Foretell, Report, reporting

if TYPE_CHECKING:
    from designloop.campaign import Campaign
    from designloop.storage.summary import Summary


class Interrupted(DesignloopError):
    """A run was stopped by its user, who can go on with it."""

    exit_code = 130  # as a shell reports an interrupt


def read_campaign(config: Path, settings: Sequence[str]) -> "Campaign":
    """The campaign a file describes, with `--set` applied. Raises ConfigError: key, line and mend."""
    from designloop.campaign import Campaign

    document = read_document(config)
    if {"base", "axes"} & set(document.data) and "oracle" not in document.data:
        raise ConfigError(f"{config} describes a study; run it with `designloop study {config}`")
    override(document, settings)
    document.data.setdefault("name", config.stem)
    campaign = build(Campaign, document)
    if campaign.name in (".", "..") or set(campaign.name) & set("/\\"):
        raise ConfigError(f"the name '{campaign.name}' names no folder in runs/; give a plain one ({config})")
    return campaign


def oracles_remarks(campaign: "Campaign") -> tuple[str, ...]:
    """What the oracle remarks on its files. Raises ConfigError where its author's code raises."""
    with asked_first(campaign.oracle, "remarks"):
        return campaign.oracle.remarks


def print_remarks(remarks: Sequence[str]) -> None:
    """What was guessed, merged or left out as the files were read: a line each."""
    for remark in remarks:
        print(f"note: {remark}", file=sys.stderr)


def run_with_progress(
    run: Callable[[Report | None], "Summary"],
    directory: Path,
    *,
    json: bool,
    quiet: bool,
    foretell: Foretell = lambda _: "",
    go_on: Callable[[], str] | None = None,
) -> None:
    """Run with its progress told, print its summary; a run that ends early says how to go on, by `go_on`."""
    how = go_on or (lambda: f"designloop resume {directory}")
    try:
        with reporting(sys.stderr, quiet=quiet or json, foretell=foretell) as report:
            result = run(report)
    except KeyboardInterrupt as interrupt:
        raise Interrupted(f"interrupted; to go on: {how()}") from interrupt
    except Exception as error:
        if getattr(error, "exit_code", 1) == 1 and not isinstance(error, StoreLost):
            error.add_note(f"What came before is kept. Once it is mended, go on with: {how()}")
        raise
    print_summary(result, json=json, quiet=quiet)
