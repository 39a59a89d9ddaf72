"""A result file is what a lab sends back: a table of values by design, by sequence or by well."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from designloop.core.readers.headers import Column
from designloop.core.readers.table import Form
from designloop.core.readers.variant_file import VariantFile


def as_list(value: object) -> object:
    """One text as a list of one."""
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(as_list, json_schema_input_type=str | tuple[str, ...])]


class ResultFile(VariantFile):
    """How the result files of a lab are written. What is not given is found by the usual names of columns."""

    design: Column | None = Field(
        None, description="column of the designs' names or numbers; default: one called design, name, sample, ..."
    )
    sequence: Column = Field("sequence", description="column of the sequences, where no column names the designs")
    round: Column = Field("round", description="column of the rounds, if there is one")
    replicate: Column = Field("replicate", description="column of the numbers of the replicates, if there is one")
    outcome: Column = Field(
        "outcome", description="column of the outcomes, if there is one: observed, synthesis_failed, lost, ..."
    )
    date: Column = Field(
        "date", description="column of the dates of the measurements; default: one called date, date measured, ..."
    )
    time: Column = Field("time", description="column of their times of day; read beside a column of dates")
    minute: Column | None = Field(
        None, description="column of minutes since the campaign began, instead of `date`; read only where it is named"
    )
    reading: Column | None = Field(
        None, description="which reading of the wells, such as od:600, where a plate reader read them several times"
    )
    ignore: Texts = Field((), description="names of rows that are no designs, such as standards: they are left out")

    @model_validator(mode="after")
    def _n_has_a_use(self) -> Self:
        """The number of wells of a mean is told also without its error. Columns of wells hold no means."""
        if self.n is not None and self.replicates and not self.errors:
            raise ValueError("`n` is of the means in one column; `replicates` are columns of single wells: remove one")
        return self

    @property
    def form(self) -> Form:
        """How the table is written."""
        return Form(self.sheet, self.header, self.decimal, self.reading)

    @property
    def facts(self) -> tuple[str, ...]:
        """The columns of everything but values and errors."""
        places, dates = (self.well, self.plate), (self.date, self.time, self.minute or "")
        return (self.sequence, self.mutant or "", self.round, self.replicate, self.outcome, *places, *dates)
