"""A plain function is an oracle too: `@oracle(alphabet=RNA, length=9)` over `list[str] -> array`."""

import os
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from designloop.core.alphabet import Alphabet
from designloop.core.errors import ConfigError
from designloop.core.parts import find
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle, Scale, as_values

Call = Callable[[list[str]], Any]
_SPACE_KEYS = ("alphabet", "length", "min_length", "max_length")


class NamedFunction:
    """A function, and the name by which a description can import it; without a name it exists only in memory."""

    def __init__(self, call: Call, reference: str | None) -> None:
        self.call = call
        self.reference = reference

    @classmethod
    def named(cls, reference: str) -> "NamedFunction":
        """The function at `package.module:name` or `path/to/file.py:name`."""
        place = _absolute(reference)
        target = find("oracles", place)
        if isinstance(target, FunctionOracle):
            return cls(target.function.call, place)
        if not callable(target) or isinstance(target, type):
            raise PydanticCustomError("not_a_function", "'{place}' is not a function", {"place": reference})
        return cls(target, place)

    def described(self) -> str:
        """The name. Raises ConfigError if the function exists only in this process."""
        if self.reference is None:
            name = getattr(self.call, "__qualname__", repr(self.call))
            raise ConfigError(
                f"the oracle function '{name}' is defined in {_whereabouts(self.call)}, so a description cannot import "
                f"it; move it to the top level of a file, and name it as path/to/file.py:{name.split('.')[-1]}"
            )
        return self.reference

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NamedFunction):
            return NotImplemented
        return self.reference == other.reference and (self.reference is not None or self.call is other.call)

    def __hash__(self) -> int:
        return hash(self.reference or self.call)

    def __reduce__(self) -> tuple[Callable[[str], "NamedFunction"], tuple[str]]:
        return NamedFunction.named, (self.described(),)

    def __repr__(self) -> str:
        return repr(self.reference or self.call)


def _read_function(value: Any) -> NamedFunction:
    if isinstance(value, NamedFunction):
        return value
    if isinstance(value, str):
        return NamedFunction.named(value)
    if callable(value):
        return NamedFunction(value, _reference_of(value))
    raise PydanticCustomError("not_a_function", "expected package.module:name or path/to/file.py:name")


FunctionField = Annotated[
    NamedFunction,
    PlainValidator(_read_function),
    PlainSerializer(NamedFunction.described),
    WithJsonSchema({"type": "string"}),
]


class FunctionOracle(Oracle):
    """An oracle from a function that maps a list of sequences to an array of values.

    The space is given as `space`, or as `alphabet` with `length`, or with `min_length` and `max_length`.
    """

    function: FunctionField = Field(description="package.module:name or path/to/file.py:name")
    space: Space = Field(description="sequences that the function accepts; or give `alphabet` and `length` instead")
    scale: Scale = Field("linear", description="linear: multiplicative noise; log: additive noise")
    floor: float | None = Field(None, description="value of 'no signal'")
    optimum: float | None = Field(None, description="the highest value, if known")

    @model_validator(mode="before")
    @classmethod
    def _space_is_spelt_out(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        short = {key: value[key] for key in _SPACE_KEYS if value.get(key) is not None}
        rest = {key: field for key, field in value.items() if key not in _SPACE_KEYS}
        return {**rest, "space": _space(short)} if short and rest.get("space") is None else {**short, **rest}

    @model_validator(mode="before")
    @classmethod
    def _space_is_given(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or value.get("space") is not None or set(value) & set(_SPACE_KEYS):
            return value
        declared = _declared_by(value.get("function"))
        if declared is None:
            raise PydanticCustomError(
                "no_space",
                "the function {name} does not define which sequences it accepts; decorate it with "
                "@designloop.oracle(alphabet=..., length=...), or give `alphabet:` and `length:`",
                {"name": str(value.get("function"))},
            )
        return {**{name: getattr(declared, name) for name in type(declared).model_fields}, **value}

    @property
    def known_as(self) -> str:
        """`my_oracle.py:shape`; for a function without a file, its own name."""
        place, colon, name = (self.function.reference or "").rpartition(":")
        own = getattr(self.function.call, "__qualname__", "function")
        return f"{Path(place).name if place.endswith('.py') else place}{colon}{name}" if colon else own

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """The values of `sequences` by the function, as float64, shape (n,); NaN if a sequence is not viable.

        Raises OracleError if the result is not an array of numbers.
        """
        return as_values(self.function.call(list(sequences)))


def oracle(
    function: Call | None = None,
    /,
    *,
    alphabet: Alphabet | str | None = None,
    length: int | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    space: Space | None = None,
    scale: Scale = "linear",
    floor: float | None = None,
    optimum: float | None = None,
) -> Any:
    """Make an oracle of a function `list[str] -> array`: `@oracle(alphabet=RNA, length=9)`. It can still be called."""
    lengths = {"length": length, "min_length": min_length, "max_length": max_length}
    place = {"space": space, "alphabet": alphabet, **lengths}
    if function is not None or not (space or alphabet):
        raise ConfigError("define which sequences the function accepts: @oracle(alphabet=designloop.RNA, length=9)")

    def decorate(call: Call) -> FunctionOracle:
        given = {key: value for key, value in place.items() if value is not None}
        return FunctionOracle.model_validate(
            {"function": call, "scale": scale, "floor": floor, "optimum": optimum, **given}
        )

    return decorate


def _declared_by(function: Any) -> FunctionOracle | None:
    """The decorated function that `function` names, with its space and scale; None if it is not decorated."""
    target = find("oracles", _absolute(function)) if isinstance(function, str) else function
    return target if isinstance(target, FunctionOracle) else None


def _space(short: dict[str, Any]) -> dict[str, Any]:
    """The fields of a space: `alphabet` with `length`, or with `min_length` and `max_length`."""
    if "alphabet" not in short or not ("length" in short or {"min_length", "max_length"} <= short.keys()):
        raise PydanticCustomError(
            "no_space",
            "a function oracle requires a space: give `alphabet:` with `length:`, or with `min_length:` and "
            "`max_length:`",
        )
    return short


def _absolute(reference: str) -> str:
    """A relative path made absolute, so that a run can be resumed from another folder; `$VARIABLES` stay as written."""
    place, _, name = reference.rpartition(":")
    if not place.endswith(".py") or "$" in place or place.startswith("~"):
        return reference
    return f"{Path(place).absolute()}:{name}"


def _reference_of(call: Call) -> str | None:
    """The name of a function in a description: by module if that is installed or in a package, else by file."""
    name, module = getattr(call, "__qualname__", "<"), sys.modules.get(getattr(call, "__module__", "") or "")
    if "<" in name or module is None or module.__name__ == "__main__":
        return None
    file = getattr(module, "__file__", None)
    if module.__package__ or file is None or _is_installed(Path(file)):
        return f"{module.__name__}:{name}"
    # A single file is named by its path, because its folder may not be on the import path of another process.
    return f"{Path(file).absolute()}:{name}"


def _is_installed(file: Path) -> bool:
    return any(file.is_relative_to(sysconfig.get_path(key)) for key in ("purelib", "platlib", "stdlib"))


def _whereabouts(call: Call) -> str:
    if "<" in getattr(call, "__qualname__", ""):
        return "another function"
    return f"a notebook or script ({os.path.basename(sys.argv[0]) or 'interactive'})"
