"""Parallel: another oracle, evaluated in several processes."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.oracles.asked import Asked
from designloop.oracles.base import Oracle
from designloop.oracles.wrapper import Wrapper
from designloop.programs import serving


class Parallel(Asked, Wrapper):
    """Evaluates another oracle in `workers` processes, which can be ended where it hangs or crashes."""

    workers: int = Field(2, ge=1, le=1024, description="processes that evaluate at the same time")

    @property
    def known_as(self) -> str:
        """The name of the inner oracle in messages."""
        return self.oracle.known_as

    @property
    def program(self) -> str:
        """The program in messages."""
        return f"processes of {self.oracle.known_as}"

    @property
    def command(self) -> tuple[str, ...]:
        """The same Python, the file that serves the oracle, and the class that it serves."""
        return (sys.executable, str(serving.__file__), f"{__name__}:Served")

    @property
    def greeting(self) -> dict[str, Any]:
        """The description of the oracle, besides its letters."""
        return {**super().greeting, "arguments": {"description": self.oracle.describe()}}

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the processes, which find the modules that this one finds."""
        return {**super().environment, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}

    def check_ready(self) -> None:
        """Raise ConfigError where the oracle exists only in this process, or its processes are not ready."""
        self.oracle.describe()
        super().check_ready()


class Served:
    """The described oracle, in a process of `Parallel`."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._oracle = Oracle._read(description)

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """As the oracle says."""
        return self._oracle(sequences)
