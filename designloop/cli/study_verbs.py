"""The commands of studies: their options."""

from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.completion import configs
from designloop.cli.shared.options import ChangePlan, Json, Quiet, Settings, Smoke, StudyDirectory


def study(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="Study file (YAML).", autocompletion=configs)],
    settings: Settings = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Study folder. Default: runs/<name>/study.")] = None,
    engine: Annotated[
        str, typer.Option(help="processes: run on this machine; dask: run on the workers of a Dask scheduler.")
    ] = "processes",
    workers: Annotated[int | None, typer.Option(min=1, help="Number of processes. Default: one per core.")] = None,
    address: Annotated[
        str | None, typer.Option(help="Address of the Dask scheduler, such as tcp://127.0.0.1:8786.")
    ] = None,
    smoke: Smoke = False,
    change_plan: ChangePlan = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the campaigns of a study in parallel. Campaigns that are already recorded are not run again."""
    from designloop.cli.study import run_study_config

    run_study_config(
        config,
        settings or [],
        out,
        engine=engine,
        workers=workers,
        address=address,
        smoke=smoke,
        change_plan=change_plan,
        json=json,
        quiet=quiet,
    )


def compare(
    directory: StudyDirectory,
    trace: Annotated[
        str | None, typer.Option(help="Trace to compare: true, recommended or common. Default: the study's.")
    ] = None,
    axis: Annotated[str | None, typer.Option(help="Axis of the comparison: designs, weeks or cost.")] = None,
    at: Annotated[
        float | None, typer.Option(help="Point on that axis. Default: the last that all campaigns reached.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Print all tables.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    json: Json = False,
) -> None:
    """Print the verdict on a study: which contestant is ahead, by how much, and whether that is significant."""
    from designloop.cli.compare import compare_study

    compare_study(directory, trace, axis, at, every=every, json=json, markdown=markdown)


def export(
    directory: StudyDirectory,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Output folder. Default: the study's folder.")] = None,
    format: Annotated[str, typer.Option(help="Table format: parquet or csv.")] = "parquet",
) -> None:
    """Export the cells of a study and their traces as tables."""
    from designloop.cli.export import export_study

    export_study(directory, out, format)
