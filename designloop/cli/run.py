"""`designloop run`: run a campaign into a directory of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.cli.shared.campaigns import read_campaign, run_with_progress
from designloop.cli.shared.messages import print_remarks

if TYPE_CHECKING:
    from designloop.campaign import Campaign


def run_campaign(
    config: Path, settings: Sequence[str], seed: int, out: Path | None, *, json: bool, quiet: bool
) -> None:
    """Run a campaign into `out`, by default runs/<name>/seed-<seed>."""
    from designloop.cli.shared.forecast import forecast
    from designloop.oracles.remarks import remarks_on

    campaign = read_campaign(config, settings)
    directory = out or Path("runs") / campaign.name / f"seed-{seed}"
    if not (quiet or json):
        print_remarks([*remarks_on(campaign.oracle, campaign.prior.corpus), *campaign.lab.remarks])
    run_with_progress(
        lambda report: campaign.run(seed=seed, store=directory, progress=report),
        directory,
        json=json,
        quiet=quiet,
        foretell=lambda history: (
            f"estimated time: {forecast(campaign.strategy, campaign.scheduler, history)}{_besides(campaign)}"
        ),
    )


def _besides(campaign: "Campaign") -> str:
    """The part of the run time that a forecast cannot know, because it never calls the oracle."""
    oracle = campaign.oracle
    is_ours = type(oracle).__module__.startswith("designloop.") and oracle.kind != "function"
    return "" if is_ours else f", plus the time of {oracle.known_as}"
