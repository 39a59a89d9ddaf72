"""The JSON Schema of a description, for editors that complete and check YAML."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from pydantic_core import PydanticCustomError

from designloop.core.kinds import known_kinds
from designloop.core.parts import find

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model. A field for a part accepts any part of its shelf, by `kind`."""
    parts: dict[str, dict[str, type[BaseModel]]] = {}
    while True:
        models = [model, *(part for shelf in parts.values() for part in shelf.values())]
        places, whole = models_json_schema([(one, "validation") for one in models])
        missing = sorted(set(_shelves_in(whole)) - set(parts))
        if not missing:
            break
        parts.update({shelf: _parts_of(shelf) for shelf in missing})
    definitions = whole["$defs"]
    for shelf, members in parts.items():
        definitions[_shelf_name(shelf)] = _one_of(shelf)
        for kind, part in members.items():
            described = definitions[places[part, "validation"]["$ref"].removeprefix("#/$defs/")]
            definitions[f"{shelf}.{kind}"] = _with_kind(
                kind, described, is_default=kind == getattr(part, "default_kind", None)
            )
    root = definitions[places[model, "validation"]["$ref"].removeprefix("#/$defs/")]
    return {"$schema": DIALECT, **_resolved(root), "$defs": _resolved(definitions)}


def or_preset(written: dict[str, Any], names: Iterable[str], what: str, *, or_file: bool = False) -> dict[str, Any]:
    """The schema of a description that may also be the name of a preset, or a mapping that changes a preset.

    With `or_file`, a YAML file may stand for a preset.
    """
    file = [{"type": "string", "pattern": r"\.ya?ml$"}] if or_file else []
    short: list[dict[str, Any]] = [{"enum": list(names)}, *file]
    written["properties"]["preset"] = (
        {"anyOf": short, "description": what} if file else {**short[0], "description": what}
    )
    return {"anyOf": [*short, written]}


def _parts_of(shelf: str) -> dict[str, type[BaseModel]]:
    """Short name -> class. Skipped are plain functions, which have no fields, and what another package breaks."""
    found = dict[str, type[BaseModel]]()
    for kind in known_kinds(shelf):
        with suppress(PydanticCustomError):
            part = find(shelf, kind)
            if isinstance(part, type) and issubclass(part, BaseModel):
                found[kind] = part
    return found


def _shelves_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("x-shelf"), str):
            yield node["x-shelf"]
        for child in node.values():
            yield from _shelves_in(child)
    elif isinstance(node, list):
        for child in node:
            yield from _shelves_in(child)


def _shelf_name(shelf: str) -> str:
    return f"any of {shelf}".replace(" ", "-")


def _one_of(shelf: str) -> dict[str, Any]:
    """A part of the shelf: by name, by name with fields, or one that only a path names."""
    kinds = sorted(known_kinds(shelf))
    elsewhere = {"type": "string", "pattern": ":", "description": "package.module:Class, or path/to/file.py:Class"}
    foreign = {"type": "object", "properties": {"kind": elsewhere}, "required": ["kind"]}
    named = [{"$ref": f"#/$defs/{shelf}.{kind}"} for kind in _parts_of(shelf)]
    return {"oneOf": [{"enum": kinds}, elsewhere, *named, foreign]}


def _with_kind(kind: str, described: dict[str, Any], *, is_default: bool) -> dict[str, Any]:
    """The schema with a `kind`, which is required except in the default part of its shelf."""
    properties = {"kind": {"const": kind}, **described.get("properties", {})}
    required = [*([] if is_default else ["kind"]), *described.get("required", [])]
    return {**described, "properties": properties, "required": required}


def _resolved(node: Any) -> Any:
    """The same schema, each `x-shelf` mark turned into a reference to the shelf's own definition."""
    if isinstance(node, list):
        return [_resolved(child) for child in node]
    if not isinstance(node, dict):
        return node
    resolved = {key: _resolved(child) for key, child in node.items() if key != "x-shelf"}
    if isinstance(node.get("x-shelf"), str):
        resolved["$ref"] = f"#/$defs/{_shelf_name(node['x-shelf'])}"
    return resolved
