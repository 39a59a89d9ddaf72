"""Options that several verbs have, by one name and with one meaning."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="A campaign, as YAML.")]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a run.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set one key, as in --set budget.designs=480; may be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress, and of the summary only its best.")]
