"""`designloop parts`: what stands on the shelves, and what each part can be told."""

import ast
import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from inspect import cleandoc
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic_core import PydanticCustomError

from designloop.cli.tables import console, table_of
from designloop.core.errors import InputError, did_you_mean
from designloop.core.parts import SHELVES, Part, find, known_kinds, short_names


def print_parts(shelf: str | None, name: str | None) -> None:
    """Every shelf with its parts; or one shelf; or one part with its fields."""
    shelves = (*SHELVES, "lab")
    if shelf is not None and shelf not in shelves:
        raise InputError(f"no shelf '{shelf}'{did_you_mean(shelf, shelves)}")
    if shelf is not None and name is not None:
        _print_preset(name) if shelf == "lab" else _print_part(shelf, name)
        return
    for one in shelves if shelf is None else (shelf,):
        _print_presets() if one == "lab" else _print_shelf(one)


def print_card(file: str | None, options: Mapping[str, str | int | None]) -> None:
    """The card of a measured landscape: size, missing, reliability, additive R2, ruggedness, best."""
    if file is None:
        raise InputError("parts landscape: name the landscape's file, as in `designloop parts landscape table.csv`")
    from designloop.core.config import Document, build
    from designloop.oracles.card import card
    from designloop.oracles.landscape import Landscape

    given = {key: value for key, value in options.items() if value is not None}
    landscape = build(Landscape, Document({"path": file, **given}, "the command line"))
    for name, text in card(landscape).table():
        print(f"{name:18} {text}")


def one_line(shelf: str, kind: str) -> str:
    """What a part's docstring begins with, to a line's full stop. A part of this package is not imported for it."""
    place, _, name = known_kinds(shelf)[kind].rpartition(":")
    if kind in short_names(shelf):
        text = _docstrings(place).get(name, "")
    else:
        text = _said_of_another(shelf, kind) or f"from {place}"
    return " ".join(re.split(r"(?<=\.)\n|\n\n", cleandoc(text))[0].split())


def _said_of_another(shelf: str, kind: str) -> str | None:
    """The docstring of a part of another package; or why there is none: a broken package hides no other."""
    try:
        return _docstring(find(shelf, kind))
    except PydanticCustomError as error:
        return f"not to be used: {error.message()}"


def _docstring(part: Any) -> str | None:
    """What a part says of itself: a function that is an oracle, what the function says."""
    function = getattr(getattr(part, "function", None), "call", None)
    text: str | None = (part if function is None else function).__doc__
    return text


@cache
def _docstrings(module: str) -> dict[str, str]:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return {}
    with open(spec.origin, encoding="utf-8") as source:
        tree = ast.parse(source.read())
    return {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.ClassDef)}


def _print_shelf(shelf: str) -> None:
    table = table_of(shelf, "part", "what it is")
    for kind in known_kinds(shelf):
        table.add_row(kind, one_line(shelf, kind))
    console().print(table)


def _print_presets() -> None:
    table = table_of("lab", "preset", "what it is")
    for name, text in _presets().items():
        about = " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))
        table.add_row(name, re.split(r"\.(?= [A-Z]|$)", about)[0] + ".")
    console().print(table)


def _print_preset(name: str) -> None:
    if name not in _presets():
        raise InputError(f"no lab preset '{name}'{did_you_mean(name, _presets())}")
    print(_presets()[name], end="")


@cache
def _presets() -> dict[str, str]:
    """Name -> YAML of each lab that can be named, its comments included."""
    from designloop.lab import lab

    folder = Path(lab.__file__).parent / "presets"
    return {name: (folder / f"{name}.yaml").read_text(encoding="utf-8") for name in lab.PRESETS}


def _print_part(shelf: str, kind: str) -> None:
    try:
        part = find(shelf, kind)
    except PydanticCustomError as error:
        raise InputError(error.message()) from error
    print(cleandoc(_docstring(part) or kind), end="\n\n")
    if not (isinstance(part, type) and issubclass(part, Part)):
        return
    table = table_of(f"kind: {kind}", "field", "type", "default", "what it means")
    for name, field in part.model_fields.items():
        default = "needed" if field.is_required() else _short(field.get_default(call_default_factory=True))
        table.add_row(name, _type_name(field.annotation), default, field.description or "")
    console().print(table)


def _short(default: Any) -> str:
    if isinstance(default, Part):
        return default.kind if type(default).shelf else "as described there"
    return repr(default)


def _type_name(annotation: Any) -> str:
    """A field's type as a reader writes it: `str | None`, what checks it left out."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in (NoneType, ...):
        return "None" if annotation is NoneType else "..."
    if origin is Annotated:
        return _type_name(args[0])
    if origin in (Union, UnionType):
        return " | ".join(map(_type_name, args))
    return _named_type(annotation, f"[{', '.join(map(_type_name, args))}]" if isinstance(origin, type) else "")


def _named_type(annotation: Any, arguments: str) -> str:
    if arguments:
        return f"{get_origin(annotation).__name__}{arguments}"
    if isinstance(annotation, type):
        shelf = annotation.shelf if issubclass(annotation, Part) else ""
        return f"a part of {shelf}" if shelf else annotation.__name__
    return str(annotation).replace("typing.", "")
