"""Edit scripts draw uniformly from an edit budget too wide to be counted, by chance acceptance.

Scripts are easily counted, sequences are not: several scripts may make the same one. A script is drawn uniformly, and
what it makes is kept with probability 1 / (scripts that make it), so that every sequence is as likely as any other.
"""

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.errors import ConfigError
from designloop.core.spaces.columns import EditBudget, Ints
from designloop.core.spaces.letter_box import LetterBox

Floats = NDArray[np.float64]
_BATCH = 256
_LEAST_KEPT = 1e-3
"""A smaller share of draws that are kept, after ten batches, ends the attempt."""
_WIDE = 0.02
"""Where at least so many of all sequences of these lengths are within the budget, those are drawn, and tried."""


class EditScripts:
    """The scripts of one budget: at each step a letter is kept, written anew, inserted or deleted."""

    def __init__(self, budget: EditBudget, box: LetterBox) -> None:
        self._budget, self._box = budget, box
        self._parent = budget.parent.astype(np.int64)
        n_letters = budget.allowed.sum(axis=1)
        may_keep = budget.allowed[:, self._parent]  # (max_length, m): the parent's letter p may stand at place i
        self._keep = may_keep.astype(float)
        self._write = np.where(budget.kept, 0, n_letters[:, None] - may_keep).astype(float)
        self._insert = n_letters.astype(float)
        self._ways: Floats | None = None

    def sample(self, n: int, rng: np.random.Generator) -> Codes:
        """N sequences drawn uniformly, with replacement, (n, max_length)."""
        draw = self._from_the_box if self._is_wide else self._by_script
        found = np.zeros((0, self._budget.max_length), dtype=np.int16)
        n_drawn = 0
        while len(found) >= _LEAST_KEPT * n_drawn or n_drawn < 10 * _BATCH:
            if len(found) >= n:
                return found[:n]
            batch = max(_BATCH, n - len(found))
            found, n_drawn = np.concatenate([found, draw(batch, rng)]), n_drawn + batch
        raise self._too_many()

    def _too_many(self) -> ConfigError:
        return ConfigError(
            f"no uniform draws from so many sequences within {self._budget.max_edits} edits of a parent of "
            f"{len(self._parent)} letters; lower `max_edits`, or leave it out"
        )

    @property
    def _is_wide(self) -> bool:
        return len(self._from_the_box(1000, np.random.default_rng(0))) >= 1000 * _WIDE

    def _from_the_box(self, n: int, rng: np.random.Generator) -> Codes:
        codes = self._box.sample(n, rng)
        return codes[self._budget.fewest_edits(codes) <= self._budget.max_edits]

    def _by_script(self, n: int, rng: np.random.Generator) -> Codes:
        codes = self._made(n, rng)
        return codes[rng.random(n) * self._n_scripts(codes) < 1.0]

    def _completions(self) -> Floats:
        """Scripts that go on from (letters made, parent's letters read, edits), (max_length + 2, m + 2, e + 2)."""
        longest, m, e = self._budget.max_length, len(self._parent), self._budget.max_edits
        ways = np.zeros((longest + 2, m + 2, e + 2))
        for i in range(longest, -1, -1):
            for p in range(min(m, i + e), max(i - e, 0) - 1, -1):
                here = ways[i, p]
                if p == m and i >= self._budget.min_length:
                    here[:-1] = 1.0
                if i < longest:
                    here[:-1] += self._insert[i] * ways[i + 1, p, 1:]
                if p < m and i < longest:
                    here += self._keep[i, p] * ways[i + 1, p + 1]
                    here[:-1] += self._write[i, p] * ways[i + 1, p + 1, 1:]
                if p < m and not self._budget.kept[p]:
                    here[:-1] += ways[i, p + 1, 1:]
        return ways

    def _made(self, n: int, rng: np.random.Generator) -> Codes:
        """What n scripts make that are drawn uniformly, (n, max_length)."""
        if self._ways is None:
            with np.errstate(over="ignore"):
                self._ways = self._completions()
        if not np.isfinite(self._ways).all():  # more scripts than a float counts
            raise self._too_many()
        longest, m = self._budget.max_length, len(self._parent)
        codes = np.full((n, longest + 1), PAD, dtype=np.int16)
        i, p, c = np.zeros((3, n), dtype=np.int64)
        going = np.arange(n)
        while len(going):
            i_, p_, c_ = i[going], p[going], c[going]
            at, of = np.minimum(i_, longest - 1), np.minimum(p_, m - 1)
            can = (p_ < m) & (i_ < longest)
            options = np.stack(
                [
                    (p_ == m) & (i_ >= self._budget.min_length),
                    can * self._keep[at, of] * self._ways[i_ + 1, p_ + 1, c_],
                    can * self._write[at, of] * self._ways[i_ + 1, p_ + 1, c_ + 1],
                    (i_ < longest) * self._insert[at] * self._ways[i_ + 1, p_, c_ + 1],
                    ((p_ < m) & ~self._budget.kept[of]) * self._ways[i_, p_ + 1, c_ + 1],
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

    def _n_scripts(self, codes: Codes) -> Floats:
        """How many scripts within the budget make each sequence, (n,)."""
        lengths, found = (codes != PAD).sum(axis=1), np.zeros(len(codes))
        m, e = len(self._parent), self._budget.max_edits
        ways = np.zeros((len(codes), 2 * e + 1, e + 1))  # entry k: the parent's first i - e + k letters are read
        ways[:, e, 0] = 1.0
        self._delete(ways, 0)
        for i in range(codes.shape[1] + 1):
            ending = np.flatnonzero(lengths == i)
            if 0 <= m - i + e < ways.shape[1]:
                found[ending] = ways[ending, m - i + e].sum(axis=1)
            if i < codes.shape[1]:
                ways = self._after(ways, i, codes[:, i])
        return found

    def _after(self, ways: Floats, i: int, letters: Codes) -> Floats:
        """The scripts that make one letter more, (n, band, edits)."""
        e = self._budget.max_edits
        read = np.arange(i - e, i + e + 1)
        inside, of = (read >= 0) & (read < len(self._parent)), np.clip(read, 0, len(self._parent) - 1)
        same = (letters[:, None] == self._parent[of]) & inside
        after = ways * same[:, :, None]
        after[:, :, 1:] += (ways * (~same & inside & ~self._budget.kept[of])[:, :, None])[:, :, :-1]
        after[:, :-1, 1:] += ways[:, 1:, :-1]
        self._delete(after, i + 1)
        return np.asarray(after)

    def _delete(self, ways: Floats, i: int) -> None:
        e = self._budget.max_edits
        for k in range(2 * e):
            p = i - e + k
            if 0 <= p < len(self._parent) and not self._budget.kept[p]:
                ways[:, k + 1, 1:] += ways[:, k, :-1]
