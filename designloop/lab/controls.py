"""Controls: wells whose content is known, such as the parent, blanks, standards and positive controls."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from designloop.core.errors import ConfigError
from designloop.core.parts import Part
from designloop.core.plates import corners_of
from designloop.core.readers.well_contents import DESIGN, EMPTY

PARENT = "parent"
BLANK = "blank"
REFERENCE = "reference"
"""The lab's own control, where the space has no parent: 1 in its units on a linear scale, 0 on a log scale."""
BUILT_IN = (PARENT, BLANK, REFERENCE)
_SMALLEST = 1e-100
"""Readings are divided by values; below this, their squares would overflow."""
_WORDS = (*BUILT_IN, *DESIGN, *EMPTY)


def _words(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _are_wells(value: tuple[str, ...]) -> tuple[str, ...]:
    for text in value:
        try:
            corners_of(text)
        except ConfigError as error:
            raise ValueError(str(error)) from None
    return value


Wells = Annotated[
    tuple[str, ...],
    BeforeValidator(_words, json_schema_input_type=str | tuple[str, ...]),
    AfterValidator(_are_wells),
]
"""Wells (A1, H12), ranges (A1:H1) and `edge`; one of them may stand alone."""


class Control(Part):
    """A control of every plate, in wells that are named, or drawn for each plate.

    `parent` (of the space) and `blank` (nothing) need no value. Where the space has no parent, `parent` is a
    `reference` of the lab's own. Any other control has a `value`, or a `sequence` of which the oracle gives the value.
    """

    name: str = Field(min_length=1, description="name in events and reports: `parent`, `blank`, or another one")
    n: int | None = Field(None, ge=1, description="number of its wells, drawn for each plate")
    wells: Wells | None = Field(None, min_length=1, description="its wells, instead of `n`: A1, A1:H1 or edge")
    value: float | None = Field(None, description="its true value, in the oracle's units")
    sequence: str | None = Field(None, min_length=1, description="its sequence, instead of `value`")

    @field_validator("value")
    @classmethod
    def _can_be_divided_by(cls, value: float | None) -> float | None:
        if value is not None and 0 < abs(value) < _SMALLEST:
            raise ValueError(f"expected 0, or a value of at least {_SMALLEST:g}, got {value:g}; use another unit")
        return value

    @model_validator(mode="after")
    def _is_known(self) -> "Control":
        if self.name.lower() in _WORDS and self.name not in BUILT_IN:
            said = f"write '{self.name.lower()}'" if self.name.lower() in BUILT_IN else "rename it"
            raise ValueError(f"'{self.name}' is no name for a control, because layouts have a word like it; {said}")
        n_values = (self.value is not None) + (self.sequence is not None)
        if self.name in BUILT_IN and n_values:
            raise ValueError(f"the value of '{self.name}' is known; remove it, or rename the control")
        if self.name not in BUILT_IN and n_values != 1:
            came = "both" if n_values else "neither"
            raise ValueError(
                f"control '{self.name}': expected a `value` in the oracle's units, or a `sequence` of which the oracle "
                f"gives the value; got {came}"
            )
        return self

    @property
    def calibrates(self) -> bool:
        """Whether its value is known in the oracle's units, so that values can be normalised to it."""
        return self.name not in (BLANK, REFERENCE)
