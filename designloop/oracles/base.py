"""An oracle holds the hidden truth: a deterministic, noise-free function from sequences to values."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from inspect import isfunction
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic_core import PydanticCustomError

from designloop.core.errors import ConfigError, OracleError
from designloop.core.faults import asked_first, called
from designloop.core.kinds import known_kinds
from designloop.core.parts import Part, find
from designloop.core.spaces import Space
from designloop.programs.serving import is_adapted

Scale = Literal["linear", "log"]
_DEFAULTS = {"scale": "linear", "floor": None, "optimum": None}


def as_values(answer: Any) -> NDArray[np.float64]:
    """The result of an oracle as float64, with None as NaN. Raises OracleError for text, complex numbers and masks."""
    if isinstance(answer, np.ma.MaskedArray):
        raise OracleError("returned a masked array; return NaN for a sequence that is not viable")
    try:
        found = np.asarray(answer)
    except ValueError as error:  # rows of different lengths
        raise OracleError(f"expected an array of numbers ({error}); return one number per sequence") from error
    if wrong := _no_numbers(found):
        raise OracleError(f"returned {wrong}; return one number per sequence, NaN if it is not viable")
    return found.astype(np.float64)


def _no_numbers(found: NDArray[Any]) -> str:
    """A description of the first value that is not a number; empty where all are numbers."""
    if found.dtype.kind in "fiub":
        return ""
    if found.dtype.kind == "O":
        strange = next((one for one in found.flat if one is not None and not isinstance(one, Real | Decimal)), None)
        return f"{strange!r}" if strange is not None else ""
    return f"text, {str(found.flat[0])!r}" if found.dtype.kind in "SU" and found.size else f"{found.dtype} values"


class Oracle(Part):
    """The true values of a landscape, which only the lab's assay can query.

    Values are maximised. A sequence that is not viable has the value NaN. `measures` is False for a sequence that is
    missing in a measured table. An author defines `space` and `__call__`; the rest has defaults.
    """

    shelf: ClassVar[str] = "oracles"
    to_define: ClassVar[tuple[str, ...]] = ("space", "__call__")

    if TYPE_CHECKING:  # a subclass gives these as fields or as properties

        @property
        def space(self) -> Space:
            """The sequences that the oracle can evaluate."""

        @property
        def scale(self) -> Scale:
            """The scale of the noise: multiplicative on `linear`, additive on `log`."""

        @property
        def floor(self) -> float | None:
            """The value of "no signal"."""

        @property
        def optimum(self) -> float | None:
            """The highest value, if it is known."""

    else:

        def __getattr__(self, name: str) -> Any:
            # Not class attributes: pydantic warns where a field of a subclass shadows one.
            is_lacking = name in _DEFAULTS and not hasattr(type(self), name)  # otherwise its own property raised
            return _DEFAULTS[name] if is_lacking else super().__getattr__(name)

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Values of `sequences`, shape (n,) float64, NaN if not viable. Deterministic and independent of order."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__, which returns the values of sequences")

    def measures(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """False for sequences with the outcome `unmeasured`, which a measured table does not contain; shape (n,)."""
        return np.ones(len(sequences), dtype=bool)

    def check_ready(self) -> None:
        """Raise ConfigError where the oracle lacks something that it needs; called before anything is written."""

    def corpus(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` unlabelled natural sequences, or [] if the landscape has no analogue of them."""
        return []

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was guessed, dropped or merged while reading files, one sentence each."""
        return ()

    @property
    def first_seed(self) -> int:
        """The seed of its description, the first of the instances; 0 if it has none."""
        return int(getattr(self, "seed", 0) or 0)

    def drawn(self, seed: int) -> Self | None:
        """The instance of this landscape with another seed; None if the landscape does not depend on a seed."""
        return self.with_(seed=seed) if "seed" in type(self).model_fields else None

    @classmethod
    def adopt(cls, value: Any) -> Self | None:
        """Raise for a plain function, which does not define a space until it is decorated with `designloop.oracle`."""
        if isfunction(value):
            raise PydanticCustomError(
                "no_space",
                "the function '{name}' does not define which sequences it accepts; decorate it with "
                "@designloop.oracle(alphabet=..., length=...)",
                {"name": value.__qualname__},
            )
        return None

    @classmethod
    def wrap(cls, target: Any, kind: str, fields: dict[str, Any]) -> Self | None:
        """The oracle for a function, plain or decorated, that a description names by module or by file."""
        if isinstance(target, type) or not (callable(target) or is_adapted(target)):
            return None
        of_function = find(str(cls.shelf), "function")
        if isinstance(target, cls) and not isinstance(target, of_function):
            return target.with_(**fields) if fields else target
        made: Self = of_function.model_validate({"function": known_kinds(str(cls.shelf)).get(kind, kind), **fields})
        return made


def space_of(oracle: Oracle) -> Space:
    """The oracle's space. Raises ConfigError where its author's code raises, or gives something else."""
    with asked_first(oracle, "space"):
        space = oracle.space
    if not isinstance(space, Space):
        raise ConfigError(f"{called(oracle)}: `space` is {space!r}; make it a designloop.Space")
    return space


def check_ready(oracle: Oracle) -> None:
    """Raise ConfigError where the oracle lacks something that it needs, or its author's code raises."""
    with asked_first(oracle, "check_ready"):
        oracle.check_ready()


def corpus_of(oracle: Oracle) -> Callable[[int, np.random.Generator], list[str]]:
    """The oracle's `corpus`, which raises ConfigError where its author's code raises."""

    def corpus(n: int, rng: np.random.Generator) -> list[str]:
        with asked_first(oracle, "corpus"):
            return oracle.corpus(n, rng)

    return corpus


def scale_of(oracle: Oracle) -> Scale:
    """The oracle's scale. Raises ConfigError where its author's code raises, or gives something else."""
    with asked_first(oracle, "scale"):
        scale = oracle.scale
    if scale not in get_args(Scale):
        raise ConfigError(f"{called(oracle)}: `scale` is {scale!r}; make it 'linear' or 'log'")
    return scale
