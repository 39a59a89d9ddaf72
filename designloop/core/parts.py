"""A part is a frozen description: its fields are its configuration, so it can be written as YAML and read back.

A *shelf* is a folder of interchangeable parts. The class in its `base.py` names it (`shelf = "oracles"`). A field of
that class accepts any part of the shelf: an instance, a short name (`thompson`), or a mapping with a `kind`. A kind is
a short name, the name of an entry point in the group `designloop.<shelf>`, `package.module:Class`, or
`path/to/file.py:Class`.
"""

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType, NoneType
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin

from pydantic import (
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticSerializationError, core_schema

from designloop.core.begun import with_defaults
from designloop.core.errors import DID_YOU_MEAN, ConfigError, did_you_mean, what_it_is
from designloop.core.frozen import Frozen
from designloop.core.kinds import known_kinds, package, points_called, short_names, target_of, whose
from designloop.core.modules import module_at, with_name
from designloop.core.shelves import SHELVES, one_of

LARGEST, LARGEST_SEED = 1e15, 2**63 - 1
"""The largest numbers that a description may contain: larger ones would lose precision, or overflow."""


class Part(Frozen):
    """The base of every description. State is created by running it with a seed, and ends with the run."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, arbitrary_types_allowed=False, allow_inf_nan=False
    )

    shelf: ClassVar[str | None] = None
    to_define: ClassVar[tuple[str, ...]] = ()
    """Names that a class of a shelf must define, as attributes or as fields."""
    default_kind: ClassVar[str | None] = None
    """The kind of a mapping without one, on a shelf where it may be left out."""
    belongs: ClassVar[Mapping[str, str]] = {}
    """Key of another part -> where it belongs, for the message about a key that this part does not have."""
    reference: ClassVar[str | None] = None
    """The kind of a class from a user's file, which cannot be imported by its module."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if not cls._is_shelf_base():
            return handler(source)
        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.plain_serializer_function_ser_schema(_describe)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        if cls._is_shelf_base():
            return {"x-shelf": cls.shelf}
        return handler(schema)

    @classmethod
    def _is_shelf_base(cls) -> bool:
        return cls.__dict__.get("shelf") is not None

    @classmethod
    def _read(cls, value: Any) -> Self:
        """The part that `value` describes: a part, a kind, or a mapping with a kind."""
        if isinstance(value, cls):
            cls._check_whole(type(value))
            return value
        found = cls.adopt(value)
        if found is not None:
            return found
        if isinstance(value, str):
            value = {"kind": value}
        if isinstance(value, Mapping) and cls.default_kind is not None:
            value = {"kind": cls.default_kind, **value}
        if isinstance(value, ModuleType | type):
            raise PydanticCustomError(
                "no_part",
                "expected {one}, got {what}; give an instance, as in Name(...)",
                {"what": what_it_is(value), "one": one_of(cls.shelf)},
            )
        if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str):
            raise PydanticCustomError(
                "part_kind",
                "expected {one}: a short name, or a mapping with the key 'kind'{known}",
                {"one": one_of(cls.shelf), "known": did_you_mean("", short_names(str(cls.shelf)))},
            )
        fields = {key: field for key, field in value.items() if key != "kind"}
        target = find(str(cls.shelf), value["kind"])
        made = cls.wrap(target, value["kind"], fields)
        if made is not None:
            return made
        if not (isinstance(target, type) and issubclass(target, cls)):
            raise PydanticCustomError(
                "part_type",
                "{kind} is {found}, not {one}; derive it from {base}",
                {
                    "kind": whose(str(cls.shelf), value["kind"]),
                    "found": what_it_is(target),
                    "one": one_of(cls.shelf),
                    "base": cls.__name__,
                },
            )
        cls._check_whole(target)
        return target.model_validate(fields)

    @classmethod
    def _check_whole(cls, target: type[Self]) -> None:
        """Raise where a class of the shelf does not define all required names: before anything runs."""
        own = {name for name in cls.to_define if getattr(target, name, None) is not getattr(cls, name, None)}
        if lacks := [name for name in cls.to_define if name not in own and name not in target.model_fields]:
            raise PydanticCustomError(
                "to_define",
                "{kind} does not define {names}, which {one} requires; see the documentation of {base}",
                {
                    "kind": kind_of(target),
                    "names": " and ".join(lacks),
                    "one": one_of(cls.shelf),
                    "base": cls.__name__,
                },
            )

    def least_memory(self, length: int, n_letters: int, n_natural: int) -> float:
        """A lower bound on the memory of this part, in bytes; 0 where it is small.

        For sequences of at least `length` letters, an alphabet of `n_letters`, and a corpus of `n_natural` sequences.
        """
        return 0.0

    @classmethod
    def adopt(cls, value: Any) -> Self | None:
        """The part for a value that is not a description (a plain function as an oracle), or None."""
        return None

    @classmethod
    def wrap(cls, target: Any, kind: str, fields: dict[str, Any]) -> Self | None:
        """The part for the target of a kind that is not a class of the shelf, or None."""
        return None

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            known = {field.alias or name for name, field in cls.model_fields.items()}
            for key in value:
                if key not in known and key not in cls.model_fields:
                    raise PydanticCustomError(
                        "unknown_key",
                        "unknown key '{key}'{hint}",
                        {"key": str(key), "hint": _instead(str(key), cls) or did_you_mean(str(key), known)},
                    )
            for key, one in value.items():
                if (one is True or one is False) and key in _numbers_in(cls):
                    raise PydanticCustomError(
                        "no_number", "expected a number, got {one}", {"key": key, "one": str(one)}
                    )
        return with_defaults(value, cls.model_fields)

    @field_validator("*", mode="after")
    @classmethod
    def _numbers_can_be_reckoned_with(cls, value: Any, info: ValidationInfo) -> Any:
        limit = LARGEST_SEED if "seed" in (info.field_name or "") else LARGEST
        if any(abs(number) > limit for number in _numbers(value)):
            raise PydanticCustomError("too_large", "expected a number of at most {limit}", {"limit": f"{limit:g}"})
        return value

    def __eq__(self, other: object) -> bool:
        """True for parts of one class with equal fields; cached results do not count."""
        if type(self) is not type(other):
            return False
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    def __hash__(self) -> int:
        return hash((type(self), self.model_dump_json()))

    @property
    def kind(self) -> str:
        """The name of this part in a description."""
        return kind_of(type(self))

    @property
    def known_as(self) -> str:
        """The name of this part in messages: its kind, with a file but no folder (`my_parts.py:Forest`)."""
        place, colon, name = self.kind.rpartition(":")
        return f"{Path(place).name}:{name}" if colon and place.endswith(".py") else self.kind

    def describe(self) -> dict[str, Any]:
        """The part as plain data, with `kind` first if it is on a shelf. It reads back to an equal part."""
        try:
            return _describe(self)
        except PydanticSerializationError as error:  # wraps our own sentence in its own, and keeps no cause of it
            raise ConfigError(str(error).rpartition("Error: ")[2]) from None

    def with_(self, **changes: Any) -> Self:
        """A copy of this part with `changes`, validated again."""
        return type(self).model_validate({**{name: getattr(self, name) for name in type(self).model_fields}, **changes})

    def content_hash(self) -> str:
        """SHA-256 of the description: equal parts have equal hashes."""
        from json import dumps

        return sha256(dumps(self.describe(), sort_keys=True).encode()).hexdigest()


@cache
def _numbers_in(cls: type[Part]) -> frozenset[str]:
    """The fields that are numbers or none: pydantic would read true as 1."""
    kinds = {name: set(get_args(field.annotation) or (field.annotation,)) for name, field in cls.model_fields.items()}
    plain = {name: {get_args(one)[0] if get_origin(one) is Annotated else one for one in kinds[name]} for name in kinds}
    return frozenset(name for name, its in plain.items() if its <= {int, float, NoneType})


def _instead(key: str, part: type[Part]) -> str:
    """The part's own words for the key; `. Did you mean 'table.path'?` where a field of it is a part with the key."""
    if key in part.belongs:
        return f"; {part.belongs[key]}"
    for name, field in part.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Part) and key in inner.model_fields:
            return f"{DID_YOU_MEAN}'{name}.{key}'?"
    return ""


def _numbers(value: Any) -> Iterator[int | float]:
    """The numbers of a field: its value, or those in its tuples."""
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, tuple) and not isinstance(next(iter(value), ""), str):
        for one in value:
            yield from _numbers(one)


def _describe(part: Any) -> dict[str, Any]:
    fields: dict[str, Any] = part.model_dump(mode="json")
    return {"kind": part.kind, **fields} if type(part).shelf else fields


def find(shelf: str, kind: str) -> Any:
    """The target of a kind: a class, a function or an instance. Raises with the nearest known name."""
    points = points_called(shelf, kind)
    if len(points) > 1:
        named = " or ".join(f"{target_of(point)} (of {package(point)})" for point in points)
        raise PydanticCustomError(
            "ambiguous", "'{kind}' is a part of several packages; write {named}", {"kind": kind, "named": named}
        )
    try:
        return _found(shelf, known_kinds(shelf).get(kind, kind))
    except PydanticCustomError as error:
        if not points:
            raise
        is_whole = ":" in target_of(points[0])
        reason = error.message() if is_whole else f"its entry point is '{target_of(points[0])}', expected module:name"
        raise PydanticCustomError(
            "broken_package", "{whose} cannot be used: {reason}", {"whose": whose(shelf, kind), "reason": reason}
        ) from error


def _found(shelf: str, name: str) -> Any:
    """The target of `module:name`, `file.py:name`, or `file.py` with one oracle."""
    name = with_name(shelf, name)
    if ":" not in name:
        raise PydanticCustomError(
            "unknown_part",
            "unknown {what} '{kind}'{hint}",
            {"what": SHELVES.get(shelf, shelf), "kind": name, "hint": did_you_mean(name, known_kinds(shelf))},
        )
    place, _, attribute = name.rpartition(":")
    target = module_at(place, attribute)
    for word in attribute.split("."):
        if not hasattr(target, word):
            public = [one for one in vars(target) if not one.startswith("_")]
            raise PydanticCustomError(
                "no_attribute",
                "{place} has no '{attribute}'{hint}",
                {"place": place, "attribute": attribute, "hint": did_you_mean(word, public)},
            )
        target = getattr(target, word)
    if place.endswith(".py") and isinstance(target, type) and issubclass(target, Part):
        target.reference = f"{Path(os.path.expandvars(place)).resolve()}:{attribute}"
    return target


def kind_of(part: type[Part]) -> str:
    """The kind of a part's class: its short name, else `module:Class`."""
    if part.reference is not None and "reference" in part.__dict__:
        return part.reference
    place = f"{part.__module__}:{part.__qualname__}"
    shelf = part.shelf
    return next((name for name, where in known_kinds(shelf).items() if where == place), place) if shelf else place


def lazy_parts(module: str, table: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a shelf, which import its classes on first use."""
    places = {place.rpartition(":")[2]: place.rpartition(":")[0] for place in table.values()}

    def load(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module '{module}' has no attribute '{name}'{did_you_mean(name, places)}")
        return getattr(importlib.import_module(places[name]), name)

    def names() -> list[str]:
        return sorted(places)

    return load, names
