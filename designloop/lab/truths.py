"""The one place where the oracle is asked: by the assay, a plate at a time, each sequence once."""

from collections.abc import Callable, Sequence

import numpy as np

from designloop.core.clock import as_weeks
from designloop.core.errors import OracleError
from designloop.core.records import Truth
from designloop.oracles.base import Oracle


class Truths:
    """What the assay knows of the truth: values by sequence, and those not yet handed to the sealed table."""

    def __init__(self, oracle: Oracle, now: Callable[[], int], plate_size: int) -> None:
        self._oracle = oracle
        self._now = now
        self._plate_size = plate_size
        self._values: dict[str, float] = {}
        self._is_measured: dict[str, bool] = {}
        self._new: list[Truth] = []

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
        measured = self._ask(lambda: np.asarray(self._oracle.measures(sequences), dtype=bool), len(sequences), plate)
        known = [s for s, is_measured in zip(sequences, measured, strict=True) if is_measured]
        values = (
            self._ask(lambda: np.asarray(self._oracle(known), dtype=float), len(known), plate) if known else np.zeros(0)
        )
        self._is_measured.update(zip(sequences, map(bool, measured), strict=True))
        for sequence, value in zip(known, map(float, values), strict=True):
            self._values[sequence] = value
            self._new.append(Truth(self._now(), sequence, None if np.isnan(value) else value))

    def _ask(self, call: Callable[[], np.ndarray], n: int, plate: str) -> np.ndarray:
        try:
            answer = call()
        except (Exception, SystemExit) as error:  # an oracle that ends the program would end it without a word
            raise OracleError(f"{self._where(plate)}: raised {type(error).__name__}: {error}") from error
        if answer.shape != (n,):
            wrong = f"shape {answer.shape} for {n} sequences; return one value for each, ({n},)"
            raise OracleError(f"{self._where(plate)}: returned {wrong}")
        if np.isinf(answer).any():
            mend = "return NaN where a sequence is not viable, else a finite number"
            raise OracleError(f"{self._where(plate)}: returned an infinite value; {mend}")
        return answer

    def _where(self, plate: str) -> str:
        return f"oracle '{self._oracle.kind}' in week {as_weeks(self._now()):.1f}, plate {plate}"

    def is_measured(self, sequence: str) -> bool:
        """False where the oracle says it cannot measure a sequence it was asked for."""
        return self._is_measured[sequence]

    def value(self, sequence: str) -> float:
        """The true value of a sequence that was read: NaN where it is not viable or not measured."""
        return self._values.get(sequence, float("nan"))

    def expresses(self, sequence: str) -> bool:
        """False where a sequence that was read is not viable."""
        return not self._is_measured[sequence] or not np.isnan(self._values[sequence])
