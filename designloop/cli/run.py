"""`designloop run`, `resume` and `validate`: read a campaign, and let it go."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.cli.progress import reporting
from designloop.cli.show import print_summary
from designloop.core.config import build, override, read_document, to_yaml

if TYPE_CHECKING:
    from designloop.campaign import Campaign


def read_campaign(config: Path, settings: Sequence[str]) -> "Campaign":
    """The campaign a file describes, with `--set` applied. Raises ConfigError: key, line and mend."""
    from designloop.campaign import Campaign

    document = read_document(config)
    override(document, settings)
    document.data.setdefault("name", config.stem)
    return build(Campaign, document)


def run_campaign(
    config: Path, settings: Sequence[str], seed: int, out: Path | None, *, json: bool, quiet: bool
) -> None:
    """Run a campaign into `out`, by default runs/<name>/seed-<seed>."""
    campaign = read_campaign(config, settings)
    _run(campaign, seed, out or Path("runs") / campaign.name / f"seed-{seed}", json=json, quiet=quiet)


def resume_campaign(directory: Path, *, json: bool, quiet: bool) -> None:
    """Go on with the run in `directory`: its own campaign, its own seed."""
    from designloop.storage.directory import recorded

    campaign, seed = recorded(directory)
    _run(campaign, seed, directory, json=json, quiet=quiet)


def validate_campaign(config: Path, settings: Sequence[str]) -> None:
    """Print the campaign with every default filled in, once its files have been read and found right."""
    campaign = read_campaign(config, settings)
    print(to_yaml(campaign.describe()), end="")
    print(f"{config} describes a campaign that can run", file=sys.stderr)


def _run(campaign: "Campaign", seed: int, directory: Path, *, json: bool, quiet: bool) -> None:
    try:
        with reporting(sys.stderr, quiet=quiet or json) as report:
            result = campaign.run(seed=seed, store=directory, progress=report)
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(f"interrupted; to go on: designloop resume {directory}") from interrupt
    print_summary(result.summary(), json=json, quiet=quiet)
