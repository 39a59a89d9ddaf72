"""The acquisition functions of BoTorch that can be used, and their arguments."""

import inspect
import warnings
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from designloop.core.errors import ConfigError, did_you_mean

Options = Mapping[str, bool | int | float | str]
GIVEN = ("model", "best_f", "X_baseline", "X_pending", "sampler")
"""Arguments that designloop passes."""


def is_installed() -> bool:
    """Whether BoTorch is: a description can be read without it."""
    return find_spec("botorch") is not None


def check_installed() -> None:
    """Raise ConfigError if BoTorch is not installed."""
    if not is_installed():
        raise ConfigError("`kind: botorch` requires an extra: pip install 'designloop[botorch]'")


def class_of(name: str, options: Options) -> Any:
    """The class in botorch.acquisition. Raises ValueError if there is none, or an option is wrong or missing."""
    classes = usable()
    if name not in classes:
        hint = did_you_mean(name, classes)
        raise ValueError(f"botorch.acquisition has no function '{name}' that needs only a posterior{hint}")
    free = {key: its for key, its in arguments(classes[name]).items() if key not in GIVEN}
    if unknown := [key for key in options if key not in free]:
        raise ValueError(f"unknown option '{unknown[0]}' of {name}{did_you_mean(unknown[0], free)}")
    if required := [key for key, its in free.items() if its.default is its.empty and key not in options]:
        raise ValueError(f"{name} requires {' and '.join(required)}; set `options: {{{required[0]}: ...}}`")
    return classes[name]


def arguments(of: Any) -> dict[str, inspect.Parameter]:
    """The arguments of a class by name."""
    return {key: its for key, its in inspect.signature(of.__init__).parameters.items() if key != "self"}


@lru_cache
def usable() -> dict[str, Any]:
    """The acquisition functions that require nothing but what designloop passes, and numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from botorch import acquisition

        every = {name: getattr(acquisition, name) for name in dir(acquisition)}  # loaded on first use, from 0.18 on
    return {
        name: its
        for name, its in every.items()
        if isinstance(its, type)
        and issubclass(its, acquisition.AcquisitionFunction)
        and not issubclass(its, acquisition.OneShotAcquisitionFunction)  # these choose fantasies too
        and not inspect.isabstract(its)
        and all(_is_provided(key, argument) for key, argument in arguments(its).items())
    }


def _is_provided(key: str, argument: inspect.Parameter) -> bool:
    has_default = argument.default is not argument.empty or argument.kind is argument.VAR_KEYWORD
    return has_default or key in GIVEN or "float" in str(argument.annotation)
