"""JSON schema of a study for editors: `base` has the keys of a campaign, axes hold parts."""

from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import core_schema

from designloop.campaign import Campaign

_LAB: Any = Campaign.model_fields["lab"].annotation
_FILE = {"type": "string", "description": "a YAML file that contains it, in the study's folder"}


class BaseSchema:
    """A campaign, possibly incomplete because the study sets the rest; or its file."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """A description or a file name."""
        whole = handler.resolve_ref_schema(handler(Campaign.__pydantic_core_schema__))
        return {"anyOf": [{key: value for key, value in whole.items() if key != "required"}, _FILE]}


class AxesSchema:
    """Axes of whole parts have the schema of these parts; any other axis has labels."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """An axis may also be a list, or a file."""
        shelves = {"strategies": "strategies", "oracles": "oracles", "schedulers": "scheduling"}
        parts = {axis: {"x-shelf": shelf} for axis, shelf in shelves.items()}
        axes = {**parts, "labs": dict(handler(_LAB.__pydantic_core_schema__))}
        return {
            **handler(schema),
            "properties": {axis: _axis(one) for axis, one in axes.items()},
            "additionalProperties": _axis({}),
        }


def _axis(option: dict[str, Any]) -> dict[str, Any]:
    labelled = {"type": "object", "minProperties": 1, "additionalProperties": option}
    return {"anyOf": [labelled, {"type": "array", "minItems": 1, "items": option}, _FILE]}
