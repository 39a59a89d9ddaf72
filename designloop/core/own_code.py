"""The code of a user-defined part: the file that a description names, and the modules that it imports.

Imports are read from the text; nothing is run. Modules of Python, of designloop and of installed packages are left out,
except the package that contains the part.
"""

import ast
import os
import re
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path

from designloop.core.contents import place_named
from designloop.core.files import is_file
from designloop.core.kinds import entry_points_named

_MODULE = re.compile(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*")
_PACKAGE = Path(__file__).parents[1]
_INSTALLED = ("site-packages", "dist-packages")
"""Folders of installed packages, also those that `sysconfig` does not name: a user's, the system's, another venv's."""


def code_named(text: str) -> tuple[Path, ...]:
    """The files of the user-defined part that a text of a description names; none where it names no such part.

    A part is named as `path/to/file.py:name`, as `package.module:name`, or by its entry point.
    """
    roots = [_file_named(name) for name in entry_points_named(text) or (text,)]
    return tuple(dict.fromkeys(file for root in roots if root is not None for file in _with_imports(root)))


def programs_in(named: Mapping[str, str]) -> dict[str, tuple[Path, ...]]:
    """Dotted key -> files, for the keys of outside programs among the texts of a description.

    These are the items of each `argv` or `python`, the `folder` beside it, and the `function` of an oracle of the kind
    `python`: a Python file with what it imports, or another file. Modules that only another Python finds are left out.
    """
    items = [key for key in named if key.split(".")[-2:-1] in (["argv"], ["python"])]
    served = [key.rpartition(".")[0] for key, text in named.items() if key.endswith(".kind") and text == "python"]
    found: dict[str, tuple[Path, ...]] = {
        f"{place}.folder": () for place in (*(key.rsplit(".", 2)[0] for key in items), *served)
    }
    found |= {key: _program_named(named[key]) for key in items}
    for place in served:
        folder = named.get(f"{place}.folder", os.getcwd())
        places = [folder] if f"{place}.python.0" in named else [folder, *sys.path]
        found[f"{place}.function"] = _function_named(named.get(f"{place}.function", ""), places)
    return found


def _function_named(text: str, places: list[str]) -> tuple[Path, ...]:
    """The files of `path/to/file.py:name`, or of `package.module:name` in these folders."""
    module = _MODULE.fullmatch(text)
    if module is None:
        return _program_named(text.rpartition(":")[0])
    files = list(_files_of(module[1], places))
    return tuple(_with_imports(files[-1], (places[0],))) if files else ()


def _program_named(text: str) -> tuple[Path, ...]:
    file = place_named(text)
    if file is None or not file.is_absolute() or not file.is_file():
        return ()
    return tuple(_with_imports(file, (str(file.parent),))) if file.suffix == ".py" else (file,)


def _file_named(text: str) -> Path | None:
    if ".py:" in text:
        return place_named(text.rpartition(":")[0])
    module = _MODULE.fullmatch(text)
    return None if module is None else _file_of(module[1])


@cache
def _file_of(module: str) -> Path | None:
    """The file of a module; None for modules of designloop, whose version is in the manifest."""
    if module.partition(".")[0] == "designloop":
        return None
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    file = spec.origin if spec is not None else getattr(sys.modules.get(module), "__file__", None)
    return Path(file) if file is not None and Path(file).is_file() else None


def _with_imports(root: Path, first: tuple[str, ...] = ()) -> list[Path]:
    """A file and the user's modules that it imports, directly or indirectly; searched in the folders `first` before
    those of this process: Python searches the folder of a script.
    """
    files = [root]
    for file in files:
        files += [other for other in _imports(file, first) if other not in files and _is_own(other, root)]
    return files


def _is_own(file: Path, root: Path) -> bool:
    if file.is_relative_to(_PACKAGE):
        return False
    return not _is_installed(file) or (_is_in_package(root) and file.is_relative_to(root.parent))


def _is_in_package(root: Path) -> bool:
    """Whether it belongs to an installed package, and is not a module by itself."""
    return _is_installed(root) and root.parent.name not in _INSTALLED and root.parent not in _places()


@lru_cache(maxsize=4096)
def _is_installed(file: Path) -> bool:
    """Whether it lies below a folder of installed packages; such a folder may lie in the user's, as `.venv` does."""
    places = _places()
    return any(parent.name in _INSTALLED or parent in places for parent in file.parents)


@cache
def _places() -> list[Path]:
    return [Path(sysconfig.get_path(key)) for key in ("purelib", "platlib", "stdlib", "platstdlib")]


def _imports(file: Path, first: tuple[str, ...]) -> Iterator[Path]:
    """The files of the modules that a file imports, where they are found."""
    for name, folder in _names(file, file.stat().st_mtime_ns):
        yield from _files_of(name, [*first, *sys.path] if folder is None else [str(folder)])


def _files_of(name: str, places: list[str]) -> Iterator[Path]:
    """The files of a module and of the packages that it is in, outermost first, as far as they are found in folders."""
    place = places
    for word in name.split("."):
        spec = _spec(word, place)
        if spec is None:
            return
        if spec.origin is not None and spec.origin.endswith(".py") and is_file(Path(spec.origin)):  # or in an archive
            yield Path(spec.origin)
        if spec.submodule_search_locations is None:
            return
        place = list(spec.submodule_search_locations)


def _spec(name: str, place: list[str] | None) -> ModuleSpec | None:
    try:
        return PathFinder.find_spec(name, place)
    except (ImportError, ValueError):
        return None


@lru_cache(maxsize=1024)
def _names(file: Path, _changed_ns: int) -> tuple[tuple[str, Path | None], ...]:
    """(dotted name, folder to search) of each import; None: Python's search path."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(found for node in ast.walk(tree) for found in _names_in(node, file))


def _names_in(node: ast.AST, file: Path) -> Iterator[tuple[str, Path | None]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, None) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        folder = file.parents[node.level - 1] if 0 < node.level <= len(file.parents) else None
        for alias in node.names:  # each may be a name in the module, or a module in the package
            yield ".".join(word for word in (node.module, alias.name) if word and word != "*"), folder
