"""What an author gives a suite to test, and how a suite speaks when a law does not hold."""

from inspect import isfunction, ismethod
from typing import Any

import pytest
from pydantic import ValidationError

from designloop.core.parts import Part


def require(holds: bool, sentence: str) -> None:
    """Fail with `sentence` alone, for it says the mend."""
    if not holds:
        pytest.fail(sentence, pytrace=False)


def given(suite: Any, name: str, request: pytest.FixtureRequest) -> Any:
    """What a suite has under `name`: an attribute, what a method returns, or what a fixture does."""
    found = type(suite).__dict__.get(name, getattr(suite, name))
    if isfunction(found) or ismethod(found):
        return getattr(suite, name)()
    if found is None or type(found).__name__ == "FixtureFunctionDefinition":
        return request.getfixturevalue(name)
    return found


def described(holder: type[Part], name: str, value: Any, what: str) -> Any:
    """`value` as a part, which `holder` has a field of that `name` for; `what` says what it should be."""
    try:
        return getattr(holder.model_validate({name: value}), name)
    except ValidationError as error:
        reasons = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
    pytest.fail(
        f"`{name}` is not {what}: {reasons}; set it to a part, a kind, or a path/to/file.py:name", pytrace=False
    )


def kind_of(values: Any) -> str:
    """`an array of int64`, or the name of what it is."""
    return f"an array of {values.dtype}" if hasattr(values, "dtype") else type(values).__name__
