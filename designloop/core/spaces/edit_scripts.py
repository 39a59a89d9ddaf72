"""Edit scripts draw uniformly from an edit budget that is too wide to be counted, by rejection sampling.

Scripts are easily counted, but sequences are not, because several scripts may produce the same one. A script is drawn
uniformly, and its sequence is accepted with probability 1 / (number of scripts that produce it). All sequences are
therefore equally likely. In a wide budget, many scripts produce each sequence; a trial detects low acceptance at once.
"""

from fractions import Fraction
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.core.spaces.columns import EditBudget, Ints
from designloop.core.spaces.estimate import Estimate
from designloop.core.spaces.letter_box import LetterBox

Floats = NDArray[np.float64]
_BATCH = 256
_LEAST_KEPT = 1e-3
"""A lower acceptance rate, in a trial or after ten batches, ends the attempt."""
_N_TRIED, _N_COUNTED = 512, 10_000
_NARROWEST = 4
"""Width of the band around the diagonal in the first, fast count, which is a lower bound."""
_MOST_COUNTED = 4_000_000
"""Floats that one count holds at a time."""
_MOST_WAYS = 100_000_000
"""Floats that the table of scripts may hold: 800 MB."""
_WIDE = 0.02
"""If at least this share of all sequences of these lengths is within the budget, they are drawn and filtered."""


class EditScripts:
    """The scripts of one budget: each step keeps, substitutes, inserts or deletes a letter."""

    def __init__(self, budget: EditBudget, box: LetterBox) -> None:
        self._budget, self._box = budget, box
        self._parent = budget.parent.astype(np.int64)
        n_letters = budget.allowed.sum(axis=1)
        may_keep = budget.allowed[:, self._parent]  # (max_length, m): the parent's letter p may stand at place i
        self._keep = may_keep.astype(float)
        self._write = np.where(budget.kept, 0, n_letters[:, None] - may_keep).astype(float)
        self._insert = n_letters.astype(float)

    def sample(self, n: int, rng: np.random.Generator) -> Codes:
        """N sequences drawn uniformly, with replacement, (n, max_length).

        Raises ConfigError at once if the acceptance rate is too low.
        """
        if not self._is_wide and self._share_kept < _LEAST_KEPT:
            raise self._too_many()
        draw = self._from_the_box if self._is_wide else self._by_script
        found = np.zeros((0, self._budget.max_length), dtype=np.int16)
        n_drawn = 0
        while len(found) >= _LEAST_KEPT * n_drawn or n_drawn < 10 * _BATCH:
            if len(found) >= n:
                return found[:n]
            batch = max(_BATCH, n - len(found))
            found, n_drawn = np.concatenate([found, draw(batch, rng)]), n_drawn + batch
        raise self._too_many()

    def estimate(self) -> Estimate:
        """The number of sequences: of all scripts, or of all sequences of these lengths, times a share by sampling."""
        if self._is_wide:
            kept = len(self._from_the_box(_N_COUNTED, np.random.default_rng(1)))
            return Estimate(self._box.size * kept // _N_COUNTED, sqrt((1.0 - kept / _N_COUNTED) / kept))
        rng = np.random.default_rng(1)
        chances = self._chances(self._made(_N_TRIED, rng), np.zeros(_N_TRIED))
        number = int(self._ways[0, self._budget.max_edits + 1, 0]) * Fraction(float(chances.mean()))
        return Estimate(int(number), float(chances.std() / chances.mean() / sqrt(_N_TRIED)))

    @property
    def acceptance(self) -> float:
        """Share of draws that are kept."""
        if self._is_wide:
            return len(self._from_the_box(_N_COUNTED, np.random.default_rng(1))) / _N_COUNTED
        return self._share_kept

    def _too_many(self) -> ConfigError:
        return ConfigError(
            f"cannot draw uniformly from the sequences within {many(self._budget.max_edits, 'edit')} of a parent of "
            f"{many(len(self._parent), 'letter')}: there are too many; reduce `max_edits`, or remove it"
        )

    @cached_property
    def _is_wide(self) -> bool:
        return len(self._from_the_box(1000, np.random.default_rng(0))) >= 1000 * _WIDE

    @cached_property
    def _share_kept(self) -> float:
        """The acceptance rate, from a separate trial that is the same for every seed of a campaign."""
        rng = np.random.default_rng(0)
        return float(self._chances(self._made(_N_TRIED, rng), rng.random(_N_TRIED)).mean())

    def _from_the_box(self, n: int, rng: np.random.Generator) -> Codes:
        codes = self._box.sample(n, rng)
        return codes[self._budget.fewest_edits(codes) <= self._budget.max_edits]

    def _by_script(self, n: int, rng: np.random.Generator) -> Codes:
        codes = self._made(n, rng)
        drawn = rng.random(n)
        return codes[drawn < self._chances(codes, drawn)]

    @cached_property
    def _ways(self) -> Floats:
        """Scripts that go on from (letters made, how far the reading is ahead, edits), (max_length + 2, band, e + 2).

        Entry k of the band: k - 1 - e letters more of the parent are read than made. Raises ConfigError.
        """
        longest, m, e = self._budget.max_length, len(self._parent), self._budget.max_edits
        if (longest + 2) * (2 * e + 3) * (e + 2) > _MOST_WAYS:
            raise self._too_many()
        ways = np.zeros((longest + 2, 2 * e + 3, e + 2))
        with np.errstate(over="ignore"):
            for i in range(longest, -1, -1):
                for p in range(min(m, i + e), max(i - e, 0) - 1, -1):
                    self._count_ways(ways, i, p)
        if not np.isfinite(ways).all():  # more scripts than a float counts
            raise self._too_many()
        return ways

    def _count_ways(self, ways: Floats, i: int, p: int) -> None:
        """Count those that have made i letters and read p, given all that have made or read more."""
        k = p - i + 1 + self._budget.max_edits
        here, may_make, may_read = ways[i, k], i < self._budget.max_length, p < len(self._parent)
        if not may_read and i >= self._budget.min_length:
            here[:-1] = 1.0
        if may_make:
            here[:-1] += self._insert[i] * ways[i + 1, k - 1, 1:]
        if may_read and may_make:
            here += self._keep[i, p] * ways[i + 1, k]
            here[:-1] += self._write[i, p] * ways[i + 1, k, 1:]
        if may_read and not self._budget.kept[p]:
            here[:-1] += ways[i, k + 1, 1:]

    def _made(self, n: int, rng: np.random.Generator) -> Codes:
        """The sequences of n uniformly drawn scripts, (n, max_length). Raises ConfigError."""
        ways, longest, m = self._ways, self._budget.max_length, len(self._parent)
        codes = np.full((n, longest + 1), PAD, dtype=np.int16)
        i, p, c = np.zeros((3, n), dtype=np.int64)
        going = np.arange(n)
        while len(going):
            i_, p_, c_ = i[going], p[going], c[going]
            at, of, k = np.minimum(i_, longest - 1), np.minimum(p_, m - 1), p_ - i_ + 1 + self._budget.max_edits
            can = (p_ < m) & (i_ < longest)
            options = np.stack(
                [
                    (p_ == m) & (i_ >= self._budget.min_length),
                    can * self._keep[at, of] * ways[i_ + 1, k, c_],
                    can * self._write[at, of] * ways[i_ + 1, k, c_ + 1],
                    (i_ < longest) * self._insert[at] * ways[i_ + 1, k - 1, c_ + 1],
                    ((p_ < m) & ~self._budget.kept[of]) * ways[i_, k + 1, c_ + 1],
                ],
                axis=1,
            ).cumsum(axis=1)
            chosen = (options <= (rng.random(len(going)) * options[:, -1])[:, None]).sum(axis=1)
            self._write_letters(codes, going, at, of, chosen, rng)
            i[going] += np.isin(chosen, (1, 2, 3))
            p[going] += np.isin(chosen, (1, 2, 4))
            c[going] += chosen >= 2
            going = going[chosen > 0]
        return codes[:, :-1]

    def _write_letters(
        self, codes: Codes, rows: Ints, at: Ints, of: Ints, chosen: Ints, rng: np.random.Generator
    ) -> None:
        kept = chosen == 1
        codes[rows[kept], at[kept]] = self._parent[of[kept]]
        new = np.flatnonzero((chosen == 2) | (chosen == 3))
        weights = rng.random((len(new), self._budget.allowed.shape[1])) * self._budget.allowed[at[new]]
        instead = chosen[new] == 2
        weights[np.flatnonzero(instead), self._parent[of[new[instead]]]] = 0.0
        codes[rows[new], at[new]] = weights.argmax(axis=1)

    def _chances(self, codes: Codes, drawn: Floats) -> Floats:
        """1 / (number of scripts of each sequence), (n,), or an upper bound that is not above `drawn`.

        Scripts near the diagonal are counted first, which is fast and decides most draws.
        """
        chances, width = np.ones(len(codes)), min(_NARROWEST, self._budget.max_edits)
        while len(open_ := np.flatnonzero(drawn < chances)):
            # None may stay so near.
            chances[open_] = 1.0 / np.maximum(self._n_scripts(codes[open_], width), 1.0)
            if width == self._budget.max_edits:
                break
            width = min(2 * width, self._budget.max_edits)
        return chances

    def _n_scripts(self, codes: Codes, width: int) -> Floats:
        """Number of scripts of each sequence within the budget, and within `width` of the diagonal."""
        size = max(1, _MOST_COUNTED // ((2 * width + 1) * (self._budget.max_edits + 1)))
        blocks = [self._n_in_block(codes[first : first + size], width) for first in range(0, len(codes), size)]
        return np.concatenate([np.zeros(0), *blocks])

    def _n_in_block(self, codes: Codes, width: int) -> Floats:
        lengths, found, m = (codes != PAD).sum(axis=1), np.zeros(len(codes)), len(self._parent)
        # Entry k of (band, edits, n): the parent's first i - width + k letters are read.
        ways = np.zeros((2 * width + 1, self._budget.max_edits + 1, len(codes)))
        ways[width, 0] = 1.0
        self._delete(ways, -width)
        for i in range(codes.shape[1] + 1):
            ending = np.flatnonzero(lengths == i)
            if 0 <= m - i + width < len(ways):
                found[ending] = ways[m - i + width][:, ending].sum(axis=0)
            if i < codes.shape[1]:
                ways = self._after(ways, i - width, codes[:, i])
        return found

    def _after(self, ways: Floats, first: int, letters: Codes) -> Floats:
        """The scripts that make one letter more, (band, edits, n); the band begins at the parent's letter `first`."""
        read = first + np.arange(len(ways))
        inside, of = (read >= 0) & (read < len(self._parent)), np.clip(read, 0, len(self._parent) - 1)
        same = (letters == self._parent[of][:, None]) & inside[:, None]
        other = ~same & (inside & ~self._budget.kept[of])[:, None]
        after: Floats = ways * same[:, None]
        after[:, 1:] += (ways * other[:, None])[:, :-1]
        after[:-1, 1:] += ways[1:, :-1]
        self._delete(after, first + 1)
        return after

    def _delete(self, ways: Floats, first: int) -> None:
        for k in range(len(ways) - 1):
            if 0 <= first + k < len(self._parent) and not self._budget.kept[first + k]:
                ways[k + 1, 1:] += ways[k, :-1]
