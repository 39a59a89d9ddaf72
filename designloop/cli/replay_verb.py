"""The command `designloop replay`: its options."""

from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.completion import runs
from designloop.cli.shared.options import Json, Quiet


def replay(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Directory of a run or of a live campaign.", autocompletion=runs)
    ],
    strategy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STRATEGY", help="A name, a file (YAML) or `own`, the campaign's; may be repeated. Default: own."
        ),
    ] = None,
    among: Annotated[
        str,
        typer.Option(
            help="space: any sequence; later: designs measured at the decision or later; batch: those of the batch."
        ),
    ] = "space",
    designs: Annotated[
        int | None, typer.Option(min=1, help="Designs to choose at each decision. Default: as many as the batch has.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Number of seeds. Default: 1 in the whole space, else 5.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="First seed. Default: that of the campaign.")] = None,
    top: Annotated[float, typer.Option(help="Share of the measured designs that count as hits.")] = 0.1,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a page with pictures.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what strategies would have chosen at each decision of a recorded campaign, and what that was worth."""
    from designloop.cli.replay import Ask, replay_campaign

    ask = Ask(directory, strategy or (), among, designs, seeds, seed, top)
    replay_campaign(ask, html, json=json, quiet=quiet)
