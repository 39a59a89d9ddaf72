"""Pretraining in a folder: a share of the corpus is held out, and the model with the lowest loss on it is kept.

Training can be stopped at any time. When it continues, it reaches the same weights bit for bit, because a step depends
only on its number and the seed. This holds for a fixed number of threads, which affects the order of sums.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import inf
from numbers import Real
from pathlib import Path
from typing import Any

import torch

from designloop.core.alphabet import Alphabet
from designloop.core.contents import MODEL
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.language_models.formats.keeping import versions
from designloop.language_models.inference.lengths import Lengths
from designloop.language_models.inference.neural import NeuralModel
from designloop.language_models.networks.devices import threads as on_threads
from designloop.language_models.pretraining.folder import Folder, Row
from designloop.language_models.pretraining.sitting import Progress, Sitting, patiently
from designloop.language_models.training.training import Training
from designloop.language_models.transformer import Transformer, loaded

_FEWEST, _MOST_EVALUATIONS = 5, 50
_SHARE_OF_TIME = 0.1
"""Share of the training time for evaluations, if it suffices for the fewest of them."""
_PASSES = 4 / 3
"""Cost of a held-out letter relative to a training letter: up to four forward passes, without a backward pass."""


@dataclass(frozen=True, slots=True)
class Pretrained:
    """The result of a pretraining."""

    out: Path
    steps: int
    step: int
    """Steps taken so far; fewer than `steps` if the time limit was reached."""
    first_step: int
    """The step at which this call began: `steps` if training was already finished."""
    rows: tuple[Row, ...]
    best: Row | None
    n_training: int
    n_held_out: int
    remarks: tuple[str, ...]

    @property
    def is_finished(self) -> bool:
        """True if all steps are taken."""
        return self.step == self.steps

    def model(self) -> NeuralModel:
        """The model that was kept."""
        return loaded(self.out / MODEL)


def pretrain(
    corpus: Sequence[str],
    alphabet: Alphabet,
    description: Transformer,
    out: Path,
    *,
    held_out: float | Sequence[str] = 0.05,
    evaluate_every: int | None = None,
    threads: int | None = None,
    minutes: float | None = None,
    watch: Callable[[Progress], None] | None = None,
) -> Pretrained:
    """Train a model of natural sequences in the folder `out`, or continue the training that is there.

    `held_out`: a share of the distinct sequences, drawn with the description's seed, or other sequences. Without any,
    the last weights are kept instead of the best. A random share leaves near-duplicates on both sides, which makes the
    loss look too good: hold out clusters instead. `evaluate_every`: steps between evaluations; None: 5 to 50
    evaluations in about a tenth of the time. `threads`: None means all cores. `minutes`: time limit over all calls. The
    model reached by then is evaluated and kept, without the full decay of its learning rate. Ctrl-C stops after the
    current step and raises KeyboardInterrupt.
    Raises StoreError if the folder holds another pretraining or cannot be written, InputError for an invalid corpus.
    """
    if minutes is not None and not minutes > 0:
        raise InputError(f"minutes: expected a number above 0, got {minutes:g}; omit it to train for all steps")
    for name, count in (("evaluate_every", evaluate_every), ("threads", threads)):
        if count is not None and count < 1:
            raise InputError(f"{name}: expected 1 or more, got {count}; omit it for the default")
    seed = description.pretrain_seed
    if isinstance(held_out, float | int | Real):  # numpy has numbers of its own
        training_set, held_out = held_apart(corpus, float(held_out), seed)
    else:
        training_set, held_out = list(corpus), list(held_out)
    if not training_set:
        raise InputError("the corpus has no training sequences")
    codes, held_codes = description.encoded(training_set, alphabet), description.encoded(held_out, alphabet)
    every = evaluate_every or _every(description, sum(map(len, held_out)))
    facts = {
        **description.describe(),
        "alphabet": alphabet.letters,
        "training sequences": _told_apart(training_set),
        "held-out sequences": _told_apart(held_out),
        "evaluated every": every,
    }
    n_threads = threads or _cores()
    with on_threads(n_threads), patiently() as asked_to_stop:
        training = Training.begun(description, len(alphabet))
        folder = Folder(Path(out), facts, _surroundings(description, n_threads))
        record, remarks = folder.opened(training, alphabet)
        first_step = training.step
        lengths = Lengths.of(codes, Space(alphabet=alphabet, min_length=1, max_length=max(codes.shape[1], 1)))
        seconds = inf if minutes is None else 60 * minutes
        sitting = Sitting(training, folder, record, alphabet, lengths, held_codes, every, seconds, watch, asked_to_stop)
        sitting.run(codes)
    found = (description.steps, training.step, first_step, tuple(record.rows), record.best)
    return Pretrained(Path(out), *found, len(training_set), len(held_out), remarks)


def held_apart(corpus: Sequence[str], share: float, seed: int) -> tuple[list[str], list[str]]:
    """(training sequences in their order; distinct held-out sequences). Equal sequences are all on one side.

    The split depends on the seed, not on the order. Raises InputError if no training sequences are left.
    """
    if not 0 <= share < 1:
        raise InputError(f"held-out share: expected at least 0 and below 1, such as 0.05; got {share}")
    distinct = sorted(set(corpus))
    n_held = max(1, round(share * len(distinct))) if share else 0
    if n_held and n_held >= len(distinct):
        raise InputError(
            f"cannot hold out any of {many(len(distinct), 'distinct sequence')} and train on the rest; give more "
            "sequences, or a held-out share of 0"
        )
    order = stream(seed, "held-out").permutation(len(distinct))
    held = [distinct[place] for place in sorted(order[:n_held])]
    is_held = set(held)
    return [sequence for sequence in corpus if sequence not in is_held], held


def _every(description: Transformer, n_held_letters: int) -> int:
    """Steps from one evaluation to the next."""
    n_trained = description.steps * description.minibatch
    wanted = int(_SHARE_OF_TIME * n_trained / max(_PASSES * n_held_letters, 1))
    return max(1, description.steps // min(max(wanted, _FEWEST), _MOST_EVALUATIONS))


def _surroundings(description: Transformer, n_threads: int) -> dict[str, Any]:
    """What the last bits of the weights depend on, apart from the description."""
    its = {"threads": n_threads, "torch": torch.__version__, **description.surroundings()}
    return {**its, **versions("numpy", "designloop")}


def _cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _told_apart(sequences: Sequence[str]) -> str:
    """The number of sequences, and a hash of them in their order."""
    return f"{len(sequences)} ({sha256(chr(10).join(sequences).encode()).hexdigest()[:12]})"
