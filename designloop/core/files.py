"""Files: what is named is found, and what is written is written whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Annotated

from pydantic import AfterValidator

from designloop.core.errors import InputError, did_you_mean


def expanded(text: str | Path) -> Path:
    """The path that a text means, `~` and `$VARIABLES` expanded; the home of nobody stays as written."""
    return Path(os.path.expanduser(os.path.expandvars(text)))


def is_folder(path: Path) -> bool:
    """Whether a folder is there."""
    try:
        return path.is_dir()
    except OSError:  # longer than names can be
        return False


def is_file(path: Path) -> bool:
    """Whether a file is there. Raises InputError where the name is longer than names can be."""
    try:
        return path.is_file()
    except OSError as error:
        raise InputError(f"{str(path)[:60]}...: {error.strerror}; name a file") from error


def found(path: str | Path) -> Path:
    """The existing file at `path`, with `~` and `$VARIABLES` expanded. Raises InputError saying what is missing."""
    text = str(path)
    whole = os.path.expandvars(text)
    if "$" in whole:
        name = whole[whole.index("$") :].lstrip("${").split("}")[0].split("/")[0]
        raise InputError(f"{text}: the environment variable ${name} is not set; set it, or give the path itself")
    file = expanded(text)
    if not is_file(file):
        if is_folder(file):
            raise InputError(f"{file} is a folder, not a file; name a file (looked from {Path.cwd()})")
        raise InputError(f"{file} does not exist{near_files(file) or f' (looked from {Path.cwd()})'}")
    return file


def near_files(file: Path) -> str:
    """`; did you mean 'x.csv'?`, where the folder of a file that is missing has one of nearly that name; else empty."""
    near = did_you_mean(file.name, [p.name for p in file.parent.iterdir()][:500]) if file.parent.is_dir() else ""
    return near if near.endswith("?") else ""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place as the block ends; after an error `path` is as it was."""
    part = path.with_name(f".{path.name}-{token_hex(4)}")
    try:
        part.touch()
        mode = part.stat().st_mode
        yield part
        if part.stat().st_mode != mode:  # as of what safetensors writes: for its owner alone
            part.chmod(mode)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _absolute(path: str) -> str:
    """A relative path made absolute, so that a run can be resumed from elsewhere; `$VARIABLES` are left as written."""
    return path if "$" in path or path.startswith("~") else str(Path(path).absolute())


FilePath = Annotated[str, AfterValidator(_absolute)]
"""A path in a description. It is looked at when the file is used, not when the description is read."""


def suffix(path: Path) -> str:
    """The file's ending in lower case, less `.gz`."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix
