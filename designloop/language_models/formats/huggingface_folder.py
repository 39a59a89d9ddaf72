"""Finds a folder of the `transformers` library, reads it offline, and checks that no weights are missing."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from json import loads
from pathlib import Path
from typing import Any, Literal

from designloop.core.errors import ConfigError, InputError
from designloop.core.files import expanded, is_folder

Kind = Literal["masked", "causal"]
_EXTRA = "pip install 'designloop[huggingface]'"
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
_COMPUTED = ("inv_freq", "position_ids", "token_type_ids")
"""Buffers that the library computes itself, and that some versions also write to the file."""


def folder_at(path: str) -> Path:
    """The folder of a model. Raises InputError if there is no model, or its weights are pickled."""
    folder = expanded(path)
    if not is_folder(folder):
        raise InputError(
            f"{folder} is not a folder; give a local folder written by `save_pretrained`, because nothing is downloaded"
        )
    if any(folder.glob("*.safetensors")):
        return folder
    if pickled := sorted([*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth"), *folder.glob("*.ckpt")]):
        raise InputError(
            f"{pickled[0]} is pickled, and reading it could run arbitrary code; if you trust it, load it with "
            "transformers and write it again with `save_pretrained`, which writes safetensors"
        )
    raise InputError(f"{folder} has no model.safetensors; give a folder written by `save_pretrained`")


def library(needs: str | None) -> Any:
    try:
        with _offline():
            import transformers
    except ImportError as error:
        raise ConfigError(f"`kind: huggingface` requires an extra: {_EXTRA}") from error
    if needs is not None:
        try:
            with _offline():
                import_module(needs)
        except ImportError as error:
            raise ConfigError(f"`needs: {needs}` cannot be imported ({error}); install it") from error
    return transformers


@contextmanager
def _offline() -> Iterator[None]:
    """Within the block the library is offline, and does not change torch's global random state."""
    import torch

    before = {name: os.environ.get(name) for name in _OFFLINE}
    os.environ.update(_OFFLINE)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _quiet() -> Iterator[None]:
    """Within the block the library prints errors only. Warnings that matter are errors of ours."""
    from transformers.utils import logging as its_logging

    logging: Any = its_logging
    verbosity, had_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if had_bars:
            logging.enable_progress_bar()


@contextmanager
def reading(folder: Path, what: str, installed: str) -> Iterator[None]:
    """Within the block the library, of version `installed`, reads a folder as `what`. Its errors become InputErrors."""
    with _offline(), _quiet():
        try:
            yield
        except InputError:
            raise
        except Exception as error:  # a folder of another version can make the library raise anything
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise InputError(
                f"transformers {installed} cannot read {folder} as {what} ({reason}); {_mend(folder, installed)}"
            ) from error


def _mend(folder: Path, installed: str) -> str:
    written = _written_by(folder)
    if written is None:
        return "copy it again, or name the package that defines it with `needs:`"
    if _major(written) > _major(installed):
        return f"it was written by transformers {written}: pip install 'transformers=={written}'"
    return f"it was written by transformers {written}; copy it again, or name the package that defines it with `needs:`"


def _written_by(folder: Path) -> str | None:
    """The version of transformers that wrote a folder; None if its config does not say."""
    try:
        version = loads((folder / "config.json").read_text(encoding="utf-8"))["transformers_version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return version if isinstance(version, str) and version[:1].isdigit() else None


def _major(version: str) -> int:
    return int(version.partition(".")[0])


def _by(folder: Path) -> str:
    written = _written_by(folder)
    return "" if written is None else f" (written by transformers {written})"


def check_weights(model: Any, missing: Iterable[str], objective: Kind, folder: Path) -> None:
    """Raises InputError if weights of the model are missing. Buffers that the model computes do not count."""
    buffers = dict(model.named_buffers())
    names = sorted(missing)
    computed = [name for name in names if name in buffers and name.endswith(_COMPUTED)]
    if lacking := [name for name in names if name not in computed]:
        raise InputError(
            f"{folder}{_by(folder)} has no weights for {', '.join(lacking[:3])}, which a {objective} model needs; use "
            "a checkpoint with its language-model head"
        )
    if frequencies := [buffers[name] for name in computed if name.endswith("inv_freq")]:
        _check_frequencies(frequencies, folder)


def _check_frequencies(computed: list[Any], folder: Path) -> None:
    """Raises InputError if the file holds rotary frequencies that differ from the computed ones."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if name.endswith("inv_freq")]  # noqa: SIM118 - not a mapping
            told = [file.get_tensor(name).float() for name in names]
        for name, its in zip(names, told, strict=True):
            if not any(its.shape == each.shape and its.allclose(each.float(), rtol=1e-2) for each in computed):
                raise InputError(
                    f"{path}: {name} differs from what the installed transformers computes{_by(folder)}; install the "
                    "version that wrote it"
                )
