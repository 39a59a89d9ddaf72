"""The commands of `designloop lab`: their options."""

from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.completion import labs
from designloop.cli.shared.options import Json, LabSettings, Quiet

lab = typer.Typer(help="See a lab without a campaign.", no_args_is_help=True, rich_markup_mode=None)


@lab.command()
def show(
    target: Annotated[
        str,
        typer.Argument(
            metavar="LAB",
            help="A preset, the file of a lab, or a campaign file (YAML), of which only `lab` is read.",
            autocompletion=labs,
        ),
    ],
    settings: LabSettings = None,
    batches: Annotated[int, typer.Option(min=1, help="Number of batches.")] = 200,
    size: Annotated[int, typer.Option(min=1, help="Designs in a batch.")] = 96,
    every: Annotated[float, typer.Option(metavar="DAYS", help="Days from one batch to the next.")] = 7.0,
    length: Annotated[int, typer.Option(min=1, max=100_000, help="Letters of a design, for prices by length.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a page with pictures.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw a lab, put batches through it, and measure what one more machine or person would buy."""
    from designloop.cli.lab import Ask, show_lab

    show_lab(Ask(target, settings or (), batches, size, every, length, seed), html, json=json, quiet=quiet)
