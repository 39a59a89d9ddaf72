"""The command `designloop inspect`: its options."""

from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.options import AmbiguousLetters, FolderSettings, Json


def inspect(
    sequences: Annotated[
        Path,
        typer.Argument(
            metavar="SEQUENCES",
            help="FASTA, Stockholm, ..., a table, or one sequence per line; `_` masks a letter.",
        ),
    ],
    corpus: Annotated[Path | None, typer.Option(metavar="CORPUS", help="File of sequences to compare with.")] = None,
    alphabet: Annotated[
        str | None, typer.Option(help="dna, rna, protein or states-N. Default: guessed from the letters.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Column of sequences, if SEQUENCES is a table.")] = None,
    corpus_column: Annotated[str | None, typer.Option(help="Column of sequences, if the corpus is a table.")] = None,
    near: Annotated[
        float, typer.Option(min=0, max=1, help="Identity at which a sequence counts as nearly in the corpus.")
    ] = 0.9,
    top: Annotated[int, typer.Option(min=0, help="Show the nearest neighbours of the first N sequences.")] = 10,
    align: Annotated[bool, typer.Option("--align", help="Print their alignments with the neighbours.")] = False,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a logo and alignments to this folder, as PNG and SVG.")
    ] = None,
    mask: Annotated[
        bool, typer.Option("--mask", help="Predict each `_` with the models and with the nearest neighbours.")
    ] = False,
    models: Annotated[
        list[Path] | None,
        typer.Option("--model", metavar="DIR", help="Language model, as for `score`; may be repeated."),
    ] = None,
    settings: FolderSettings = None,
    leave_out: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="IDENTITY", help="With --mask: ignore neighbours of this identity or more."),
    ] = None,
    ambiguous: AmbiguousLetters = "error",
    search: Annotated[
        Path | None,
        typer.Option(metavar="DATABASE", help="Search homologs in this file, as phmmer or nhmmer: FASTA of any size."),
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(metavar="ALIGNMENT", help="Find members of the family of this alignment.")
    ] = None,
    e_value: Annotated[float, typer.Option(min=0, help="With --search or --profile: the highest E-value.")] = 1e-3,
    matrix: Annotated[
        str | None,
        typer.Option(help="With --align: substitution matrix, such as BLOSUM62 or NUC.4.4. Default: fewest edits."),
    ] = None,
    json: Json = False,
) -> None:
    """Summarise sequences and compare them with a corpus: lengths, duplicates, leakage, neighbours, masked letters."""
    from designloop.cli.inspect import inspect_sequences
    from designloop.cli.shared.sequence_groups import Ask

    asked = (tuple(models or ()), tuple(settings or ()), mask, leave_out, ambiguous, search, profile, e_value, matrix)
    ask = Ask(sequences, corpus, alphabet, column, corpus_column, near, top, *asked)
    inspect_sequences(ask, figures, align=align, json=json)
