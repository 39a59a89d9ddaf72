"""Numbers as text for a reader."""

import re
from math import floor, isfinite, isnan, log10

from designloop.core.rows import mark_of


def value(number: float | None, digits: int = 3) -> str:
    """A value with significant digits; a dash for None."""
    if number is None or not isfinite(number):
        return "–"
    text = f"{number:#.{digits}g}" if 1e-3 <= abs(number) < 10**digits else f"{number:.{digits}g}"
    return re.sub("^-", "−", text.removesuffix("."))


def with_error(number: float | None, error: float, side: int = 0) -> str:
    """`0.440 ± 0.020`: the error with two digits, the number with as many decimals; `± ?` if it is unknown.

    A limit of detection, which has a `side`, is `> 0.440` or `< 0.440`.
    """
    if side:
        return mark_of(side) + with_error(number, error).partition(" ±")[0]
    if number is None or not isfinite(number):
        return "–"
    if isnan(error):
        return f"{value(number)} ± ?"
    if not error or not isfinite(error):
        return value(number)
    places = max(1 - floor(log10(error)), 0)
    return f"{number:.{min(places, 6)}f} ± {error:.{min(places, 6)}f}".replace("-", "−")


def correlation(number: float | None) -> str:
    """A correlation with two decimals."""
    return "–" if number is None else f"{number:.2f}".replace("-", "−")


def money(amount: float) -> str:
    """Whole units, with thousands separators."""
    return f"{amount:,.0f}"


def percent(share: float, digits: int = 0) -> str:
    """A share as a percentage."""
    return f"{100 * share:.{digits}f}%"
