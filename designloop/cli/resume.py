"""`designloop resume`: continue a run that was stopped."""

from pathlib import Path

from designloop.cli.shared.campaigns import check_is_simulated, run_with_progress


def resume_campaign(directory: Path, *, json: bool, quiet: bool) -> None:
    """Continue the run in `directory` with its recorded campaign and seed."""
    from designloop.campaign import Campaign
    from designloop.storage.run_directory import recorded

    recorded(directory)  # says what is missing where there is no run
    check_is_simulated(directory)
    campaign = Campaign.read(directory)
    run_with_progress(lambda report: campaign.resume(directory, progress=report), directory, json=json, quiet=quiet)
