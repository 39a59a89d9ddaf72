"""Checkpoints: a trained network as safetensors, with a JSON header that holds all that is needed to use it.

Reading a checkpoint never unpickles, so a file from an unknown source is safe to read.
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
    """The contents of a file: tensors by name, the description of the model, its alphabet, and notes."""

    tensors: dict[str, "Tensor"]
    description: dict[str, Any]
    alphabet: Alphabet
    notes: dict[str, Any]


def write_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write the file in place. For an atomic write, write to a temporary file and rename it."""
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
    """Sort the entries of the header, so that equal checkpoints are equal files."""
    # safetensors writes metadata in random order. Sorting does not change the length of the header.
    with path.open("r+b") as file:
        n_bytes = int.from_bytes(file.read(8), "little")
        header = dumps(loads(file.read(n_bytes)), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        file.seek(8)
        file.write(header.encode().ljust(n_bytes))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what `write_checkpoint` wrote. Raises InputError for a missing, truncated or different file."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise InputError(f"no checkpoint at {path}; `designloop pretrain` writes one")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except SafetensorError as error:
        raise InputError(
            f"{path} is not a valid checkpoint ({error}); it is truncated or another kind of file: copy it again"
        ) from error
    return _understood(header, tensors, path)


def _understood(header: Mapping[str, str], tensors: dict[str, "Tensor"], path: Path) -> Checkpoint:
    its = header.get("format")
    if its is not None and its != FORMAT and its.startswith(FORMAT.partition(",")[0]):
        raise InputError(
            f"{path} was written by another version of designloop (expected format {FORMAT!r}, got {its!r}); use that "
            "version, or pretrain again"
        )
    if its != FORMAT:
        raise InputError(
            f"{path} was not written by designloop (expected format {FORMAT!r}, got {its!r}); for a model of the "
            "transformers library give its folder: to `kind: huggingface` in a campaign, or to `designloop sample`, "
            "`score` and `inspect`"
        )
    try:
        description, notes = _mapping("description", header), _mapping("notes", header)
        return Checkpoint(tensors, description, Alphabet.model_validate_json(header["alphabet"]), notes)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"the header of {path} cannot be read ({error}); write the checkpoint again") from error


def _mapping(name: str, header: Mapping[str, str]) -> dict[str, Any]:
    """An entry of a header. Raises TypeError if it is not a mapping, ValueError if it is not JSON."""
    found = loads(header[name])
    if not isinstance(found, dict):
        raise TypeError(f"{name}: expected a mapping, got {header[name][:50]}")
    return found


def check_alphabet(trained: Alphabet, wanted: Alphabet, path: Path | str) -> None:
    """Raises InputError unless the two have the same letters in the same order."""
    if trained.letters != wanted.letters:
        raise InputError(
            f"{path} was trained on the alphabet {trained.name} ({trained.letters}), but the sequences are "
            f"{wanted.name} ({wanted.letters}); pretrain a model on this alphabet"
        )
