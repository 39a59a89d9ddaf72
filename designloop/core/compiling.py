"""Compiling: functions as machine code, by numba. It is kept between processes where a folder can be written."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")


def compiled(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """The function as machine code, compiled at its first call."""
    from numba import njit

    try:
        return _by(njit(cache=True), function)
    except RuntimeError:  # numba found no folder to write to, so that each process compiles for itself
        return _by(njit, function)


def _by(njit: Any, function: Callable[Given, Found]) -> Callable[Given, Found]:
    kept: Callable[Given, Found] = njit(function)
    return kept
