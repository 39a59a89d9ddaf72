"""A global alignment writes two sequences one above the other, so that letters of a common origin share a column.

It is one with the fewest insertions, deletions and substitutions, as everything in this room counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from designloop.core.errors import InputError
from designloop.core.files import MASK

GAP = "-"
EQUAL, DIFFERENT, MASKED = "|", " ", "?"
"""What the line of matches says of a column; a gap is a difference."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two sequences with gaps, so that they have equally many columns, and what each column holds."""

    sequence: str
    other: str
    matches: str
    """`|` where both have one letter, `?` where a masked letter stands opposite a letter, else a blank."""

    @property
    def identity(self) -> float:
        """Share of equal letters among the columns, 0 to 1, those left out whose letter is masked; 1 where none is."""
        n_known = len(self.matches) - self.matches.count(MASKED)
        return self.matches.count(EQUAL) / n_known if n_known else 1.0

    def opposite(self, position: int) -> int | None:
        """The position in the other sequence opposite one of the first, both from 0; None opposite a gap.

        Raises InputError for a position that the first sequence does not have.
        """
        columns = [column for column, letter in enumerate(self.sequence) if letter != GAP]
        if not 0 <= position < len(columns):
            raise InputError(f"position {position} is not one of 0 to {len(columns) - 1}, those of the sequence")
        column = columns[position]
        return None if self.other[column] == GAP else len(_letters(self.other[:column]))

    def blocks(self, width: int = 60, names: tuple[str, str] = ("sequence", "other")) -> str:
        """The alignment as text, `width` columns a block, between the positions of its ends, counted from 1.

        A row of a block that is all gaps bears the position of the letter before it.
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
    """The alignment of `sequence` with `other`. A letter of `mask` in `sequence` may be any letter.

    Of several alignments with as few edits it is one, always the same.
    """
    from rapidfuzz.distance import Levenshtein

    above, below = list[str](), list[str]()
    for block in Levenshtein.opcodes(other, _filled(sequence, other, mask)):
        its, others = sequence[block.dest_start : block.dest_end], other[block.src_start : block.src_end]
        columns = max(len(its), len(others))
        above.append(its.ljust(columns, GAP))
        below.append(others.ljust(columns, GAP))
    rows = "".join(above), "".join(below)
    return Alignment(*rows, "".join(_matches(*rows, mask)))


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
    # One letter saves one edit at most, and the letter opposite saves it; opposite a gap, another alignment may be as good.
    for letter in opposite or dict.fromkeys(other):
        filled = sequence[:place] + letter + sequence[place + 1 :]
        if Levenshtein.distance(other, filled) < len(edits):
            return filled
    return sequence


def _row(name: str, row: str, start: int, width: int, digits: int) -> str:
    n_before, shown = len(_letters(row[:start])), row[start : start + width]
    last = n_before + len(_letters(shown))
    return f"{name}  {min(n_before + 1, last):>{digits}} {shown} {last}"


def _letters(row: str) -> str:
    return row.replace(GAP, "")
