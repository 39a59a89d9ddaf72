"""Homology search with HMMER, through pyhmmer (extra `[search]`): homologs of sequences, and members of a family.

Proteins are searched as `phmmer` does, DNA and RNA as `nhmmer` does (both strands). An E-value is the number of hits
with such a score that chance gives in a database of this size (Eddy 2011). HMMER's heuristics need some 20 letters.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import found
from designloop.core.readers.alignments import GAPS
from designloop.core.readers.content import first_bytes, opened
from designloop.core.readers.records import COMMENTS
from designloop.core.readers.sequences import MASK, read_entries

if TYPE_CHECKING:
    from pyhmmer.easel import DigitalSequenceBlock

SIGNIFICANT = 1e-3
"""E-value up to which a hit is reported: one search in 1,000 has such a hit by chance."""
FEWEST_LETTERS = 20
_LETTERS_AT_ONCE = 50_000_000
_UNKNOWN = str.maketrans({MASK: "X"})
_WITHOUT_GAPS = {ord(gap): None for gap in GAPS}


@dataclass(frozen=True, slots=True)
class Homolog:
    """A sequence of a database that is significantly similar to a query, and its best local alignment."""

    name: str
    about: str
    """The rest of its header."""
    e_value: float
    score: float
    """In bits."""
    identity: float
    """Share of aligned columns with equal letters, 0 to 1."""
    query: tuple[int, int]
    """First and last aligned position of the query, from 1."""
    target: tuple[int, int]
    """First and last aligned position of the target, from 1; in descending order on the other strand."""
    aligned_query: str
    aligned_target: str

    def __str__(self) -> str:
        return f"{self.name} (E = {self.e_value:.2g})"


@dataclass(frozen=True, slots=True)
class Membership:
    """How well a sequence fits a family."""

    e_value: float
    score: float
    """In bits."""


def check_search(alphabet: Alphabet) -> None:
    """Raises ConfigError where pyhmmer is not installed, InputError for an alphabet other than DNA, RNA and protein."""
    try:
        import pyhmmer  # noqa: F401
    except ImportError as error:
        raise ConfigError("homology search requires pyhmmer: pip install 'designloop[search]'") from error
    if alphabet not in (DNA, RNA, PROTEIN):
        raise InputError(f"homology search requires dna, rna or protein, got the alphabet {alphabet.name}")


def homologs(
    sequences: Sequence[str],
    database: str | Path | Sequence[tuple[str, str]],
    alphabet: Alphabet,
    *,
    most: float = SIGNIFICANT,
    threads: int = 0,
) -> list[list[Homolog]]:
    """The homologs of each sequence with an E-value of at most `most`, the lowest first.

    `database`: a file, which is read in blocks if it is FASTA, so that it may be of any size; or (header, sequence)
    pairs. `threads`: 0 means all cores; the result does not depend on it. Raises InputError for an invalid database.
    """
    check_search(alphabet)
    queries = _block(((str(row), sequence) for row, sequence in enumerate(sequences)), alphabet)
    found_so_far: list[list[tuple[float, float, Homolog]]] = [[] for _ in sequences]
    total = 0.0
    for block in _blocks(database, alphabet):
        size = _size(block, alphabet)
        total += size
        for rows, hits in zip(found_so_far, _searched(queries, block, alphabet, most, threads), strict=True):
            rows += [(hit.evalue, size, _homolog(hit)) for hit in hits]
    return [_significant(rows, total, most) for rows in found_so_far]


def members(sequences: Sequence[str], columns: Sequence[str], alphabet: Alphabet) -> list[Membership | None]:
    """How well each sequence fits the family whose aligned rows are `columns`; None where E-values exceed 10.

    A profile hidden Markov model is built from the rows, weighted by their similarity. E-values refer to one sequence.
    """
    check_search(alphabet)
    from pyhmmer.easel import TextMSA, TextSequence
    from pyhmmer.hmmer import hmmsearch
    from pyhmmer.plan7 import Background, Builder

    letters = _easel(alphabet)
    rows = [TextSequence(name=str(place), sequence=row.translate(_UNKNOWN)) for place, row in enumerate(columns)]
    model, _, _ = Builder(letters).build_msa(
        TextMSA(name="family", sequences=rows).digitize(letters), Background(letters)
    )
    block = _block(((str(row), sequence) for row, sequence in enumerate(sequences)), alphabet)
    # nhmmer cuts targets into windows; hmmsearch compares whole sequences, also of nucleotides.
    (hits,) = hmmsearch([model], block, cpus=1, E=10.0, Z=1, domZ=1)
    fit = {int(hit.name): Membership(hit.evalue, hit.score) for hit in hits}
    return [fit.get(row) for row in range(len(sequences))]


def _significant(rows: Iterable[tuple[float, float, Homolog]], total: float, most: float) -> list[Homolog]:
    """The hits of all blocks, with E-values for the whole database: they are proportional to its size.

    `TopHits.merge` of pyhmmer adds up the sizes for proteins, but not for nucleotides.
    """
    scaled = [replace(hit, e_value=e_value * total / size) for e_value, size, hit in rows]
    return sorted((hit for hit in scaled if hit.e_value <= most), key=lambda hit: (hit.e_value, -hit.score, hit.name))


def _searched(
    queries: "DigitalSequenceBlock", block: "DigitalSequenceBlock", alphabet: Alphabet, most: float, threads: int
) -> Iterator[Any]:
    from pyhmmer.hmmer import nhmmer, phmmer

    search: Any = phmmer if alphabet == PROTEIN else nhmmer
    yield from search(queries, block, cpus=threads, E=most)


def _size(block: "DigitalSequenceBlock", alphabet: Alphabet) -> float:
    """What E-values are proportional to: the number of proteins, or of nucleotides."""
    return float(len(block) if alphabet == PROTEIN else sum(map(len, block)))


def _homolog(hit: Any) -> Homolog:
    """The hit, with the alignment of its best domain."""
    its = hit.best_domain.alignment
    query, target = its.hmm_sequence.upper().replace(".", "-"), its.target_sequence.upper()
    n_equal = sum(map(str.__eq__, query, target))
    return Homolog(
        hit.name,
        hit.description or "",
        hit.evalue,
        hit.score,
        n_equal / max(len(query), 1),
        (its.hmm_from, its.hmm_to),
        (its.target_from, its.target_to),
        query,
        target,
    )


# -- sequences in HMMER's own form -----------------------------------------------------------------------------------


def _easel(alphabet: Alphabet) -> Any:
    from pyhmmer.easel import Alphabet as Easel

    return {"dna": Easel.dna, "rna": Easel.rna, "protein": Easel.amino}[alphabet.name]()


def _block(named: Iterable[tuple[str, str]], alphabet: Alphabet) -> "DigitalSequenceBlock":
    from pyhmmer.easel import DigitalSequenceBlock, TextSequence

    letters = _easel(alphabet)
    return DigitalSequenceBlock(
        letters, [_text(TextSequence, header, text).digitize(letters) for header, text in named]
    )


def _text(kind: Any, header: str, sequence: str) -> Any:
    name, _, about = header.partition(" ")
    return kind(name=name or "unnamed", description=about, sequence=sequence.translate(_UNKNOWN))


def _blocks(database: str | Path | Sequence[tuple[str, str]], alphabet: Alphabet) -> Iterator["DigitalSequenceBlock"]:
    if not isinstance(database, str | Path):
        yield _block(database, alphabet)
        return
    file = found(database)
    if first_bytes(file).lstrip().startswith(b">"):
        yield from _streamed(file, alphabet)
        return
    entries = read_entries(file)
    named = ((entry.header or entry.place, entry.sequence.translate(_WITHOUT_GAPS)) for entry in entries)
    try:
        yield _block(named, alphabet)
    except ValueError as error:
        raise InputError(
            f"{file}: a letter is not in the {alphabet.name} alphabet ({error}); correct the file"
        ) from error


def _streamed(file: Path, alphabet: Alphabet) -> Iterator["DigitalSequenceBlock"]:
    """Blocks of a FASTA file; at most one is in memory."""
    from pyhmmer.easel import SequenceFile

    try:
        with opened(file) as stream:
            of_easel: Any = SequenceFile(cast("BinaryIO", stream), "fasta", digital=True, alphabet=_easel(alphabet))
            with of_easel as reading:
                while len(block := reading.read_block(residues=_LETTERS_AT_ONCE)):
                    yield block
    except (ValueError, EOFError, OSError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(_wrong_letter(file, alphabet) or f"{file} cannot be searched: {error}; correct it") from error


def _wrong_letter(file: Path, alphabet: Alphabet) -> str:
    """The first letter that HMMER does not read, with its line; empty if there is none. Its own lines are not those."""
    known = set(f"{_easel(alphabet).symbols}{_easel(alphabet).symbols.lower()} \t\r\n") - set(GAPS)
    with opened(file) as stream:
        for number, line in enumerate(stream, start=1):
            text = line.decode(errors="replace")
            if not text.startswith(">") and (wrong := next((letter for letter in text if letter not in known), "")):
                mend = "give an alignment as Stockholm, or remove its gaps" if wrong in GAPS else "correct the file"
                if text.startswith(COMMENTS):
                    mend = "comments after the first header are not read in a search; remove them"
                return f"{file}, line {number}: letter {wrong!r} is not read as {alphabet.name}; {mend}"
    return ""
