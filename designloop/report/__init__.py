"""Reports show what a run came to: figures and one self-contained HTML page, read from storage only."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from designloop.report.page import Page


def report(directory: Path) -> "Page":
    """The page of what a directory holds: a run. Raises StoreError where it holds none."""
    from designloop.report.campaign import campaign_report

    return campaign_report(directory)
