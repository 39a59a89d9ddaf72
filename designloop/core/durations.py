"""Durations: distributions of the number of days that a step takes.

In YAML: `3`, `{uniform: [1, 2]}`, `{triangular: [1, 2, 4]}` (lowest, mode, highest),
`{lognormal: [6, 0.2]}` (median, cv), `{exponential: 2}` (mean), `{hours: 6}`, `{sum: [...]}`,
`{mixture: [[0.9, ...], [0.1, ...]]}` (weight, duration), `{by_size: [[48, 48], [193, 70]]}` (designs, days).
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from designloop.core.clock import MOST_DAYS
from designloop.core.distributions import (
    BySize,
    Duration,
    Exponential,
    Fixed,
    Hours,
    LogNormal,
    Mixture,
    Sum,
    Triangular,
    Uniform,
    check,
)
from designloop.core.errors import did_you_mean


class _Forms:
    """The keyword of each form, and the function that reads its argument."""

    readers: ClassVar[dict[str, Callable[[Any], Duration]]] = {
        "fixed": lambda days: Fixed(_number(days)),
        "uniform": lambda ends: Uniform(*_numbers(ends, 2)),
        "triangular": lambda corners: Triangular(*_numbers(corners, 3)),
        "lognormal": lambda shape: LogNormal(*_numbers(shape, 2)),
        "exponential": lambda mean: Exponential(_number(mean)),
        "sum": lambda parts: Sum(tuple(read_duration(part) for part in _list(parts, "durations"))),
        "hours": lambda part: Hours(read_duration(part)),
        "mixture": lambda parts: Mixture(
            tuple((_number(weight), read_duration(part)) for weight, part in _pairs(parts, "[weight, duration]"))
        ),
        "by_size": lambda anchors: BySize(
            tuple((_number(size), _number(days)) for size, days in _pairs(anchors, "[designs, days]"))
        ),
    }


def _number(value: Any) -> float:
    """A number, or the text of one, as on a command line. Raises ValueError."""
    try:
        check(not isinstance(value, bool), "")
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"expected a number, got {value!r}") from None


def _numbers(values: Any, n: int) -> list[float]:
    check(isinstance(values, list | tuple) and len(values) == n, f"expected {n} numbers, got {values!r}")
    return [_number(value) for value in values]


def _list(values: Any, what: str) -> list[Any]:
    check(isinstance(values, list | tuple), f"expected a list of {what}, got {values!r}")
    return list(values)


def _pairs(values: Any, what: str) -> list[Any]:
    pairs = _list(values, what)
    strange = next((pair for pair in pairs if not isinstance(pair, list | tuple) or len(pair) != 2), None)
    check(strange is None, f"expected {what}, got {strange!r}")
    return pairs


def read_duration(value: Any) -> Duration:
    """The duration of plain data: a number of days, or a mapping with one keyword. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Fixed(float(value))
    if isinstance(value, Mapping) and len(value) == 1:
        (word, argument), *_ = value.items()
        if word not in _Forms.readers:
            raise ValueError(f"unknown duration '{word}'{did_you_mean(str(word), _Forms.readers)}")
        return _Forms.readers[word](argument)
    if all(hasattr(value, name) for name in ("draw", "mean", "form")):
        return value  # type: ignore[no-any-return]  # a duration already
    raise ValueError("expected a number of days, or one of " + ", ".join(f"{{{word}: ...}}" for word in _Forms.readers))


def _in_floats(form: Any) -> Any:
    """The form of a duration with all numbers as floats, so that equal durations are written equally."""
    if isinstance(form, Mapping):
        return {word: _in_floats(argument) for word, argument in form.items()}
    if isinstance(form, list | tuple):
        return [_in_floats(part) for part in form]
    return float(form) if isinstance(form, int) else form


Days = Annotated[
    Duration,
    PlainValidator(read_duration),
    PlainSerializer(lambda duration: _in_floats(duration.form)),
    WithJsonSchema(
        {
            "description": "days: a number, or a distribution by name",
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": MOST_DAYS},
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "properties": {word: {} for word in _Forms.readers},
                    "additionalProperties": False,
                },
            ],
        }
    ),
]
"""A field that holds a duration."""
