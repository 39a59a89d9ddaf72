"""The kind of a column of errors, by its name and size: a standard error is easily taken for a variance."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from designloop.core.readers.headers import folded

if TYPE_CHECKING:
    from designloop.core.readers.measured_file import MeasuredFile

Array = NDArray[np.float64]
_WORDS = {
    "variance": ("var", "variance", "vars", "variances", "sigma2", "s2"),
    "std_error": ("se", "sem", "stderr", "serr", "std err", "std error", "standard error", "standard errors"),
    "std_dev": ("sd", "std", "stdev", "stddev", "std dev", "standard deviation", "sds"),
}
"""Kind -> words for it in the name of a column. A name with several has the kind of the longest."""
_PLURAL = {"variance": "variances", "std_error": "standard errors", "std_dev": "standard deviations"}
_TINY = 1e-4


def kind_of(name: str) -> str | None:
    """The kind of error that a column's name says: variance, std_error or std_dev; None where it says none."""
    text = f" {re.sub('[^a-z0-9]+', ' ', folded(name))} "
    found = [(len(word), kind) for kind, words in _WORDS.items() for word in words if f" {word} " in text]
    return max(found)[1] if found else None


def doubts(file: "MeasuredFile", values: Array, std_errors: Array | None) -> Iterator[str]:
    """What is doubtful about the stated errors of values, (n,) each: another kind is named, or the size is unlikely."""
    given = next((kind for kind in _PLURAL if getattr(file, kind) is not None), None)
    known = np.zeros(len(values), bool) if std_errors is None else ~np.isnan(values) & (std_errors > 0)
    if std_errors is None or not known.any():
        return
    spread, errors = float(np.var(values[~np.isnan(values)])), std_errors[known]
    if given is not None:
        yield from _of_kind(getattr(file, given), given, errors, spread)
    if spread > 0:
        yield from _of_size(errors, spread)


def _of_kind(name: str, given: str, errors: Array, spread: float) -> Iterator[str]:
    named = kind_of(name)
    if given == "variance" and named != "variance":
        as_read, otherwise = _effect(errors, spread), _effect(errors**2, spread)
        yield (
            f"column '{name}' is read as variances: {as_read}. As standard errors: {otherwise}. If it holds standard "
            f"errors, give `std_error: {name}`"
        )
    elif named is not None and named != given:
        mend = f"`std_dev: {name}` and `n`" if named == "std_dev" else f"`{named}: {name}`"
        yield (
            f"column '{name}' is read as {_PLURAL[given]}, but is named like {_PLURAL[named]}; if it holds them, give "
            f"{mend}"
        )


def _effect(errors: Array, spread: float) -> str:
    share = f", reliability {1 - float(np.mean(errors**2)) / spread:.3f}" if spread > 0 else ""
    return f"± {float(np.median(errors)):.3g} (median){share}"


def _of_size(errors: Array, spread: float) -> Iterator[str]:
    noise, typical = float(np.mean(errors**2)), float(np.median(errors))
    if noise >= spread:
        yield (
            f"the stated errors (mean variance {noise:.3g}) are larger than the whole spread of the values (variance "
            f"{spread:.3g}); check their kind and unit"
        )
    elif typical < _TINY * spread**0.5:
        yield f"the stated errors are tiny: ± {typical:.3g}, the values spread by ± {spread**0.5:.3g}; check the unit"
