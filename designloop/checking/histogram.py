"""A histogram in text: the values of several groups of sequences over the same bins."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from designloop.checking.trial import Floats

_N_BINS, _WIDTH = 10, 24


def counts(groups: Mapping[str, Floats]) -> tuple[list[float], dict[str, list[int]], dict[str, int]]:
    """(edges of the bins, counts of each group, numbers of NaN of each group). No edges where no value is a number."""
    known = {name: values[np.isfinite(values)] for name, values in groups.items()}
    without = {name: int(np.isnan(values).sum()) for name, values in groups.items()}
    whole = np.concatenate(list(known.values())) if known else np.zeros(0)
    if not len(whole):
        return [], {name: [] for name in groups}, without
    edges = np.histogram_bin_edges(whole, bins=1 if np.ptp(whole) == 0 else _N_BINS)
    return edges.tolist(), {name: np.histogram(its, edges)[0].tolist() for name, its in known.items()}, without


def lines(groups: Mapping[str, Floats]) -> list[str]:
    """The histogram, one line for each bin, with a column for each group."""
    edges, found, without = counts(groups)
    bins = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)]
    wide = max(map(len, [*bins, "not viable"]))
    top = max([1, *(n for its in found.values() for n in its), *without.values()])
    head = "".join(f"{f'{name} ({len(values):,})':<{_WIDTH + 8}}" for name, values in groups.items())
    rows = [(text, [its[row] for its in found.values()]) for row, text in enumerate(bins)]
    if any(without.values()):
        rows.append(("not viable", list(without.values())))
    body = [f"{text:>{wide}}  {''.join(_bar(n, top) for n in each)}".rstrip() for text, each in rows]
    return [f"{'value':>{wide}}  {head}".rstrip(), *body]


def _bar(n: int, top: int) -> str:
    bar = "#" * (-(-n * _WIDTH // top))  # a single sequence is seen too
    return f"{f'{bar} {n:,}' if n else '-':<{_WIDTH + 8}}"
