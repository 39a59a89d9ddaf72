"""`designloop resume`: go on with a run that was stopped."""

from pathlib import Path

from designloop.cli.shared.campaigns import run_with_progress


def resume_campaign(directory: Path, *, json: bool, quiet: bool) -> None:
    """Go on with the run in `directory`: its own campaign, its own seed."""
    from designloop.campaign import Campaign
    from designloop.storage.run_directory import recorded

    recorded(directory)  # says what is missing where there is no run
    campaign = Campaign.read(directory)
    run_with_progress(lambda report: campaign.resume(directory, progress=report), directory, json=json, quiet=quiet)
