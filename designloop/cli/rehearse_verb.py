"""The command `designloop rehearse`: its options."""

from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.completion import runs
from designloop.cli.shared.options import Json, Quiet, Settings


def rehearse(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Directory of the live campaign.", autocompletion=runs)
    ],
    lab: Annotated[
        str | None,
        typer.Option(metavar="LAB", help="The lab to simulate: a preset, or a file. Default: `lab.simulated`."),
    ] = None,
    strategies: Annotated[
        list[str] | None, typer.Option("--strategy", metavar="STRATEGY", help="Another strategy; may be repeated.")
    ] = None,
    schedules: Annotated[
        list[str] | None,
        typer.Option(
            "--schedule", metavar="SCHEDULE", help="Another schedule, such as 48 or '{kind: weekly, batch_size: 24}'."
        ),
    ] = None,
    arms: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Further arms (YAML): label to dotted keys.")
    ] = None,
    settings: Settings = None,
    repeats: Annotated[int, typer.Option(metavar="N", help="Simulations of each arm.")] = 20,
    weeks: Annotated[
        float | None, typer.Option(metavar="N", help="Weeks from now on. Default: what the budget leaves.")
    ] = None,
    target: Annotated[float | None, typer.Option(metavar="VALUE", help="A true value to reach.")] = None,
    truth: Annotated[
        str, typer.Option(metavar="TRUTH", help="`posterior`, or a YAML file with the description of an oracle.")
    ] = "posterior",
    surrogate: Annotated[
        str | None, typer.Option(metavar="KIND", help="Model of which truths are drawn. Default: linear models.")
    ] = None,
    noise: Annotated[
        str | None, typer.Option(metavar="SD", help="Noise of a well, or `lab`. Default: as the data show.")
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it begins. Default: 0:00 of today.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the drawn truths.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Its folder. Default: one in DIR/rehearsals.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Number of processes. Default: one per core.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate the rest of a live campaign, many times, for several strategies and schedules."""
    from designloop.study import workers as processes

    processes.begin()  # before anything that takes long to import, which the server imports meanwhile
    from designloop.cli.rehearse import rehearse as rehearsed
    from designloop.core.config import setting_in
    from designloop.rehearsal.asked import Asked

    asked = Asked(
        lab=lab,
        strategies=tuple(strategies or ()),
        schedules=tuple(schedules or ()),
        settings=dict(setting_in(setting) for setting in settings or ()),
        truth=truth,
        surrogate=surrogate,
        noise=noise,
        repeats=repeats,
        weeks=weeks,
        target=target,
        at=at,
        seed=seed,
    )
    rehearsed(directory, asked, arms, out, workers, json=json, quiet=quiet)
