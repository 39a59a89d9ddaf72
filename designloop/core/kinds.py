"""Kinds are the names of parts: the short names of designloop's own, and the entry points of other packages."""

import ast
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from designloop.core.shelves import SHELVES

_PACKAGE = Path(__file__).parent.parent


@lru_cache
def short_names(shelf: str) -> Mapping[str, str]:
    """Short name -> `module:Class`, parsed from PARTS in the shelf's `__init__`: core must not import a shelf."""
    tree = ast.parse((_PACKAGE / shelf / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "PARTS" for t in node.targets):
            table: dict[str, str] = ast.literal_eval(node.value)
            return table
    return {}


@lru_cache
def known_kinds(shelf: str) -> Mapping[str, str]:
    """All kinds with a name: the shelf's short names, and the entry points of `designloop.<shelf>`.

    designloop's own names take precedence. A name that two packages give to different parts is left out.
    """
    points = {name: target_of(found[0]) for name, found in _points(shelf).items() if len(found) == 1}
    return {**points, **short_names(shelf)}


@lru_cache
def _entry_points() -> Any:
    """The entry points of all installed packages: reading one group takes as long as reading all."""
    return entry_points()


@lru_cache
def _points(shelf: str) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Name -> the entry points of a shelf with that name and different targets."""
    found: dict[str, dict[str, EntryPoint]] = {}
    for point in _entry_points().select(group=f"designloop.{shelf}"):
        found.setdefault(point.name, {}).setdefault(target_of(point), point)
    return {name: tuple(points.values()) for name, points in found.items()}


def target_of(point: EntryPoint) -> str:
    """`module:name`, without the extras that a package may demand for it."""
    return point.value.partition("[")[0].strip()


def entry_points_named(kind: str) -> tuple[str, ...]:
    """The targets, `module:name`, of all entry points called `kind`, on any shelf."""
    return tuple(target_of(point) for shelf in SHELVES for point in points_called(shelf, kind))


def points_called(shelf: str, kind: str) -> tuple[EntryPoint, ...]:
    """The entry points of a shelf that a kind may mean: several where packages disagree, none for designloop's own."""
    return () if kind in short_names(shelf) else _points(shelf).get(kind, ())


def whose(shelf: str, kind: str) -> str:
    """`'guanines' of the installed package bench-parts 1.0`, or only the kind."""
    return f"'{kind}'" + "".join(
        f" of the installed package {package(point)}" for point in points_called(shelf, kind)[:1]
    )


def package(point: EntryPoint) -> str:
    """`bench-parts 1.0`."""
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.module
