"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from designloop.cli.shared.completion import configs, runs, studies

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="Campaign file (YAML).", autocompletion=configs)]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="Run directory.", autocompletion=runs)]
StudyDirectory = Annotated[Path, typer.Argument(metavar="STUDY", help="Study folder.", autocompletion=studies)]


def _set(example: str) -> Any:
    return typer.Option("--set", metavar="KEY=VALUE", help=f"Set one key, such as --set {example}; may be repeated.")


Settings = Annotated[list[str] | None, _set("budget.designs=480")]
Extension = Annotated[list[str], _set("budget.designs=960")]
ModelSettings = Annotated[list[str] | None, _set("width=96")]
FolderSettings = Annotated[list[str] | None, _set("prefix=\"'[HEAVY]'\"")]
AmbiguousLetters = Annotated[
    str,
    typer.Option(
        "--ambiguous",
        metavar="POLICY",
        help="Sequences with ambiguity codes (N, X), inner stops, or gaps outside an alignment: error, drop or keep.",
    ),
]
LabSettings = Annotated[list[str] | None, _set("stages.cloning.machines=3")]
TableSettings = Annotated[list[str] | None, _set("std_dev=sd")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Hide progress, and shorten the summary.")]
Smoke = Annotated[bool, typer.Option("--smoke", help="Run a small version of the study, in about a minute.")]
ChangePlan = Annotated[
    bool,
    typer.Option("--change-plan", help="Replace the plan of recorded cells; the verdict says that it was changed."),
]
Full = Annotated[bool, typer.Option("--full", help="Print the whole description, with all defaults filled in.")]
