"""`designloop run`, `resume`, `extend` and `validate`: read a campaign, and let it go."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.cli.progress import Foretell, Report, reporting
from designloop.cli.show import print_summary
from designloop.core.config import build, override, read_document, setting_in, to_yaml
from designloop.core.errors import ConfigError, DesignloopError, StoreLost

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
    if "axes" in document.data and "oracle" not in document.data:
        raise ConfigError(f"{config} describes a study; run it with `designloop study {config}`")
    override(document, settings)
    document.data.setdefault("name", config.stem)
    campaign = build(Campaign, document)
    if campaign.name in (".", "..") or set(campaign.name) & set("/\\"):
        raise ConfigError(f"the name '{campaign.name}' names no folder in runs/; give a plain one ({config})")
    return campaign


def run_campaign(
    config: Path, settings: Sequence[str], seed: int, out: Path | None, *, json: bool, quiet: bool
) -> None:
    """Run a campaign into `out`, by default runs/<name>/seed-<seed>."""
    from designloop.cli.forecast import forecast

    campaign = read_campaign(config, settings)
    directory = out or Path("runs") / campaign.name / f"seed-{seed}"
    if not (quiet or json):
        _say(campaign.oracle.remarks)
    _told(
        lambda report: campaign.run(seed=seed, store=directory, progress=report),
        directory,
        json=json,
        quiet=quiet,
        foretell=lambda history: (
            f"this takes {forecast(campaign.strategy, campaign.scheduler, history)}{_besides(campaign)}"
        ),
    )


def _besides(campaign: "Campaign") -> str:
    """What a forecast cannot know: it never asks an oracle."""
    oracle = campaign.oracle
    is_ours = type(oracle).__module__.startswith("designloop.") and oracle.kind != "function"
    return "" if is_ours else f", and what {oracle.known_as} takes"


def resume_campaign(directory: Path, *, json: bool, quiet: bool) -> None:
    """Go on with the run in `directory`: its own campaign, its own seed."""
    from designloop.campaign import Campaign
    from designloop.storage.run_directory import recorded

    recorded(directory)  # says what is missing where there is no run
    campaign = Campaign.read(directory)
    _told(lambda report: campaign.resume(directory, progress=report), directory, json=json, quiet=quiet)


def extend_campaign(directory: Path, settings: Sequence[str], *, json: bool, quiet: bool) -> None:
    """Go on with the finished run in `directory` under changes."""
    from designloop.extension import extend
    from designloop.storage.run_directory import recorded

    recorded(directory)  # says what is missing where there is no run
    changes = dict(setting_in(setting) for setting in settings)
    _told(lambda report: extend(directory, changes, progress=report), directory, json=json, quiet=quiet)


def validate_campaign(config: Path, settings: Sequence[str]) -> None:
    """Print the campaign with every default filled in, once its files have been read and found right."""
    campaign = read_campaign(config, settings)
    known = campaign.known()
    print(to_yaml(campaign.describe()), end="")
    if (highest := campaign.oracle.optimum) is not None:
        print(f"the highest value of its landscape is {highest:.6g}", file=sys.stderr)
    _say([*campaign.oracle.remarks, *known.remarks])
    print(f"{config} describes a campaign that can run", file=sys.stderr)


def _say(remarks: Sequence[str]) -> None:
    """What was guessed, merged or left out as the files were read: a line each."""
    for remark in remarks:
        print(f"note: {remark}", file=sys.stderr)


def _told(
    run: Callable[[Report | None], "Summary"],
    directory: Path,
    *,
    json: bool,
    quiet: bool,
    foretell: Foretell = lambda _: "",
) -> None:
    """Run with its progress told, print its summary; a run that ends early says how to go on."""
    try:
        with reporting(sys.stderr, quiet=quiet or json, foretell=foretell) as report:
            result = run(report)
    except KeyboardInterrupt as interrupt:
        raise Interrupted(f"interrupted; to go on: designloop resume {directory}") from interrupt
    except Exception as error:
        if getattr(error, "exit_code", 1) == 1 and not isinstance(error, StoreLost):
            error.add_note(f"What came before is kept. Once it is mended, go on with: designloop resume {directory}")
        raise
    print_summary(result, json=json, quiet=quiet)
