"""Five sound oracles: each has something that looks like a fault, and is none."""

from functools import cache
from pathlib import Path

import numpy as np

import designloop as dl


@dl.oracle(alphabet=dl.RNA, length=12)
def integers(sequences):
    return [s.count("G") for s in sequences]


KNOWN = {}


@dl.oracle(alphabet=dl.PROTEIN, min_length=2, max_length=9, scale="log")
def remembers(sequences):
    """It keeps what it has computed, by the whole sequence."""
    return [KNOWN.setdefault(s, None if s.startswith("P") else s.count("W") - s.count("K")) for s in sequences]


@cache
def weights():
    return np.random.default_rng(0).normal(size=(8, 4))


@dl.oracle(alphabet=dl.DNA, length=8)
def network(sequences):
    """A product of matrices, loaded at the first call."""
    hot = np.array([[[letter == x for x in "ACGT"] for letter in s] for s in sequences], dtype=float)
    return np.exp(hot.reshape(-1, 32) @ weights().reshape(32))


@cache
def table():
    return dict(line.split() for line in Path(__file__).with_name("table.txt").read_text().splitlines())


class Tabled(dl.Oracle):
    """A class with a corpus, values from a file, and sequences that were not measured."""

    bonus: float = 0.5

    @property
    def space(self):
        return dl.Space(alphabet=dl.DNA, length=4)

    @property
    def optimum(self):
        return 2.0 + self.bonus

    def __call__(self, sequences):
        return np.array([float(table()[s]) + self.bonus for s in sequences])

    def measures(self, sequences):
        return np.array([s in table() for s in sequences], dtype=bool)

    def corpus(self, n, rng):
        return [str(s) for s in rng.choice(sorted(table()), size=n)] if table() else []

    def optimal_solution(self):
        return "GGGG"
