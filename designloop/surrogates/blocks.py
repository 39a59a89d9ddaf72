"""Views side by side, and the share of each in the variance between sequences, chosen by the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from designloop.surrogates.base import Floats
from designloop.surrogates.block_rows import BlockRows, parts
from designloop.surrogates.evidence import Evidence, Observed, Point, contrast
from designloop.surrogates.features import Places
from designloop.surrogates.rows import Rows
from designloop.surrogates.views import OwnValues, View, own_values, products

Place = tuple[int, ...]
_FEW, MANY = 300, 1000
"""Rows among which all shares are compared, and among which the best is then looked for by steps. A judgement."""
_LOOSE = 0.01
"""Log evidences are compared to this."""


@dataclass(frozen=True)
class Blocks:
    """Views side by side, each multiplied by a factor."""

    views: tuple[View, ...]
    factors: tuple[float, ...]
    widths: tuple[int, ...]
    """Number of features of each view."""

    def __call__(self, sequences: Sequence[str]) -> BlockRows:
        return BlockRows(tuple(view(sequences) for view in self.views), self.factors)

    def times(self, sequences: Sequence[str], weights: Floats) -> Floats:
        """Features · weights, (n, k), of weights (D, k)."""
        total: Floats = np.zeros((len(sequences), weights.shape[1]))
        for view, factor, its in self._parts():
            total += factor * products(view, sequences, weights[its])
        return total

    def own(self, weights: Floats) -> OwnValues | None:
        """Sums over the views; none if one of them has none."""
        found = [own_values(view, factor * weights[its]) for view, factor, its in self._parts()]
        known = [own for own in found if own is not None]
        return (lambda codes: np.sum([own(codes) for own in known], axis=0)) if len(known) == len(found) else None

    def _parts(self) -> list[tuple[View, float, slice]]:
        """Each view, with its factor and its weights among those of all."""
        return list(zip(self.views, self.factors, parts(self.widths), strict=True))


@dataclass(frozen=True)
class Shares:
    """Blocks of training rows, and the shares that each block after the first may have of the variance so far.

    With the shares s and then t, the blocks have the shares (1 - s)(1 - t), s(1 - t) and t of the variance between
    two training sequences.
    """

    rows: tuple[Rows, ...]
    axes: tuple[tuple[float, ...], ...]
    sizes: tuple[float, ...]
    """Contrast of each block."""
    known_kernels: tuple[Floats, ...] | None = None

    @classmethod
    def of(cls, rows: Sequence[Rows], axes: Sequence[Sequence[float]]) -> "Shares":
        return cls(tuple(rows), tuple(map(tuple, axes)), tuple(contrast(its) for its in rows))

    def at(self, place: Place) -> tuple[float, ...]:
        """The share of each block."""
        shares = [1.0]
        for axis, i in zip(self.axes, place, strict=True):
            shares = [*(share * (1.0 - axis[i]) for share in shares), axis[i]]
        return tuple(shares)

    def factors(self, place: Place) -> tuple[float, ...]:
        """What the features of each block are multiplied by; 0 for a block that is left out."""
        return tuple(float(np.sqrt(share / size)) for share, size in zip(self.at(place), self.sizes, strict=True))

    def evidence(self, place: Place, told: Observed, spread: float) -> Evidence:
        """The evidence of these shares; `told` has the values of the same rows."""
        factors = self.factors(place)
        kept = [i for i, factor in enumerate(factors) if factor]
        rows = BlockRows(tuple(self.rows[i] for i in kept), tuple(factors[i] for i in kept))
        kernel = None
        if rows.shape[0] < min(rows.shape[1], MANY + 1):
            kernel = np.add.reduce([factors[i] ** 2 * self.kernels[i] for i in kept])
        return Evidence(Observed(rows, told.values, told.shares, told.errors, kernel), spread, 1.0)

    @cached_property
    def kernels(self) -> tuple[Floats, ...]:
        """XXᵀ of each block, (n, n)."""
        return self.known_kernels or tuple(rows.kernel(rows) for rows in self.rows)

    def picked(self, places: Places) -> "Shares":
        """Some of the rows."""
        known = tuple(kernel[np.ix_(places, places)] for kernel in self.kernels) if len(self) <= MANY else None
        return Shares(tuple(rows.picked(places) for rows in self.rows), self.axes, self.sizes, known)

    def __len__(self) -> int:
        return self.rows[0].shape[0]

    def best(self, told: Observed, spread: float) -> tuple[Place, Point]:
        """The shares of the highest evidence, and its maximum.

        Among few rows all shares are compared. With more, the search goes on from the best of them, by steps to the
        next shares as long as the evidence rises. With more than 1,000, these are the shares and scales for 1,000.
        """
        if len(self) > MANY:
            some = evenly(len(self), MANY)
            place, point = self.picked(some).best(told.picked(some), spread)
            return place, self.evidence(place, told, spread).at(point.theta)
        if len(self) <= _FEW:
            place, point = self._best_of_all(told, spread)
        else:
            some = evenly(len(self), _FEW)
            place, point = self.picked(some)._best_of_all(told.picked(some), spread)
            place, point = self._bettered(place, point.theta, told, spread)
        return place, point.evidence.maximised(point)

    def _best_of_all(self, told: Observed, spread: float) -> tuple[Place, Point]:
        found: dict[Place, Point] = {}
        last: Point | None = None
        for place in product(*(range(len(axis)) for axis in self.axes)):
            evidence = self.evidence(place, told, spread)
            last = found[place] = evidence.maximised(None if last is None else evidence.at(last.theta), _LOOSE)
        best = max(found, key=lambda place: found[place].value)
        return best, found[best]

    def _bettered(self, place: Place, theta: Floats, told: Observed, spread: float) -> tuple[Place, Point]:
        evidence = self.evidence(place, told, spread)
        best, seen = evidence.maximised(evidence.at(theta), _LOOSE), {place}
        while others := [other for other in self._beside(place) if other not in seen]:
            seen.add(others[0])
            evidence = self.evidence(others[0], told, spread)
            point = evidence.at(best.theta)
            if point.promise > best.value and (point := evidence.maximised(point, _LOOSE)).value > best.value:
                place, best = others[0], point
        return place, best

    def _beside(self, place: Place) -> list[Place]:
        """One share on or back."""
        steps = [(i, step) for i in range(len(place)) for step in (1, -1)]
        moved = [(*place[:i], place[i] + step, *place[i + 1 :]) for i, step in steps]
        return [one for one in moved if all(0 <= i < len(axis) for i, axis in zip(one, self.axes, strict=True))]


def evenly(n: int, most: int) -> Places:
    """At most so many of n rows, evenly spaced."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))
