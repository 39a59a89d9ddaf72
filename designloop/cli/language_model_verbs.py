"""The verbs of language models, and their options: pretrain, sample, score."""

from pathlib import Path
from typing import Annotated

import typer

from designloop.cli.shared.options import FolderSettings, Json, ModelSettings, Quiet

Model = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL", help="A folder that pretrain wrote, or a checkpoint in it; or one of the transformers library."
    ),
]
Column = Annotated[str | None, typer.Option(help="Of a table: the sequence's column.")]


def _above_0(value: float | None) -> float | None:
    if value is not None and not value > 0:
        raise typer.BadParameter(f"{value:g} is not above 0; leave it out to train until all steps are taken")
    return value


def pretrain(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="FASTA, a table, or a sequence a line.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The model's folder; one begun there is gone on with.")],
    objective: Annotated[str | None, typer.Option(help="causal, masked or any-order; default: any-order.")] = None,
    direction: Annotated[str | None, typer.Option(help="Causal: left-to-right or right-to-left.")] = None,
    depth: Annotated[int | None, typer.Option(help="Blocks; the width is 32 for each. Default: 2.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of training. Default: 5000.")] = None,
    minibatch: Annotated[int | None, typer.Option(help="Letters in a step. Default: 512.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The largest step size. Default: 0.003.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="muon, or adamw. Default: muon.")] = None,
    context: Annotated[int | None, typer.Option(help="Letters of the longest sequence. Default: 4096.")] = None,
    precision: Annotated[str | None, typer.Option(help="float32, bfloat16, or auto. Default: float32.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Everything random in the training follows from it.")] = 0,
    settings: ModelSettings = None,
    held_out: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the sequences to hold out; the best model on them is kept.")
    ] = 0.05,
    held_out_identity: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="IDENTITY", help="Hold out clusters; train on nothing so like them."),
    ] = None,
    evaluate_every: Annotated[int | None, typer.Option(min=1, help="Steps; default: 5 to 50 times in all.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Default: all cores. Weights hang on it a little.")] = None,
    minutes: Annotated[
        float | None, typer.Option(callback=_above_0, help="Stop after so long by the clock, all in all.")
    ] = None,
    alphabet: Annotated[
        str | None, typer.Option(help="dna, rna, protein or states-N; default: guessed by the letters.")
    ] = None,
    column: Column = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a language model on natural sequences; the same command goes on with what was interrupted."""
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
    ask = Ask(corpus, out, alphabet, column, held_out, held_out_identity, evaluate_every, threads, minutes)
    pretrain_on(ask, given, settings or [], json=json, quiet=quiet)


def sample(
    model: Model,
    n: Annotated[int, typer.Argument(metavar="N", min=1, help="How many sequences.")],
    seed: Annotated[int, typer.Option(min=0, help="Everything random follows from it.")] = 0,
    temperature: Annotated[float, typer.Option(help="Above 1: flatter than the model; below: its favourites.")] = 1.0,
    length: Annotated[int | None, typer.Option(min=1, help="Letters of each.")] = None,
    min_length: Annotated[int | None, typer.Option(min=1, help="Letters of the shortest. Default: as trained.")] = None,
    max_length: Annotated[int | None, typer.Option(min=1, help="Letters of the longest. Default: as trained.")] = None,
    like: Annotated[
        str | None, typer.Option(metavar="SEQUENCE", help="Draw variants of it; `_` in it: these letters alone.")
    ] = None,
    fixed: Annotated[
        str | None, typer.Option(metavar="POSITIONS", help="Of --like: kept as they are, from 1, as 1-10,15.")
    ] = None,
    max_edits: Annotated[int | None, typer.Option(min=0, help="Of --like: edits at most.")] = None,
    precision: Annotated[str, typer.Option(help="float32, bfloat16, or auto: the quicker one here.")] = "float32",
    alphabet: Annotated[
        str | None, typer.Option(help="Transformers folder: dna, rna, protein or states-N; default: as --like.")
    ] = None,
    settings: FolderSettings = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="FASTA by its ending, else a sequence a line; default: print.")
    ] = None,
) -> None:
    """Draw sequences from a language model, freely or like a sequence."""
    from designloop.cli.sample import How, Wanted, sample_from
    from designloop.cli.shared.opened_models import Told

    wanted = Wanted(length, min_length, max_length, like, fixed, max_edits)
    sample_from(model, n, wanted, How(seed, temperature, precision), Told(alphabet, tuple(settings or ())), out)


def score(
    model: Model,
    sequences: Annotated[Path, typer.Argument(metavar="SEQUENCES", help="FASTA, a table, or a sequence a line.")],
    by_letter: Annotated[bool, typer.Option("--by-letter", help="Print each letter's log-likelihood too.")] = False,
    column: Column = None,
    alphabet: Annotated[
        str | None, typer.Option(help="Transformers folder: dna, rna, protein or states-N; default: guessed.")
    ] = None,
    settings: FolderSettings = None,
    json: Json = False,
) -> None:
    """Print how likely a language model finds sequences, in nats and bits a letter."""
    from designloop.cli.score import Ask, score_sequences
    from designloop.cli.shared.opened_models import Told

    ask = Ask(model, sequences, column, Told(alphabet, tuple(settings or ())))
    score_sequences(ask, by_letter=by_letter, json=json)
