"""The natural family of each of the best designs: its homologs in the corpus, by HMMER."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from designloop.core.alphabet import Alphabet
from designloop.core.counting import many
from designloop.inspection.homology import FEWEST_LETTERS, SIGNIFICANT, Homolog, homologs

_MOST_LETTERS = 20_000_000
"""Letters of the corpus times designs up to which a report searches: some ten seconds for nucleotides."""


@dataclass(frozen=True, slots=True)
class Families:
    """The homologs of the first designs of a list."""

    found: list[list[Homolog]]
    note: str
    """What was searched, or why nothing was."""

    def of(self, row: int) -> str:
        """The family of a design in a few words: `37 homologs, tRNA_1 (E = 2e-30)`."""
        if row >= len(self.found):
            return "–"
        hits = self.found[row]
        return f"{many(len(hits), 'homolog')}: {_family(hits)}" if hits else "none"


def _family(hits: Sequence[Homolog]) -> str:
    """What most homologs are called in `family=...`, else the nearest one; and the E-value of the nearest."""
    words = (word.partition("=") for hit in hits for word in hit.about.split())
    called = Counter(value for key, mark, value in words if mark and key.lower() == "family")
    name = called.most_common(1)[0][0] if called else hits[0].name
    return f"{name}, E = {hits[0].e_value:.2g}"


def families(designs: Sequence[str], corpus: Sequence[str], names: Sequence[str], alphabet: Alphabet) -> Families:
    """The homologs of each design in the corpus, where pyhmmer is installed and the sequences are long enough."""
    if alphabet.name not in ("dna", "rna", "protein") or not corpus or not designs:
        return Families([], "")
    if min(map(len, designs)) < FEWEST_LETTERS:
        return Families([], f"Families are searched by HMMER for designs of at least {FEWEST_LETTERS} letters.")
    if find_spec("pyhmmer") is None:
        return Families([], "With the extra [search], HMMER searches the natural family of each design.")
    n = min(len(designs), max(_MOST_LETTERS // sum(map(len, corpus)), 1))
    headers = names if len(names) == len(corpus) else [""] * len(corpus)
    named = [(head or f"#{i}", text) for i, (head, text) in enumerate(zip(headers, corpus, strict=True), start=1)]
    which = "" if n == len(designs) else f" of the first {many(n, 'design')}"
    note = f"Family{which}: homologs in the corpus with an E-value of {SIGNIFICANT:g} or less, by HMMER."
    return Families(homologs(designs[:n], named, alphabet), note)
