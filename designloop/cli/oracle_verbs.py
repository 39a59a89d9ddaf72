"""The commands of `designloop oracle`: their options."""

from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.options import Json, Quiet, Settings

oracle = typer.Typer(help="Check an oracle, or begin a new one.", no_args_is_help=True, rich_markup_mode=None)


@oracle.command()
def check(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="Kind, module:function, path/to/file.py[:name], {kind: ..., key: value}, or a campaign file (YAML).",
        ),
    ],
    sequences: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="More sequences to ask for: FASTA, a table, or one sequence per line."),
    ] = None,
    column: Annotated[str | None, typer.Option(help="Column of sequences, if that file is a table.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Limit for one call, in seconds.")] = 60.0,
    settings: Settings = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask an oracle as a campaign would, and say what to change: types, order, state, speed, values and more."""
    from designloop.cli.oracle import Ask
    from designloop.cli.oracle import check as checked

    checked(Ask(target, settings or (), sequences, column, seconds), json=json, quiet=quiet)


@oracle.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the function, and of its file.")],
    alphabet: Annotated[str, typer.Option(help="dna, rna, protein or states-N.")] = "rna",
    length: Annotated[int, typer.Option(min=1, help="Length of the sequences.")] = 12,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files.")] = Path(),
) -> None:
    """Write a commented file with a new oracle, NAME.py, and its test, test_NAME.py."""
    from designloop.cli.oracle import new as begun

    begun(name, alphabet, length, out)
