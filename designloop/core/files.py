"""Files: finding the files that a description names, and writing files atomically."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic_core import core_schema

from designloop.core.errors import InputError, near_word


def expanded(text: str | Path) -> Path:
    """The path with `~` and `$VARIABLES` expanded; the home of an unknown user stays as written."""
    return Path(os.path.expanduser(os.path.expandvars(text)))


def is_folder(path: Path) -> bool:
    """Whether a folder exists."""
    try:
        return path.is_dir()
    except OSError:  # the name is too long
        return False


def is_file(path: Path) -> bool:
    """Whether a file exists. Raises InputError where the name is too long."""
    try:
        return path.is_file()
    except OSError as error:
        raise InputError(f"{str(path)[:60]}...: {error.strerror}; give the name of a file") from error


def found(path: str | Path) -> Path:
    """The existing file at `path`, with `~` and `$VARIABLES` expanded. Raises InputError if it does not exist."""
    text = str(path)
    whole = os.path.expandvars(text)
    if "$" in whole:
        name = whole[whole.index("$") :].lstrip("${").split("}")[0].split("/")[0]
        raise InputError(f"{text}: the environment variable ${name} is not set; set it, or give the full path")
    file = expanded(text)
    if not is_file(file):
        if is_folder(file):
            raise InputError(f"{file} is a folder, not a file; give a file (current folder: {Path.cwd()})")
        raise InputError(f"{file} does not exist{near_files(file) or f' (current folder: {Path.cwd()})'}")
    return file


def near_files(file: Path) -> str:
    """`. Did you mean 'x.csv'?` where the folder of a missing file has a file of similar name; else empty."""
    return near_word(file.name, [p.name for p in file.parent.iterdir()][:500]) if file.parent.is_dir() else ""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` to write to. It replaces `path` when the block ends without an error."""
    part = path.with_name(f".{path.name}-{token_hex(4)}")
    try:
        part.touch()
        mode = part.stat().st_mode
        yield part
        if part.stat().st_mode != mode:  # safetensors writes files that only the owner can read
            part.chmod(mode)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _absolute(path: str) -> str:
    """A relative path made absolute, so that a run can be resumed from elsewhere; `$VARIABLES` are left as written."""
    return path if "$" in path or path.startswith("~") else str(Path(path).absolute())


def absolute_reference(reference: str) -> str:
    """`path/to/file.py:name` with an absolute path, so that a run can be resumed from another folder. A path with a
    `$VARIABLE` or `~`, and `package.module:name`, stay as written.
    """
    place, _, name = reference.rpartition(":")
    return f"{_absolute(place)}:{name}" if place.endswith(".py") else reference


FilePath = Annotated[str, AfterValidator(_absolute)]
"""A path in a description. It is checked when the file is used, not when the description is read."""


class OrFileName:
    """An annotation: in the schema, the name of a file may stand for its description."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The schema of the description, or text."""
        return {"anyOf": [{"type": "string", "description": "the name of a file"}, handler(schema)]}


def suffix(path: Path) -> str:
    """The file's extension in lower case, without that of its compression: `.csv` of `Table.CSV.gz`."""
    name = Path(path.name.lower())
    return Path(name.stem).suffix if name.suffix in (".gz", ".bgz", ".bz2", ".xz") else name.suffix


def is_file_name(text: str) -> bool:
    """Whether a text is meant as the name of a file: it has an ending of letters or a folder, or such a file exists."""
    path = Path(text)
    return path.suffix[1:].isalnum() or "/" in text or "\\" in text or text.startswith(("~", "$")) or is_file(path)
