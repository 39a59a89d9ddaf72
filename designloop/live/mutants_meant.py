"""Mutants in result files: designs that are named by their changes to the parent, as in V39A or G41A/V54L."""

from dataclasses import dataclass

from designloop.core.alphabet import PROTEIN, Alphabet
from designloop.core.readers.mutant_names import BadName, read_name
from designloop.core.readers.mutants import mutants
from designloop.live.result_file import ResultFile


@dataclass(frozen=True, slots=True)
class MutantsMeant:
    """Reads names of mutants of a parent. Without a parent, no text is one."""

    how: ResultFile
    alphabet: Alphabet
    parent: str | None

    def sequence(self, text: str, where: str) -> str | None:
        """The sequence of a mutant; None where the text names none. Raises InputError where it contradicts the parent.

        Where no column is said to name mutants (`mutant`), a name states the parent's letters: 12C may be anything.
        """
        if self.parent is None or not self._is_name(text):
            return None
        read = mutants([text], self.parent, self.how.first, self.alphabet, lambda _: where)
        return read.sequences[0] if read.is_kept[0] else None

    def _is_name(self, text: str) -> bool:
        try:
            name = read_name(text, is_protein=self.alphabet == PROTEIN, first=self.how.first)
        except BadName:
            return False
        return self.how.mutant is not None or all(change.stated for change in name.changes)
