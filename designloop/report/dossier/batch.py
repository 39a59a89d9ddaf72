"""The batch as a whole: its logo, and how much its designs differ from each other and from what was measured."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.live.dossier.dossier import Dossier
from designloop.report.dossier.logos import logos
from designloop.report.marks import Axis, Bars, Figure, Panel
from designloop.report.page import Block
from designloop.report.palette import Style, style

_MOST_BARS = 30
Ints = NDArray[np.int64]


def batch_blocks(dossier: Dossier) -> Iterator[Block]:
    """The logos and the distances."""
    yield from logos(dossier)
    yield _distances(dossier)


def _distances(dossier: Dossier) -> Figure | str:
    """How many edits lie between designs, and between each design and the nearest measured sequence."""
    n = len(dossier.compared)
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
    some = f" among {n:,} of the {len(dossier.new):,} designs" if n < len(dossier.new) else ""
    measured = f", and {_mean(known)} from the nearest measured sequence" if len(known) else ""
    return Figure(
        "distances",
        "How much the designs differ",
        f"Insertions, deletions and substitutions between sequences. {many(len(pairs), 'pair')} of designs{some}: "
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
