"""Units: the independent observations of a study, and its cells arranged for comparison.

A setting is a combination of labels of all axes except the compared one, whose labels are the contestants. The unit is
the instance, with the mean over its seeds as its value, since seeds of one instance are not independent landscapes. If
a landscape has a single instance (a measured table), seeds are the units, and results hold for that landscape only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from designloop.core.errors import StoreError
from designloop.study.results import CellResult, Floats, StudyResults
from designloop.study.traces import lowest, value_at

Place = tuple[int, int]
"""(instance, seed): cells of a setting with the same one are paired."""


@dataclass(frozen=True)
class Setting:
    """The cells of one setting; finished ones by contestant and place, in increasing order of places."""

    labels: Mapping[str, str]
    landscape: str
    """The label of its landscape; "" if the study has only one."""
    unit: str
    """`instance`, or `seed` if the landscape has one instance."""
    contestants: tuple[str, ...]
    done: Mapping[str, Mapping[Place, CellResult]]
    n_failed: Mapping[str, int]
    n_missing: Mapping[str, int]
    """Planned cells that are not recorded."""
    n_blank: Mapping[str, int]
    """Finished cells of instances without any measurement; they carry no information and are not in `done`."""
    nothing: Mapping[int, float]
    """Instance -> value of a campaign without a measurement."""

    def unit_of(self, place: Place) -> int:
        """The unit of a place."""
        return place[0] if self.unit == "instance" else place[1]

    def at(self, label: str, places: Sequence[Place]) -> list[CellResult]:
        """A contestant's cells at these places."""
        return [self.done[label][place] for place in places]

    def values(self, cells: Sequence[CellResult], trace: str, axis: str, at: float) -> Floats:
        """True values of cells at a point of an axis, (n_cells,). Never NaN."""
        found = [value_at(c.traces.get(trace), axis, [at], self.nothing[c.instance])[0] for c in cells]
        return np.array(found, dtype=np.float64)

    @property
    def cells(self) -> tuple[CellResult, ...]:
        """All finished cells."""
        return tuple(cell for here in self.done.values() for cell in here.values())


def settings_of(results: StudyResults) -> tuple[Setting, ...]:
    """The settings of a study, in the order of its axes. Raises StoreError if two cells have the same place."""
    others = [axis for axis in results.axes if axis != results.compared]
    nothing = _nothing(results)
    combinations = product(*(results.axes[axis] for axis in others))
    return tuple(_setting(results, dict(zip(others, labels, strict=True)), nothing) for labels in combinations)


def unit_means(places: Sequence[Place], values: Floats, setting: Setting) -> Floats:
    """Means over each unit's rows: (n_places, ...) -> (n_units, ...), units in increasing order."""
    units = np.array([setting.unit_of(place) for place in places], dtype=np.int64)
    return np.array([values[units == unit].mean(axis=0) for unit in np.unique(units)]).reshape(-1, *values.shape[1:])


def common_places(setting: Setting, a: str, b: str) -> list[Place]:
    """Places where both contestants have a finished cell, in increasing order."""
    return sorted(setting.done[a].keys() & setting.done[b].keys())


def n_planned(description: Mapping[str, Any], landscape: str) -> int | None:
    """Cells planned for each contestant of a setting: instances × seeds of the description, if it has them.

    Each is a number, a list, or a mapping from landscapes to either.
    """
    counts = [_count(description.get(key), landscape) for key in ("instances", "seeds")]
    known = [count for count in counts if count is not None]
    return int(np.prod(known)) if known else None


def _count(given: Any, landscape: str) -> int | None:
    if isinstance(given, Mapping):
        given = given.get(landscape)
    if isinstance(given, int):
        return given
    return len(given) if isinstance(given, Sequence) and not isinstance(given, str) else None


def _nothing(results: StudyResults) -> dict[tuple[str, int], float]:
    groups: dict[tuple[str, int], list[CellResult]] = {}
    for cell in results.done:
        groups.setdefault((_landscape(cell, results), cell.instance), []).append(cell)
    found = {where: lowest(cells) for where, cells in groups.items()}
    return {where: value for where, value in found.items() if value is not None}


def _landscape(cell: CellResult, results: StudyResults) -> str:
    if results.landscape is None or results.landscape == results.compared:
        return ""
    return cell.labels[results.landscape]


def _setting(results: StudyResults, labels: dict[str, str], nothing: Mapping[tuple[str, int], float]) -> Setting:
    landscape = labels.get(results.landscape or "", "")
    here = [cell for cell in results.cells if all(cell.labels[axis] == label for axis, label in labels.items())]
    instances = {cell.instance for cell in results.cells if _landscape(cell, results) == landscape}
    contestants = results.axes[results.compared]
    by_label = {c: _placed(cell for cell in here if cell.labels[results.compared] == c) for c in contestants}
    planned = max(n_planned(results.description, landscape) or 0, len({p for b in by_label.values() for p in b}))
    done = {c: {p: cell for p, cell in b.items() if _counts(cell, landscape, nothing)} for c, b in by_label.items()}
    n_failed = {c: sum(cell.error is not None for cell in b.values()) for c, b in by_label.items()}
    return Setting(
        labels=labels,
        landscape=landscape,
        unit="instance" if len(instances) > 1 else "seed",
        contestants=contestants,
        done=done,
        n_failed=n_failed,
        n_missing={c: planned - len(b) for c, b in by_label.items()},
        n_blank={c: len(b) - len(done[c]) - n_failed[c] for c, b in by_label.items()},
        nothing={instance: value for (where, instance), value in nothing.items() if where == landscape},
    )


def _counts(cell: CellResult, landscape: str, nothing: Mapping[tuple[str, int], float]) -> bool:
    return cell.error is None and (landscape, cell.instance) in nothing


def _placed(cells: Iterable[CellResult]) -> dict[Place, CellResult]:
    placed: dict[Place, CellResult] = {}
    for cell in sorted(cells, key=lambda cell: (cell.instance, cell.seed)):
        place = cell.instance, cell.seed
        if place in placed:
            raise StoreError(
                f"cells {placed[place].key} and {cell.key} are both instance {place[0]}, seed {place[1]} of "
                f"{dict(cell.labels)}; give them different labels"
            )
        placed[place] = cell
    return placed
