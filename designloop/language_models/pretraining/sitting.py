"""One session of training in a folder: from its last saved state until it is finished, out of time, or stopped."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from math import isfinite
from time import perf_counter
from typing import Any

from designloop.core.alphabet import Alphabet, Codes
from designloop.core.contents import MODEL
from designloop.core.errors import DesignloopError
from designloop.language_models.inference.lengths import Lengths
from designloop.language_models.pretraining.folder import Folder, Record, Row, Tally, written
from designloop.language_models.training.training import Training
from designloop.language_models.transformer import Transformer

_SAVED_EVERY = 60.0
"""Seconds of training, at most, that are lost if the process is killed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of training after a step. Losses are in nats per letter."""

    step: int
    steps: int
    loss: float
    """Mean training loss since the last evaluation."""
    held_out_loss: float | None
    """Held-out loss at the last evaluation, if there was one."""
    letters_per_second: float
    seconds_left: float
    row: Row | None
    """The evaluation, if there was one at this step."""


class _Left(Exception):
    """Training stops before its last step."""


@dataclass
class Sitting:
    """Training from the saved state of the folder until it is finished, out of time, or interrupted."""

    training: Training[Transformer]
    folder: Folder
    record: Record
    alphabet: Alphabet
    lengths: Lengths
    held_out: Codes
    every: int
    seconds: float
    watch: Callable[[Progress], None] | None
    asked_to_stop: threading.Event
    began: float = field(init=False)
    seconds_before: float = field(init=False)
    first_step: int = field(init=False)
    last_step_at: float = field(init=False)
    saved_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.seconds_before, self.first_step = self.record.seconds, self.training.step
        self.began = self.last_step_at = self.saved_at = perf_counter()

    def run(self, codes: Codes) -> None:
        if self.is_time_up:
            return
        try:
            self.training.run(codes, self._stepped)
        except _Left:
            self._save()
            if self.asked_to_stop.is_set():
                raise KeyboardInterrupt from None

    @property
    def is_time_up(self) -> bool:
        return self._elapsed() >= self.seconds

    def _elapsed(self) -> float:
        return self.seconds_before + perf_counter() - self.began

    def _stepped(self, training: Training[Transformer], loss: float, n_letters: int) -> None:
        """Record a step, evaluate if it is due, and stop if it is time."""
        if not isfinite(loss):
            raise DesignloopError(
                f"the loss at step {training.step} is {loss}; use a lower learning rate and another folder"
            )
        self._count(loss, n_letters)
        is_due = training.step % self.every == 0 or training.step == training.description.steps
        is_last = self.is_time_up
        row = self._evaluated() if is_due or is_last else None
        if perf_counter() - self.saved_at > _SAVED_EVERY:
            self._save()
        if self.watch is not None:
            self.watch(self._progress(row))
        if is_last or self.asked_to_stop.is_set():
            raise _Left

    def _count(self, loss: float, n_letters: int) -> None:
        tally, now = self.record.tally, perf_counter()
        tally.n_steps += 1
        tally.loss += loss
        tally.n_letters += n_letters
        tally.seconds += now - self.last_step_at
        self.last_step_at = now

    def _evaluated(self) -> Row:
        """A new row. Saves the model if it is the best, and then the training state.

        The order matters: if the process is killed between the two, training repeats the row and writes the same model.
        """
        tally, record, step = self.record.tally, self.record, self.training.step
        loss = self.training.held_out_loss(self.held_out) if len(self.held_out) else None
        row = Row(step, round(self._elapsed(), 3), tally.mean_loss, loss, tally.letters_per_second)
        record.rows.append(row)
        record.tally = Tally()
        if record.best is row:
            self._keep(row)
        self._save()
        return row

    def _keep(self, row: Row) -> None:
        part, network = self.training.description, deepcopy(self.training.network)
        model = part.model(network, self.alphabet, self.lengths)
        notes: dict[str, Any] = {"step": row.step, "held_out_loss": row.held_out_loss}
        written(self.folder.path / MODEL, lambda path: part.save(model, path, **notes))

    def _save(self) -> None:
        self.record.seconds = self._elapsed()
        self.folder.save(self.training, self.alphabet, self.record)
        self.saved_at = self.last_step_at = perf_counter()

    def _progress(self, row: Row | None) -> Progress:
        step, steps, last = self.training.step, self.training.description.steps, self.record.rows[-1:]
        tally, elapsed = self.record.tally, perf_counter() - self.began
        left = min(elapsed / (step - self.first_step) * (steps - step), self.seconds - self._elapsed())
        loss = row.loss if row else tally.mean_loss
        rate = row.letters_per_second if row else tally.letters_per_second
        return Progress(step, steps, loss, last[0].held_out_loss if last else None, rate, max(left, 0.0), row)


@contextmanager
def patiently() -> Iterator[threading.Event]:
    """Within the block the first Ctrl-C only sets the yielded event, so that the step ends; the second interrupts."""
    asked = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield asked
        return

    def note(number: int, frame: Any) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
