"""The modules that kinds name: `package.module`, or a user's file."""

import ast
import importlib
import importlib.util
import re
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import PydanticUserError
from pydantic_core import PydanticCustomError

from designloop.core.errors import DID_YOU_MEAN
from designloop.core.files import expanded, is_file, near_files
from designloop.core.places import place_of, raised

Defined = ast.FunctionDef | ast.ClassDef
_MOST_NAMES = 5
"""Names of a file to list."""


def module_at(place: str, name: str) -> Any:
    """The module at a place, to find `name` in. Errors in the module are reported with their line."""
    try:
        return _load_file(place) if place.endswith(".py") else importlib.import_module(place)
    except _NoFile as error:
        hint = near_files(expanded(place)) or f" (current folder: {Path.cwd()})"
        raise PydanticCustomError("no_file", "no file {place}{hint}", {"place": place, "hint": hint}) from error
    except (Exception, SystemExit) as error:
        is_missing = isinstance(error, ImportError) and place_of(error) is None
        reason = f"{error}{_file_instead(place, name)}" if is_missing else _without_type(error) or f"it {raised(error)}"
        raise PydanticCustomError(
            "no_module", "cannot import {place}: {reason}", {"place": place, "reason": reason}
        ) from error


def _without_type(error: BaseException) -> str:
    """What to do with an attribute of a part that has no type annotation; empty for other errors."""
    found = re.search(r"non-annotated attribute was detected: `(\w+) = (.*?)`", str(error))
    if not isinstance(error, PydanticUserError) or found is None:
        return ""
    name, value = found.groups()
    return (
        f"`{name} = {value}` ({place_of(error)}) has no type; write `{name}: ClassVar = {value}` for a constant of the "
        f"class, or `{name}: TYPE = {value}` for a field, which YAML can set. A part keeps nothing between calls"
    )


class _NoFile(FileNotFoundError):
    """The file of a kind does not exist."""


def _file_instead(place: str, name: str) -> str:
    """`. Did you mean 'my_parts.py:Forest'?` where the module that is not found is a file of the current folder."""
    file = place.replace(".", "/") + ".py"
    return f"{DID_YOU_MEAN}'{file}:{name}'?" if is_file(Path(file)) else ""


def with_name(shelf: str, place: str) -> str:
    """`file.py:name` for a file that is given without a name and has only one oracle; a place with a name as it is.

    Raises where a file has no oracle or several, or is one of another shelf.
    """
    if not place.endswith(".py"):
        return place
    oracles = _oracles(_defined(expanded(place))) if shelf == "oracles" else []
    if len(oracles) != 1:
        raise _no_name(shelf, place)
    return f"{place}:{oracles[0]}"


def _oracles(nodes: Sequence[Defined]) -> list[str]:
    """The public functions that are decorated as an oracle, and classes derived from `Oracle`. No code is run."""
    classes, found = {"Oracle"}, list[str]()
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            is_one = any(_last_word(base) in classes for base in node.bases)
            classes |= {node.name} if is_one else set()
        else:
            is_one = any(_last_word(one.func) == "oracle" for one in node.decorator_list if isinstance(one, ast.Call))
        if is_one and not node.name.startswith("_"):
            found.append(node.name)
    return found


def _last_word(node: ast.expr) -> str:
    """`oracle` of `oracle` and of `designloop.oracle`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _no_name(shelf: str, place: str) -> PydanticCustomError:
    """The error for a file that is given without the name of the function or the class in it."""
    what = "function" if shelf == "oracles" else "class"
    nodes = [node for node in _defined(expanded(place)) if not node.name.startswith("_")]
    names = [node.name for node in nodes if shelf == "oracles" or isinstance(node, ast.ClassDef)][:_MOST_NAMES]
    known = f"; known: {', '.join(names)}" if names else ""
    return PydanticCustomError(
        "no_name", "name the {what}: {place}:NAME{known}", {"what": what, "place": place, "known": known}
    )


def _defined(file: Path) -> list[Defined]:
    """The functions and classes that a file defines at its top level; none where it cannot be read."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    return [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def _load_file(place: str) -> Any:
    """The module in a user's Python file; each file is loaded once."""
    path = expanded(place).resolve()
    if not is_file(path):
        raise _NoFile(path)
    name = f"designloop_user_{sha256(str(path).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:  # pragma: no cover - a .py file always has a loader
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
