"""The one place where the oracle is asked: by the assay, a plate at a time, each sequence once.

One sequence is now and then asked again, in another plate: an oracle whose answer then differs is told of.
"""

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.clock import as_weeks
from designloop.core.counting import many
from designloop.core.errors import OracleError
from designloop.core.faults import called, packages_of
from designloop.core.notices import warn
from designloop.core.places import raised
from designloop.core.records import Truth
from designloop.lab.patience import answer_of
from designloop.oracles.base import Oracle, as_values

_TOLERANCE = 1e-5
"""Of the largest value of a plate: networks in single precision, asked in other company, differ by less."""


class Truths:
    """What the assay knows of the truth: values by sequence, and those not yet handed to the sealed table."""

    def __init__(self, oracle: Oracle, now: Callable[[], int], plate_size: int, seconds: float | None = None) -> None:
        self._oracle, self._who = oracle, called(oracle)
        self._now = now
        self._plate_size = plate_size
        self._seconds = seconds
        self._values: dict[str, float] = {}
        self._is_measured: dict[str, bool] = {}
        self._new: list[Truth] = []
        self._n_calls = 0
        self._before: tuple[str, str] | None = None  # a sequence with a value, and its plate
        self._is_doubted = False

    def take(self) -> list[Truth]:
        """The truths written since the last call."""
        new, self._new = self._new, []
        return new

    def read(self, sequences: Sequence[str], plate: str) -> None:
        """Ask the oracle for the sequences not asked before. Raises OracleError naming oracle, week and plate."""
        asked = [s for s in dict.fromkeys(sequences) if s not in self._is_measured]
        for first in range(0, len(asked), self._plate_size):
            self._read_plate(asked[first : first + self._plate_size], plate)

    def _read_plate(self, sequences: list[str], plate: str) -> None:
        measured = self._ask(lambda: _as_flags(self._oracle.measures(list(sequences))), len(sequences), plate)
        known = [s for s, is_measured in zip(sequences, measured, strict=True) if is_measured]
        values = self._values_of(known, plate) if known else np.zeros(0)
        self._is_measured.update(zip(sequences, map(bool, measured), strict=True))
        minute = self._now()
        for sequence, value in zip(known, map(float, values), strict=True):
            self._values[sequence] = value
            self._new.append(Truth(minute, sequence, None if isnan(value) else value))

    def _values_of(self, sequences: list[str], plate: str) -> NDArray[np.float64]:
        """Values of a plate, shape (n,); at the 2nd, 4th, 8th, ... call a sequence of an earlier one is asked again."""
        self._n_calls += 1
        is_due = self._n_calls > 1 and self._n_calls & (self._n_calls - 1) == 0
        again = [self._before[0]] if is_due and self._before is not None else []
        # A list of its own: an oracle that sorts or reverses what it was given shall not change whose value is whose.
        asked = [*sequences, *again]
        values = self._ask(lambda: as_values(self._oracle(list(asked))), len(asked), plate)
        if again:
            self._compare(float(values[-1]), float(np.nan_to_num(np.abs(values)).max()), plate)
        valued = next((s for s, value in zip(sequences, values, strict=False) if not isnan(value)), None)
        self._before = (valued, plate) if valued is not None else self._before
        return values[: len(sequences)]

    def _compare(self, now: float, largest: float, plate: str) -> None:
        assert self._before is not None
        sequence, first = self._before
        before = self._values[sequence]
        if self._is_doubted or abs(now - before) <= _TOLERANCE * max(largest, abs(before)):
            return
        self._is_doubted = True
        warn(
            f"{self._who} gave {sequence!r} the value {before:.6g} in plate {first}, and {now:.6g} when "
            f"asked again in plate {plate}, so what this run finds means little. A value must depend on its sequence "
            "alone: take out of the oracle what is random, counts, or depends on the order or the company of the list "
            "(the lab adds the noise). designloop.testing.OracleContract shows which it is"
        )

    def _ask(self, call: Callable[[], NDArray[Any]], n: int, plate: str) -> NDArray[Any]:
        try:
            who = f"{self._who}, plate {plate}, {many(n, 'sequence')}"
            answer: NDArray[Any] = answer_of(call, who, self._seconds)
        except OracleError as error:
            raise OracleError(f"{self._where(plate)}: {error}") from error
        except (Exception, SystemExit) as error:  # an oracle that ends the program would end it without a word
            raise OracleError(f"{self._where(plate)}: {raised(error, packages_of(self._oracle))}") from error
        if answer.shape != (n,):
            wrong = f"shape {answer.shape} for {many(n, 'sequence')}; return one value for each, ({n},)"
            raise OracleError(f"{self._where(plate)}: returned {wrong}")
        if np.isinf(answer).any():
            mend = "return NaN where a sequence is not viable, else a finite number"
            raise OracleError(f"{self._where(plate)}: returned an infinite value; {mend}")
        return answer

    def _where(self, plate: str) -> str:
        return f"{self._who} in week {as_weeks(self._now()):.1f}, plate {plate}"

    def is_measured(self, sequence: str) -> bool:
        """False where the oracle says it cannot measure a sequence it was asked for."""
        return self._is_measured[sequence]

    def value(self, sequence: str) -> float:
        """The true value of a sequence that was read: NaN where it is not viable or not measured."""
        return self._values.get(sequence, float("nan"))

    def expresses(self, sequence: str) -> bool:
        """False where a sequence that was read is not viable."""
        return not self._is_measured[sequence] or not isnan(self._values[sequence])


def _as_flags(answer: Any) -> NDArray[np.bool_]:
    """What `measures` returned. Raises OracleError for what is not True or False: the text 'False' is true."""
    flags = np.asarray(answer)
    if flags.dtype.kind not in "biu":
        raise OracleError(f"measures() returned values of type {flags.dtype}; return True or False for each sequence")
    return flags.astype(bool)
