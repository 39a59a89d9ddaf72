"""The orientation of a plate: controls and empty wells show whether it was read turned, mirrored, or for another one.

Controls and empty wells read otherwise than designs. Where the plate map, turned or mirrored, explains the ranks of the
readings far better than as it is, the plate was perhaps put into the reader the wrong way round.
"""

from collections.abc import Callable, Iterator, Mapping
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.plates import Place, place_of, plate_shape, well_name

Array = NDArray[np.float64]
Wells = Mapping[str, Any]
"""Well -> [design, replicate], or the name of a control."""
_EMPTY = ""
_DESIGN = "a design"
_NO_OTHERS: Mapping[str, Wells] = {}
_SURE = log(1e5)
"""The least log of the ratio of likelihoods, of normal ranks under the two maps, that is said."""
_TURNS: Mapping[str, Callable[[Place, Place], Place]] = {
    "turned by 180°": lambda place, last: (last[0] - place[0], last[1] - place[1]),
    "mirrored from left to right": lambda place, last: (place[0], last[1] - place[1]),
    "mirrored from top to bottom": lambda place, last: (last[0] - place[0], place[1]),
}


def doubts(
    plate: str, wells: Wells, readings: Mapping[str, float], size: int, others: Mapping[str, Wells] = _NO_OTHERS
) -> Iterator[str]:
    """A sentence where readings (well -> value) fit the map of a plate of `size` wells far worse than another one.

    The others are the same map turned or mirrored, and the maps of `others`, which the plate may be in truth.
    """
    n_rows, n_columns = plate_shape(size)
    last = n_rows - 1, n_columns - 1
    left = {f"if it is {how}": _unexplained(wells, _turned(readings, turn, last)) for how, turn in _TURNS.items()}
    left |= {f"as plate {name}": _unexplained(its, readings) for name, its in others.items()}
    how = min(left, key=left.__getitem__)
    if len(readings) / 2 * log(_unexplained(wells, readings) / left[how]) > _SURE + log(len(left)):
        yield (
            f"plate {plate} fits the plate map much better {how}: controls and empty wells then read otherwise than "
            "designs; check how the plate was read"
        )


def _turned(readings: Mapping[str, float], turn: Callable[[Place, Place], Place], last: Place) -> dict[str, float]:
    return {well_name(turn(place, last)): value for well, value in readings.items() if (place := place_of(well))}


def _kind(held: Any) -> str:
    """What a well holds: a design, a control by its name, or nothing."""
    return _EMPTY if held is None else held if isinstance(held, str) else _DESIGN


def _unexplained(wells: Wells, readings: Mapping[str, float]) -> float:
    """The share of the variance of the ranks of readings that is within designs, within each control and empty wells.

    It is 1 less the statistic of Kruskal and Wallis (1952) over its largest value, and above 0.
    """
    kinds = np.array([_kind(wells.get(well)) for well in readings])
    ranks = _ranks(np.array(list(readings.values()), float))
    total = float(((ranks - ranks.mean()) ** 2).sum())
    within = sum(float(((its - its.mean()) ** 2).sum()) for kind in set(kinds) if len(its := ranks[kinds == kind]))
    return max(within / total, 1 / len(ranks)) if total > 0 else 1.0


def _ranks(values: Array) -> Array:
    """The ranks of values; equal ones share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse])
