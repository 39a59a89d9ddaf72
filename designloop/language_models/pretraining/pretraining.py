"""Pretraining into a folder: a share of the corpus is held out, and the model that tells it best is kept.

It can be stopped at any time, and goes on from there to the weights it would have had, bit for bit: a step hangs on its
number and the seed alone. That holds for one number of threads, since sums depend on how they are shared out.
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
"""Of training, for evaluations; where that is enough for the fewest of them."""
_PASSES = 4 / 3
"""What a held-out letter costs, in letters trained on: it is asked up to four times, without a way back."""


@dataclass(frozen=True, slots=True)
class Pretrained:
    """What a pretraining came to."""

    out: Path
    steps: int
    step: int
    """Taken so far; fewer than `steps` where its time was up."""
    first_step: int
    """Where this call took it up: `steps` where it was finished before."""
    rows: tuple[Row, ...]
    best: Row | None
    n_training: int
    n_held_out: int
    remarks: tuple[str, ...]

    @property
    def is_finished(self) -> bool:
        """True where all steps are taken."""
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
    """Train a model of natural sequences into the folder `out`, or go on with the training that is there.

    `held_out`: a share of the distinct sequences, drawn by the description's seed, or other sequences; where there are
    none, the last weights are kept and not the best. Sequences that are nearly alike fall on both sides of a share, and
    make the loss look better than it is: hold out clusters. `evaluate_every`: steps; None: 5 to 50 times in all, in
    about a tenth of the time. `threads`: None: all cores. `minutes`: by the clock, all sittings counted; what is
    reached then is evaluated and kept, its learning rate not fallen. Ctrl-C leaves after the step it falls into, and
    raises KeyboardInterrupt.
    Raises StoreError where the folder holds another pretraining or cannot be written, InputError for a wrong corpus.
    """
    if minutes is not None and not minutes > 0:
        raise InputError(f"{minutes:g} minutes: give more than 0, or leave it out to train until all steps are taken")
    for name, count in (("evaluate_every", evaluate_every), ("threads", threads)):
        if count is not None and count < 1:
            raise InputError(f"{name} {count}: give 1 or more, or leave it out")
    seed = description.pretrain_seed
    if isinstance(held_out, float | int | Real):  # numpy has numbers of its own
        training_set, held_out = held_apart(corpus, float(held_out), seed)
    else:
        training_set, held_out = list(corpus), list(held_out)
    if not training_set:
        raise InputError("there is no sequence to train on; give a corpus")
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
    """(the sequences to train on, as they stand; those held out, distinct): equal ones are all on one side.

    Which are held out hangs on the seed, and not on their order. Raises InputError where nothing is left to train on.
    """
    if not 0 <= share < 1:
        raise InputError(f"a share of {share} to hold out: it is at least 0 and below 1, as in 0.05")
    distinct = sorted(set(corpus))
    n_held = max(1, round(share * len(distinct))) if share else 0
    if n_held and n_held >= len(distinct):
        raise InputError(
            f"of {len(distinct)} distinct sequences none can be held out and others trained on; give more, or hold "
            "out a share of 0"
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
    """What the last bits of the weights hang on besides the description."""
    its = {"threads": n_threads, "torch": torch.__version__, **description.surroundings()}
    return {**its, **versions("numpy", "designloop")}


def _cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _told_apart(sequences: Sequence[str]) -> str:
    """How many, and a hash of which in which order."""
    return f"{len(sequences)} ({sha256(chr(10).join(sequences).encode()).hexdigest()[:12]})"
