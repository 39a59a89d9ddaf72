"""`designloop parts`: lists the available parts and the keys of each."""

import ast
import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from designloop.cli.shared.fields import groups_of
from designloop.cli.shared.terminal_tables import console, table_of
from designloop.core.errors import InputError, did_you_mean, what_it_is
from designloop.core.kinds import known_kinds, short_names
from designloop.core.parts import Part, find
from designloop.core.shelves import SHELVES, one_of
from designloop.programs.serving import is_adapted


def _campaign() -> type[Part]:
    from designloop.campaign import Campaign

    return Campaign


def _study() -> type[Part]:
    from designloop.study.description import Study

    return Study


def _live() -> type[Part]:
    from designloop.live.campaign import LiveCampaign

    return LiveCampaign


DESCRIPTIONS: dict[str, Callable[[], type[Part]]] = {"campaign": _campaign, "live": _live, "study": _study}
"""What a YAML file can describe: name -> class, imported only when it is needed."""
LIVE = "live"
"""The preset of a real lab."""


def print_parts(shelf: str | None, name: str | None) -> None:
    """Print all shelves, one shelf, one part with its keys, or the keys of a campaign, live or not, or a study."""
    shelves = (*SHELVES, "lab")
    if shelf in DESCRIPTIONS and name is None:
        _print_description(shelf)
        return
    if shelf is not None and shelf not in shelves:
        raise InputError(f"unknown shelf '{shelf}'{did_you_mean(shelf, [*shelves, *DESCRIPTIONS, 'landscape'])}")
    if shelf is not None and name is not None:
        _print_preset(name) if shelf == "lab" else _print_part(shelf, name)
        return
    for one in shelves if shelf is None else (shelf,):
        _print_presets() if one == "lab" else _print_shelf(one)


def print_card(file: str | None, options: Mapping[str, str | int | None], settings: Sequence[str] = ()) -> None:
    """Print the card of a measured landscape: size, missing values, reliability, additive R2, ruggedness, best."""
    if file is None:
        raise InputError("parts landscape requires a file, as in `designloop parts landscape table.csv`")
    from designloop.core.config import Document, build, override
    from designloop.oracles.card import card
    from designloop.oracles.landscape import Landscape

    given = {key: value for key, value in options.items() if value is not None}
    document = Document({"path": file, **given}, "the command line")
    override(document, settings)
    landscape = build(Landscape, document)
    for name, text in card(landscape).table():
        print(f"{name:18} {text}")


def one_line(shelf: str, kind: str) -> str:
    """The first sentence of a part's docstring. Parts of this package are not imported to read it."""
    place, _, name = known_kinds(shelf)[kind].rpartition(":")
    if kind in short_names(shelf):
        text = _docstrings(place).get(name, "")
    else:
        text = _said_of_another(shelf, kind) or f"from {place}"
    return " ".join(re.split(r"(?<=\.)\n|\n\n", cleandoc(text))[0].split())


def _said_of_another(shelf: str, kind: str) -> str | None:
    """The docstring of a part of another package, or why it cannot be used. A broken package hides no other."""
    try:
        part = find(shelf, kind)
    except PydanticCustomError as error:
        return str(error.message()).partition(f"'{kind}' of the installed package ")[2] or error.message()
    return _docstring(part) if _may_be(part) else f"cannot be used: it is {what_it_is(part)}, not {one_of(shelf)}"


def _may_be(part: Any) -> bool:
    """Whether something may be a part: a class of a shelf, a function, or an object of a library that is adapted."""
    return issubclass(part, Part) if isinstance(part, type) else callable(part) or is_adapted(part)


def _docstring(part: Any) -> str | None:
    """The docstring of a part, or of the function that an oracle wraps."""
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
    table = table_of(shelf, "part", "description")
    for kind in known_kinds(shelf):
        table.add_row(kind, one_line(shelf, kind))
    console().print(table)


def lab_presets() -> Iterator[tuple[str, str]]:
    """(name, description) of each lab preset."""
    for name, text in _presets().items():
        whole = " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))
        yield name, re.split(r"\.(?= [A-Z]|$)", whole)[0] + "."
    yield LIVE, cleandoc(_live_lab().__doc__ or "")


def _print_presets() -> None:
    table = table_of("lab", "preset", "description")
    for name, text in lab_presets():
        table.add_row(name, text)
    console().print(table)


def _live_lab() -> type[Part]:
    from designloop.live.lab import LiveLab

    return LiveLab


def _print_preset(name: str) -> None:
    if name == LIVE:
        print(about(_live_lab(), name), end="\n\n")
        _print_fields(_live_lab(), f"preset: {name}")
        return
    if name not in _presets():
        raise InputError(f"unknown lab preset '{name}'{did_you_mean(name, [*_presets(), LIVE])}")
    print(_presets()[name], end="")


@cache
def _presets() -> dict[str, str]:
    """Name -> YAML of each lab preset, with its comments."""
    from designloop.lab import starting_points

    folder = Path(starting_points.__file__).parent / "presets"
    return {name: (folder / f"{name}.yaml").read_text(encoding="utf-8") for name in starting_points.PRESETS}


def about(part: Any, kind: str) -> str:
    """The whole docstring of a part, or its kind if it has none."""
    return cleandoc(_docstring(part) or kind)


def _print_part(shelf: str, kind: str) -> None:
    try:
        part = find(shelf, kind)
    except PydanticCustomError as error:
        raise InputError(error.message()) from error
    print(about(part, kind), end="\n\n")
    if not (isinstance(part, type) and issubclass(part, Part)):
        return
    _print_fields(part, f"kind: {kind}")


def _print_description(name: str) -> None:
    """Print every key of a campaign or a study."""
    model = DESCRIPTIONS[name]()
    print(cleandoc(model.__doc__ or name), end="\n\n")
    _print_fields(model, name)


def _print_fields(model: type[BaseModel], title: str) -> None:
    """Print a table of the keys, and one for each nested mapping."""
    for group in groups_of(model):
        heading = f"\n{group.key}: {group.about}" if group.key else title
        table = table_of(heading, "key", "type", "default", "meaning")
        for field in group.fields:
            table.add_row(group.dotted(field), field.type, field.default, field.meaning)
        console().print(table)
