"""A variant file is a measured file that gives the sequence of each row, or the name of a mutant."""

from pydantic import Field

from designloop.core.alphabet import Alphabet
from designloop.core.errors import InputError
from designloop.core.readers.cleaning import AMBIGUOUS, Ambiguous
from designloop.core.readers.headers import Column, folded, no_column
from designloop.core.readers.layouts import laid_out
from designloop.core.readers.measured_file import MeasuredFile
from designloop.core.readers.mutants import mutants
from designloop.core.readers.table import Table
from designloop.core.readers.tables import read_table
from designloop.core.readers.variants import Indels, Policy, Stops, Synonymous, Variants, whole_sequences

_MUTANTS = frozenset({"mutant", "mutants", "mutation", "mutations", "variant", "variants", "hgvs pro", "hgvs nt"})
"""Names of columns that name mutants, in lower case."""


class VariantFile(MeasuredFile):
    """The fields that say which sequences the rows of a measured file are, and what is left out."""

    sequence: Column = Field("sequence", description="column of the sequences, if the file is a table")
    mutant: Column | None = Field(
        None, description="column of mutant names, instead of `sequence`: A1P:D2N, K2del, p.Ala1Pro, c.4A>G, or wt"
    )
    parent: str | None = Field(None, description="parent sequence of the mutant names, and of the space")
    first: int = Field(1, description="number of the parent's first letter in the mutant names")
    stops: Stops = Field(
        "drop",
        description="proteins with a stop: drop, keep (with the letter *), or merge (cut before the stop; equal ones "
        "are replicates)",
    )
    indels: Indels = Field("keep", description="mutants, or sequences beside a `parent`, of another length")
    synonymous: Synonymous | None = Field(
        None,
        description="mutants with the parent's protein: merge (they are rows of the parent), drop, or keep (only names "
        "of bases); default: merge for names of proteins, else keep",
    )
    ambiguous: Ambiguous = Field("error", description=AMBIGUOUS)
    maximise: bool = Field(True, description="false: lower values in the file are better; the sign is changed")

    @property
    def of_rows(self) -> str:
        """The column that says what each row is: of the sequences, or of the names of mutants."""
        return self.mutant or self.sequence

    def table_in(self, path: str) -> Table:
        """The table in a file, with the sequences of a layout where one is given. Raises InputError."""
        return laid_out(read_table(path, self.form), self, self.of_rows)

    def variants_in(
        self, table: Table, alphabet: Alphabet | None, parent: str | None, *, first_of_same: bool = False
    ) -> Variants:
        """The sequence of each row. An alphabet of None is guessed. Raises InputError with file, line and column."""
        policy = Policy(self.stops, self.indels, self.ambiguous, self.synonymous)
        if self.mutant is not None:
            names = table.texts(self.mutant, first_of_same=first_of_same)
            if not any(map(str.strip, names)):
                raise InputError(
                    f"{table.file}: column '{self.mutant}' names no mutant: each cell is empty; name another column, "
                    "or write `wt` for the parent"
                )
            return mutants(names, parent, self.first, alphabet, table.where, policy)
        if not table.has(self.sequence) and (named := [its for its in table.names if folded(its) in _MUTANTS]):
            mend = f"if '{named[0]}' names mutants, set `mutant: {named[0]}` and `parent`"
            raise InputError(f"{table.file} {no_column(self.sequence, table.names)}; {mend}")
        raw = table.sequences(self.sequence, first_of_same=first_of_same)
        return whole_sequences(raw, parent, alphabet, table.where, policy)
