"""Reports show what a run came to: figures and one self-contained HTML page, read from storage only."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from designloop.report.page import Page


def report(directory: Path) -> "Page":
    """The page of what a directory holds: a study (there is a study.yaml), or a run. Raises StoreError for neither."""
    if (directory / "study.yaml").is_file():
        from designloop.report.studies.page import study_report

        return study_report(directory)
    from designloop.report.campaign import campaign_report

    return campaign_report(directory)
