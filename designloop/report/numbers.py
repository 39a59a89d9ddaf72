"""Numbers as JSON for a browser: short, and null for NaN."""

from math import isfinite
from typing import Any

from designloop.report.marks import Floats, floats


def numbers(values: Any) -> list[float | int | None]:
    """Numbers for JSON: six significant digits, None for NaN."""
    array: Floats = floats(values)
    return [number(value) for value in array.tolist()]


def number(value: float) -> float | int | None:
    """One number for JSON: six significant digits, int if it is whole, None for NaN."""
    if not isfinite(value):
        return None
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
