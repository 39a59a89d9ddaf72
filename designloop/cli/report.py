"""`designloop report`: what a run or a study came to, as a page to look at."""

import sys
from pathlib import Path


def write_report(directory: Path, out: Path | None, figures: Path | None) -> None:
    """Write the page of a run or a study, by default report.html in its directory; print where it stands."""
    from designloop.report import write

    target = write(directory, out, figures=figures)
    print(target)
    beside = f"{target.with_suffix('.md')}{f', pictures in {figures}' if figures else ''}"
    print(f"beside it {beside}", file=sys.stderr)
