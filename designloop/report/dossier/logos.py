"""Logos of the batch beside known sequences; of long sequences, where the designs differ from the parent."""

from collections import Counter
from collections.abc import Iterator, Sequence

from designloop.core.counting import many
from designloop.inspection.alignment import aligned
from designloop.inspection.logo import Logo, logo
from designloop.live.dossier.dossier import Dossier
from designloop.report.marks import Axis, Bars, Figure, Panel
from designloop.report.page import Block
from designloop.report.palette import style
from designloop.report.sequences import FEWEST, STACKS, logo_panels, unconserved

_MOST_LETTERS = 200
"""The longest sequences of which a logo is drawn."""


def logos(dossier: Dossier) -> Iterator[Block]:
    """Logos of the batch, of as many of the best measured sequences, and of the corpus; or why there is none.

    Each block of positions is a figure, so that none is cut by the end of a printed page.
    """
    its = [design.sequence for design in dossier.new]
    length, n = Counter(map(len, its)).most_common(1)[0] if its else (0, 0)
    if n < FEWEST:
        yield f"A logo needs at least {FEWEST} designs of one length."
    elif length > _MOST_LETTERS:
        yield f"A logo of {length:,} positions would not be readable, so none is drawn."
        yield from _edited(dossier)
    else:
        drawn = _drawn(dossier, length, n)
        panels = logo_panels(drawn, length)
        starts = range(0, len(panels), len(drawn))
        for start in starts:
            is_last = start == starts[-1]
            yield Figure(
                f"logo-{1 + start // len(drawn)}" if len(starts) > 1 else "logo",
                f"Sequence logos{_of_positions(panels[start]) if len(starts) > 1 else ''}",
                _of_logos(dossier, drawn, n) if is_last else f"{many(n, 'design')} of {length} letters.",
                tuple(panels[start : start + len(drawn)]),
            )


def _drawn(dossier: Dossier, length: int, n: int) -> dict[str, Logo]:
    letters = dossier.record.history.space.alphabet.letters
    history = dossier.knowledge.history
    best = [s for row in dossier.knowledge.measured if len(s := history.sequences[row]) == length][:n]
    groups = {
        "batch": [design.sequence for design in dossier.new],
        "best measured": best,
        "corpus": history.known.corpus,
    }
    of_length = {name: [s for s in some if len(s) == length] for name, some in groups.items()}
    return {
        name: logo(some, letters) for name, some in of_length.items() if len(some) >= FEWEST and _fits(some, letters)
    }


def _of_positions(panel: Panel) -> str:
    low, high = panel.x.low, panel.x.high
    assert low is not None
    assert high is not None
    return f", positions {round(low + 0.6)} to {round(high - 0.6)}"


def _of_logos(dossier: Dossier, drawn: dict[str, Logo], n: int) -> str:
    others = len(dossier.new) - n
    words = [
        f"{STACKS} Best measured: as many sequences as the batch has, or fewer.",
        unconserved(drawn["batch"], drawn.values()),
    ]
    words += [f"{many(others, 'design', 'have')} another length."] * bool(others)
    return " ".join(filter(None, words))


def _edited(dossier: Dossier) -> Iterator[Figure]:
    """How many designs differ at each position from the parent, else from the sequence with the highest value."""
    base, name = _base(dossier)
    if base is None:
        return
    counts = Counter(at for design in dossier.new for at in _changed(design.sequence, base))
    places = sorted(counts)
    hover = [f"{base[at]}{at + 1}: {many(counts[at], 'design')}" for at in places]
    bars = Bars([at + 1 for at in places], [counts[at] for at in places], style(0), thickness=0.9, hover=hover)
    axis = Axis(f"position in {name}", low=0.0, high=len(base) + 1.0, has_grid=False)
    panel = Panel(axis, Axis("designs", low=0.0, high=1.08 * max(counts.values(), default=1)), (bars,), height=220)
    caption = (
        f"Number of designs, of {len(dossier.new)}, that differ from {name} at each position. An insertion counts at "
        f"the letter before it. {len(places):,} of {len(base):,} positions are changed."
    )
    yield Figure("edited", f"Where the designs differ from {name}", caption, (panel,))


def _base(dossier: Dossier) -> tuple[str | None, str]:
    """The sequence with which designs are compared, and what it is."""
    history, measured = dossier.knowledge.history, dossier.knowledge.measured
    if history.space.parent is not None:
        return history.space.parent, "the parent of the space"
    return (history.sequences[measured[0]] if measured else None), "the best measured sequence"


def _changed(sequence: str, base: str) -> set[int]:
    """The positions of the base, from 0, that differ in the sequence; an insertion changes the letter before it."""
    steps = aligned(sequence, base).steps()
    return {at for start, old, _ in steps for at in range(start, start + len(old)) or (max(start - 1, 0),)}


def _fits(sequences: Sequence[str], letters: str) -> bool:
    return set().union(*sequences) <= set(letters)
