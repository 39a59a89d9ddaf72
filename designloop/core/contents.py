"""SHA-256 digests of the files and folders that a description names, so that changes are detected.

The digest of a folder covers what is read from it: the model in a folder of `designloop pretrain`, otherwise all files.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from hashlib import file_digest as file_hash
from hashlib import sha256
from pathlib import Path
from typing import Any

from designloop.core.files import expanded

MODEL = "model.safetensors"
"""The model in a folder that `designloop pretrain` wrote."""
FORMAT = "designloop language model, 2"
"""The format in the header of our checkpoints. The number changes when the network interprets weights differently."""
_LONGEST_HEADER = 100_000_000


def place_named(text: str) -> Path | None:
    """The file, or the folder by absolute path, that a text of a description names; None for other text.

    Paths in a description are absolute, so a relative name never means a folder in the working directory.
    """
    path = expanded(text)
    try:
        return path if path.is_file() or (path.is_absolute() and path.is_dir()) else None
    except OSError:  # a sequence or a sentence may be longer than a name can be
        return None


def strings(node: Any) -> Iterator[str]:
    """Every text value of a description."""
    if isinstance(node, str):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from strings(child)


def digest(place: Path) -> str:
    """SHA-256 of a file, or of what is read from a folder."""
    if place.is_file():
        return file_digest(place)
    return file_digest(place / MODEL) if _is_ours(place / MODEL) else folder_digest(place)


def folder_digest(folder: Path) -> str:
    """SHA-256 of the files in a folder, by name; hidden files are skipped."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    return sha256("\n".join(f"{file.name} {file_digest(file)}" for file in files).encode()).hexdigest()


def file_digest(file: Path) -> str:
    """SHA-256 of a file, cached until its size or modification time changes."""
    state = file.stat()
    return _digest(file, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(file: Path, size: int, changed_ns: int) -> str:
    with file.open("rb") as content:
        return file_hash(content, "sha256").hexdigest()


def _is_ours(file: Path) -> bool:
    """Whether a file has the header of a checkpoint: its length in eight bytes, and JSON."""
    if not file.is_file():
        return False
    with file.open("rb") as content:
        length = int.from_bytes(content.read(8), "little")
        try:
            header = json.loads(content.read(min(length, _LONGEST_HEADER)))
            return bool(header["__metadata__"]["format"] == FORMAT)
        except (ValueError, KeyError, TypeError):
            return False
