"""`designloop show`: the summary of a run, finished or not."""

from pathlib import Path

from designloop.cli.shared.summaries import print_summary


def show_run(directory: Path, *, json: bool, quiet: bool) -> None:
    """Print the summary of the run in `directory`, finished or not."""
    from designloop.storage.run_directory import load

    print_summary(load(directory), json=json, quiet=quiet)
