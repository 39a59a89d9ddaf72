"""An answer is what an oracle returned for a list of sequences, and what else the call did, as plain data."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from inspect import isawaitable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.core.errors import OracleError
from designloop.oracles.base import as_values

_ONE_EACH = "return one number per sequence, in the order of the sequences"
_SHOWN = 60
UNANSWERED = "did not answer within"
"""The words about a call beyond its limit, whether the check or the oracle itself sets the limit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The values of n sequences, or why there are none."""

    values: list[float] | None = None
    """Shape (n,); NaN where a sequence is not viable."""
    form: str = ""
    """What came: `list of int`, `array of float64`."""
    problem: str = ""
    """Why there are no values."""
    change: str = ""
    """What to change, where there is a problem."""
    is_silent: bool = False
    """Whether the oracle did not return within the limit."""
    seconds: float = 0.0
    printed: str = ""
    warned: list[str] = field(default_factory=list)
    """Python warnings, each once."""
    changed: bool = False
    """Whether the list of sequences was changed in place."""
    moved: list[str] = field(default_factory=list)
    """Global random generators whose state was changed."""

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The answer from plain data."""
        return cls(**told)

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @property
    def array(self) -> NDArray[np.float64]:
        """The values as an array, shape (n,)."""
        return np.array(self.values, dtype=float)


def read(raw: Any, n: int) -> dict[str, Any]:
    """The fields of the answer that an oracle returned for n sequences. Exceptions of the conversion pass through."""
    if (wrong := _no_array(raw)) is not None:
        return {"form": type(raw).__name__, "problem": wrong[0], "change": wrong[1]}
    form = _form(raw)
    try:
        values = as_values(raw)
    except OracleError as error:
        problem, _, change = str(error).partition("; ")
        return {"form": form, "problem": problem, "change": change}
    if values.shape != (n,):
        return {"form": form, "problem": _wrong_shape(values, n), "change": _mend_of_shape(values.shape, n)}
    return {"form": form, "values": values.tolist()}


def _no_array(raw: Any) -> tuple[str, str] | None:
    """(problem, change) of a value that is no list or array at all; None for others."""
    if raw is None:
        return "returned None", f"end it with a `return`; {_ONE_EACH}"
    if isawaitable(raw):
        return "returned a coroutine", "define it with `def`, not `async def`"
    if isinstance(raw, str | bytes):
        return f"returned text, {raw[:_SHOWN]!r}", f"convert it to numbers with float(); {_ONE_EACH}"
    kind = next((kind for kind in _INSTEAD if isinstance(raw, kind)), None)
    return None if kind is None else (f"returned a {type(raw).__name__}", _INSTEAD[kind])


_INSTEAD: dict[type, str] = {
    dict: "return [values[sequence] for sequence in sequences]",
    set: f"a set has no order; {_ONE_EACH}",
    frozenset: f"a set has no order; {_ONE_EACH}",
    Iterator: "return list(...) of it",
}


def _form(raw: Any) -> str:
    if hasattr(raw, "dtype"):
        return f"{type(raw).__name__} of {str(raw.dtype).removeprefix('torch.')}"
    if isinstance(raw, list | tuple):
        kinds = sorted({type(one).__name__ for one in raw})
        return f"{type(raw).__name__} of {' and '.join(kinds)}" if kinds else type(raw).__name__
    return type(raw).__name__


def _wrong_shape(values: NDArray[np.float64], n: int) -> str:
    if values.ndim == 0:
        return f"returned the single number {float(values):g} for {many(n, 'sequence')}"
    return f"returned shape {values.shape} for {many(n, 'sequence')}"


def _mend_of_shape(shape: tuple[int, ...], n: int) -> str:
    if len(shape) == 2 and 1 in shape and n in shape:
        return f"return one value for each sequence, shape ({n},): end with .reshape(-1)"
    if len(shape) == 1:
        return f"return one value for each sequence, shape ({n},), also for those that are equal or not viable"
    return f"return one value for each sequence, shape ({n},)"
