"""Mappings that a setting creates where the description has none. They change the default of the field.

`strategy.generator.model=transformer` is therefore valid even if the description does not name a generator.
"""

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo


class Begun(dict[str, Any]):
    """A mapping that a setting created. In a file, the description of a part is a plain mapping with a kind."""


def with_defaults(value: Any, fields: Mapping[str, FieldInfo]) -> Any:
    """The description of a part, in which mappings that a setting created get the kind of the field's default."""
    if not isinstance(value, Mapping):
        return value
    begun = {key: its for key, its in value.items() if isinstance(its, Begun) and key in fields}
    return {**value, **{key: _changed(fields[key], its) for key, its in begun.items()}} if begun else value


def _changed(field: FieldInfo, begun: Begun) -> Mapping[str, Any]:
    """The default's description, updated with `begun`; `begun` alone if it has a kind, or keys of another part."""
    default: Any = None if "kind" in begun else field.get_default(call_default_factory=True, validated_data={})
    if getattr(default, "shelf", None) is None:
        return begun
    keys = default.model_json_schema()["properties"].keys()  # fields, and what is short for one
    said = default.model_dump(mode="json", include=default.model_fields_set)
    return {"kind": default.kind, **said, **begun} if keys >= begun.keys() else begun
