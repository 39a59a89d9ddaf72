"""The lab that a text names: a preset, or the file of a lab, a campaign or a study."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from designloop.core.config import Document, build, override, read_document
from designloop.core.errors import ConfigError, did_you_mean
from designloop.lab.lab import PRESETS, Lab


def lab_of(target: str, settings: Sequence[str]) -> Lab:
    """The lab that a preset's name, the file of a lab or the file of a campaign or a study describes.

    Raises ConfigError with key, line and remedy.
    """
    if target in PRESETS:
        document = Document({"preset": target}, f"preset {target}")
    elif target.endswith((".yaml", ".yml")) or Path(target).exists():
        document = _of_file(target)
    else:
        guess = did_you_mean(target, PRESETS)
        known = "" if "known:" in guess else f" The presets are {', '.join(PRESETS)}"
        raise ConfigError(f"no lab preset '{target}'{guess}{known}; or give a file (YAML)")
    override(document, settings)
    return build(Lab, document)


def _of_file(path: str) -> Document:
    """The document of a lab: a whole file, or the key `lab` of a campaign or of the base of a study."""
    document = read_document(path)
    for keys in (("lab",), ("base", "lab")):
        if (found := _at(document.data, keys)) is not None:
            data = {"preset": found} if isinstance(found, str) else found
            n = len(keys)
            places = {place[n:]: line for place, line in document.places.items() if place[:n] == keys}
            return Document(data, document.name, places)
    if "oracle" in document.data or "base" in document.data:
        raise ConfigError(f"{path} describes a campaign without a lab; add `lab`, such as lab: good")
    return document


def _at(data: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data
