"""The tables of a replay, as words: the terminal prints them, and the page draws them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from designloop.hindsight.chance import Floats, Spread
from designloop.hindsight.findings import BUILT, Findings
from designloop.hindsight.likeness import likeness
from designloop.hindsight.replayed import Replayed
from designloop.hindsight.worth import Interval
from designloop.report.words import value

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Words in rows and columns; the first column has names."""

    titles: Row
    rows: tuple[Row, ...]

    def lines(self) -> Iterator[str]:
        """The grid as lines of text, numbers to the right."""
        every = (self.titles, *self.rows)
        widths = [max(len(row[column]) for row in every) for column in range(len(self.titles))]
        for row in every:
            cells = [word.rjust(width) for word, width in zip(row[1:], widths[1:], strict=True)]
            yield "  ".join([row[0].ljust(widths[0]), *cells]).rstrip()


def interval(its: Interval | Spread) -> str:
    """`0.410 (0.380 to 0.440)`; a number alone where there is no range."""
    middle = its.value if isinstance(its, Interval) else its.expected
    if its.low == its.high == middle:
        return value(middle)
    return f"{value(middle)} ({value(its.low)} to {value(its.high)})"


def signed(its: Interval) -> str:
    """`+0.17 (+0.08 to +0.26)`."""
    return f"{_plus(its.value)} ({_plus(its.low)} to {_plus(its.high)})"


def _plus(number: float) -> str:
    return value(number) if number < 0 else f"+{value(number)}"


def worth(found: Findings) -> Grid:
    """The value of all compared choices, a row for each chooser."""
    n = sum(one.n for one in found.compared)
    titles = ("", "mean value", f"hits of {n}", "best")
    own = [
        (name, interval(found.mean(name)), _over_seeds(found.hits(name)), _over_seeds(found.bests(name)[:, -1]))
        for name in found.strategies
    ]
    others = [(name, *(interval(found.of(name, what)) for what in ("mean", "hits", "best"))) for name in found.others]
    return Grid(titles, (*own, *others))


def _over_seeds(numbers: Floats) -> str:
    """The mean and the range over seeds."""
    low, high = float(numbers.min()), float(numbers.max())
    return interval(Spread(float(numbers.mean()), low, high))


def gains(found: Findings) -> Grid:
    """The differences to a random choice, to the batches built and to other strategies, with intervals."""
    titles = ("difference (95% interval)", "mean value", "share of hits")
    pairs = found.pairs
    rows = [
        (f"{name} − {over}", signed(found.mean_gain(name, over)), signed(found.hit_gain(name, over)))
        for name, over in pairs
    ]
    return Grid(titles, tuple(rows))


def by_decision(found: Findings) -> Grid:
    """The mean value of the choices at each decision."""
    titles = ("decision", "week", "chosen", "of", *found.strategies, *found.others)
    return Grid(titles, tuple(_decision(found, one) for one in found.decisions if one.candidates))


def _decision(found: Findings, one: Replayed) -> Row:
    means = [_mean([one.values[its].mean() for its in one.picks(name) if len(its)]) for name in found.strategies]
    built = one.as_built.mean if len(one.actual) else float("nan")
    others = (one.chance.mean, built)[: len(found.others)]
    numbers = [value(number) for number in (*means, *others)]
    mark = "" if one in found.compared else " *"
    return (f"{one.number}{mark}", f"{one.week:.1f}", str(one.n), str(len(one.candidates)), *numbers)


def free(found: Findings) -> Grid:
    """What each strategy would have chosen from the whole space."""
    titles = (
        "decision",
        "week",
        "strategy",
        "chosen",
        "in the batch",
        "measured",
        "their mean value",
        "predicted",
        "edits to batch",
        "to measured",
    )
    rows = [row for one in found.decisions for row in (*(_free(one, name) for name in found.strategies), _built(one))]
    return Grid(titles, tuple(rows))


def _built(one: Replayed) -> Row:
    """The batch that was built, for comparison."""
    n, mean = str(len(one.built)), _mean(one.values[one.actual].tolist())
    return (str(one.number), f"{one.week:.1f}", BUILT, n, n, str(len(one.actual)), value(mean), "", "", "")


def _free(one: Replayed, name: str) -> Row:
    its = likeness(one, name)
    counts = [f"{number:.4g}" for number in (its.n, its.n_same, its.n_measured)]
    values = [value(number) for number in (its.measured, its.predicted)]
    edits = [f"{number:.3g}" if np.isfinite(number) else "–" for number in (its.edits_to_built, its.edits_to_measured)]
    return (str(one.number), f"{one.week:.1f}", name, *counts, *values, *edits)


def _mean(numbers: Sequence[float]) -> float:
    return float(np.mean(numbers)) if len(numbers) else float("nan")
