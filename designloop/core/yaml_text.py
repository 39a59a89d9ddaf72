"""YAML as plain data: mappings, lists, text and numbers, with the line of each key. No code in it is run.

YAML 1.2, with merge keys (`<<`). Dates stay text. Custom tags, duplicate keys, excessive nesting and excessive aliases
are errors with their line.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from designloop.core.errors import ConfigError

Place = tuple[str | int, ...]
Places = dict[Place, str]
"""Where each key and item stands: `line 14`."""
_TAG = "tag:yaml.org,2002:"
_DEEPEST = 60
_MOST_COPIED = 20_000
"""Nodes that aliases may repeat."""
_MOST_DIGITS = 300
"""Of a number: as many as the largest float has."""


def plain_data(text: str, name: str) -> tuple[Any, Places]:
    """The data of one YAML document, and the line of each key and item. Raises ConfigError naming `name` and line."""
    data, places = _read(text, name)
    return deepcopy(data), dict(places)


@lru_cache(maxsize=16)  # a command reads the file of its run several times, and parsing is slow
def _read(text: str, name: str) -> tuple[Any, Places]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _ShallowComposer
    try:
        tree = yaml.compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = str(getattr(error, "problem", None) or error)
        mend = "; indent with spaces instead of tabs" if "'\\t'" in problem else ""
        raise ConfigError(f"{name}{line}: {problem}{mend}") from error
    reader = _Reader(yaml.constructor, name)
    return (None if tree is None else reader.data(tree, ())), reader.places


class _TooDeep(YAMLError):
    """Raised while composing, which would recurse as deep as the text is nested."""

    def __init__(self, mark: Any) -> None:
        super().__init__()
        self.problem_mark, self.problem = mark, f"nested more than {_DEEPEST} levels deep; reduce the nesting"


class _ShallowComposer(Composer):
    """Composes nodes down to the deepest level that a description can have."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _TooDeep(self.parser.peek_event().start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


@dataclass
class _Reader:
    """Converts nodes to plain data, and records the line of every key and item."""

    constructor: Any
    """The constructor of ruamel.yaml, which reads numbers, true, false and null."""
    name: str
    places: Places = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    """Nodes that are in the data already; the same node again is a copy."""
    n_copied: int = 0

    def data(self, node: Node, place: Place) -> Any:
        """Plain data of the node at `place`."""
        self._count(node, place)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, SequenceNode) and self._is(node, "seq"):
            for index, item in enumerate(node.value):
                self.places[(*place, index)] = f"line {_line(item)}"
            return [self.data(item, (*place, index)) for index, item in enumerate(node.value)]
        if isinstance(node, MappingNode) and self._is(node, "map"):
            return self._mapping(node, place)
        raise self._strange_tag(node)

    def _mapping(self, node: MappingNode, place: Place) -> dict[Any, Any]:
        entries = dict[Any, tuple[Node, Node]]()
        for key, value in self._own(node):
            its = self._key(key)
            if its in entries:
                raise self._error(key, f"duplicate key {its!r}; the first is on line {_line(entries[its][0])}")
            entries[its] = key, value
        for key, value in self._merged(node, 0):
            entries.setdefault(self._key(key), (key, value))
        for its, (key, _) in entries.items():
            self.places[(*place, its)] = f"line {_line(key)}"
        return {its: self.data(value, (*place, its)) for its, (_, value) in entries.items()}

    def _own(self, node: MappingNode) -> Iterator[tuple[Node, Node]]:
        return ((key, value) for key, value in node.value if not self._is(key, "merge"))

    def _merged(self, node: MappingNode, depth: int) -> Iterator[tuple[Node, Node]]:
        """The entries that merge keys add, the nearest first."""
        for key, value in node.value:
            if not self._is(key, "merge"):
                continue
            for source in value.value if isinstance(value, SequenceNode) else [value]:
                if not isinstance(source, MappingNode) or depth > _DEEPEST:
                    raise self._error(key, "`<<` expects a mapping or a list of mappings, as in `<<: *name`")
                self._copied(key, 1 + len(source.value))
                yield from self._own(source)
                yield from self._merged(source, depth + 1)

    def _key(self, node: Node) -> Any:
        if not isinstance(node, ScalarNode):
            raise self._error(node, "expected a word or a number as key, got a list or a mapping")
        return self._scalar(node)

    def _scalar(self, node: ScalarNode) -> Any:
        kind = str(node.tag).removeprefix(_TAG)
        if kind in ("str", "timestamp", "value", "merge"):
            if "\0" in node.value:
                raise self._error(node, r"the text contains a NUL character, \0; remove it")
            return str(node.value)
        if kind in ("int", "float") and len(node.value) > _MOST_DIGITS:
            raise self._error(node, f"expected a number of at most {_MOST_DIGITS} digits, got {len(node.value):,}")
        read = {"int": "yaml_int", "float": "yaml_float", "bool": "yaml_bool", "null": "yaml_null"}.get(kind)
        if read is None:
            raise self._strange_tag(node)
        try:
            return getattr(self.constructor, f"construct_{read}")(node)
        except (ValueError, KeyError) as error:  # as `!!int seven`
            raise self._error(node, f"{node.value!r} is not a value of type {kind}; remove the tag") from error

    def _count(self, node: Node, place: Place) -> None:
        if len(place) > _DEEPEST:
            raise self._error(node, f"nested more than {_DEEPEST} levels deep; reduce the nesting")
        self._copied(node, int(id(node) in self.seen))
        self.seen.add(id(node))

    def _copied(self, node: Node, n: int) -> None:
        self.n_copied += n
        if self.n_copied > _MOST_COPIED:
            raise self._error(node, f"aliases (*name) repeat more than {_MOST_COPIED:,} values; write the values out")

    def _is(self, node: Node, kind: str) -> bool:
        return bool(node.tag == _TAG + kind)

    def _strange_tag(self, node: Node) -> ConfigError:
        return self._error(node, f"the tag {str(node.tag).replace(_TAG, '!!')} is not supported; remove it")

    def _error(self, node: Node, problem: str) -> ConfigError:
        return ConfigError(f"{self.name}, line {_line(node)}: {problem}")


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
