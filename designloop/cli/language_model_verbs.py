"""The commands of language models and their options: pretrain, sample, score."""

from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.options import AmbiguousLetters, FolderSettings, Json, ModelSettings, Quiet

Model = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL", help="Folder or checkpoint written by `pretrain`, or a folder of the transformers library."
    ),
]
Column = Annotated[str | None, typer.Option(help="Column of sequences, if the file is a table.")]


def _above_0(value: float | None) -> float | None:
    if value is not None and not value > 0:
        raise typer.BadParameter(f"expected a number above 0, got {value:g}; omit it to train for all steps")
    return value


def pretrain(
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="FASTA, Stockholm, ..., a table, or one sequence per line.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Model folder. Training already begun there continues.")],
    objective: Annotated[str | None, typer.Option(help="causal, masked or any-order. Default: any-order.")] = None,
    direction: Annotated[str | None, typer.Option(help="Causal model: left-to-right or right-to-left.")] = None,
    depth: Annotated[
        int | None, typer.Option(help="Transformer blocks; the width is 32 per block. Default: 2.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Training steps. Default: 5000.")] = None,
    minibatch: Annotated[int | None, typer.Option(help="Letters per training step. Default: 512.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate. Default: 0.003.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="muon or adamw. Default: muon.")] = None,
    context: Annotated[int | None, typer.Option(help="Maximum sequence length, in letters. Default: 4096.")] = None,
    precision: Annotated[str | None, typer.Option(help="float32, bfloat16 or auto. Default: float32.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the training.")] = 0,
    settings: ModelSettings = None,
    held_out: Annotated[
        float, typer.Option(min=0, max=1, help="Share of sequences to hold out. The best model on them is kept.")
    ] = 0.05,
    held_out_identity: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="IDENTITY", help="Hold out whole clusters of this identity."),
    ] = None,
    evaluate_every: Annotated[
        int | None, typer.Option(min=1, help="Steps between evaluations. Default: 5 to 50 evaluations.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="CPU threads. Default: all cores. Weights depend on it slightly.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(callback=_above_0, help="Time limit in minutes, over all calls together.")
    ] = None,
    alphabet: Annotated[
        str | None, typer.Option(help="dna, rna, protein or states-N. Default: guessed from the letters.")
    ] = None,
    column: Column = None,
    ambiguous: AmbiguousLetters = "error",
    landscape: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE", help="Measured landscape: report how many of its best sequences the corpus holds."
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a language model on natural sequences. The same command continues an interrupted training."""
    from designloop.cli.pretrain import Ask, pretrain_on

    given = {
        "objective": objective,
        "direction": direction,
        "depth": depth,
        "steps": steps,
        "minibatch": minibatch,
        "learning_rate": learning_rate,
        "optimizer": optimizer,
        "context": context,
        "precision": precision,
        "pretrain_seed": seed,
    }
    ask = Ask(
        corpus,
        out,
        alphabet,
        column,
        held_out,
        held_out_identity,
        evaluate_every,
        threads,
        minutes,
        ambiguous,
        landscape,
    )
    pretrain_on(ask, given, settings or [], json=json, quiet=quiet)


def sample(
    model: Model,
    n: Annotated[int, typer.Argument(metavar="N", min=1, help="Number of sequences.")],
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    temperature: Annotated[float, typer.Option(help="Above 1 flattens the distribution, below 1 sharpens it.")] = 1.0,
    length: Annotated[int | None, typer.Option(min=1, help="Length of every sequence.")] = None,
    min_length: Annotated[int | None, typer.Option(min=1, help="Minimum length. Default: as in training.")] = None,
    max_length: Annotated[int | None, typer.Option(min=1, help="Maximum length. Default: as in training.")] = None,
    like: Annotated[
        str | None,
        typer.Option(metavar="SEQUENCE", help="Draw variants of this sequence. If it has `_`, only those change."),
    ] = None,
    fixed: Annotated[
        str | None, typer.Option(metavar="POSITIONS", help="With --like: positions to keep, from 1, such as 1-10,15.")
    ] = None,
    max_edits: Annotated[int | None, typer.Option(min=0, help="With --like: maximum number of edits.")] = None,
    precision: Annotated[str, typer.Option(help="float32, bfloat16, or auto (the faster one here).")] = "float32",
    alphabet: Annotated[
        str | None,
        typer.Option(help="Transformers folder: dna, rna, protein or states-N. Default: guessed from --like."),
    ] = None,
    settings: FolderSettings = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="FASTA by its suffix, or else one sequence per line. Default: print."),
    ] = None,
) -> None:
    """Sample sequences from a language model, or variants of a given sequence."""
    from designloop.cli.sample import How, Wanted, sample_from
    from designloop.cli.shared.opened_models import Told

    wanted = Wanted(length, min_length, max_length, like, fixed, max_edits)
    sample_from(model, n, wanted, How(seed, temperature, precision), Told(alphabet, tuple(settings or ())), out)


def score(
    model: Model,
    sequences: Annotated[
        Path, typer.Argument(metavar="SEQUENCES", help="FASTA, Stockholm, ..., a table, or one sequence per line.")
    ],
    by_letter: Annotated[
        bool, typer.Option("--by-letter", help="Also print the log-likelihood of each letter.")
    ] = False,
    column: Column = None,
    ambiguous: AmbiguousLetters = "error",
    alphabet: Annotated[
        str | None, typer.Option(help="Transformers folder: dna, rna, protein or states-N. Default: guessed.")
    ] = None,
    settings: FolderSettings = None,
    json: Json = False,
) -> None:
    """Print the log-likelihood of sequences under a language model, in nats and bits per letter."""
    from designloop.cli.score import Ask, score_sequences
    from designloop.cli.shared.opened_models import Told

    ask = Ask(model, sequences, column, Told(alphabet, tuple(settings or ())), ambiguous)
    score_sequences(ask, by_letter=by_letter, json=json)
