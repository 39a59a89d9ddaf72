"""`designloop export`: the cells of a study and their traces as tables."""

from pathlib import Path
from typing import Literal

from designloop.core.errors import ConfigError, did_you_mean

_FORMATS = ("parquet", "csv")


def export_study(directory: Path, out: Path | None, format: str) -> None:
    """Write the cells of the study and their traces as tables."""
    from designloop.study.export import write_tables
    from designloop.study.recorded import results_of

    if format not in _FORMATS:
        raise ConfigError(f"--format: unknown format '{format}'{did_you_mean(format, _FORMATS)}")
    chosen: Literal["parquet", "csv"] = "csv" if format == "csv" else "parquet"
    for path in write_tables(results_of(directory), out or directory, chosen):
        print(path)
