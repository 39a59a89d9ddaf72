"""How a pretrained model is cached: under a key of everything that determines it, as plain arrays in one file."""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.cache import content_key
from designloop.core.parts import Part
from designloop.core.spaces import Space

Arrays = dict[str, NDArray[Any]]


def model_key(part: Part, corpus: Sequence[str], space: Space, *packages: str, **facts: str) -> str:
    """SHA-256 of the description, corpus and alphabet, the versions of designloop, numpy and `packages`, and `facts`.

    The key also says that training runs on one thread. The lengths of the space are part of it only without a corpus.
    """
    digest = sha256("\n".join(corpus).encode()).hexdigest()
    return content_key(
        description=part.describe(),
        corpus=[len(corpus), digest],
        letters=space.alphabet.letters,
        lengths=None if corpus else [space.min_length, space.max_length],
        versions=versions("designloop", "numpy", *packages),
        threads=1,
        **facts,
    )


def versions(*packages: str) -> dict[str, str]:
    """The version of each package."""
    return {name: _version(name) for name in packages}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "uninstalled"


def save_arrays(arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write `arrays` to `path` in numpy's .npz format."""
    with path.open("wb") as file:  # numpy would append a suffix to the path
        np.savez(file, allow_pickle=False, **dict(arrays))


def load_arrays(path: Path) -> Arrays:
    """Read what `save_arrays` wrote; never unpickles."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
