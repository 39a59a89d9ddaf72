"""Twins: a plate whose values are those of another one was perhaps told from the wrong file."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from designloop.core.counting import many
from designloop.live.agreeing import same_value
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Result, Tickets


@dataclass(frozen=True, slots=True)
class Twin:
    """The values that rows share with those that were told of a plate, well by well."""

    plate: str
    n_values: int
    n_rows: int
    """Rows of wells of which something was told there."""
    n_different: int
    """Different ones of them: plates of zeros are no twins."""

    def __str__(self) -> str:
        are = "is" if self.n_values == 1 else "are"
        return f"{self.n_values:,} of {many(self.n_rows, 'value')} {are} those that were told of plate {self.plate}"


class Twins:
    """The results of all wells, by which twins are found."""

    def __init__(self, tickets: Tickets) -> None:
        self._of: dict[str, list[tuple[str, Result]]] = defaultdict(list)
        """Well -> (plate, its result)."""
        self._exact: dict[tuple[str, float], list[str]] = defaultdict(list)
        for plate, wells in tickets.plates.items():
            for well, held in wells.items():
                result = None if isinstance(held, str) else _told(tickets, plate, *held)
                if result is not None:
                    self._of[well].append((plate, result))
                    self._exact[well, result.value].append(plate)

    def of(self, rows: Sequence[ResultRow], plate: str, *, rounded: bool = False) -> Twin | None:
        """The other plate that has most of these values in the same wells; None where none has.

        `rounded`: also where the file rounds them.
        """
        shared = [(row, other) for row in rows for other in self._having(row, rounded=rounded) if other != plate]
        most = Counter(other for _, other in shared).most_common(1)
        if not most:
            return None
        (name, n_values), its = most[0], {row.value for row, other in shared if other == most[0][0]}
        n_rows = sum(any(name == other for other, _ in self._of.get(row.well, ())) for row in rows)
        return Twin(name, n_values, n_rows, len(its)) if n_values > max(1, n_rows / 2) else None

    def _having(self, row: ResultRow, *, rounded: bool) -> Sequence[str]:
        """The plates of which the value of a row was told, for its well."""
        if not rounded:
            return self._exact.get((row.well, row.value or 0.0), ())
        return [plate for plate, result in self._of.get(row.well, ()) if same_value(result, row)]


def _told(tickets: Tickets, plate: str, design: int, replicate: int) -> Result | None:
    """What was told of a well; None where a file did not say the well."""
    result = tickets.tickets[tickets.round_of[plate], design].results.get(replicate)
    return result if result is not None and result.is_numbered else None
