"""The lab that a text names: a preset, or the file of a lab, a campaign or a study."""

from collections.abc import Sequence
from pathlib import Path

from designloop.core.config import Document, build, override
from designloop.core.errors import ConfigError, did_you_mean
from designloop.lab.lab import Lab
from designloop.lab.starting_points import PRESETS, document_of, is_file_of_lab


def lab_of(target: str, settings: Sequence[str]) -> Lab:
    """The lab that a preset's name, the file of a lab or the file of a campaign or a study describes.

    Raises ConfigError with key, line and remedy.
    """
    if target in PRESETS:
        document = Document({"preset": target}, f"preset {target}")
    elif is_file_of_lab(target) or Path(target).exists():
        document = document_of(Path(target))
    else:
        guess = did_you_mean(target, PRESETS)
        known = "" if "known:" in guess else f" The presets are {', '.join(PRESETS)}"
        raise ConfigError(f"no lab preset '{target}'{guess}{known}; or give a file (YAML)")
    override(document, settings)
    return build(Lab, document)
