"""A program as fields of a part: its arguments, its limits, and how often it is started again."""

import os
import shlex
import shutil
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator

from designloop.core.contents import place_named
from designloop.core.errors import ConfigError
from designloop.core.files import FilePath, expanded, is_folder, near_files
from designloop.core.parts import Part

_FOR_PYTHON = {"PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1"}
"""Defaults for programs in Python: sets keep one order in every process, and answers are not held back."""
_LONGEST_NAME = 60

Wire = Literal["json", "csv"]
"""The form of the messages: JSON objects, or rows of CSV."""


def _words(value: Any) -> Any:
    """Arguments as texts: numbers and paths are written out, and one text is split as a shell would split it."""
    if isinstance(value, str):
        return shlex.split(value)
    return [_written(one) for one in value] if isinstance(value, list | tuple) else value


def _values_written(value: Any) -> Any:
    """A mapping with its numbers written out."""
    return {name: _written(one) for name, one in value.items()} if isinstance(value, dict) else value


def _written(value: Any) -> Any:
    return str(value) if isinstance(value, int | float | os.PathLike) and not isinstance(value, bool) else value


def _whole_file(text: str) -> str:
    """The name of a file as its absolute path, so that a run can be resumed from elsewhere; other text unchanged."""
    is_file = place_named(text) is not None and Path(text).is_file()
    return str(Path(text).absolute()) if is_file else text


class Outside(Part):
    """The fields of a part that a process outside Python answers for: its limits, and where it runs."""

    seconds: float = Field(600.0, gt=0, description="limit for one answer, in seconds")
    start_seconds: float = Field(60.0, gt=0, description="limit for starting, until the program is ready, in seconds")
    restarts: int = Field(2, ge=0, le=20, description="restarts for one answer, if the program ends without it")
    back_off: float = Field(
        1.0, ge=0, le=3600, description="seconds before the first restart; each further wait is twice as long"
    )
    max_output: int = Field(16_777_216, ge=64, le=2**31, description="largest answer, in bytes")
    env: Annotated[dict[str, str], BeforeValidator(_values_written)] = Field(
        {}, description="environment variables, in addition to those of designloop"
    )
    folder: FilePath | None = Field(None, description="folder in which the program runs; none: the current folder")

    @property
    def command(self) -> tuple[str, ...]:
        """The program and its arguments, as the system starts them."""
        raise NotImplementedError

    @property
    def program(self) -> str:
        """The program in messages."""
        raise NotImplementedError

    @property
    def wire(self) -> Wire:
        """The form of the messages."""
        return "json"

    @property
    def greeting(self) -> dict[str, Any]:
        """What `hello` holds besides the protocol."""
        return {}

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the process."""
        return {**_FOR_PYTHON, **os.environ, **self.env}

    @property
    def place(self) -> str | None:
        """The folder in which it runs; None for the current one."""
        return None if self.folder is None else str(expanded(self.folder))

    def started(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """The arguments, with `~` and `$VARIABLES` expanded in names of files. A program with a path is found first in
        the folder in which it runs.
        """
        first, *rest = map(_expanded, argv)
        return (os.path.join(self.place or os.curdir, first) if os.sep in first else first, *rest)

    def check_exists(self, who: str) -> None:
        """Raise ConfigError where the program or its folder does not exist, or may not be run."""
        if wrong := self._obstacle():
            raise ConfigError(f"{who}: {wrong}")

    names_program: ClassVar[str] = "argv"
    """The field that names the program."""

    def _obstacle(self) -> str:
        if self.place is not None and not is_folder(Path(self.place)):
            return f"the folder {self.folder} does not exist; create it, or correct `folder`"
        name, path, field = self.command[0], self.environment.get("PATH", os.defpath), self.names_program
        if shutil.which(name, path=path) is not None:
            return ""
        if os.sep not in name:
            return f"no program '{name}' on the PATH; install it, or give its path in `{field}`"
        if Path(name).is_file():
            return f"{name} is not executable; run `chmod +x {name}`, or give its interpreter first in `{field}`"
        return f"{name} does not exist{near_files(Path(name))}; correct `{field}`"


def whole(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Arguments, with names of files as absolute paths, so that a run can be resumed from elsewhere."""
    first = _whole_file(argv[0]) if os.sep in argv[0] else argv[0]
    return (first, *map(_whole_file, argv[1:]))


def titled(argv: tuple[str, ...]) -> str:
    """Arguments as one text, with files by their last component: `python evolve.py --mutations 2`."""
    text = shlex.join(Path(word).name if Path(word).is_absolute() else " ".join(word.split()) for word in argv)
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}..."


Words = Annotated[tuple[str, ...], BeforeValidator(_words, json_schema_input_type=str | tuple[str | float, ...])]
"""A program and its arguments; a text is split as in a shell."""


class Program(Outside):
    """The fields of a part that a program of the user answers for."""

    argv: Words = Field(min_length=1, description="the program and its arguments; a text is split as in a shell")

    @field_validator("argv")
    @classmethod
    def _files_are_whole(cls, argv: tuple[str, ...]) -> tuple[str, ...]:
        return whole(argv)

    @property
    def program(self) -> str:
        """The program in messages, with its files by their last component: `python evolve.py --mutations 2`."""
        return titled(self.argv)

    @property
    def command(self) -> tuple[str, ...]:
        """The arguments, expanded."""
        return self.started(self.argv)


def _expanded(word: str) -> str:
    """A word, with `~` and `$VARIABLES` expanded where it begins with one of them and names a file."""
    file = place_named(word) if word.startswith(("~", "$")) else None
    return word if file is None else str(file)
