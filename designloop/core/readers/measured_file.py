"""A measured file is a table of values with their errors, each kind of error by its own name."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from designloop.core.files import FilePath
from designloop.core.parts import Part
from designloop.core.readers.headers import Column
from designloop.core.readers.table import Form

Sheet = Annotated[
    Annotated[int, Field(ge=1, le=10_000)] | str | None,
    Field(description="sheet of an Excel file, by name or number; default: the first that is not empty"),
]
HeaderLine = Annotated[
    Annotated[int, Field(ge=1, le=100_000_000)] | None,
    Field(description="line of the column names; default: the first that is neither blank nor a comment"),
]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class MeasuredFile(Part):
    """The fields that say how a table is written, and which of its columns are values and errors."""

    sheet: Sheet = None
    header: HeaderLine = None
    decimal: Literal[".", ","] | None = Field(None, description="decimal mark; default: seen from the numbers")
    layout: FilePath | None = Field(
        None, description="table or plate map that gives the sequence of each well; the file itself names wells"
    )
    well: Column = Field(
        "well",
        description="column of the wells (A1 or A01), if there is a `layout`; one of both files may say `well`",
    )
    plate: Column = Field("plate", description="column of the plates, if there is a `layout` of several plates")
    value: Column | None = Field(
        None, description="column of the values; limits such as <0.1 and OVER are read, empty cells have no value"
    )
    std_error: Column | None = Field(
        None,
        description="column of the standard errors of the values: 0 if exact (unless `n` is given), empty if unknown",
    )
    variance: Column | None = Field(None, description="column of the error variances, the squares of standard errors")
    std_dev: Column | None = Field(
        None, description="column of standard deviations of replicates; the standard error is theirs over √`n`"
    )
    interval: tuple[Column, Column] | None = Field(
        None,
        description="columns of the lower and upper ends of 95% intervals, by the normal distribution, or by "
        "Student's if there is an `n`",
    )
    n: Count | str | None = Field(
        None,
        description="number of replicates behind each value, or its column; with it, errors of one replicate and of "
        "equal replicates are estimated from all rows",
    )
    replicates: tuple[Column, ...] = Field((), description="columns of replicates; empty cells are ignored")

    @property
    def form(self) -> Form:
        """How the table is written."""
        return Form(self.sheet, self.header, self.decimal)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns of values and errors that are given."""
        n = (self.n,) if isinstance(self.n, str) else ()
        single = (self.value, self.std_error, self.variance, self.std_dev, *n)
        return (*(name for name in single if name is not None), *(self.interval or ()), *self.replicates)

    @property
    def errors(self) -> tuple[str, ...]:
        """The fields of errors that are given."""
        return tuple(
            name for name in ("std_error", "variance", "std_dev", "interval") if getattr(self, name) is not None
        )

    @model_validator(mode="after")
    def _names_errors_once(self) -> Self:
        if len(self.errors) > 1:
            raise ValueError(f"{' and '.join(f'`{name}`' for name in self.errors)} are given; give only one of them")
        if self.std_dev is not None and self.n is None:
            raise ValueError(
                f"`std_dev: {self.std_dev}` requires the number of replicates, as in `n: 3` or the name of its column; "
                "if the column holds standard errors, give it as `std_error`"
            )
        if self.errors and self.replicates and self.value is not None:
            raise ValueError(
                f"with `value` and `{self.errors[0]}`, `replicates` are not read; remove them, or remove `value` if "
                "their mean is the value"
            )
        return self

    @model_validator(mode="after")
    def _n_has_a_use(self) -> Self:
        if self.n is not None and not self.errors:
            raise ValueError("`n` is used with a column of errors only; give one, or remove `n`")
        return self
