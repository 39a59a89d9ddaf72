"""Describes fields in words: the type, default and meaning of each key, read from the JSON schema."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from designloop.core.alphabet import Alphabet
from designloop.core.parts import Part

Node = Mapping[str, Any]
"""A piece of a JSON schema."""
_UNTOLD = object()
_EACH = "N"
"""Stands for the index of a list item in a dotted key."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a description."""

    name: str
    type: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Group:
    """The keys of one mapping, and the dotted key of that mapping: "" for the description itself."""

    key: str
    about: str
    fields: tuple[Field, ...]

    def dotted(self, field: Field) -> str:
        """The whole key of a field, as `--set` takes it."""
        return f"{self.key}.{field.name}" if self.key else field.name


def groups_of(model: type[BaseModel]) -> list[Group]:
    """The keys of a description, and of each nested mapping that is not a part of a shelf."""
    schema = model.model_json_schema(schema_generator=_Lenient)
    return list(_groups("", schema, schema.get("$defs", {}), _UNTOLD, ()))


class _Lenient(GenerateJsonSchema):
    """A type that JSON schema cannot express accepts anything. Defaults made by a factory are shown."""

    ignored_warning_types = frozenset(("skipped-choice", "non-serializable-default"))

    def handle_invalid_for_json_schema(self, schema: core_schema.CoreSchema, error_info: str) -> JsonSchemaValue:
        return {}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made: Any = schema.get("default_factory")
        if made is None or schema.get("default_factory_takes_data"):
            return super().default_schema(schema)
        return super().default_schema(core_schema.with_default_schema(schema["schema"], default=made()))

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, Alphabet):
            return dft.name
        if not (isinstance(dft, Part) and dft.shelf):
            return super().encode_default(dft)
        given = {name: self.encode_default(getattr(dft, name)) for name in sorted(dft.model_fields_set)}
        return {"kind": dft.kind, **given}


def _groups(key: str, node: Node, named: Node, default: Any, above: tuple[str, ...]) -> Iterator[Group]:
    """The group of a mapping, then those of the mappings in it. `default` is the mapping's default value."""
    required, told = node.get("required", ()), default if isinstance(default, Mapping) else {}
    properties = {name: {**field, **_default(name, field, told)} for name, field in node.get("properties", {}).items()}
    fields = tuple(_field(name, field, named, name in required) for name, field in properties.items())
    group = Group(key, " ".join(str(node.get("description", "")).split("\n\n")[0].split()), fields)
    yield group
    for field, described in zip(fields, properties.values(), strict=True):
        for steps, name, inner in _mappings(described, named):
            if name not in above:
                where = ".".join([group.dotted(field), *steps])
                yield from _groups(where, inner, named, described.get("default", _UNTOLD), (*above, name))


def _default(name: str, field: Node, told: Node) -> dict[str, Any]:
    return {"default": told[name]} if name in told else {}


def _field(name: str, node: Node, named: Node, is_required: bool) -> Field:
    default = "required" if is_required else _in_yaml(node["default"]) if "default" in node else "–"
    if not is_required and any(True for _ in _mappings(node, named)) and isinstance(node.get("default"), Mapping):
        default = "as below"
    meaning = node.get("description") or _about(node, named)
    return Field(name, _type(node, named, is_required), default, " ".join(str(meaning).split()))


def _about(node: Node, named: Node) -> str:
    """The description of a mapping, for a field that has none of its own."""
    inner = next((inner for _, _, inner in _mappings(node, named)), {})
    return str(inner.get("description", "")).split("\n\n")[0]


def _mappings(node: Node, named: Node) -> Iterator[tuple[tuple[str, ...], str, Node]]:
    """(path below the key, name, schema) of each mapping with its own keys that a field may hold."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        found = [one for one in _choices(named[name]) if "properties" in one]
        yield from (((), name, one) for one in found)
    elif isinstance(node.get("items"), Mapping):
        yield from (((_EACH, *steps), name, one) for steps, name, one in _mappings(node["items"], named))
    else:
        for choice in node.get("anyOf", node.get("oneOf", ())):
            yield from _mappings(choice, named)


def _choices(node: Node) -> Sequence[Node]:
    found: Sequence[Node] = node.get("anyOf") or node.get("oneOf") or [node]
    return found


def _type(node: Node, named: Node, is_required: bool) -> str:
    """The type of a field in words: `number > 0, optional`, or `..., or none` where none is not the default."""
    choices = [choice for choice in _choices(node) if choice.get("type") != "null"]
    words = _joined([_words(choice, named) for choice in choices])
    if len(choices) == len(_choices(node)):
        return words
    is_none = not is_required and node.get("default") is None
    return f"{words}, optional" if is_none else f"{words}, or none"


def _joined(words: Sequence[str]) -> str:
    """Alternatives: `text or number`, with a comma if one of them is itself a list."""
    words = list(dict.fromkeys(words))
    between = ", or " if any("|" in word for word in words) else " or "
    return between.join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) or "anything"


def _words(node: Node, named: Node, ending: str = "") -> str:
    """A type in words, in the plural if the ending is `s`."""
    if "$ref" in node:
        node = named[node["$ref"].rpartition("/")[2]]
    if "x-shelf" in node:
        return f"part{ending} of {node['x-shelf']}" if ending else f"a part of {node['x-shelf']}"
    if "enum" in node:
        return ("" if ending else "one of ") + " | ".join(map(_in_yaml, node["enum"]))
    if "const" in node:
        return _in_yaml(node["const"])
    if len(_choices(node)) > 1:
        return _joined([_words(choice, named, ending) for choice in _choices(node) if choice.get("type") != "null"])
    return _PLAIN.get(node.get("type", ""), _anything)(node, named, ending)


def _anything(node: Node, named: Node, ending: str) -> str:
    return "anything"


def _text(node: Node, named: Node, ending: str) -> str:
    return f"date{ending}, such as 2025-01-06" if node.get("format") == "date" else f"text{ending}"


def _number(node: Node, named: Node, ending: str) -> str:
    word = f"whole number{ending}" if node["type"] == "integer" else f"number{ending}"
    if "minimum" in node and "maximum" in node:
        return f"{word} from {_figure(node['minimum'])} to {_figure(node['maximum'])}"
    bounds = [f"{sign} {_figure(node[name])}" for name, sign in _BOUNDS.items() if name in node]
    return " ".join([word, " and ".join(bounds)]).strip()


_BOUNDS = {"exclusiveMinimum": ">", "minimum": ">=", "exclusiveMaximum": "<", "maximum": "<="}


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.3g}"


def _switch(node: Node, named: Node, ending: str) -> str:
    return "true | false"


def _list(node: Node, named: Node, ending: str) -> str:
    if "prefixItems" in node:
        each = dict.fromkeys(_words(one, named, "s") for one in node["prefixItems"])
        return f"{'pairs' if ending else 'pair'} of {' and '.join(each)}"
    inner = _words(node.get("items", {}), named, "s")
    many = f"list{ending}" if inner == "anything" else f"list{ending} of {inner}"
    return f"{many}, at least one" if node.get("minItems") else many


def _mapping(node: Node, named: Node, ending: str) -> str:
    if node.get("maxProperties") == 1:
        return f"mapping{ending} with one of the keys {' | '.join(node['properties'])}"
    values = node.get("additionalProperties")
    if "properties" in node or not isinstance(values, Mapping):
        return f"mapping{ending}"
    keys = _words(node.get("propertyNames", {"type": "string"}), named)
    return f"mapping{ending} from {keys} to {_words(values, named)}"


_PLAIN = {
    "string": _text,
    "number": _number,
    "integer": _number,
    "boolean": _switch,
    "array": _list,
    "object": _mapping,
}


def _in_yaml(value: Any) -> str:
    """A default as it is written in YAML. A part without changed fields is written as its kind."""
    if isinstance(value, Mapping):
        if value.keys() == {"kind"}:
            return str(value["kind"])
        return f"{{{', '.join(f'{key}: {_in_yaml(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_in_yaml, value))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value) or "empty"
