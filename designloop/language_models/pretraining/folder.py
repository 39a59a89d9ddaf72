"""The folder of a pretraining: the best model so far, the training state, a log, and the description.

Each file is written atomically, so that training can continue after the process is killed at any time.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from designloop.core.config import to_yaml
from designloop.core.contents import MODEL
from designloop.core.errors import StoreError
from designloop.core.files import whole
from designloop.language_models.formats.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from designloop.language_models.training.training import Training
from designloop.language_models.transformer import Transformer

TRAINING, LOG, DESCRIPTION = "training.safetensors", "log.csv", "model.yaml"


@dataclass(frozen=True, slots=True)
class Row:
    """The result of one evaluation. Losses are in nats per letter."""

    step: int
    seconds: float
    """Wall time since training began, without the time between sessions."""
    loss: float
    """Mean training loss since the previous row."""
    held_out_loss: float | None
    letters_per_second: float
    """Training speed since the previous row, without evaluations."""


@dataclass(slots=True)
class Tally:
    """Sums over the steps since the last row."""

    n_steps: int = 0
    loss: float = 0.0
    """Sum of the losses of the steps."""
    n_letters: int = 0
    seconds: float = 0.0

    @property
    def mean_loss(self) -> float:
        """Mean loss in nats per letter; 0 before the first step."""
        return self.loss / max(self.n_steps, 1)

    @property
    def letters_per_second(self) -> float:
        """Training speed; 0 before the first step."""
        return self.n_letters / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Record:
    """The state of a pretraining, apart from its weights."""

    rows: list[Row] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()
    """Differences from the conditions under which it began, one message each."""

    @property
    def best(self) -> Row | None:
        """The row whose model is kept: the lowest held-out loss, or the last row without held-out sequences."""
        if not self.rows or self.rows[-1].held_out_loss is None:
            return self.rows[-1] if self.rows else None
        return min(self.rows, key=lambda row: inf if row.held_out_loss is None else row.held_out_loss)

    @classmethod
    def read(cls, notes: Mapping[str, Any]) -> "Record":
        """The record from its `asdict` form."""
        rows, tally = [Row(**row) for row in notes["rows"]], Tally(**notes["tally"])
        return cls(rows, tally, notes["seconds"], tuple(notes.get("remarks", ())))


@dataclass(frozen=True, slots=True)
class Folder:
    """One pretraining on disk. Only one process at a time may write it."""

    path: Path
    facts: Mapping[str, Any]
    """What identifies this pretraining: name -> value."""
    surroundings: Mapping[str, Any]
    """What else affects the last bits of the weights."""

    def opened(self, training: Training[Transformer], alphabet: Any) -> tuple[Record, tuple[str, ...]]:
        """Begin a pretraining here, or restore `training` to its saved state. Returns the record and remarks.

        Raises StoreError if the folder holds another pretraining or an incomplete one.
        """
        for name in (MODEL, TRAINING, LOG, DESCRIPTION):  # half written, by a process that was killed
            for part in self.path.glob(f".{name}-*"):
                part.unlink(missing_ok=True)
        if not (self.path / TRAINING).exists():
            return self._begun(training, alphabet), ()
        checkpoint = read_checkpoint(self.path / TRAINING)
        if not {"facts", "record"} <= checkpoint.notes.keys():
            raise StoreError(
                f"{self.path / TRAINING} is a model, not a training state; choose another folder with --out"
            )
        self._check_is_this_one(checkpoint.notes["facts"])
        record = Record.read(checkpoint.notes["record"])
        if record.rows and not (self.path / MODEL).exists():
            raise StoreError(f"{self.path} has lost its {MODEL}; restore a copy, or choose another folder with --out")
        _restore(training, checkpoint)
        if training.step < training.description.steps:
            new = _remarks(checkpoint.notes["surroundings"], self.surroundings)
            record.remarks = tuple(dict.fromkeys([*record.remarks, *new]))
        return record, record.remarks

    def _begun(self, training: Training[Transformer], alphabet: Any) -> Record:
        if (self.path / MODEL).exists():
            raise StoreError(
                f"{self.path} holds a model without {TRAINING}, so its training cannot continue; choose another folder "
                "with --out"
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot create {self.path}: {error.strerror}; choose another with --out") from error
        record = Record()
        text = to_yaml(training.description.describe())
        written(self.path / DESCRIPTION, lambda part: part.write_text(text, encoding="utf-8"))
        self.save(training, alphabet, record)  # before any work, so that an unwritable folder fails now
        return record

    def _check_is_this_one(self, there: Mapping[str, Any]) -> None:
        names = dict.fromkeys([*there, *self.facts])
        odd = [name for name in names if there.get(name) != self.facts.get(name)]
        if odd:
            told = "; ".join(f"{name}: {there.get(name)} there, {self.facts.get(name)} here" for name in odd)
            raise StoreError(
                f"{self.path} holds another pretraining ({told}); repeat its command, or choose another folder with "
                "--out"
            )

    def save(self, training: Training[Transformer], alphabet: Any, record: Record) -> None:
        """Write the training state and the log."""
        notes = {
            "step": training.step,
            "record": asdict(record),
            "facts": dict(self.facts),
            "surroundings": dict(self.surroundings),
        }
        checkpoint = Checkpoint(_tensors(training), training.description.describe(), alphabet, notes)
        written(self.path / TRAINING, lambda part: write_checkpoint(checkpoint, part))
        written(self.path / LOG, lambda part: part.write_text(_csv(record.rows), encoding="utf-8"))


def record_of(path: Path) -> Record | None:
    """The record of the pretraining in a folder; None if there is none. Raises StoreError if it is damaged."""
    file = path / TRAINING
    if not file.exists():
        return None
    try:
        return Record.read(read_checkpoint(file).notes["record"])
    except (KeyError, TypeError) as error:
        raise StoreError(
            f"{file} has no record of its training: it is damaged, or another checkpoint; restore a copy, or choose "
            "another folder with --out"
        ) from error


def written(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file atomically: `write` is called with a temporary path beside it. Raises StoreError."""
    from safetensors import SafetensorError

    try:
        with whole(path) as part:
            write(part)
    except (OSError, SafetensorError) as error:
        raise StoreError(
            f"cannot write {path}: {getattr(error, 'strerror', None) or error}; free space or fix permissions, then "
            "give the same command again: the files written before are intact"
        ) from error


def _tensors(training: Training[Transformer]) -> dict[str, Any]:
    """The weights and the optimizer's moments, by name."""
    moments: dict[int, dict[str, Any]] = training.optimizer.state_dict()["state"]
    return {
        **{f"weights.{name}": weight for name, weight in training.network.state_dict().items()},
        **{f"optimizer.{place}.{name}": moment for place, its in moments.items() for name, moment in its.items()},
    }


def _restore(training: Training[Transformer], checkpoint: Checkpoint) -> None:
    """Set the step, the weights and the moments of training to those of a checkpoint."""
    weights, moments = dict[str, Any](), dict[int, dict[str, Any]]()
    for name, tensor in checkpoint.tensors.items():
        kind, _, rest = name.partition(".")
        if kind == "weights":
            weights[rest] = tensor
        else:
            place, _, moment = rest.partition(".")
            moments.setdefault(int(place), {})[moment] = tensor
    training.network.load_state_dict(weights)
    groups = training.optimizer.state_dict()["param_groups"]
    training.optimizer.load_state_dict({"state": moments, "param_groups": groups})
    training.step = int(checkpoint.notes["step"])


def _remarks(there: Mapping[str, Any], here: Mapping[str, Any]) -> tuple[str, ...]:
    known = there.keys() & here.keys()  # a folder of an older version has fewer keys
    odd = [f"{name} {there[name]}, now {its}" for name, its in here.items() if name in known and there[name] != its]
    if not odd:
        return ()
    return (f"it was trained with {'; '.join(odd)}: the last bits of the weights differ from an uninterrupted run",)


def _csv(rows: list[Row]) -> str:
    names = list(Row.__slots__)
    lines = [",".join("" if value is None else f"{value:.10g}" for value in asdict(row).values()) for row in rows]
    return "\n".join([",".join(names), *lines]) + "\n"
