"""The proximal frontier: the points that are best for some price of a mutation (Ren et al. 2022)."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def frontier(distances: Ints, scores: Floats) -> list[int]:
    """Points that maximise score - price · distance for some price of at least 0, nearest first.

    Of points at one distance with one score, the first; points on a straight part of the frontier are included.
    """
    hull: list[int] = []
    for point in _best_of_each(distances, scores):
        while len(hull) > 1 and _is_below(hull[-1], hull[-2], point, distances, scores):
            hull.pop()
        hull.append(point)
    while len(hull) > 1 and scores[hull[-1]] < scores[hull[-2]]:  # best for a negative price only
        hull.pop()
    return hull


def _best_of_each(distances: Ints, scores: Floats) -> list[int]:
    """The point with the highest score at each distance, nearest first."""
    order = np.lexsort((np.arange(len(scores)), -scores, distances))
    _, first = np.unique(distances[order], return_index=True)
    return [int(point) for point in order[first]]


def _is_below(middle: int, left: int, right: int, distances: Ints, scores: Floats) -> bool:
    """Whether a point is below the line from one on its left to one on its right."""
    rise = (scores[middle] - scores[left]) * (distances[right] - distances[left])
    return bool(rise < (scores[right] - scores[left]) * (distances[middle] - distances[left]))


def peeled(distances: Ints, scores: Floats, n: int) -> list[int]:
    """N points (all, if there are fewer): the frontier, then the frontier of the points that are left, and so on."""
    taken: list[int] = []
    left = np.arange(len(scores))
    while len(taken) < n and len(left):
        layer = left[frontier(distances[left], scores[left])]
        taken += layer.tolist()
        left = np.setdiff1d(left, layer)
    return taken[:n]


def near_frontier(distances: Ints, values: Floats, n: int) -> list[int]:
    """Of the n best points at each distance, those better than every nearer point; nearest first, best first."""
    near: list[int] = []
    height = -np.inf
    for distance in np.unique(distances):
        here = np.flatnonzero(distances == distance)
        best = here[np.argsort(-values[here], kind="stable")][:n]
        near += [int(point) for point in best if values[point] > height]
        height = max(height, float(values[best[0]]))
    return near
