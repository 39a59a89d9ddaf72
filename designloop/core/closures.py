"""Closures: days and periods on which the lab does not work, once or every year."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_LEAP_YEAR = "2024-"


@dataclass(frozen=True, slots=True)
class Closure:
    """A period with its first and last day: `2025-08-04` for a date, `12-24` for a day of every year."""

    first: str
    last: str

    @property
    def form(self) -> str:
        """The text of this closure, as in YAML."""
        return self.first if self.first == self.last else f"{self.first}/{self.last}"

    @property
    def is_yearly(self) -> bool:
        return len(self.first) == len("12-24")

    def holds(self, day: date) -> bool:
        """True where the lab is closed on that date."""
        today = f"{day:%m-%d}" if self.is_yearly else day.isoformat()
        if self.first <= self.last:
            return self.first <= today <= self.last
        return today >= self.first or today <= self.last  # over New Year


def read_closure(value: Any) -> Closure:
    """The closure of a text: a day, or `first/last`. Raises ValueError."""
    if isinstance(value, Closure):
        return value
    first, slash, last = str(value).partition("/")
    days = first, last if slash else first
    try:
        for day in days:
            check_is_date(_LEAP_YEAR + day if len(day) == len("12-24") else day)
    except ValueError as error:
        wanted = "'12-24' for every year, '2025-08-04' for one date, or 'first/last' for a period"
        raise ValueError(f"closures: expected {wanted}, got {value!r}") from error
    closure = Closure(*days)
    if len(days[0]) != len(days[1]) or (not closure.is_yearly and days[0] > days[1]):
        raise ValueError(f"closures: the period {value!r} does not end after its beginning; give 'first/last'")
    return closure


def check_is_date(text: str) -> None:
    """Raise ValueError where a text is not a date as `2025-08-04`; Python reads other forms of ISO 8601 too."""
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError(text)


Closed = Annotated[
    Closure,
    PlainValidator(read_closure),
    PlainSerializer(lambda closure: closure.form),
    WithJsonSchema({"type": "string", "description": "12-24, 2025-08-04, or first/last"}),
]
"""A field that holds a closure."""
