"""The best measured designs: their letters against the corpus, and each with its nearest natural neighbour."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil

import numpy as np

from designloop.core.alphabet import DNA, PROTEIN, RNA
from designloop.core.clock import as_weeks
from designloop.inspection.logo import Logo, logo
from designloop.inspection.neighbours import Neighbour, nearest
from designloop.report.marks import Axis, Figure, Letters, Panel
from designloop.report.page import Column, Table
from designloop.report.palette import letter_colour
from designloop.report.record import Made, Record
from designloop.report.words import percent, value, with_error

N_ROWS = 25
_POSITIONS_A_ROW = 40
_FEWEST = 3
_NOTHING_BITS = 0.1
_TOO_LOW = 0.004
"""Letters lower than this share of the axis are not drawn: nobody sees them."""


def best_of(record: Record) -> list[Made]:
    """The designs whose letters are looked at: the best tenth of the measured, at least 10 and at most 50."""
    return record.measured[: min(max(len(record.measured) // 10, 10), 50)]


def letters_of(sequences: Sequence[str]) -> str:
    """The alphabet that sequences seem to be of: DNA, RNA or protein letters, else those that occur."""
    found = set().union(*sequences)
    for alphabet in (DNA, RNA, PROTEIN):
        if found <= set(alphabet.letters):
            return alphabet.letters
    return "".join(sorted(found))


def logos(record: Record) -> Figure | str:
    """The logo of the best measured designs under that of the corpus; or why there is none."""
    best = [design.sequence for design in best_of(record)]
    if len(best) < _FEWEST:
        return f"A logo needs {_FEWEST} measured designs, and there are {len(best)}."
    length, n_best = Counter(map(len, best)).most_common(1)[0]
    natural = [sequence for sequence in record.corpus if len(sequence) == length]
    if n_best < max(_FEWEST, len(best) / 2):
        return "The best measured designs differ in length, so that no logo can be drawn of them."
    letters = letters_of([*best, *natural])
    drawn = {"best measured designs": logo([s for s in best if len(s) == length], letters)}
    if len(natural) >= _FEWEST:
        drawn = {"corpus": logo(natural, letters), **drawn}
    return Figure(
        "logo", "Letters of the best against the corpus", _caption(record, drawn, length), tuple(_panels(drawn, length))
    )


def _caption(record: Record, drawn: dict[str, Logo], length: int) -> str:
    best = drawn["best measured designs"]
    words = [
        "The height of a position says how much its letter is preferred, in bits, less what as few sequences show by "
        "chance; a letter's share of it is how often it stands there. "
        f"Best: {best.n} of {len(record.measured)} measured designs, by measured mean."
    ]
    if "corpus" in drawn:
        others = len(record.corpus) - drawn["corpus"].n
        words.append(
            f"Corpus: {drawn['corpus'].n:,} natural sequences, whose letters the strategy knew without values."
        )
        if drawn["corpus"].information.max() < _NOTHING_BITS:
            words.append(f"No position of it prefers a letter by more than {_NOTHING_BITS} bits.")
        if others:
            words.append(f"{others:,} of another length than {length} are left out.")
    elif record.corpus:
        words.append(f"The corpus holds too few sequences of length {length} to stand beside it.")
    else:
        words.append("The campaign had no corpus to stand beside it.")
    return " ".join(words)


def _panels(drawn: dict[str, Logo], length: int) -> list[Panel]:
    """A panel for each logo, and again for every 40 positions."""
    high = _high(drawn.values())
    rows = ceil(length / _POSITIONS_A_ROW)
    size = ceil(length / rows)
    return [
        _panel(name, found, range(start, min(start + size, length)), size, high)
        for start in range(0, length, size)
        for name, found in drawn.items()
    ]


def _high(found: Iterable[Logo]) -> float:
    """The top of the axis: all that can be said of a base, else a little above the highest."""
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


# -- the table -------------------------------------------------------------------------------------------------------


def top_designs(record: Record) -> Table:
    """The highest measured designs: measured ± error, true, predicted, and how far from nature each is."""
    best = record.measured[:N_ROWS]
    neighbours = nearest([design.sequence for design in best], record.corpus)
    return Table(
        "designs",
        f"The {len(best)} highest measured designs",
        (
            *(Column(title, "number") for title in ("rank", "design")),
            Column("named"),
            Column("measured ± error", "number", "mean of its wells, and the standard error the lab states"),
            Column("true", "number", "what only a simulation knows"),
            Column("predicted", "number", "mean ± std when it was chosen"),
            Column("sequence", "sequence"),
            Column("identity", "number", "share of equal letters with the nearest natural sequence"),
            Column("edits", "sequence", "A12G (12:A>G where digits are letters): position 12 of the natural, A to G"),
            Column("nearest natural", "sequence"),
            *(Column(title, "number") for title in ("round", "week", "wells")),
        ),
        tuple(_row(record, rank, *pair) for rank, pair in enumerate(zip(best, neighbours, strict=True), start=1)),
        _note(record),
        has_search=True,
    )


def _note(record: Record) -> str:
    words = "Ranked by measured mean; the highest of many noisy values lies above its true one as a rule."
    if not record.corpus:
        return f"{words} The campaign had no corpus, so no natural neighbour is named."
    return f"{words} The nearest natural sequence is that of the corpus with the fewest edits; positions count from 1."


def _row(record: Record, rank: int, design: Made, neighbour: Neighbour | None) -> tuple[str, ...]:
    named = {"recommended": record.summary.recommended, "true best": record.summary.best}
    marks = ", ".join(word for word, its in named.items() if its is not None and its.design == design.id)
    return (
        str(rank),
        str(design.id),
        marks,
        with_error(design.measured, design.std_error),
        value(design.true),
        "–" if design.mean is None else with_error(design.mean, design.std or 0.0),
        design.sequence,
        percent(neighbour.identity) if neighbour else "–",
        (neighbour.edits or "none") if neighbour else "–",
        neighbour.sequence if neighbour else "–",
        str(design.round),
        f"{as_weeks(design.readings[0].minute):.1f}",
        str(len(design.readings)),
    )
