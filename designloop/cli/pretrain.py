"""`designloop pretrain`: train a language model in a folder and show the progress."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from designloop.cli.shared.campaigns import Interrupted
from designloop.cli.shared.opened_models import check_context
from designloop.cli.shared.sequence_groups import alphabet_of, policy_of
from designloop.core.alphabet import Alphabet
from designloop.core.clock import duration
from designloop.core.config import Document, build, override
from designloop.core.counting import many
from designloop.core.errors import ConfigError, InputError, explained_by
from designloop.core.readers.sequences import Reading, read_cleaned

if TYPE_CHECKING:
    from designloop.language_models.pretraining.folder import Row
    from designloop.language_models.pretraining.pretraining import Pretrained
    from designloop.language_models.pretraining.sitting import Progress
    from designloop.language_models.transformer import Transformer


@dataclass(frozen=True, slots=True)
class Ask:
    """What to train on, where to write the model, and how long to train."""

    corpus: Path
    out: Path
    alphabet: str | None = None
    column: str | None = None
    held_out: float = 0.05
    held_out_identity: float | None = None
    evaluate_every: int | None = None
    threads: int | None = None
    minutes: float | None = None
    ambiguous: str = "error"
    landscape: Path | None = None


def pretrain_on(ask: Ask, given: Mapping[str, object], settings: Sequence[str], *, json: bool, quiet: bool) -> None:
    """Train a model, described by the options `given` and the settings, on a corpus and write it to a folder."""
    from designloop.language_models.pretraining.pretraining import pretrain
    from designloop.storage.run_directory import locked, made

    description = _described(given, settings)
    reading, alphabet = _read(ask, description.context)
    sequences = reading.sequences
    leaked = [] if ask.landscape is None else compared(ask.landscape, sequences)
    with explained_by(reading.remarks):
        training_set, held_out = _apart(ask, sequences, description.pretrain_seed)
    is_silent = quiet or json
    if not is_silent:
        print("\n".join((*_beginning(ask, alphabet, reading, training_set, held_out), *leaked)), file=sys.stderr)
    made(ask.out)
    try:
        with locked(ask.out), _telling(sys.stderr, quiet=is_silent) as watch:
            result = pretrain(
                training_set,
                alphabet,
                description,
                ask.out,
                held_out=held_out,
                evaluate_every=ask.evaluate_every,
                threads=ask.threads,
                minutes=ask.minutes,
                watch=watch,
            )
    except KeyboardInterrupt as interrupt:
        raise Interrupted(_how_to_go_on(ask.out)) from interrupt
    if json:
        print(dumps({**_facts(result), "read": reading.n_records, "changes": reading.changes, "leakage": leaked}))
    else:
        print("\n".join(_ending(result, quiet=quiet)))


def _described(given: Mapping[str, object], settings: Sequence[str]) -> "Transformer":
    from designloop.language_models.transformer import Transformer

    document = Document({key: value for key, value in given.items() if value is not None}, "the command line")
    override(document, settings)
    return build(Transformer, document)


def _read(ask: Ask, context: int) -> tuple[Reading, Alphabet]:
    """The corpus and its alphabet. Raises InputError with file, line, and letter or length."""
    alphabet = alphabet_of(ask.alphabet, [(ask.corpus, ask.column)])
    try:
        reading = read_cleaned(ask.corpus, alphabet, column=ask.column, ambiguous=policy_of(ask.ambiguous))
    except InputError as error:
        if ask.alphabet is None:
            error.add_note(f"The alphabet, {alphabet.name}, was guessed from the letters; --alphabet overrides it.")
        raise
    check_context(reading.entries, reading.file, context)
    return reading, alphabet


def _apart(ask: Ask, sequences: list[str], seed: int) -> tuple[list[str], list[str]]:
    """(training sequences, held-out sequences): split at random, or by clusters of an identity."""
    if ask.held_out_identity is not None and ask.held_out == 0:
        raise ConfigError("--held-out-identity requires --held-out above 0")
    if ask.held_out_identity is None:
        from designloop.language_models.pretraining.pretraining import held_apart

        return held_apart(sequences, ask.held_out, seed)
    from designloop.core.random import stream
    from designloop.inspection.clusters import kept_apart, split_by_cluster

    distinct = list(dict.fromkeys(sequences))
    rows = split_by_cluster(distinct, ask.held_out_identity, ask.held_out, stream(seed, "held-out"))
    kept = kept_apart(distinct, *rows, ask.held_out_identity)
    if not len(kept):
        raise InputError(
            f"no training sequences are left: all have {ask.held_out_identity:.0%} identity or more to a held-out one; "
            "raise --held-out-identity, or lower --held-out"
        )
    is_kept = {distinct[row] for row in kept}
    return [sequence for sequence in sequences if sequence in is_kept], [distinct[row] for row in rows[1]]


# -- messages --------------------------------------------------------------------------------------------------------


def _beginning(
    ask: Ask, alphabet: Alphabet, reading: Reading, training_set: list[str], held_out: list[str]
) -> Iterator[str]:
    yield from reading.remarks
    if ask.alphabet is None:
        yield f"alphabet {alphabet.name} (guessed from the letters; --alphabet overrides it)"
    yield f"{many(len(training_set), 'training sequence')}, {len(held_out):,} held out"
    if held_out and ask.held_out_identity is None:
        yield "(held out at random: near-duplicates may be on both sides; --held-out-identity .8 holds out clusters)"


def _ending(result: "Pretrained", *, quiet: bool) -> Iterator[str]:
    counts = f"{result.step:,} of {many(result.steps, 'step')}"
    if quiet:
        yield f"{result.out}: {counts}, {_said_best(result.best)}"
        return
    if result.is_finished and result.first_step == result.steps:
        yield f"training was already finished ({counts})"
    elif result.is_finished:
        yield f"training finished ({counts})"
    else:
        yield f"time limit reached after {counts}; to continue, give the same command with more --minutes, or without"
    yield from result.remarks
    yield f"  kept         {_said_best(result.best)}"
    yield f"  sample       designloop sample {result.out} 10"
    yield f"  score        designloop score {result.out} SEQUENCES"


def _said_best(best: "Row | None") -> str:
    if best is None:
        return "no model yet"
    on = "in training" if best.held_out_loss is None else "on held-out sequences"
    loss = best.loss if best.held_out_loss is None else best.held_out_loss
    return f"the model of step {best.step:,}: {loss:.4f} nats per letter {on}"


def _how_to_go_on(out: Path) -> str:
    from designloop.language_models.pretraining.folder import record_of

    record = record_of(out)
    best = _said_best(record.best) if record is not None else "no model yet"
    return f"interrupted; {out} holds {best}. To continue, give the same command again"


def _facts(result: "Pretrained") -> dict[str, Any]:
    return {
        "out": str(result.out),
        "steps": result.steps,
        "step": result.step,
        "first_step": result.first_step,
        "is_finished": result.is_finished,
        "best": asdict(result.best) if result.best else None,
        "last": asdict(result.rows[-1]) if result.rows else None,
        "n_training": result.n_training,
        "n_held_out": result.n_held_out,
        "remarks": result.remarks,
    }


Watch = Callable[["Progress"], None]


@contextmanager
def _telling(out: TextIO, *, quiet: bool) -> Iterator[Watch | None]:
    """A progress bar in a terminal, a line per evaluation in a file, nothing if `quiet`."""
    if quiet:
        yield None
    elif out.isatty():
        with _bar(out) as watch:
            yield watch
    else:
        yield _lines(out)


@contextmanager
def _bar(out: TextIO) -> Iterator[Watch]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(bar_width=8), MofNCompleteColumn(), TextColumn("{task.description}"))  # 80 characters in all
    with Bar(*columns, console=Console(file=out), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def watch(progress: "Progress") -> None:
            bar.update(task, description=_told(progress), total=progress.steps, completed=progress.step)

        yield watch


def _lines(out: TextIO) -> Watch:
    def watch(progress: "Progress") -> None:
        if progress.row is not None:
            print(f"step {progress.step:6d} of {progress.steps} | {_told(progress)}", file=out, flush=True)

    return watch


def _told(progress: "Progress") -> str:
    """`loss 1.21, held out 1.25, 12,345 letters/s, 3 min 20 s left`."""
    words = [f"loss {progress.loss:.3f}"]
    if progress.held_out_loss is not None:
        words.append(f"held out {progress.held_out_loss:.3f}")
    words.append(f"{progress.letters_per_second:,.0f} letters/s")
    return ", ".join([*words, f"{duration(progress.seconds_left)} left"])


def compared(table: Path, corpus: Sequence[str]) -> list[str]:
    """Sentences on a corpus and the measured table in a file. Raises InputError with file, line and column."""
    from designloop.core.belonging import strange_in
    from designloop.oracles.landscape import Landscape
    from designloop.oracles.remarks import leakage_of

    landscape = build(Landscape, Document({"path": str(table)}, "--landscape"))
    return [*strange_in(corpus, landscape.space), leakage_of(landscape, corpus)]
