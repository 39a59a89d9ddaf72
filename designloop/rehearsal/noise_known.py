"""On how many replicates and reported errors the noise of the assay rests."""

from collections.abc import Iterator
from dataclasses import dataclass

from designloop.core.counting import many
from designloop.core.history import History
from designloop.study.sentences import number

_FEW = 10
"""Degrees of freedom below which a standard deviation is uncertain by more than a factor of 1.8."""


@dataclass(frozen=True)
class NoiseKnown:
    """The standard deviation of a well, and what it is known from."""

    sd: float
    n_repeated: int
    """Sequences in two wells or more, without reported errors."""
    n_free: int
    """Degrees of freedom: their wells, less one for each sequence."""
    n_reported: int
    """Sequences with reported errors."""

    @classmethod
    def of(cls, history: History, sd: float) -> "NoiseKnown":
        """What a history says of the noise; wells at a limit of detection say nothing."""
        rows = [row for row in history.rows.values() if row.values and not any(row.sides)]
        repeated = [len(row.values) for row in rows if len(row.values) > 1 and None in row.std_errors]
        reported = sum(None not in row.std_errors and any(row.std_errors) for row in rows)
        return cls(sd, len(repeated), sum(repeated) - len(repeated), reported)

    @property
    def words(self) -> str:
        """`standard deviation 0.0842 of a well, from the replicates of 43 sequences`."""
        return f"standard deviation {number(self.sd)} of a well, from {' and '.join(self._sources())}"

    def _sources(self) -> Iterator[str]:
        if self.n_repeated:
            yield f"the replicates of {many(self.n_repeated, 'sequence')}"
        if self.n_reported or not self.n_repeated:
            yield f"the reported errors of {many(self.n_reported, 'sequence')}"

    @property
    def warning(self) -> str:
        """What is uncertain where it rests on few replicates; empty where it does not."""
        if self.n_reported or not 0 < self.n_free < _FEW:
            return ""
        from scipy.stats import chi2

        low, high = (self.sd * float(self.n_free / chi2.ppf(share, self.n_free)) ** 0.5 for share in (0.975, 0.025))
        return (
            f"the noise of the assay rests on the replicates of only {many(self.n_repeated, 'sequence')} "
            f"({many(self.n_free, 'degree')} of freedom): {number(self.sd)}, with a 95% interval from {number(low)} to "
            f"{number(high)}; tell more replicates, or give what you know (--noise)"
        )
