"""`designloop inspect`: a set of sequences beside a corpus, as tables, text, pictures or JSON."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from json import dumps
from pathlib import Path
from typing import Any

from rich.table import Table

from designloop.cli.tables import console, table_of
from designloop.core.alphabet import Alphabet, alphabet_named
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import MASK, Entry, found, read_entries
from designloop.inspection import sets
from designloop.inspection.alignment import Alignment, aligned
from designloop.inspection.neighbours import Neighbour, nearest

_LONG = 5_000_000
"""Pairs of sequences from which on the reader is told to wait: half a minute or so."""
_EDITS_SHOWN = 8
_DUPLICATES_SHOWN = 3
_DRAWN = 3
_ROWS = ("sequence", "nearest")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be looked at: two files, how to read them, and how much to say."""

    sequences: Path
    corpus: Path | None = None
    alphabet: str | None = None
    column: str | None = None
    corpus_column: str | None = None
    near: float = 0.9
    top: int = 10


@dataclass(frozen=True, slots=True)
class Group:
    """The sequences of one file."""

    file: Path
    entries: list[Entry]
    alphabet: Alphabet

    @property
    def sequences(self) -> list[str]:
        return [entry.sequence for entry in self.entries]

    def named(self, row: int) -> str:
        """A record's number, from 1, and its name where it has one."""
        return f"{row + 1} {self.entries[row].name}".rstrip()

    def as_dict(self) -> dict[str, Any]:
        lengths = asdict(sets.lengths(self.sequences))
        shares = sets.composition(self.sequences, self.alphabet.letters)
        return {
            "file": str(self.file),
            **lengths,
            "composition": dict(zip(self.alphabet.letters, map(float, shares), strict=True)),
            "n_masked": sum(sequence.count(MASK) for sequence in self.sequences),
            "duplicates": [[row + 1 for row in rows] for rows in sets.duplicates(self.sequences)],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group against a corpus: the nearest neighbour of each sequence, and how alike it is."""

    group: Group
    corpus: Group
    neighbours: list[Neighbour]
    alike: list[float]
    near: float

    def alignment(self, row: int) -> Alignment:
        return aligned(self.group.entries[row].sequence, self.neighbours[row].sequence)

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
            **({"alignment": asdict(alignment)} if align else {}),
        }


def inspect_sequences(ask: Ask, figures: Path | None, *, align: bool, json: bool) -> None:
    """Print what there is to see of the sequences, and write its pictures where asked."""
    groups, is_guessed = read(ask)
    comparison = compared(groups, ask.near) if len(groups) > 1 else None
    if json:
        sides = dict(zip(("sequences", "corpus"), (group.as_dict() for group in groups), strict=False))
        told = comparison.as_dict(ask.top, align=align) if comparison else {}
        print(dumps({"alphabet": groups[0].alphabet.name, "is_guessed": is_guessed, **sides, **told}, allow_nan=False))
    else:
        _print(groups, comparison, ask.top, align=align, is_guessed=is_guessed)
    if figures is not None:
        _draw(groups, comparison, min(ask.top, _DRAWN), figures)


def read(ask: Ask) -> tuple[list[Group], bool]:
    """The sequences, and the corpus where one is named; and whether their alphabet was guessed, by the letters of both.

    Raises InputError for a file that is missing or empty, or a letter that is wrong; only the sequences may be masked.
    """
    files = [(ask.sequences, ask.column, MASK)]
    if ask.corpus is not None:
        files.append((ask.corpus, ask.corpus_column, ""))
    alphabet = _alphabet(ask.alphabet, [(file, column) for file, column, _ in files])
    try:
        groups = [
            Group(found(file), read_entries(file, alphabet, column=column, mask=mask), alphabet)
            for file, column, mask in files
        ]
    except InputError as error:
        if ask.alphabet is None:
            error.add_note(f"The alphabet, {alphabet.name}, was guessed by the letters; --alphabet names another.")
        raise
    return groups, ask.alphabet is None


def compared(groups: list[Group], near: float) -> Comparison:
    """The first group against the second."""
    group, corpus = groups
    n_pairs = len(group.entries) * len(corpus.entries)
    if n_pairs > _LONG:
        print(f"comparing {n_pairs / 1e6:,.0f} million pairs of sequences", file=sys.stderr)
    neighbours = [neighbour for neighbour in nearest(group.sequences, corpus.sequences) if neighbour is not None]
    return Comparison(group, corpus, neighbours, sets.identities(group.sequences, neighbours), near)


def _alphabet(name: str | None, files: list[tuple[Path, str | None]]) -> Alphabet:
    if name is None:
        return sets.guessed_alphabet(
            entry.sequence for file, column in files for entry in read_entries(file, column=column)
        )
    try:
        alphabet: Alphabet = alphabet_named(name)
    except ValueError as error:
        raise ConfigError(f"--alphabet {name}: {error}") from error
    return alphabet


# -- for a reader ----------------------------------------------------------------------------------------------------


def _print(groups: list[Group], comparison: Comparison | None, top: int, *, align: bool, is_guessed: bool) -> None:
    out = console()
    guessed = " (guessed by the letters; --alphabet names another)" if is_guessed else ""
    out.print(f"alphabet {groups[0].alphabet.name}{guessed}", soft_wrap=True)
    out.print("", _groups_table(groups), sep="\n")
    for line in filter(None, map(_duplicates, groups)):
        out.print(line, soft_wrap=True)
    if comparison is None:
        return
    out.print("", _corpus_table(comparison), sep="\n")
    out.print(_spread(comparison), soft_wrap=True)
    if top:
        out.print("", _nearest_table(comparison, top), sep="\n")
    for row in range(min(top, len(comparison.neighbours)) if align else 0):
        out.print(f"\n{_aligned_title(comparison, row)}", soft_wrap=True)
        out.print(comparison.alignment(row).blocks(names=_ROWS), soft_wrap=True)


def _groups_table(groups: list[Group]) -> Table:
    table = _to_the_right(table_of("What there is", "", *(group.file.name for group in groups)))
    columns = [list(_said(group)) for group in groups]
    for rows in zip(*columns, strict=True):
        table.add_row(rows[0][0], *(text for _, text in rows))
    return table


def _said(group: Group) -> Iterator[tuple[str, str]]:
    """(what, text) of each row of a group's column."""
    its = group.as_dict()
    yield "sequences", f"{its['n']:,}"
    yield "length: shortest", f"{its['shortest']:,}"
    yield "length: median", f"{its['median']:,.10g}"
    yield "length: longest", f"{its['longest']:,}"
    for letter, share in its["composition"].items():
        yield f"letter {letter}", _percent(share)
    yield f"masked ({MASK})", f"{its['n_masked']:,}"
    n_again = sum(len(rows) - 1 for rows in its["duplicates"])
    yield "equal to an earlier", f"{n_again:,}"


def _duplicates(group: Group) -> str:
    """Which records are equal, the first few of them; empty where none are."""
    found = sets.duplicates(group.sequences)
    shown = [" = ".join(str(row + 1) for row in rows) for rows in found[:_DUPLICATES_SHOWN]]
    more = f" and {len(found) - len(shown):,} more" if len(found) > len(shown) else ""
    return f"{group.file.name}: equal are records {', '.join(shown)}{more}" if shown else ""


def _corpus_table(comparison: Comparison) -> Table:
    leakage = sets.leakage(comparison.neighbours, comparison.alike, comparison.near)
    strata = zip(sets.STRATA, (*sets.STRATA[1:], None), sets.novelty(comparison.alike).counts, strict=True)
    table = _to_the_right(table_of("How new they are", "", "sequences", "share"))
    for what, count in (
        ("in the corpus", len(leakage.exact)),
        (f"nearly so: {comparison.near:.0%} identity or more", len(leakage.near)),
        *((_span(low, high), count) for low, high, count in strata),
    ):
        table.add_row(what, f"{count:,}", _percent(count / len(comparison.alike)))
    return table


def _span(low: float, high: float | None) -> str:
    return "identity 100%" if high is None else f"identity {low:.0%} to below {high:.0%}"


def _spread(comparison: Comparison) -> str:
    novelty = sets.novelty(comparison.alike)
    spread = (f"{word} {_percent(getattr(novelty, word))}" for word in ("lowest", "median", "highest"))
    return f"identity to the nearest of the corpus: {', '.join(spread)}"


def _to_the_right(table: Table) -> Table:
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _nearest_table(comparison: Comparison, top: int) -> Table:
    table = table_of("Nearest neighbours", "record", "nearest", "identity", "of the overlap", "edits", "which")
    for row, neighbour in list(enumerate(comparison.neighbours))[:top]:
        alignment, words = comparison.alignment(row), neighbour.edits.split()
        more = f" and {len(words) - _EDITS_SHOWN} more" if len(words) > _EDITS_SHOWN else ""
        table.add_row(
            comparison.group.named(row),
            comparison.corpus.named(neighbour.index),
            _percent(alignment.identity),
            _percent(alignment.overlap.identity),
            str(neighbour.distance),
            " ".join(words[:_EDITS_SHOWN]) + more,
        )
    return table


def _aligned_title(comparison: Comparison, row: int) -> str:
    return f"{comparison.group.named(row)} against {comparison.corpus.named(comparison.neighbours[row].index)}"


def _percent(share: float) -> str:
    return f"{share:.1%}"


# -- pictures --------------------------------------------------------------------------------------------------------


def _draw(groups: list[Group], comparison: Comparison | None, n_aligned: int, folder: Path) -> None:
    """Write what can be drawn, and say what cannot."""
    from designloop.report.marks import Figure
    from designloop.report.sequences import alignment_figure, logo_figure
    from designloop.report.writing import write_pictures

    natural = groups[1].sequences if len(groups) > 1 else []
    logo = logo_figure(groups[0].sequences, natural, groups[0].alphabet.letters)
    figures = [logo] if isinstance(logo, Figure) else []
    if isinstance(logo, str):
        print(logo, file=sys.stderr)
    if comparison is not None and n_aligned:
        rows = range(min(n_aligned, len(comparison.neighbours)))
        drawn = {_aligned_title(comparison, row): comparison.alignment(row) for row in rows}
        figures.append(alignment_figure(drawn, _ROWS))
    for path in write_pictures(figures, folder):
        print(f"picture {path}", file=sys.stderr)
