"""A declared oracle: its description says what its code does not, the space first of all."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from designloop.core.spaces import Space
from designloop.oracles.base import Oracle, Scale

SPACE_KEYS = ("alphabet", "length", "min_length", "max_length")


class Declared(Oracle):
    """An oracle with its space as `space`, or as `alphabet` with `length`, or with `min_length` and `max_length`."""

    space: Space = Field(description="sequences that it accepts; or give `alphabet` and `length` instead")
    scale: Scale = Field("linear", description="linear: multiplicative noise; log: additive noise")
    floor: float | None = Field(None, description="value of 'no signal'")
    optimum: float | None = Field(None, description="the highest value, if known")

    @model_validator(mode="before")
    @classmethod
    def _space_is_spelt_out(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        short = {key: value[key] for key in SPACE_KEYS if value.get(key) is not None}
        rest = {key: field for key, field in value.items() if key not in SPACE_KEYS}
        return {**rest, "space": _space(short)} if rest.get("space") is None else {**short, **rest}


def _space(short: dict[str, Any]) -> dict[str, Any]:
    """The fields of a space: `alphabet` with `length`, or with `min_length` and `max_length`."""
    if "alphabet" not in short or not ("length" in short or {"min_length", "max_length"} <= short.keys()):
        raise PydanticCustomError(
            "no_space",
            "this oracle requires a space: give `alphabet:` with `length:`, or with `min_length:` and `max_length:`",
        )
    return short
