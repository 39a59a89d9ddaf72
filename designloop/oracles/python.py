"""Python: a function of another Python environment, or of this one, in processes of its own."""

import os
import sys
from typing import Any, ClassVar

from pydantic import Field, field_validator

from designloop.core.files import absolute_reference
from designloop.oracles.asked import Asked
from designloop.oracles.declared import Declared
from designloop.programs import serving
from designloop.programs.program import Words, titled, whole


class Python(Declared, Asked):
    """A function of a list of sequences, run by any Python: that environment needs neither designloop nor the protocol.

    The target may also be a class, which is called with `arguments`, a test function of holo or BoTorch, a black box of
    poli, or a landscape of FLEXS.
    """

    names_program: ClassVar[str] = "python"

    function: str = Field(min_length=1, description="package.module:name or path/to/file.py:name")
    python: Words = Field((), description="the Python that runs it, such as envs/holo/bin/python; default: this one")
    arguments: dict[str, Any] = Field({}, description="arguments of the class, or of the function besides sequences")

    @field_validator("function")
    @classmethod
    def _function_is_whole(cls, function: str) -> str:
        if not function.rpartition(":")[0]:
            raise ValueError("expected package.module:name or path/to/file.py:name")
        return absolute_reference(function)

    @field_validator("python")
    @classmethod
    def _files_are_whole(cls, python: tuple[str, ...]) -> tuple[str, ...]:
        return whole(python) if python else ()

    @property
    def known_as(self) -> str:
        """The name in messages: `python: my_fold.py:energy`."""
        return f"{self.kind}: {os.path.basename(self.function)}"

    @property
    def program(self) -> str:
        """The program in messages: `python my_fold.py:energy`."""
        return titled((*(self.python or ("python",)), self.function))

    @property
    def command(self) -> tuple[str, ...]:
        """The interpreter, the file that serves the function, and its name."""
        function = os.path.expanduser(os.path.expandvars(self.function))
        interpreter = self.started(self.python) if self.python else (sys.executable,)
        return (*interpreter, str(serving.__file__), function)

    @property
    def greeting(self) -> dict[str, Any]:
        """The arguments, besides the letters."""
        return {**super().greeting, "arguments": self.arguments}
