"""`length` is short for equal `min_length` and `max_length`, wherever a description has these two."""

from collections.abc import Mapping
from typing import Any

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import core_schema

from designloop.core.parts import Part

_BOUNDS = ("min_length", "max_length")
_ONE = {
    "anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}],
    "default": None,
    "description": "short for min_length and max_length where they are equal",
}


class TakesLength(Part):
    """The base of descriptions with `min_length` and `max_length`."""

    @model_validator(mode="before")
    @classmethod
    def _length_is_spelt_out(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or "length" not in value:
            return value
        rest = {key: its for key, its in value.items() if key != "length"}
        if value["length"] is None:
            return rest
        if any(rest.get(key) is not None for key in _BOUNDS):
            raise ValueError("`length` is short for `min_length` and `max_length`; give it alone, or these two")
        return {**rest, **dict.fromkeys(_BOUNDS, value["length"])}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The fields, and `length`, which replaces the two that it is short for."""
        written = handler(schema)
        found = handler.resolve_ref_schema(written)
        found["properties"]["length"] = dict(_ONE)
        found["required"] = [key for key in found.get("required", ()) if key not in _BOUNDS]
        return written
