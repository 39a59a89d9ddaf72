"""A sequence file holds sequences without values; its description says where they are, and what is left out."""

from pydantic import Field

from designloop.core.alphabet import Alphabet
from designloop.core.files import FilePath
from designloop.core.parts import Part
from designloop.core.readers.cleaning import AMBIGUOUS, Ambiguous
from designloop.core.readers.headers import Column
from designloop.core.readers.measured_file import HeaderLine, Sheet
from designloop.core.readers.sequences import SEQUENCE_FILES, Reading, read_cleaned
from designloop.core.readers.table import Form


class SequenceFile(Part):
    """A file of sequences."""

    path: FilePath = Field(description=SEQUENCE_FILES)
    column: Column | None = Field(None, description="column of the sequences, if the file is a table")
    sheet: Sheet = None
    header: HeaderLine = None
    ambiguous: Ambiguous = Field("error", description=AMBIGUOUS)

    def read(self, alphabet: Alphabet) -> Reading:
        """The sequences in the letters of the alphabet. Raises InputError with file, line and letter."""
        form = Form(self.sheet, self.header)
        return read_cleaned(self.path, alphabet, column=self.column, ambiguous=self.ambiguous, form=form)
