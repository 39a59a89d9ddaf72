"""The only module that calls the oracle: for the assay, one plate at a time, and once per sequence.

Occasionally a sequence is evaluated again with another plate, and a warning reports an oracle whose values differ.
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
from designloop.core.readers.cells import LARGEST
from designloop.core.records import Level, Truth
from designloop.lab.patience import answer_of
from designloop.oracles.base import Oracle, as_values

_TOLERANCE = 1e-5
"""Relative to the largest value of a plate. Networks in single precision vary less than this between plates."""


class Truths:
    """True values by sequence, for the assay, and those not yet written to the sealed table."""

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
        """The truths recorded since the last call."""
        new, self._new = self._new, []
        return new

    def read(self, sequences: Sequence[str], plate: str) -> None:
        """Evaluate the sequences that are not known yet. Raises OracleError with oracle, week and plate."""
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
        """Values of a plate, shape (n,). At the 2nd, 4th, 8th, ... call, an earlier sequence is evaluated again."""
        self._n_calls += 1
        is_due = self._n_calls > 1 and self._n_calls & (self._n_calls - 1) == 0
        again = [self._before[0]] if is_due and self._before is not None else []
        # The oracle gets a copy, so that an oracle that sorts its argument does not change the order of sequences.
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
            f"{self._who} is not deterministic: {sequence!r} has the value {before:.6g} {_in(first)}, but "
            f"{now:.6g} {_in(plate)}, so the results of this run are unreliable. A value must depend on its "
            "sequence alone: remove randomness, counters, and any dependence on the order or the other sequences of "
            "the list from the oracle (the lab adds the noise). `designloop oracle check` finds the cause",
            Level.UNRELIABLE,
        )

    def _ask(self, call: Callable[[], NDArray[Any]], n: int, plate: str) -> NDArray[Any]:
        try:
            who = f"{self._who}, plate {plate}, {many(n, 'sequence')}"
            answer: NDArray[Any] = answer_of(call, who, self._seconds)
        except OracleError as error:
            raise OracleError(f"{self._where(plate)}: {error}") from error
        except (Exception, SystemExit) as error:  # an oracle that calls sys.exit would end the program silently
            raise OracleError(f"{self._where(plate)}: {raised(error, packages_of(self._oracle))}") from error
        if answer.shape != (n,):
            wrong = f"expected shape ({n},) for {many(n, 'sequence')}, got {answer.shape}"
            raise OracleError(f"{self._where(plate)}: {wrong}; return one value per sequence")
        if np.isinf(answer).any():
            mend = "return a finite number, or NaN for a sequence that is not viable"
            raise OracleError(f"{self._where(plate)}: returned an infinite value; {mend}")
        if (np.abs(answer) > LARGEST).any():
            largest = f"returned a value beyond {LARGEST:g} in size, the largest that a table may hold too"
            raise OracleError(f"{self._where(plate)}: {largest}; scale the values, or return their logarithm")
        return answer

    def _where(self, plate: str) -> str:
        return f"{self._who} in week {as_weeks(self._now()):.1f}, {_in(plate).removeprefix('in ')}"

    def is_measured(self, sequence: str) -> bool:
        """False where the oracle cannot measure the sequence."""
        return self._is_measured[sequence]

    def value(self, sequence: str) -> float:
        """The true value of a sequence that was read: NaN where it is not viable or not measured."""
        return self._values.get(sequence, float("nan"))

    def expresses(self, sequence: str) -> bool:
        """False where a sequence that was read is not viable."""
        return not self._is_measured[sequence] or not isnan(self._values[sequence])


def _in(plate: str) -> str:
    """`in plate 2-1-1`; `in expression, round 1` where a lab asks before any plate."""
    return plate if plate.startswith("in ") else f"in plate {plate}"


def _as_flags(answer: Any) -> NDArray[np.bool_]:
    """The result of `measures` as flags. Raises OracleError for other types, because the text 'False' is true."""
    flags = np.asarray(answer)
    if flags.dtype.kind not in "biu":
        raise OracleError(f"measures() returned values of type {flags.dtype}; return True or False for each sequence")
    return flags.astype(bool)
