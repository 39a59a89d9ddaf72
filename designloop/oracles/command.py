"""Command: any program as an oracle. It reads sequences as lines of JSON or CSV, and writes their values."""

from typing import Self

from pydantic import Field, model_validator

from designloop.oracles.asked import Asked
from designloop.oracles.declared import Declared
from designloop.programs.program import Program, Wire

_NOT_IN_ROWS = ' ,"'


class Command(Declared, Asked, Program):
    """An outside program that reads sequences and answers with their values, in JSON lines or rows of CSV.

    It is started once for each run and worker. The manual's page "Programs" describes the protocol, with examples.
    """

    format: Wire = Field("json", description="json: one object per line; csv: one row per line")

    @property
    def known_as(self) -> str:
        """The name in messages: `command: Rscript fold.R`."""
        return f"{self.kind}: {self.program}"

    @property
    def wire(self) -> Wire:
        """The form of the messages."""
        return self.format

    @model_validator(mode="after")
    def _letters_fit_in_rows(self) -> Self:
        if self.format == "csv" and (wrong := set(self.space.alphabet.letters) & set(_NOT_IN_ROWS)):
            raise ValueError(f"the alphabet has the letter {min(wrong)!r}, which separates cells; use `format: json`")
        return self
