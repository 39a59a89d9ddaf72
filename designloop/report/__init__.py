"""Reports: one self-contained HTML page with figures for a campaign or a study, read from its stored records only."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from designloop.report.page import Page
    from designloop.storage.result import Result
    from designloop.study.study_result import StudyResult


def write(
    what: "Result | StudyResult | str | Path", path: str | Path | None = None, *, figures: str | Path | None = None
) -> Path:
    """Write the report of a result, or of a run or study directory, as one HTML file, and return its path.

    `path` defaults to `report.html` in the directory. A Markdown summary is written to the same folder. `figures` is a
    folder for every figure as PNG and SVG. Raises InputError if a result that is kept in memory is given no path, and
    StoreError if a directory holds neither a run nor a study or if a file cannot be written.
    """
    from designloop.report.writing import write as written

    directory = Path(what) if isinstance(what, str | Path) else what.directory
    target = _target(directory, path)
    written(report_of(what), target, None if figures is None else Path(figures))
    return target


def _target(directory: Path | None, path: str | Path | None) -> Path:
    if path is not None:
        return Path(path)
    if directory is None:
        from designloop.core.errors import InputError

        raise InputError("this result is kept in memory and has no directory; add a path, such as path='report.html'")
    return directory / "report.html"


def report_of(what: "Result | StudyResult | str | Path") -> "Page":
    """The page of a result, or of a directory that holds a study (it has a study.yaml) or a run.

    Raises StoreError if the directory holds neither.
    """
    if isinstance(what, str | Path):
        from designloop.storage.run_directory import load
        from designloop.study.recorded import load_study

        place = Path(what)
        return report_of(load_study(place) if (place / "study.yaml").is_file() else load(place))
    from designloop.storage.result import Result

    if isinstance(what, Result):
        from designloop.report.campaign import page_of
        from designloop.report.record import Record

        return page_of(Record.of_result(what))
    from designloop.report.studies.judged_study import Judged
    from designloop.report.studies.page import page_of as page_of_study

    return page_of_study(Judged.of_result(what))
