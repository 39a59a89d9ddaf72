"""What a rehearsal is given: parts from Python, texts in YAML from the command line, or plain data."""

from typing import Any

from designloop.core.config import read_text
from designloop.core.parts import Part


def value_of(given: Any) -> Any:
    """Plain data of a part or of a text in YAML; other data as they are. Raises ConfigError for a text that is none."""
    if isinstance(given, Part):
        return {"kind": given.known_as, **given.describe()}
    return read_text(f"value: {given}", "the rehearsal").data["value"] if isinstance(given, str) else given
