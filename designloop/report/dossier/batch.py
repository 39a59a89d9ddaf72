"""The batch as a whole: its logo, and how much its designs differ from each other and from what was measured."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.inspection.logo import Logo, logo
from designloop.live.dossier.dossier import Dossier
from designloop.report.marks import Axis, Bars, Figure, Panel
from designloop.report.page import Block
from designloop.report.palette import Style, style
from designloop.report.sequences import FEWEST, STACKS, logo_panels, unconserved

_MOST_LETTERS = 200
"""The longest sequences of which a logo is drawn."""
_MOST_BARS = 30
Ints = NDArray[np.int64]


def batch_blocks(dossier: Dossier) -> Iterator[Block]:
    """The logos and the distances."""
    yield from _logos(dossier)
    yield _distances(dossier)


def _logos(dossier: Dossier) -> Iterator[Block]:
    """Logos of the batch, of as many of the best measured sequences, and of the corpus; or why there is none.

    Each block of positions is a figure, so that none is cut by the end of a printed page.
    """
    its = [design.sequence for design in dossier.new]
    length, n = Counter(map(len, its)).most_common(1)[0] if its else (0, 0)
    if n < FEWEST:
        yield f"A logo needs at least {FEWEST} designs of one length."
    elif length > _MOST_LETTERS:
        yield f"A logo of {length:,} positions would not be readable, so none is drawn."
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


def _fits(sequences: Sequence[str], letters: str) -> bool:
    return set().union(*sequences) <= set(letters)


def _distances(dossier: Dossier) -> Figure | str:
    """How many edits lie between designs, and between each design and the nearest measured sequence."""
    n = len(dossier.new)
    if n < 2:  # a pair
        return "One design has no distance to another."
    pairs = dossier.distances[np.triu_indices(n, 1)]
    near = np.where(np.eye(n, dtype=bool), np.iinfo(np.int64).max, dossier.distances).min(axis=1)
    known = np.array(
        [design.measured.distance for design in dossier.new if design.measured is not None], dtype=np.int64
    )
    panels = [
        _panel("Each pair of designs", pairs, "pairs", style(0)),
        _panel("Nearest design of the batch", near, "designs", style(2)),
        *([_panel("Nearest measured sequence", known, "designs", style(4))] if len(known) else []),
    ]
    measured = f", and {_mean(known)} from the nearest measured sequence" if len(known) else ""
    return Figure(
        "distances",
        "How much the designs differ",
        f"Insertions, deletions and substitutions between sequences. {many(len(pairs), 'pair')} of designs: "
        f"median {np.median(pairs):g}, lowest {pairs.min()}, highest {pairs.max()}. A design is {_mean(near)} from the "
        f"nearest other one{measured}, on average.",
        tuple(panels),
        columns=len(panels),
    )


def _mean(numbers: Ints) -> str:
    return f"{numbers.mean():.1f} edits"


def _panel(title: str, numbers: Ints, what: str, look: Style) -> Panel:
    low, high = int(numbers.min()), int(numbers.max())
    step = -(-(high - low + 1) // _MOST_BARS)
    starts = np.arange(low, high + 1, step)
    counts = [int(((numbers >= start) & (numbers < start + step)).sum()) for start in starts]
    words = [str(start) if step == 1 else f"{start} to {start + step - 1}" for start in starts]
    hover = [f"{word} edits: {count} {what}" for word, count in zip(words, counts, strict=True)]
    middle = starts + (step - 1) / 2
    ticks = tuple((float(at), str(round(at))) for at in middle[:: -(-len(middle) // 8)])
    bars = Bars(middle, counts, look, thickness=0.85 * step, hover=hover)
    x = Axis("edits", ticks, float(middle[0]) - 0.7 * step, float(middle[-1]) + 0.7 * step, has_grid=False)
    return Panel(x, Axis(what, low=0.0, high=1.08 * max(counts)), (bars,), title, 220)
