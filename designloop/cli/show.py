"""`designloop show`: the summary of a run, finished or not."""

import sys
from pathlib import Path

from designloop.cli.shared.summaries import print_summary


def show_run(directory: Path, *, json: bool, quiet: bool) -> None:
    """Print the summary of the run in `directory`, finished or not."""
    from designloop.storage.run_directory import load

    result = load(directory)
    print_summary(result, json=json, quiet=quiet)
    if result.stop is None:
        is_live = "began" in result.events[0].data
        note = f"a live campaign: `designloop live status {directory}` shows its rounds and entries"
        run = f"not finished; if it is not running, continue it with `designloop resume {directory}`"
        print(f"note: {note if is_live else run}", file=sys.stderr)
    if quiet and result.unreliable:
        print(f"warning: {result.unreliable}", file=sys.stderr)
