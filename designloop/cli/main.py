"""The `designloop` command: the verbs and their options. Each body is one call, imported when its verb is asked for."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from designloop import __version__
from designloop.cli.language_model_verbs import pretrain, sample, score
from designloop.cli.shared.completion import (
    configs,
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
    FolderSettings,
    Json,
    Quiet,
    Settings,
    StudyDirectory,
)
from designloop.cli.shared.streams import output, said

app = typer.Typer(
    help="Simulate the slow loop of sequence design, and the strategies and schedules that win inside it.",
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
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None:
    """Simulate the slow loop of sequence design, and the strategies and schedules that win inside it."""


@app.command()
def run(
    config: Config,
    settings: Settings = None,
    seed: Annotated[int, typer.Option(min=0, help="Everything random in the run follows from it.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The run's directory; default: runs/<name>/seed-<seed>.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a campaign, and keep everything that happens in a run directory."""
    from designloop.cli.run import run_campaign

    run_campaign(config, settings or [], seed, out, json=json, quiet=quiet)


@app.command()
def resume(directory: Directory, json: Json = False, quiet: Quiet = False) -> None:
    """Go on with a run that was interrupted, exactly as if it had not been."""
    from designloop.cli.resume import resume_campaign

    resume_campaign(directory, json=json, quiet=quiet)


@app.command()
def extend(directory: Directory, settings: Extension, json: Json = False, quiet: Quiet = False) -> None:
    """Go on with a finished run: more budget, or another strategy, scheduler or space from here on."""
    from designloop.cli.extend import extend_campaign

    extend_campaign(directory, settings, json=json, quiet=quiet)


@app.command()
def validate(config: Config, settings: Settings = None) -> None:
    """Check a campaign and the files it names, without running it; print it with every default filled in."""
    from designloop.cli.validate import validate_campaign

    validate_campaign(config, settings or [])


@app.command()
def show(directory: Directory, json: Json = False, quiet: Quiet = False) -> None:
    """Print the summary of a run again."""
    from designloop.cli.show import show_run

    show_run(directory, json=json, quiet=quiet)


@app.command()
def study(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A study, as YAML.", autocompletion=configs)],
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The study's folder; default: runs/<name>/study.")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="processes: of this machine; dask: workers of a scheduler.")
    ] = "processes",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default: one for each core.")] = None,
    address: Annotated[str | None, typer.Option(help="The Dask scheduler, as tcp://127.0.0.1:8786.")] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Shrink the study to about a minute.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run many campaigns side by side; what is recorded already is not run again."""
    from designloop.cli.study import run_study_config

    run_study_config(
        config,
        settings or [],
        out,
        engine=engine,
        workers=workers,
        address=address,
        smoke=smoke,
        json=json,
        quiet=quiet,
    )


@app.command()
def compare(
    directory: StudyDirectory,
    trace: Annotated[str | None, typer.Option(help="true, recommended or common; default: the study's own.")] = None,
    axis: Annotated[str | None, typer.Option(help="What is held equal: designs, weeks or cost.")] = None,
    at: Annotated[float | None, typer.Option(help="Where on that axis; default: where all campaigns came to.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Print every table.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    json: Json = False,
) -> None:
    """Print the verdict on a study: who is ahead, by how much, and how sure; or why there is none."""
    from designloop.cli.compare import compare_study

    compare_study(directory, trace, axis, at, every=every, json=json, markdown=markdown)


@app.command()
def export(
    directory: StudyDirectory,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to; default: the study's folder.")] = None,
    format: Annotated[str, typer.Option(help="parquet or csv.")] = "parquet",
) -> None:
    """Write a study's cells, and the points of their traces, as tables."""
    from designloop.cli.export import export_study

    export_study(directory, out, format)


@app.command()
def report(
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The directory of a run, or of a study.", autocompletion=runs_and_studies),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The page; default: report.html in that directory.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every figure there too, as PNG and SVG.")
    ] = None,
) -> None:
    """Write what a run or a study came to as one HTML page that needs no network, and a Markdown summary beside it."""
    from designloop.cli.report import write_report

    write_report(directory, out, figures)


@app.command()
def parts(
    shelf: Annotated[
        str | None,
        typer.Argument(
            metavar="[SHELF]",
            help="A shelf; `study` or `campaign`, for its keys; `landscape`, for a card.",
            autocompletion=shelves,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A part of it; or a landscape's file.", autocompletion=parts_of_shelf),
    ] = None,
    format: Annotated[str | None, typer.Option(help="Landscape: columns by the name of their source.")] = None,
    sequence: Annotated[str | None, typer.Option(help="Landscape: the sequence's column.")] = None,
    mutant: Annotated[str | None, typer.Option(help="Landscape: the column of mutants, as H24C.")] = None,
    parent: Annotated[str | None, typer.Option(help="Landscape: the sequence that mutants are named from.")] = None,
    first: Annotated[int | None, typer.Option(help="Landscape: the number of the parent's first letter.")] = None,
    value: Annotated[str | None, typer.Option(help="Landscape: the value's column.")] = None,
    variance: Annotated[str | None, typer.Option(help="Landscape: the column of the value's error variance.")] = None,
    std_error: Annotated[str | None, typer.Option(help="Landscape: or that of its standard error.")] = None,
    alphabet: Annotated[str | None, typer.Option(help="Landscape: dna, rna or protein.")] = None,
) -> None:
    """List the parts there are; the keys of one part, of a campaign or a study; or a measured landscape's card."""
    from designloop.cli.parts import print_card, print_parts

    if shelf == "landscape":
        columns = {"format": format, "sequence": sequence, "mutant": mutant, "value": value, "variance": variance}
        print_card(name, {**columns, "std_error": std_error, "parent": parent, "first": first, "alphabet": alphabet})
    else:
        print_parts(shelf, name)


@app.command()
def inspect(
    sequences: Annotated[
        Path, typer.Argument(metavar="SEQUENCES", help="FASTA, a table, or a sequence a line; `_` is a masked letter.")
    ],
    corpus: Annotated[Path | None, typer.Option(metavar="CORPUS", help="A file of sequences to compare with.")] = None,
    alphabet: Annotated[
        str | None, typer.Option(help="dna, rna, protein or states-N; default: guessed by the letters.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Of a table: the sequence's column.")] = None,
    corpus_column: Annotated[str | None, typer.Option(help="The same, where the corpus is a table.")] = None,
    near: Annotated[
        float, typer.Option(min=0, max=1, help="Leakage: from this identity on, it is nearly in the corpus.")
    ] = 0.9,
    top: Annotated[int, typer.Option(min=0, help="Name the nearest neighbours of the first N sequences.")] = 10,
    align: Annotated[bool, typer.Option("--align", help="Print each of them aligned with its neighbour.")] = False,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a logo and alignments there, as PNG and SVG.")
    ] = None,
    mask: Annotated[
        bool, typer.Option("--mask", help="What each model, and the nearest neighbours, would put at each `_`.")
    ] = False,
    models: Annotated[
        list[Path] | None,
        typer.Option("--model", metavar="DIR", help="A language model, as of score; may be repeated."),
    ] = None,
    settings: FolderSettings = None,
    leave_out: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="IDENTITY", help="With --mask: neighbours less alike than that alone."),
    ] = None,
    json: Json = False,
) -> None:
    """Look at sequences beside a corpus: lengths, letters, duplicates, leakage, nearest neighbours, masked letters."""
    from designloop.cli.inspect import inspect_sequences
    from designloop.cli.shared.sequence_groups import Ask

    asked = (tuple(models or ()), tuple(settings or ()), mask, leave_out)
    ask = Ask(sequences, corpus, alphabet, column, corpus_column, near, top, *asked)
    inspect_sequences(ask, figures, align=align, json=json)


@app.command()
def guide(
    topic: Annotated[
        str | None,
        typer.Argument(metavar="[TOPIC]", help="A page; default: the list of pages.", autocompletion=guide_topics),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print Markdown.")] = False,
) -> None:
    """Print a page of the manual."""
    from designloop.cli.guide import print_guide

    print_guide(topic, raw=raw)


for verb in (pretrain, sample, score):
    app.command()(verb)


@app.command()
def schema(
    of: Annotated[
        str, typer.Argument(metavar="[OF]", help="campaign or study.", autocompletion=descriptions)
    ] = "campaign",
) -> None:
    """Print the JSON Schema of a campaign or a study, for editors that complete and check YAML."""
    from designloop.cli.schema import print_schema

    print_schema(of)


def main() -> None:
    """Run the command line. What designloop raises on purpose is printed as its sentence, without a traceback."""
    try:
        with output(), notices_printed():
            app()
    except Exception as error:
        if os.environ.get("DESIGNLOOP_DEBUG"):
            raise
        sentence, code = in_words(error)
        said(sentence)
        sys.exit(code)


if __name__ == "__main__":
    main()
