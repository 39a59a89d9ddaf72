"""Options that several verbs have, by one name and with one meaning."""

from pathlib import Path
from typing import Annotated, Any

import typer

from designloop.cli.shared.completion import configs, runs, studies

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="A campaign, as YAML.", autocompletion=configs)]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a run.", autocompletion=runs)]
StudyDirectory = Annotated[Path, typer.Argument(metavar="STUDY", help="The folder of a study.", autocompletion=studies)]


def _set(example: str) -> Any:
    return typer.Option("--set", metavar="KEY=VALUE", help=f"Set one key, as in --set {example}; may be repeated.")


Settings = Annotated[list[str] | None, _set("budget.designs=480")]
Extension = Annotated[list[str], _set("budget.designs=960")]
ModelSettings = Annotated[list[str] | None, _set("width=96")]
FolderSettings = Annotated[list[str] | None, _set("prefix=\"'[HEAVY]'\"")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress, and of the summary only its best.")]
