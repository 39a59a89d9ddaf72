"""The sequences that `designloop inspect` summarises, and their comparison with a corpus."""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast, get_args

from designloop.core.alphabet import Alphabet, alphabet_named
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import found
from designloop.core.readers.alphabets import guessed_alphabet
from designloop.core.readers.cleaning import Ambiguous
from designloop.core.readers.sequences import MASK, Entry, Reading, place_of_letter, read_cleaned, read_entries
from designloop.inspection import sets
from designloop.inspection.alignment import Alignment, aligned
from designloop.inspection.neighbours import Neighbour, nearest

_AS_RNA = str.maketrans("Tt", "Uu")
_LONG = 5_000_000
"""Number of pairs of sequences above which a message says that it will take a while: about half a minute."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What to inspect: two files, how to read them, and how much to print."""

    sequences: Path
    corpus: Path | None = None
    alphabet: str | None = None
    column: str | None = None
    corpus_column: str | None = None
    near: float = 0.9
    top: int = 10
    models: tuple[Path, ...] = ()
    settings: tuple[str, ...] = ()
    """Settings of models of the transformers library."""
    mask: bool = False
    leave_out: float | None = None
    ambiguous: str = "error"
    search: Path | None = None
    """Database of the homology search."""
    profile: Path | None = None
    """Alignment of a family, whose members are found."""
    e_value: float = 1e-3
    matrix: str | None = None
    """Substitution matrix of the alignments that are printed; none: the fewest edits."""


@dataclass(frozen=True, slots=True)
class Group:
    """The sequences of one file."""

    reading: Reading
    alphabet: Alphabet

    @property
    def file(self) -> Path:
        return self.reading.file

    @property
    def entries(self) -> list[Entry]:
        return self.reading.entries

    @property
    def sequences(self) -> list[str]:
        return self.reading.sequences

    def named(self, row: int) -> str:
        """A record's number, from 1, and its name if it has one."""
        return f"{row + 1} {self.entries[row].name}".rstrip()

    def as_dict(self) -> dict[str, Any]:
        lengths = asdict(sets.lengths(self.sequences))
        shares = sets.composition(self.sequences, self.alphabet.letters)
        return {
            "file": str(self.file),
            "format": self.reading.format,
            "n_records": self.reading.n_records,
            "changes": list(self.reading.changes),
            **lengths,
            "composition": dict(zip(self.alphabet.letters, map(float, shares), strict=True)),
            "n_masked": sum(sequence.count(MASK) for sequence in self.sequences),
            "duplicates": [[row + 1 for row in rows] for rows in sets.duplicates(self.sequences)],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group and a corpus: the nearest neighbour of each sequence, and its identity."""

    group: Group
    corpus: Group
    neighbours: list[Neighbour]
    alike: list[float]
    near: float
    matrix: str | None = None

    def alignment(self, row: int) -> Alignment:
        """The alignment with the fewest edits."""
        return aligned(self.group.entries[row].sequence, self.neighbours[row].sequence)

    def shown(self, row: int) -> Alignment:
        """The alignment to print: by the matrix if one is given, else with the fewest edits."""
        if self.matrix is None:
            return self.alignment(row)
        from designloop.inspection.matrix_alignment import aligned_by

        pair = self.group.entries[row].sequence, self.neighbours[row].sequence
        return aligned_by(*pair, self.group.alphabet, self.matrix)[0]

    def as_dict(self, top: int, *, align: bool) -> dict[str, Any]:
        leakage = asdict(sets.leakage(self.neighbours, self.alike, self.near))
        novelty = asdict(sets.novelty(self.alike))
        counts = zip(map(str, sets.STRATA), novelty.pop("counts"), strict=True)
        return {
            "leakage": {
                **{kind: [[row + 1, place + 1] for row, place in pairs] for kind, pairs in leakage.items()},
                "near_from": self.near,
            },
            "novelty": {**novelty, "counts_from": dict(counts)},
            "nearest": [self._nearest(row, align=align) for row in range(min(top, len(self.neighbours)))],
        }

    def _nearest(self, row: int, *, align: bool) -> dict[str, Any]:
        neighbour, alignment = self.neighbours[row], self.alignment(row)
        return {
            "record": row + 1,
            "name": self.group.entries[row].name,
            "sequence": self.group.entries[row].sequence,
            "nearest_record": neighbour.index + 1,
            "nearest_name": self.corpus.entries[neighbour.index].name,
            "nearest_sequence": neighbour.sequence,
            "identity": alignment.identity,
            "overlap_identity": alignment.overlap.identity,
            "distance": neighbour.distance,
            "edits": neighbour.edits,
            **({"alignment": asdict(self.shown(row))} if align else {}),
        }


def read(ask: Ask, alphabet: Alphabet | None = None) -> tuple[list[Group], bool]:
    """The sequences and the corpus, if there is one; and whether their alphabet was guessed, from the letters of both.

    `alphabet`: the alphabet of a model, which `--alphabet` overrides.

    Raises InputError for a missing or empty file, or an invalid letter. Only the sequences may have masked letters.
    """
    files = [(ask.sequences, ask.column, MASK)]
    if ask.corpus is not None:
        files.append((ask.corpus, ask.corpus_column, ""))
    is_guessed = ask.alphabet is None and alphabet is None
    if alphabet is None or ask.alphabet is not None:
        alphabet = alphabet_of(ask.alphabet, [(file, column) for file, column, _ in files])
    policy = policy_of(ask.ambiguous)
    try:
        groups = [
            Group(read_cleaned(file, alphabet, column=column, mask=mask, ambiguous=policy), alphabet)
            for file, column, mask in files
        ]
    except InputError as error:
        if is_guessed:
            error.add_note(f"The alphabet, {alphabet.name}, was guessed from the letters; --alphabet overrides it.")
        raise
    return groups, is_guessed


def compared(groups: list[Group], near: float, matrix: str | None = None) -> Comparison:
    """The comparison of the first group with the second."""
    group, corpus = groups
    n_pairs = len(group.entries) * len(corpus.entries)
    if n_pairs > _LONG:
        print(f"comparing {n_pairs / 1e6:,.0f} million pairs of sequences", file=sys.stderr)
    neighbours = [neighbour for neighbour in nearest(group.sequences, corpus.sequences) if neighbour is not None]
    return Comparison(group, corpus, neighbours, sets.identities(group.sequences, neighbours), near, matrix)


def policy_of(word: str) -> Ambiguous:
    """What `--ambiguous` says. Raises ConfigError for any other word."""
    if word not in get_args(Ambiguous):
        raise ConfigError(f"--ambiguous {word}: expected one of {', '.join(get_args(Ambiguous))}")
    return cast("Ambiguous", word)


def alphabet_of(name: str | None, files: list[tuple[Path, str | None]]) -> Alphabet:
    """The alphabet that `--alphabet` names, or else a guess from the letters of the files."""
    if name is None:
        return _guessed([(found(file), read_entries(file, column=column)) for file, column in files])
    try:
        alphabet: Alphabet = alphabet_named(name)
    except ValueError as error:
        raise ConfigError(f"--alphabet {name}: {error}") from error
    return alphabet


def _guessed(files: list[tuple[Path, list[Entry]]]) -> Alphabet:
    """A guess from the letters of all files. RNA may be written with U in one file and with T in another."""
    letters = [set("".join(entry.sequence for entry in entries)) for _, entries in files]
    is_rna = any("U" in its or "u" in its for its in letters)
    sequences, places = list[str](), list[tuple[Path, Entry]]()
    for (file, entries), its in zip(files, letters, strict=True):
        is_written_with_t = is_rna and not its & {"U", "u"}
        sequences += [e.sequence.translate(_AS_RNA) if is_written_with_t else e.sequence for e in entries]
        places += [(file, entry) for entry in entries]
    return guessed_alphabet(
        sequences,
        lambda row: f"{places[row][0]}, {places[row][1].place}",
        lambda row, position: place_of_letter(*places[row], position),
    )
