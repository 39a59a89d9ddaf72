"""Global alignments of two sequences with the fewest insertions, deletions and substitutions.

Among several such alignments, gaps are gathered, and moved to the ends if possible, so that fragments are easy to read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from designloop.core.errors import InputError
from designloop.core.readers.sequences import MASK

GAP = "-"
EQUAL, DIFFERENT, MASKED, SIMILAR = "|", " ", "?", ":"
"""The symbols of the line of matches; a gap is a difference. Only a substitution matrix knows similar letters."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two sequences with gaps, of equal length, and the match symbol of each column."""

    sequence: str
    other: str
    matches: str
    """`|` for equal letters, `?` for a masked letter opposite a letter, `:` for similar ones, otherwise a blank."""

    @property
    def identity(self) -> float:
        """Share of columns with equal letters, 0 to 1, without masked columns; 1 if there are no columns."""
        n_known = len(self.matches) - self.matches.count(MASKED)
        return self.matches.count(EQUAL) / n_known if n_known else 1.0

    @property
    def overlap(self) -> "Alignment":
        """The columns from the first to the last in which both have a letter: a fragment and its counterpart."""
        both = [GAP not in pair for pair in zip(self.sequence, self.other, strict=True)]
        if not any(both):
            return Alignment("", "", "")
        first, end = both.index(True), len(both) - both[::-1].index(True)
        return Alignment(self.sequence[first:end], self.other[first:end], self.matches[first:end])

    def opposite(self, position: int) -> int | None:
        """The position in the other sequence aligned with `position` in the first, both from 0; None for a gap.

        Raises InputError for a position outside the first sequence.
        """
        columns = [column for column, letter in enumerate(self.sequence) if letter != GAP]
        if not 0 <= position < len(columns):
            raise InputError(f"expected a position from 0 to {len(columns) - 1}, got {position}")
        column = columns[position]
        return None if self.other[column] == GAP else len(_letters(self.other[:column]))

    def steps(self) -> Iterator[tuple[int, str, str]]:
        """The edits from the other sequence to the first: (position in the other, from 0, old letters, new letters).

        Old and new letters are equally many, or one of them is empty. A masked letter replaces the opposite one.
        """
        start = 0
        pairs = zip(self.other, self.sequence, strict=True)
        for kind, columns in groupby(pairs, lambda pair: (pair[0] == pair[1], pair[0] == GAP, pair[1] == GAP)):
            before, after = (_letters("".join(row)) for row in zip(*columns, strict=True))
            if not kind[0]:
                yield start, before, after
            start += len(before)

    def blocks(self, width: int = 60, names: tuple[str, str] = ("sequence", "other")) -> str:
        """The alignment as text in blocks of `width` columns, with the positions of their ends, counted from 1.

        A row of gaps only has the position of the letter before it.
        """
        broad = max(map(len, names))
        digits = len(str(max(len(_letters(self.sequence)), len(_letters(self.other)))))
        blocks = []
        for start in range(0, len(self.matches), width):
            above = _row(names[0].ljust(broad), self.sequence, start, width, digits)
            between = " " * (broad + digits + 3) + self.matches[start : start + width]
            below = _row(names[1].ljust(broad), self.other, start, width, digits)
            blocks.append("\n".join([above, between.rstrip(), below]))
        return "\n\n".join(blocks)


def aligned(sequence: str, other: str, *, mask: str = MASK) -> Alignment:
    """The alignment of `sequence` with `other`. A letter of `mask` in `sequence` matches any letter.

    The number of edits is minimal with one masked letter, and almost always with several.
    """
    filled, given = _filled(sequence, other, mask), iter(sequence)
    # The longer first, whichever is asked for: of several alignments, it is the same one from either side.
    if in_order(filled, other)[0] == filled:
        above, below = _paired(filled, other)
    else:
        below, above = _paired(other, filled)
    rows = "".join(GAP if letter == GAP else next(given) for letter in above), "".join(below)
    return Alignment(*rows, "".join(_matches(*rows, mask)))


def in_order(sequence: str, other: str) -> tuple[str, str]:
    """The longer of two sequences, then the shorter; of one length, by their letters."""
    longer, shorter = sorted((sequence, other), key=lambda each: (-len(each), each))
    return longer, shorter


def _paired(longer: str, shorter: str) -> tuple[list[str], list[str]]:
    """The rows of their alignment, letters and gaps."""
    from rapidfuzz.distance import Levenshtein

    above, below = list[str](), list[str]()
    for block in Levenshtein.opcodes(longer, shorter):
        first, second = longer[block.src_start : block.src_end], shorter[block.dest_start : block.dest_end]
        n_columns = max(len(first), len(second))
        above += first.ljust(n_columns, GAP)
        below += second.ljust(n_columns, GAP)
    _gather(below, above)
    _gather(above, below)
    return above, below


def _matches(above: str, below: str, mask: str) -> Iterator[str]:
    for letter, other in zip(above, below, strict=True):
        if GAP in (letter, other):
            yield DIFFERENT
        elif letter in mask or other in mask:
            yield MASKED
        else:
            yield EQUAL if letter == other else DIFFERENT


def _filled(sequence: str, other: str, mask: str) -> str:
    """`sequence` with a letter of `other` in place of each masked one, from the left, where that saves an edit."""
    for place, letter in enumerate(sequence):
        if letter in mask:
            sequence = _with_letter(sequence, place, other)
    return sequence


def _with_letter(sequence: str, place: int, other: str) -> str:
    from rapidfuzz.distance import Levenshtein

    edits = Levenshtein.editops(other, sequence)
    opposite = [other[e.src_pos] for e in edits if e.tag == "replace" and e.dest_pos == place]
    # One letter saves one edit at most, and the letter opposite saves it. Opposite a gap, look elsewhere.
    for letter in opposite or dict.fromkeys(other):
        filled = sequence[:place] + letter + sequence[place + 1 :]
        if Levenshtein.distance(other, filled) < len(edits):
            return filled
    return sequence


def _gather(row: list[str], partner: list[str]) -> None:
    """Move gaps of `row` to where they join another, or an end, past letters that are as equal on their other side.

    Columns and equal letters stay as many, so the edits do too.
    """
    while any(_move(row, partner, *gap) for gap in _inner_gaps(row)):
        pass


def _inner_gaps(row: list[str]) -> list[tuple[int, int]]:
    """(first column, column behind the last) of each run of gaps that is not at an end."""
    gaps, start = [], 0
    for is_gap, run in groupby(row, GAP.__eq__):
        stop = start + len(list(run))
        if is_gap and start > 0 and stop < len(row):
            gaps.append((start, stop))
        start = stop
    return gaps


def _move(row: list[str], partner: list[str], start: int, stop: int) -> bool:
    """Move one gap to the left, else to the right, as far as the next gap or the end; False where it cannot be."""
    size = stop - start
    for near, step in ((start - 1, -1), (stop, 1)):
        column = near
        while 0 <= column < len(row) and row[column] == partner[column] == partner[column - step * size]:
            column += step
        if not 0 <= column < len(row) or row[column] == GAP:
            for moved in range(near, column, step):
                row[moved - step * size] = row[moved]
                row[moved] = GAP
            return True
    return False


def _row(name: str, row: str, start: int, width: int, digits: int) -> str:
    n_before, shown = len(_letters(row[:start])), row[start : start + width]
    last = n_before + len(_letters(shown))
    return f"{name}  {min(n_before + 1, last):>{digits}} {shown} {last}"


def _letters(row: str) -> str:
    return row.replace(GAP, "")
