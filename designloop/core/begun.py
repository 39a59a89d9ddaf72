"""What a setting begins: a mapping where the description has none, which changes the default that stands there.

So `strategy.generator.model=transformer` is right also where the description names no generator.
"""

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo


class Begun(dict[str, Any]):
    """A mapping that a setting began. A part's description in a file is a plain one, and says its kind."""


def with_defaults(value: Any, fields: Mapping[str, FieldInfo]) -> Any:
    """A part's description, where what is begun in it, and stands for a part, has the kind of that field's default."""
    if not isinstance(value, Mapping):
        return value
    begun = {key: its for key, its in value.items() if isinstance(its, Begun) and key in fields}
    return {**value, **{key: _changed(fields[key], its) for key, its in begun.items()}} if begun else value


def _changed(field: FieldInfo, begun: Begun) -> Mapping[str, Any]:
    """The default's description under what is begun; that alone where it says a kind, or speaks of another part."""
    default: Any = None if "kind" in begun else field.get_default(call_default_factory=True, validated_data={})
    if getattr(default, "shelf", None) is None:
        return begun
    keys = default.model_json_schema()["properties"].keys()  # fields, and what is short for one
    said = default.model_dump(mode="json", include=default.model_fields_set)
    return {"kind": default.kind, **said, **begun} if keys >= begun.keys() else begun
