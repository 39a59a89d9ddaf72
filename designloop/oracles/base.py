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
from designloop.core.parts import Part, find, known_kinds
from designloop.core.spaces import Space

Scale = Literal["linear", "log"]
_DEFAULTS = {"scale": "linear", "floor": None, "optimum": None}


def as_values(answer: Any) -> NDArray[np.float64]:
    """What an oracle returned, as float64; None is NaN. Raises OracleError for text, complex numbers, masks."""
    if isinstance(answer, np.ma.MaskedArray):
        raise OracleError("returned a masked array; return NaN where a sequence is not viable")
    try:
        found = np.asarray(answer)
    except ValueError as error:  # rows of different lengths
        raise OracleError(f"returned what is no array of numbers ({error}); return one number for each") from error
    if wrong := _no_numbers(found):
        raise OracleError(f"returned {wrong}; return one number for each sequence, NaN where it is not viable")
    return found.astype(np.float64)


def _no_numbers(found: NDArray[Any]) -> str:
    """What of an answer is no number, in words; empty where all are."""
    if found.dtype.kind in "fiub":
        return ""
    if found.dtype.kind == "O":
        strange = next((one for one in found.flat if one is not None and not isinstance(one, Real | Decimal)), None)
        return f"{strange!r}" if strange is not None else ""
    return f"text, as {str(found.flat[0])!r}" if found.dtype.kind in "SU" and found.size else f"{found.dtype} values"


class Oracle(Part):
    """The truth about a landscape, which only the lab's assay can ask.

    Values are maximised. A sequence that is not viable has the value NaN; one that a measured table lacks is not in
    `measures`. An author gives `space` and `__call__`; the rest has defaults.
    """

    shelf: ClassVar[str] = "oracles"
    to_define: ClassVar[tuple[str, ...]] = ("space", "__call__")

    if TYPE_CHECKING:  # a subclass gives these as fields or as properties

        @property
        def space(self) -> Space:
            """The sequences this oracle speaks of."""

        @property
        def scale(self) -> Scale:
            """The scale noise acts on: multiplicative on `linear`, additive on `log`."""

        @property
        def floor(self) -> float | None:
            """What "no signal" reads as."""

        @property
        def optimum(self) -> float | None:
            """The highest value, where it is known."""

    else:

        def __getattr__(self, name: str) -> Any:
            # Not class attributes: a subclass that makes one of them a field would be warned of shadowing it.
            is_lacking = name in _DEFAULTS and not hasattr(type(self), name)  # else its own property raised
            return _DEFAULTS[name] if is_lacking else super().__getattr__(name)

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Values of `sequences`, shape (n,) float64, NaN where one is not viable. Deterministic, free of order."""
        raise NotImplementedError(f"{type(self).__name__} must say what a sequence is worth: define __call__")

    def measures(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """False for sequences that come back `unmeasured`, shape (n,): those a measured table lacks."""
        return np.ones(len(sequences), dtype=bool)

    def corpus(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` unlabelled natural sequences, or [] where the landscape has no analogue of them."""
        return []

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was guessed, left out or merged as its files were read, a sentence each, for whoever looks."""
        return ()

    @property
    def first_seed(self) -> int:
        """The seed it is described with, from which on instances are drawn; 0 where it has none."""
        return int(getattr(self, "seed", 0) or 0)

    def drawn(self, seed: int) -> Self | None:
        """The instance of this landscape that `seed` draws; None where no seed has a part in it."""
        return self.with_(seed=seed) if "seed" in type(self).model_fields else None

    @classmethod
    def adopt(cls, value: Any) -> Self | None:
        """Raise where a plain function is given: nothing says what it speaks of, until `designloop.oracle` does."""
        if isfunction(value):
            raise PydanticCustomError(
                "no_space",
                "the function '{name}' does not say which sequences it speaks of; decorate it with "
                "@designloop.oracle(alphabet=..., length=...)",
                {"name": value.__qualname__},
            )
        return None

    @classmethod
    def wrap(cls, target: Any, kind: str, fields: dict[str, Any]) -> Self | None:
        """A function, or a decorated one, that a description names by module or by file."""
        if isinstance(target, type) or not callable(target):
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
