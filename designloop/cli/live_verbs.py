"""The commands of `designloop live`: their options."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.completion import runs
from designloop.cli.shared.options import Config, Extension, Json, Settings

live = typer.Typer(
    help="Run a campaign in a real lab: order sheets go out, files with results come in.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Directory of the live campaign.", autocompletion=runs)]
By = Annotated[str | None, typer.Option(metavar="NAME", help="Who gives the command. Default: $DESIGNLOOP_USER.")]
At = Annotated[str | None, typer.Option(metavar="TIME", help="When, as in '2026-03-02 14:30'. Default: now.")]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the record.")]


@contextmanager
def _interruptible(directory: Path, by: str | None) -> Iterator[None]:
    """A command that says what was recorded if it is interrupted."""
    from designloop.cli.shared.live_interrupts import interruptible

    with interruptible(directory, by):
        yield


def import_past(
    directory: Folder,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Tables: a row for each design or well.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Say how the files are written, as in --set value=activity."),
    ] = None,
    round: Annotated[int | None, typer.Option(min=0, help="Round of all rows, if no column says it.")] = None,
    ordered: Annotated[
        str | None, typer.Option(metavar="DATE", help="When the round was ordered, if no column says it.")
    ] = None,
    measured: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it was measured, if no column says it.")
    ] = None,
    every: Annotated[
        str | None, typer.Option(metavar="TIME", help="Without dates: time between rounds, such as 6w, from --ordered.")
    ] = None,
    missing: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="Outcome of designs without value and outcome, such as lost.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what is understood, and record nothing.")] = False,
    at: At = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Record past rounds of a live campaign, with their dates and failures. Files may be imported twice, and grow."""
    from designloop.cli.live import import_past as imported

    given = {"round": round, "ordered": ordered, "measured": measured, "every": every, "missing": missing}
    with _interruptible(directory, by):
        imported(directory, files, settings or [], at, by, dry_run=dry_run, json=json, **given)


@live.command()
def init(
    config: Config,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Directory to create.")],
    settings: Settings = None,
    measured: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table of sequences that are measured already, or failed.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the choices.")] = 0,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the campaign began. Default: the first past round, or now.")
    ] = None,
    past: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Table of past rounds with their dates; may be repeated.")
    ] = None,
    by: By = None,
) -> None:
    """Begin a live campaign: a campaign file with `lab: live`."""
    from designloop.cli.live import begin

    begin(config, settings or [], directory, measured, seed, start, by, past or [])


@live.command()
def ask(
    directory: Folder,
    anyway: Annotated[bool, typer.Option("--anyway", help="Order a full batch although the schedule waits.")] = False,
    at: At = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Choose the next batch, and write its order sheets and plate maps."""
    from designloop.cli.live import ask as asked

    with _interruptible(directory, by):
        asked(directory, at, by, anyway=anyway, json=json)


@live.command()
def tell(
    directory: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Results: CSV, TSV or Excel, long or plate-shaped.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Say how the file is written, as in --set value=activity."),
    ] = None,
    plate: Annotated[
        str | None, typer.Option(metavar="PLATE", help="Plate of the file, such as R1P1, if it names none.")
    ] = None,
    round: Annotated[int | None, typer.Option(min=1, help="Round of the file, if it says none.")] = None,
    further: Annotated[
        bool, typer.Option("--further", help="Values that differ from those told before are further replicates.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what is understood, and record nothing.")] = False,
    at: At = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Record the results in a file. A file may be told twice, and in parts; a contradiction is refused."""
    from designloop.cli.live import tell as told

    with _interruptible(directory, by):
        told(directory, file, settings or [], plate, round, at, by, further=further, dry_run=dry_run, json=json)


@live.command()
def status(directory: Folder, json: Json = False) -> None:
    """Print the rounds, what is to come from the lab, who did what, and what is next."""
    from designloop.cli.live import print_status

    print_status(directory, json=json)


@live.command()
def sheets(
    directory: Folder,
    round: Annotated[int | None, typer.Option(min=1, help="Round. Default: the last.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the files. Default: DIR/round-N.")] = None,
) -> None:
    """Write the order sheets and plate maps of a round again."""
    from designloop.cli.live import write_sheets

    write_sheets(directory, round, out)


@live.command()
def dossier(
    directory: Folder,
    round: Annotated[int | None, typer.Option(min=1, help="Round. Default: the last.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: DIR/round-N/dossier.html.")] = None,
    json: Json = False,
) -> None:
    """Write the page for the people who decide before they order: predictions, reasons, liabilities, plates."""
    from designloop.cli.live import write_dossier

    write_dossier(directory, round, out, json=json)


@live.command()
def copy(
    directory: Folder,
    to: Annotated[Path, typer.Argument(metavar="TO", help="Directory of the copy.")],
) -> None:
    """Copy a live campaign, also while others use it."""
    from designloop.cli.live import copy as copied

    copied(directory, to)


@live.command()
def lost(
    directory: Folder,
    designs: Annotated[list[str] | None, typer.Argument(metavar="[DESIGN]...", help="Designs: 12 or rbs_12.")] = None,
    plate: Annotated[list[str] | None, typer.Option(help="Plate, such as R1P1; may be repeated.")] = None,
    round: Annotated[list[int] | None, typer.Option(help="Round: all of it that is still to come.")] = None,
    outcome: Annotated[str, typer.Option(help="lost, synthesis_failed, build_failed, not_expressed.")] = "lost",
    why: Why = "",
    at: At = None,
    by: By = None,
) -> None:
    """Declare designs, plates or rounds lost: no more results will come of them."""
    from designloop.cli.live import declare

    with _interruptible(directory, by):
        declare(directory, designs or [], plate or [], round or [], outcome, why, at, by)


@live.command()
def veto(
    directory: Folder,
    design: Annotated[str, typer.Argument(metavar="DESIGN", help="Design: 12 or rbs_12.")],
    instead: Annotated[
        str | None, typer.Option(metavar="SEQUENCE", help="For its wells. Default: the next best of the decision.")
    ] = None,
    why: Why = "",
    at: At = None,
    by: By = None,
) -> None:
    """Remove a design from its batch before it is built; the next best one takes its wells."""
    from designloop.cli.live import veto as vetoed

    with _interruptible(directory, by):
        vetoed(directory, design, instead, why, at, by)


@live.command()
def add(
    directory: Folder,
    sequences: Annotated[list[str] | None, typer.Argument(metavar="[SEQUENCE]...", help="Sequences.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="File of sequences.")] = None,
    new_round: Annotated[bool, typer.Option("--new-round", help="Order them as a batch of their own.")] = False,
    replicates: Annotated[
        int | None, typer.Option(min=1, max=1_000, help="Wells of each. Default: as many as the schedule gives.")
    ] = None,
    why: Why = "",
    at: At = None,
    by: By = None,
) -> None:
    """Add designs of your own to the last batch before it is built, or order a batch of your own."""
    from designloop.cli.live import add as added

    with _interruptible(directory, by):
        added(directory, sequences or [], file, replicates, why, at, by, new_round=new_round)


@live.command()
def extend(directory: Folder, settings: Extension, at: At = None, by: By = None) -> None:
    """Go on with more budget, or with another strategy, scheduler, space or lab."""
    from designloop.cli.live import extend as extended

    with _interruptible(directory, by):
        extended(directory, settings, at, by)


@live.command()
def undo(
    directory: Folder,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="Number of the entry in the status.")],
    why: Why = "",
    at: At = None,
    by: By = None,
) -> None:
    """Undo a told file, a loss, an import, a veto, an addition or an extension. The record keeps it."""
    from designloop.cli.live import undo as undone

    with _interruptible(directory, by):
        undone(directory, entry, why, at, by)
