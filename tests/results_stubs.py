"""Results of studies that nobody ran: cells with given traces."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from designloop.core.random import stream
from designloop.study.results import CellResult, StudyResults, Trace


def trace(*points: tuple[float, float]) -> Trace:
    """(designs, value) of each step; a week for 10 designs, 100 for a design."""
    designs, values = np.array(points, dtype=np.float64).reshape(-1, 2).T
    return Trace(weeks=designs / 10, designs=designs, cost=100 * designs, values=values)


def cell(
    strategy: str,
    instance: int = 0,
    seed: int = 0,
    points: Iterable[tuple[float, float]] = (),
    end: float = 40,
    **changes: Any,
) -> CellResult:
    """A campaign that ended after `end` designs; its three traces are one."""
    labels = {**changes.pop("labels", {}), "strategies": strategy}
    facts: dict[str, Any] = {"designs": int(end), "weeks": end / 10, "cost": 100 * end, "optimum": 1.0, **changes}
    if "traces" not in facts and facts.get("error") is None:
        facts["traces"] = dict.fromkeys(("true", "recommended", "common"), trace(*points))
    key = "-".join([*labels.values(), str(instance), str(seed)])
    return CellResult(key, labels, instance, seed, 1.0, **facts)


def study(cells: Sequence[CellResult], strategies: Sequence[str] = ("a", "b"), **changes: Any) -> StudyResults:
    """A study of strategies, and of landscapes where its cells tell one."""
    landscapes = tuple(dict.fromkeys(c.labels["oracles"] for c in cells if "oracles" in c.labels))
    axes = {"oracles": landscapes} if landscapes else {}
    facts: dict[str, Any] = {
        "name": "study",
        "axes": {**axes, "strategies": tuple(strategies)},
        "compared": "strategies",
        "landscape": "oracles" if landscapes else None,
        "floor": None,
        "thresholds": {},
        "cells": tuple(cells),
    }
    return StudyResults(**{**facts, **changes})


def noisy(
    ahead: Mapping[str, float],
    n_instances: int = 20,
    n_seeds: int = 2,
    landscape: str | None = None,
    noise: float = 0.1,
) -> list[CellResult]:
    """Cells of contestants that are ahead by so much; each instance, and each seed in it, is shared by them."""
    labels = {"oracles": landscape} if landscape else {}
    found = []
    for i in range(n_instances):
        for j in range(n_seeds):
            shared = 0.3 * stream(i, "instance", str(landscape)).normal() + 0.1 * stream(j, "luck", i).normal()
            for name, by in ahead.items():
                own = noise * stream(j, "own", name, i, str(landscape)).normal()
                value = 0.5 + by + shared + own
                points = [(10, value - 0.5), (30, value)]
                found.append(cell(name, i, j, points, labels=labels))
    return found
