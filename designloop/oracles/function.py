"""A plain function is an oracle too: `@oracle(alphabet=RNA, length=9)` over `list[str] -> array`."""

import os
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from designloop.core.alphabet import Alphabet
from designloop.core.errors import ConfigError, OracleError
from designloop.core.faults import called
from designloop.core.files import absolute_reference
from designloop.core.modules import with_name
from designloop.core.parts import find
from designloop.core.spaces import Space
from designloop.oracles.base import Scale, as_values
from designloop.oracles.declared import SPACE_KEYS, Declared
from designloop.programs.serving import Letters, adapted, is_adapted

Call = Callable[[list[str]], Any]


class NamedFunction:
    """A function, and the name by which a description can import it; without a name it exists only in memory."""

    def __init__(self, call: Call, reference: str | None) -> None:
        self.call = call
        self.reference = reference

    @classmethod
    def named(cls, reference: str) -> "NamedFunction":
        """The function at `package.module:name` or `path/to/file.py:name`."""
        place = absolute_reference(with_name("oracles", reference))
        target = find("oracles", place)
        if isinstance(target, FunctionOracle):
            return cls(target.function.call, place)
        if not (callable(target) or is_adapted(target)) or isinstance(target, type):
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
    if callable(value) or is_adapted(value):
        return NamedFunction(value, _reference_of(value))
    raise PydanticCustomError("not_a_function", "expected package.module:name or path/to/file.py:name")


FunctionField = Annotated[
    NamedFunction,
    PlainValidator(_read_function),
    PlainSerializer(NamedFunction.described),
    WithJsonSchema({"type": "string"}),
]


class FunctionOracle(Declared):
    """An oracle from a function that maps a list of sequences to an array of values.

    The space is given as `space`, or as `alphabet` with `length`, or with `min_length` and `max_length`.
    """

    function: FunctionField = Field(description="package.module:name or path/to/file.py:name")

    @model_validator(mode="before")
    @classmethod
    def _space_is_given(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or value.get("space") is not None or set(value) & set(SPACE_KEYS):
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
        return as_values(self._call(list(sequences)))

    @cached_property
    def _call(self) -> Call:
        """The function, or an object of another library as one. Raises OracleError where it takes other sequences."""
        space = self.space
        try:
            return adapted(self.function.call, Letters(space.alphabet.letters, space.min_length, space.max_length))
        except ValueError as error:
            raise OracleError(f"{error}") from error

    def __getstate__(self) -> dict[Any, Any]:
        """Its fields, without the function itself: a file's function cannot be pickled, and is found by its name."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: value for name, value in state["__dict__"].items() if name != "_call"}}

    def check_ready(self) -> None:
        """Raise ConfigError where the function is an object of another library that takes other sequences."""
        try:
            _ = self._call
        except OracleError as error:
            raise ConfigError(f"{called(self)}: {error}") from error


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
    target = find("oracles", absolute_reference(function)) if isinstance(function, str) else function
    return target if isinstance(target, FunctionOracle) else None


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
