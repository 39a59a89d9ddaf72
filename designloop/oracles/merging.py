"""Merges the rows of one sequence, its replicates, into one value with its error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.core.errors import InputError

Array = NDArray[np.float64]
Duplicates = Literal["weighted", "mean", "first", "last", "error"]
DUPLICATES = (
    "rows of one sequence: weighted (their mean, weighted by precision if each has an error), mean, first, last, or "
    "error"
)
_FEWEST_REPEATS = 10
"""Fewest repeats to estimate the spread: ten determine it to within about half."""
_FAR = 10.0
"""With fewer repeats, the spread is reported if its variance is this many times the stated one."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Each sequence once, in the order of first occurrence."""

    rows: NDArray[np.int64]
    """The row that stands for each sequence, from 0."""
    values: Array
    variances: Array | None
    remarks: tuple[str, ...]


def merged(
    sequences: Sequence[str],
    values: Array,
    variances: Array | None,
    how: Duplicates = "weighted",
    place: Callable[[int], str] = str,
) -> Merged:
    """Rows of one sequence are its replicates; equal rows count as one row.

    Without stated variances and with enough replicates, every variance is that of a row, pooled over sequences, over
    the number of rows. Where rows differ more than their variances say, the difference is added to every variance
    (DerSimonian and Laird 1986, pooled over sequences). Raises InputError for `error` with the places of two rows.
    """
    distinct = dict.fromkeys(sequences)
    if len(distinct) == len(sequences):
        return Merged(np.arange(len(values)), values, variances, ())
    first = {sequence: place for place, sequence in enumerate(distinct)}
    group = np.fromiter(map(first.__getitem__, sequences), np.int64, len(sequences))
    heads = np.unique(group, return_index=True)[1]
    differs = np.zeros(len(first), dtype=bool)
    np.logical_or.at(differs, group, values != values[heads][group])
    once = Merged(heads, values[heads], None if variances is None else variances[heads], ())
    if not differs.any():
        return once
    repeats = _Repeats(values, variances, group, differs)
    if how == "error":
        raise InputError(_twice(sequences, group, differs, place))
    if how in ("first", "last"):
        rows = heads if how == "first" else _last(group)
        remark = f"{repeats.counted}: the {how} row of each was kept"
        return Merged(rows, values[rows], None if variances is None else variances[rows], (remark,))
    return repeats.mean(once, is_weighted=how == "weighted")


def _last(group: NDArray[np.int64]) -> NDArray[np.int64]:
    return len(group) - 1 - np.unique(group[::-1], return_index=True)[1]


def _twice(
    sequences: Sequence[str], group: NDArray[np.int64], differs: NDArray[np.bool_], place: Callable[[int], str]
) -> str:
    rows = np.flatnonzero(group == np.argmax(differs))
    return (
        f"{place(int(rows[0]))} and {place(int(rows[1]))} have one sequence, {sequences[int(rows[0])]}, and different "
        "values; remove one, or set `duplicates`"
    )


@dataclass(frozen=True, slots=True)
class _Repeats:
    """Rows, the number of the sequence of each, and which sequences have different rows."""

    values: Array
    variances: Array | None
    group: NDArray[np.int64]
    differs: NDArray[np.bool_]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each sequence; equal rows count as one."""
        return np.where(self.differs, np.bincount(self.group), 1)

    @property
    def counted(self) -> str:
        n_rows = int(self.counts[self.differs].sum())
        return f"{many(n_rows, 'row')} of {many(int(self.differs.sum()), 'repeated sequence')}"

    def mean(self, once: Merged, *, is_weighted: bool) -> Merged:
        """The mean of each sequence, and its variance."""
        remarks = [f"{self.counted} were merged into their means"]
        stated = self.variances
        if stated is not None and (stated > 0).all():
            between, said = self._between(stated)
            remarks += said
            stated, once = stated + between, Merged(once.rows, once.values, _plus(once.variances, between), ())
        values, variances = self._means(stated, is_weighted=is_weighted)
        if once.variances is not None and variances is not None:
            variances = np.where(self.differs, variances, once.variances)
        return Merged(once.rows, np.where(self.differs, values, once.values), variances, tuple(remarks))

    def _means(self, variances: Array | None, *, is_weighted: bool) -> tuple[Array, Array | None]:
        if is_weighted and variances is not None:
            is_exact = variances == 0
            has_exact = np.bincount(self.group, is_exact) > 0  # its exact rows count, and no others
            weights = np.where(has_exact[self.group], is_exact, 1.0 / np.where(is_exact, 1.0, variances))
            precision = np.bincount(self.group, weights)
            return np.bincount(self.group, weights * self.values) / precision, np.where(has_exact, 0.0, 1.0 / precision)
        n_rows = np.bincount(self.group)
        means = np.bincount(self.group, self.values) / n_rows
        if variances is not None:
            return means, np.bincount(self.group, variances) / n_rows**2
        freedom = int((self.counts - 1).sum())
        if freedom < _FEWEST_REPEATS:
            return means, None
        pooled = float(((self.values - means[self.group])[self.differs[self.group]] ** 2).sum()) / freedom
        return means, pooled / self.counts

    def _between(self, stated: Array) -> tuple[float, list[str]]:
        """The variance between rows of one sequence in excess of the stated one, and what is said of both."""
        told = self.differs[self.group]
        weights, group, values = 1.0 / stated[told], self.group[told], self.values[told]
        sums: Array = np.bincount(group, weights, minlength=len(self.differs)).astype(np.float64)
        means = np.bincount(group, weights * values, minlength=len(self.differs)) / np.where(sums > 0, sums, 1.0)
        chi2, freedom = float((weights * (values - means[group]) ** 2).sum()), int((self.counts - 1).sum())
        return _excess(chi2, freedom, self._scale(weights, group, sums))

    def _scale(self, weights: Array, group: NDArray[np.int64], sums: Array) -> float:
        squares = np.bincount(group, weights**2, minlength=len(self.differs))
        return float(sums.sum() - (squares / np.where(sums > 0, sums, 1.0)).sum())


def _excess(chi2: float, freedom: int, scale: float) -> tuple[float, list[str]]:
    ratio, margin = chi2 / freedom, 3.0 * np.sqrt(2.0 * freedom)
    hint = "check whether the errors are variances, standard errors or standard deviations"
    if freedom >= _FEWEST_REPEATS and chi2 > freedom + margin:
        between = (chi2 - freedom) / scale
        added = f"± {between**0.5:.3g} was added to every error"
        return between, [f"rows of one sequence vary {ratio:.3g} times as much as their errors say: {added}; {hint}"]
    if freedom >= _FEWEST_REPEATS and chi2 < freedom - margin:
        return 0.0, [f"rows of one sequence vary {ratio:.3g} times as much as their errors say; {hint}"]
    if freedom < _FEWEST_REPEATS and ratio > _FAR:
        return 0.0, [f"rows of one sequence vary {ratio:.3g} times as much as their errors say; {hint}"]
    return 0.0, []


def _plus(variances: Array | None, between: float) -> Array | None:
    return None if variances is None else variances + between
