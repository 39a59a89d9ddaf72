"""`designloop report`: the report of a run or a study as an HTML page."""

import sys
from pathlib import Path


def write_report(directory: Path, out: Path | None, figures: Path | None) -> None:
    """Write the report of a run or a study, by default to report.html in its directory, and print its path."""
    from designloop.report import write

    target = write(directory, out, figures=figures)
    print(target)
    beside = f"{target.with_suffix('.md')}{f', and figures in {figures}' if figures else ''}"
    print(f"also wrote {beside}", file=sys.stderr)
