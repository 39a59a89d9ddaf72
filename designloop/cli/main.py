"""The `designloop` command line: its commands and options. A command imports its code only when it is called."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from designloop import __version__
from designloop.cli.inspect_verb import inspect
from designloop.cli.lab_verbs import lab
from designloop.cli.language_model_verbs import pretrain, sample, score
from designloop.cli.live_verbs import import_past, live
from designloop.cli.oracle_verbs import oracle
from designloop.cli.rehearse_verb import rehearse
from designloop.cli.replay_verb import replay
from designloop.cli.shared.completion import (
    descriptions,
    guide_topics,
    parts_of_shelf,
    runs_and_studies,
    shelves,
)
from designloop.cli.shared.messages import in_words, notices_printed
from designloop.cli.shared.options import (
    Config,
    Directory,
    Extension,
    Full,
    Json,
    Quiet,
    Settings,
    TableSettings,
)
from designloop.cli.shared.streams import output, said
from designloop.cli.study_verbs import compare, export, study
from designloop.core.advice import for_the_command_line

app = typer.Typer(
    help="Simulate the slow loop of sequence design, and compare strategies and schedules in it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"designloop {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Simulate the slow loop of sequence design, and compare strategies and schedules in it."""


@app.command()
def run(
    config: Config,
    settings: Settings = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the run.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Run directory. Default: runs/<name>/seed-<seed>.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a campaign and record it in a run directory."""
    from designloop.cli.run import run_campaign

    run_campaign(config, settings or [], seed, out, json=json, quiet=quiet)


@app.command()
def resume(directory: Directory, json: Json = False, quiet: Quiet = False) -> None:
    """Continue an interrupted run. The result is the same as without the interruption."""
    from designloop.cli.resume import resume_campaign

    resume_campaign(directory, json=json, quiet=quiet)


@app.command()
def extend(directory: Directory, settings: Extension, json: Json = False, quiet: Quiet = False) -> None:
    """Continue a finished run with more budget, or with another strategy, scheduler or space."""
    from designloop.cli.extend import extend_campaign

    extend_campaign(directory, settings, json=json, quiet=quiet)


@app.command()
def validate(
    config: Config,
    settings: Settings = None,
    full: Full = False,
) -> None:
    """Check a campaign or a study, and the files that it reads, without running it."""
    from designloop.cli.validate import validate

    validate(config, settings or [], full=full)


@app.command()
def show(directory: Directory, json: Json = False, quiet: Quiet = False) -> None:
    """Print the summary of a run."""
    from designloop.cli.show import show_run

    show_run(directory, json=json, quiet=quiet)


for of_studies in (study, compare, export):
    app.command()(of_studies)


@app.command()
def report(
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Directory of a run or of a study.", autocompletion=runs_and_studies),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="HTML file. Default: report.html in that directory.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write every figure to this folder, as PNG and SVG.")
    ] = None,
) -> None:
    """Write the report of a run or a study: one self-contained HTML page, and a Markdown summary beside it."""
    from designloop.cli.report import write_report

    write_report(directory, out, figures)


@app.command()
def parts(
    shelf: Annotated[
        str | None,
        typer.Argument(
            metavar="[SHELF]",
            help="A shelf, such as strategies; `campaign` or `study` for its keys; `landscape` for a data card.",
            autocompletion=shelves,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="A part of the shelf, or the file of a landscape.", autocompletion=parts_of_shelf
        ),
    ] = None,
    format: Annotated[str | None, typer.Option(help="Landscape: a known column set, such as proteingym.")] = None,
    sequence: Annotated[str | None, typer.Option(help="Landscape: column of sequences.")] = None,
    mutant: Annotated[str | None, typer.Option(help="Landscape: column of mutants, such as H24C.")] = None,
    parent: Annotated[str | None, typer.Option(help="Landscape: parent sequence of the mutants.")] = None,
    first: Annotated[int | None, typer.Option(help="Landscape: number of the parent's first position.")] = None,
    value: Annotated[str | None, typer.Option(help="Landscape: column of values.")] = None,
    variance: Annotated[str | None, typer.Option(help="Landscape: column of error variances.")] = None,
    std_error: Annotated[str | None, typer.Option(help="Landscape: column of standard errors.")] = None,
    alphabet: Annotated[str | None, typer.Option(help="Landscape: dna, rna or protein.")] = None,
    settings: TableSettings = None,
) -> None:
    """List the available parts, the keys of a part, a campaign or a study, or the card of a measured landscape."""
    from designloop.cli.parts import print_card, print_parts

    if shelf == "landscape":
        columns = {"format": format, "sequence": sequence, "mutant": mutant, "value": value, "variance": variance}
        given = {**columns, "std_error": std_error, "parent": parent, "first": first, "alphabet": alphabet}
        print_card(name, given, settings or [])
    else:
        print_parts(shelf, name)


@app.command()
def guide(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="[TOPIC]", help="Page to print. Default: the list of pages.", autocompletion=guide_topics
        ),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print Markdown.")] = False,
) -> None:
    """Print a page of the manual."""
    from designloop.cli.guide import print_guide

    print_guide(topic, raw=raw)


for verb in (inspect, pretrain, sample, score, rehearse, replay):
    app.command()(verb)
app.command("import")(import_past)
app.add_typer(oracle, name="oracle")
app.add_typer(live, name="live")
app.add_typer(lab, name="lab")


@app.command()
def schema(
    of: Annotated[
        str, typer.Argument(metavar="[OF]", help="campaign, live or study.", autocompletion=descriptions)
    ] = "campaign",
) -> None:
    """Print the JSON Schema of a campaign or a study. Editors use it to complete and check YAML."""
    from designloop.cli.schema import print_schema

    print_schema(of)


def main() -> None:
    """Run the command line. An error of designloop's own is printed as its message, without a traceback."""
    try:
        with output(), notices_printed(), for_the_command_line():
            app()
    except Exception as error:
        if os.environ.get("DESIGNLOOP_DEBUG"):
            raise
        sentence, code = in_words(error)
        said(sentence)
        sys.exit(code)


if __name__ == "__main__":
    main()
