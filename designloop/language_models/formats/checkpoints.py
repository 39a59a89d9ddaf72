"""Checkpoints: a trained network as safetensors, with a header in JSON that says all that is needed to use it.

Reading one never unpickles: it is numbers and a header, whoever sent it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from json import dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designloop.core.alphabet import Alphabet
from designloop.core.contents import FORMAT
from designloop.core.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds: tensors by name, the description of the model, its alphabet, and what else was noted."""

    tensors: dict[str, "Tensor"]
    description: dict[str, Any]
    alphabet: Alphabet
    notes: dict[str, Any]


def write_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write the file in place; who needs it whole or not at all writes beside it and renames."""
    from safetensors.torch import save_file

    header = {
        "format": FORMAT,
        "description": dumps(checkpoint.description),
        "alphabet": checkpoint.alphabet.model_dump_json(),
        "notes": dumps(checkpoint.notes),
    }
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
    save_file(tensors, path, metadata=header)
    _in_order(path)


def _in_order(path: Path) -> None:
    """Write the header anew, its entries in order: equal checkpoints are then equal files."""
    # safetensors keeps metadata in a map whose order is drawn anew each time; what is sorted is as long as it was.
    with path.open("r+b") as file:
        n_bytes = int.from_bytes(file.read(8), "little")
        header = dumps(loads(file.read(n_bytes)), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        file.seek(8)
        file.write(header.encode().ljust(n_bytes))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what `write_checkpoint` wrote. Raises InputError for a file that is absent, cut short or something else."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise InputError(f"no checkpoint at {path}; `designloop pretrain` writes one")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except SafetensorError as error:
        raise InputError(
            f"{path} is no whole checkpoint ({error}); it was cut short, or is another kind of file: copy it again"
        ) from error
    return _understood(header, tensors, path)


def _understood(header: Mapping[str, str], tensors: dict[str, "Tensor"], path: Path) -> Checkpoint:
    its = header.get("format")
    if its is not None and its != FORMAT and its.startswith(FORMAT.partition(",")[0]):
        raise InputError(
            f"{path} is of another version of designloop ({its!r}, and {FORMAT!r} is wanted); use that version, or "
            "pretrain anew"
        )
    if its != FORMAT:
        raise InputError(
            f"{path} was not written by designloop (its format is {its!r}, and {FORMAT!r} is wanted); "
            "a folder of the transformers library is read whole: by a campaign with `kind: huggingface`, and by "
            "`designloop sample`, `score` and `inspect`"
        )
    try:
        description, notes = _mapping("description", header), _mapping("notes", header)
        return Checkpoint(tensors, description, Alphabet.model_validate_json(header["alphabet"]), notes)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"the header of {path} cannot be read ({error}); write the checkpoint again") from error


def _mapping(name: str, header: Mapping[str, str]) -> dict[str, Any]:
    """An entry of a header. Raises TypeError where it is no mapping, ValueError where it is no JSON."""
    found = loads(header[name])
    if not isinstance(found, dict):
        raise TypeError(f"its {name} is {header[name][:50]}, and no mapping")
    return found


def check_alphabet(trained: Alphabet, wanted: Alphabet, path: Path | str) -> None:
    """Raises InputError unless the two have the same letters in the same order."""
    if trained.letters != wanted.letters:
        raise InputError(
            f"{path} was trained on the letters of {trained.name} ({trained.letters}), and the sequences here are of "
            f"{wanted.name} ({wanted.letters}); pretrain one on a corpus of these"
        )
