"""The designs of a round against the limits of liabilities, as they are ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from designloop.core.spaces.patterns import is_nucleic
from designloop.inspection.liabilities.limits import Limits, usual
from designloop.inspection.liabilities.measured import (
    Measured,
    measured_dna,
    measured_letters,
    measured_protein,
    violations,
)
from designloop.live.dossier.knowledge import Knowledge
from designloop.live.dossier.relatives import Relative


@dataclass(frozen=True)
class Checks:
    """What was measured of sequences, and which limits they violate. `bases`: the nearest known sequence of each."""

    knowledge: Knowledge
    sequences: Sequence[str]
    bases: Sequence[Relative | None]

    @cached_property
    def limits(self) -> Limits:
        """The limits of the description, or the usual ones."""
        lab, longest = self.knowledge.record.campaign.lab, max(map(len, self.ordered), default=0)
        return lab.liabilities or usual(self.knowledge.history.space.alphabet, longest)

    @cached_property
    def ordered(self) -> list[str]:
        """The sequences as they are ordered: with the letters before and after, U as T."""
        lab, alphabet = self.knowledge.record.campaign.lab, self.knowledge.history.space.alphabet
        whole = [lab.whole(sequence, alphabet) for sequence in self.sequences]
        return [its.replace("U", "T").replace("u", "t") for its in whole] if self._is_nucleic else whole

    @property
    def _is_nucleic(self) -> bool:
        return is_nucleic(self.knowledge.history.space.alphabet)

    @cached_property
    def measured(self) -> list[Measured]:
        """What was measured of each."""
        if self._is_nucleic:
            n_before = len(self.knowledge.record.campaign.lab.before)
            pairs = zip(self.ordered, self.sequences, strict=True)
            return [measured_dna(whole, self.limits, (n_before, n_before + len(its))) for whole, its in pairs]
        if self.knowledge.history.space.alphabet.name == "protein":
            rows = zip(self.sequences, self.bases, strict=True)
            return [measured_protein(its, self.limits, base.sequence if base else None) for its, base in rows]
        return [measured_letters(its) for its in self.ordered]

    @cached_property
    def violations(self) -> list[list[str]]:
        """What of each violates a limit, one phrase each."""
        return [violations(its, self.limits) for its in self.measured]
