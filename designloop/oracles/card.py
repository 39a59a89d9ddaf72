"""A landscape card summarises a measured table: its size, its reliability and its ruggedness."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.counting import many
from designloop.oracles.denoising import fitted, grid
from designloop.oracles.landscape import Landscape, Truth

Array = NDArray[np.float64]
_N_BEST = 5


@dataclass(frozen=True, slots=True)
class Card:
    """Statistics of one landscape, in its own units. None if they cannot be computed."""

    name: str
    n_sequences: int
    n_possible: float
    """Sequences of the table's alphabet and lengths; infinity beyond 1e308."""
    alphabet: str
    lengths: tuple[int, int]
    lowest: float
    median: float
    highest: float
    reliability: float | None
    """1 - mean error variance / variance of the measured values."""
    additive_r2: float | None
    """Share of the variance of true values that an additive model explains; None with too few sequences to fit it."""
    roughness_to_slope: float | None
    """sd of the residuals of the additive model, over its mean absolute effect of one substitution."""
    local_optima: float | None
    """Share of sequences without a better neighbour at one substitution; only for tables that are 90% complete."""
    best: tuple[tuple[str, float, float], ...]
    """(sequence or name of the mutant, true value, measured value) of the highest true values."""
    remarks: tuple[str, ...] = ()
    """What was guessed, dropped or merged while reading the file."""

    @property
    def missing(self) -> float:
        """Share of the possible sequences that are missing in the table."""
        return max(0.0, 1.0 - self.n_sequences / self.n_possible)

    def table(self) -> list[tuple[str, str]]:
        """(name, text) of each line of the card."""
        shortest, longest = self.lengths
        best = "; ".join(f"{s} {true:.4g} (measured {measured:.4g})" for s, true, measured in self.best)
        return [
            ("landscape", self.name),
            ("size", f"{many(self.n_sequences, 'sequence')} of {_count(self.n_possible)} possible"),
            ("alphabet", f"{self.alphabet}, length {shortest if shortest == longest else f'{shortest} to {longest}'}"),
            ("missing", f"{self.missing:.2%}" if self.missing < 0.9999 else "nearly all: the table is a sample"),
            ("values", f"{self.lowest:.4g} to {self.highest:.4g}, median {self.median:.4g}"),
            ("reliability", _or(self.reliability, ".3f", "unknown: give a column of variances, or of replicates")),
            ("additive R2", _or(self.additive_r2, ".3f", "unknown: too few sequences to fit an additive model")),
            ("roughness / slope", _or(self.roughness_to_slope, ".3g", "no slope")),
            ("local optima", _or(self.local_optima, ".3%", "not counted: the table is less than 90% complete")),
            ("best", best),
            *(("note", remark) for remark in self.remarks),
        ]


def card(landscape: Landscape) -> Card:
    """The card of a landscape. Raises InputError if the table cannot be read."""
    truth = landscape.truth
    table, values = truth.table, truth.values
    codes = table.alphabet.encode(table.sequences)
    lengths = (codes != PAD).sum(axis=1)
    bounds = (int(lengths.min()), int(lengths.max()))
    prediction, n_parameters = fitted(codes, len(table.alphabet), values, np.ones(len(values)), pairs=False)
    is_fitted = n_parameters > 1
    top = np.argsort(-values, kind="stable")[:_N_BEST]
    return Card(
        name=landscape.path,
        n_sequences=len(values),
        n_possible=float(np.sum(_powers(len(table.alphabet), bounds))),
        alphabet=table.alphabet.name,
        lengths=bounds,
        lowest=float(values.min()),
        median=float(np.median(values)),
        highest=float(values.max()),
        reliability=_reliability(truth),
        additive_r2=1.0 - _variance(values - prediction) / max(_variance(values), 1e-300) if is_fitted else None,
        roughness_to_slope=_roughness(codes, values, prediction) if is_fitted else None,
        local_optima=_local_optima(codes, len(table.alphabet), values),
        best=tuple((_named(landscape, table.sequences[i]), float(values[i]), float(truth.measured[i])) for i in top),
        remarks=landscape.remarks,
    )


def _named(landscape: Landscape, sequence: str) -> str:
    """The sequence, or the name of the mutant if the table names mutants."""
    parent = landscape.truth.table.parent
    described = landscape.truth.described
    if described.mutant is None or parent is None or len(parent) != len(sequence):
        return sequence
    letters = enumerate(zip(parent, sequence, strict=True), start=described.first)
    return ":".join(f"{old}{place}{new}" for place, (old, new) in letters if old != new) or "wt"


def _powers(n_letters: int, bounds: tuple[int, int]) -> Array:
    """Number of sequences of each length; proteins of 263 letters exceed the range of a double."""
    with np.errstate(over="ignore"):
        return np.float64(n_letters) ** np.arange(bounds[0], bounds[1] + 1)


def _count(n: float) -> str:
    return f"{n:,.6g}" if n < np.inf else "more than 1e308"


def _or(value: float | None, form: str, otherwise: str) -> str:
    return otherwise if value is None else format(value, form)


def _variance(values: Array) -> float:
    return float(np.var(values))


def _reliability(truth: Truth) -> float | None:
    if truth.variances is None or _variance(truth.measured) == 0:
        return None
    return max(0.0, 1.0 - float(truth.variances.mean()) / _variance(truth.measured))


def _roughness(codes: Codes, values: Array, prediction: Array) -> float | None:
    """Scatter around the additive model over its mean absolute slope (Aita et al. 2001, over many letters)."""
    slopes = [difference for column in codes.T for difference in _differences(column, prediction)]
    slope = float(np.mean(slopes)) if slopes else 0.0
    return float(np.std(values - prediction)) / slope if slope > 0 else None


def _differences(column: NDArray[Any], prediction: Array) -> list[float]:
    """Absolute differences between the mean predictions of a position's letters."""
    places = column.astype(np.intp) - PAD  # PAD is class 0
    counts = np.bincount(places)
    counts[0] = 0
    means = np.bincount(places, prediction)[counts > 0] / counts[counts > 0]
    first, second = np.triu_indices(len(means), k=1)
    return [float(d) for d in np.abs(means[first] - means[second])]


def _local_optima(codes: Codes, n_letters: int, values: Array) -> float | None:
    table = grid(codes, n_letters, values)
    if table is None or len(values) < 0.9 * table.size:
        return None
    filled = np.where(np.isnan(table), -np.inf, table)
    is_top = np.ones(filled.shape, dtype=bool)
    for axis in range(filled.ndim):  # a peak is as high as the highest along each axis through it
        is_top &= filled >= filled.max(axis=axis, keepdims=True)
    return float(is_top[tuple(codes.T)].mean())
