"""A page shows an object as one HTML file. The object asks for its page, and the report draws it.

An object may not import the report, which reads it. The package, which is above both, registers the function here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

_writers = list[Callable[[Any, Path], Path]]()


def written_by(write: Callable[[Any, Path], Path]) -> None:
    """Register `write` as the function that writes pages of objects."""
    _writers[:] = [write]


def written(thing: object, path: Path) -> Path:
    """Write the page of an object, and return its path. Raises StoreError where it cannot be written."""
    return _writers[-1](thing, path)
