"""Problems that pydantic finds, in the words of the other messages: `expected at most 1`."""

from collections.abc import Mapping
from typing import Any

_EXPECTED = {
    "greater_than": "a number above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "at most {le}",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "string_too_short": "text of at least {min_length} characters",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
}
"""Kind of a problem -> what was expected, with the values of its context."""


def expected_in(problem: Mapping[str, Any]) -> str:
    """`expected a whole number`; pydantic's own words for other kinds of problems."""
    said = _EXPECTED.get(problem["type"])
    if said is None:
        return str(problem["msg"]).removeprefix("Value error, ")
    context = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in _context(problem).items()}
    if problem["type"] == "too_short" and context.get("min_length") == 1:
        return "expected a list with something in it"
    if context.get("min_length") == 1:
        return "expected text, not an empty one"
    return f"expected {said.format(**context)}"


def _context(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    context: Mapping[str, Any] = problem.get("ctx", {})
    return context


def list_of(value: Any) -> str:
    """How to write one value as a list of one; empty for values that are no part."""
    if isinstance(value, Mapping) and isinstance(value.get("kind"), str):
        return f"; write a list, as in `- kind: {value['kind']}`"
    return "; write a list, as in [a, b]"
