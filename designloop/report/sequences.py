"""Figures of sequences: logos below each other, and alignments."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

import numpy as np

from designloop.core.alphabet import DNA
from designloop.core.counting import many
from designloop.inspection.alignment import DIFFERENT, GAP, MASKED, SIMILAR, Alignment
from designloop.inspection.logo import Logo, logo
from designloop.report.marks import Axis, Bars, Figure, Letters, Panel, Text
from designloop.report.palette import COLOURS, INK, Style, letter_colour
from designloop.report.words import percent

FEWEST = 3
"""The fewest sequences that a logo is drawn of."""
STACKS = (
    "The height of a stack is the information content of the position in bits, with small-sample correction. A "
    "letter's share of the stack is its frequency."
)
"""How a logo is read."""
_POSITIONS_A_ROW = 40
_TOO_LOW = 0.004
"""Letters lower than this share of the axis are invisible and are not drawn."""
_FAINT = 0.1
"""A logo whose highest stack is lower than this share of the axis looks empty."""
_COLUMNS_A_BLOCK = 60
_ROWS_A_BLOCK = 3  # two sequences, and a little air
_PIXELS_A_ROW = 17
_COLUMN_TICKS = tuple((float(column - 1), str(column)) for column in (1, *range(10, _COLUMNS_A_BLOCK + 1, 10)))


def logo_figure(sequences: Sequence[str], corpus: Sequence[str], letters: str) -> Figure | str:
    """The logo of sequences of one length, below that of the corpus at this length, or why there is none."""
    length = len(sequences[0])
    if any(len(sequence) != length for sequence in sequences):
        return "No logo: the sequences differ in length."
    if len(sequences) < FEWEST:
        return f"No logo: at least {FEWEST} sequences are needed, got {len(sequences)}."
    unknown = sorted(set().union(*sequences) - set(letters))
    if unknown:
        return f"No logo: all letters must be known, and {unknown[0]!r} stands for an unknown one."
    natural = [sequence for sequence in corpus if len(sequence) == length]
    drawn = {"sequences": logo(sequences, letters)}
    if len(natural) >= FEWEST:
        drawn = {"corpus": logo(natural, letters), **drawn}
    caption = f"{STACKS} Corpus: {len(natural):,} of {many(len(corpus), 'sequence')}, those of length {length}."
    if "corpus" in drawn and (empty := unconserved(drawn["corpus"], drawn.values())):
        caption = f"{caption} {empty}"
    return Figure("logo", "Sequence logos", caption, tuple(logo_panels(drawn, length)))


def column_logo_figure(columns: Sequence[str], letters: str) -> Figure:
    """The logo of an alignment's columns; gaps and ambiguity codes are not counted."""
    unknown = "".join(sorted(set().union(*columns) - set(letters)))
    drawn = {"columns": logo(columns, letters, unknown=unknown)}
    lower = "a position is lower by the share of rows that have a gap or an unknown letter there"
    caption = f"{STACKS} {many(len(columns), 'row')} of an alignment; {lower}."
    return Figure("logo", "Sequence logo", caption, tuple(logo_panels(drawn, len(columns[0]))))


def alignment_figure(alignments: Mapping[str, Alignment], names: tuple[str, str] = ("sequence", "other")) -> Figure:
    """A panel for each alignment under its title, with differences in colour; `names`: those of the two rows."""
    panels = tuple(_alignment_panel(f"{title}: {_told(a)}", a, names) for title, a in alignments.items())
    caption = f"{many(len(panels), 'alignment')}, {names[0]} above {names[1]}. Differences are coloured and hatched."
    return Figure("alignment", "Sequences aligned with their nearest neighbours", caption, panels)


def _told(alignment: Alignment) -> str:
    return f"identity {percent(alignment.identity)}, {many(len(alignment.matches), 'column')}"


_LOOKS = (
    ("substitution", Style(COLOURS[1], opacity=0.45)),
    ("gap", Style(COLOURS[5], hatch="/", opacity=0.45)),
    ("masked", Style(COLOURS[4], hatch="x", opacity=0.6)),
)


def _alignment_panel(title: str, alignment: Alignment, names: tuple[str, str]) -> Panel:
    n_blocks = max(ceil(len(alignment.matches) / _COLUMNS_A_BLOCK), 1)
    columns = np.arange(len(alignment.matches))
    across, down = columns % _COLUMNS_A_BLOCK, columns // _COLUMNS_A_BLOCK * _ROWS_A_BLOCK
    kinds = np.array([_kind(*column) for column in zip(*_rows(alignment), alignment.matches, strict=True)], dtype="U12")
    marks: list[Bars | Text] = [
        Bars(across[kinds == kind], np.full((kinds == kind).sum(), 2.0), look, kind, down[kinds == kind] - 0.5, 1.0)
        for kind, look in _LOOKS
        if (kinds == kind).any()
    ]
    marks += [Text(across, down + place, row, INK) for place, row in enumerate(_rows(alignment))]
    ticks = tuple(
        (float(block * _ROWS_A_BLOCK + place), f"{name} {_first(row, block * _COLUMNS_A_BLOCK)}")
        for block in range(n_blocks)
        for place, (name, row) in enumerate(zip(names, _rows(alignment), strict=True))
    )
    high = n_blocks * _ROWS_A_BLOCK
    return Panel(
        Axis("column within the block", _COLUMN_TICKS, low=-1.0, high=float(_COLUMNS_A_BLOCK), has_grid=False),
        Axis(ticks=ticks, low=-1.0, high=high - 1.0, is_reversed=True, has_grid=False),
        tuple(marks),
        title,
        high * _PIXELS_A_ROW,
    )


def _rows(alignment: Alignment) -> tuple[str, str]:
    return alignment.sequence, alignment.other


def _kind(letter: str, other: str, match: str) -> str:
    if match == MASKED:
        return "masked"
    if match in (DIFFERENT, SIMILAR):
        return "gap" if GAP in (letter, other) else "substitution"
    return "equal"


def _first(row: str, column: int) -> int:
    """The position, from 1, of the first letter at or after a column; if none follows, of the last one before it."""
    n_before = column - row[:column].count(GAP)
    return min(n_before + 1, len(row) - row.count(GAP))


def logo_panels(drawn: Mapping[str, Logo], length: int) -> list[Panel]:
    """A panel for each logo by its name, and for every 40 positions; all sequences have this length."""
    high = _high(drawn.values())
    rows = ceil(length / _POSITIONS_A_ROW)
    size = ceil(length / rows)
    return [
        _panel(name, found, range(start, min(start + size, length)), size, high)
        for start in range(0, length, size)
        for name, found in drawn.items()
    ]


def unconserved(found: Logo, beside: Iterable[Logo]) -> str:
    """A sentence on a logo that looks empty on the axis that it shares with others; else empty."""
    high, highest = _high(beside), float(found.information.max(initial=0.0))
    if highest >= _FAINT * high:
        return ""
    drawn = "too low to be drawn" if float(found.heights.max(initial=0.0)) < _TOO_LOW * high else "hardly visible"
    return f"Its letters are {drawn}, because no position is conserved: the highest stack has {highest:.2f} bits."


def _high(found: Iterable[Logo]) -> float:
    """The top of the axis: the maximum for nucleotides, else a little above the highest stack."""
    logos = list(found)
    if len(logos[0].letters) <= len(DNA):
        return float(np.log2(len(logos[0].letters)))
    return max(0.5, 1.08 * max(float(each.information.max(initial=0.0)) for each in logos))


def _panel(name: str, found: Logo, positions: range, size: int, high: float) -> Panel:
    words, left, bottom, height, hover = list[str](), list[float](), list[float](), list[float](), list[str]()
    for position in positions:
        base = 0.0
        for code in np.argsort(found.heights[position], kind="stable"):
            tall = float(found.heights[position, code])
            if tall >= _TOO_LOW * high:
                words.append(found.letters[code])
                left.append(position + 0.54)
                bottom.append(base)
                height.append(tall)
                hover.append(_said(found, position))
            base += tall
    marks = (Letters(words, left, bottom, [0.92] * len(words), height, [letter_colour(w) for w in words], hover),)
    step = 1 if size <= 20 else 5
    ticks = tuple(
        (float(p + 1), str(p + 1)) for p in positions if step == 1 or (p + 1) % step == 0 or p == positions[0]
    )
    return Panel(
        Axis("position", ticks, positions[0] + 0.4, positions[0] + size + 0.6, has_grid=False),
        Axis("bits", low=0.0, high=high),
        marks,
        f"{name[0].upper()}{name[1:]} (n = {found.n:,})",
        150,
    )


def _said(found: Logo, position: int) -> str:
    shares = found.frequencies[position]
    common = [code for code in np.argsort(-shares, kind="stable")[:4] if shares[code] > 0]
    letters = ", ".join(f"{found.letters[code]} {percent(float(shares[code]))}" for code in common)
    return f"position {position + 1}: {found.information[position]:.2f} bits<br>{letters}"
