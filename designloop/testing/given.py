"""Reads what a test class provides (a part, a space, a corpus), and fails with a message when a test does not hold."""

from inspect import isfunction, ismethod
from typing import Any

import pytest
from pydantic import ValidationError

from designloop.core.parts import Part


def require(holds: bool, sentence: str) -> None:
    """Fail with `sentence` alone, which says how to fix it."""
    if not holds:
        pytest.fail(sentence, pytrace=False)


def given(suite: Any, name: str, request: pytest.FixtureRequest) -> Any:
    """The value of `name` in a test class: an attribute, or the result of a method or a fixture."""
    found = type(suite).__dict__.get(name, getattr(suite, name))
    if isfunction(found) or ismethod(found):
        return getattr(suite, name)()
    if found is None or type(found).__name__ == "FixtureFunctionDefinition":
        return request.getfixturevalue(name)
    return found


def described(holder: type[Part], name: str, value: Any, what: str) -> Any:
    """`value` as a part, validated by the field `name` of `holder`; `what` says what it should be."""
    try:
        return getattr(holder.model_validate({name: value}), name)
    except ValidationError as error:
        reasons = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
    pytest.fail(f"`{name}` is not {what}: {reasons}; expected a part, a kind, or path/to/file.py:name", pytrace=False)


def kind_of(values: Any) -> str:
    """`an array of int64`, or the name of the type."""
    return f"an array of {values.dtype}" if hasattr(values, "dtype") else type(values).__name__
