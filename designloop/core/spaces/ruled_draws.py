"""Ruled draws are uniform draws from the sequences of a space that obey its rules; counted exactly, or estimated.

What is counted is an automaton. The rest is rejected: sliding windows, excluded sequences, rules of one's own, and what
would make the automaton too large. Where windows reject many sequences of one length, these are joined from blocks
(`blocks.py`). All of it is exactly uniform. The acceptance says how hard it is.
"""

from collections.abc import Callable
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.errors import ConfigError
from designloop.core.spaces.automaton import Automaton
from designloop.core.spaces.blocks import Blocks, Joined
from designloop.core.spaces.estimate import Estimate
from designloop.core.spaces.machines import Letters, Machine
from designloop.core.spaces.rule_book import RuleBook

LEAST_ACCEPTED = 1e-6
"""A space from which fewer draws are accepted is refused."""
_ENOUGH, _MOST_TRIED, _MOST_FILTERED = 400, 2_000_000, 200_000
"""A trial ends after so many accepted draws (so that its error is 5%), or so many tries: compiled, or filtered."""
_ACCEPTED, _FEW = 0.5, 20_000
"""Sequences are joined from blocks only if windows accept a smaller share of whole ones, in so many tries."""
_MOST_BLOCKS = 2_000_000
"""Blocks of a trial."""
_MOST_AT_ONCE = 100_000
_LIST_BELOW = 0.1
"""With a lower acceptance, draws are from the list of all sequences, if there are few enough."""
MOST_LISTED = 2_000_000


Draw = Callable[[int, np.random.Generator], Codes]
"""(n, rng) -> n uniform draws from a space without its rules, (n, max_length)."""


class RuledDraws:
    """The sequences that obey a rule book, and the machines of what else they obey: letters, lengths, edits."""

    def __init__(
        self,
        book: RuleBook,
        letters: Letters,
        edits: Machine | None,
        max_length: int,
        n_letters: int,
        without_rules: tuple[Draw, Callable[[], Estimate]],
        *,
        is_too_wide: bool = False,
    ) -> None:
        """Where an edit budget is too wide for a machine, `edits` is None, and draws are those `without_rules`."""
        self._book, self._letters, self._edits, self._is_too_wide = book, letters, edits, is_too_wide
        self._max_length, self._n_letters = max_length, n_letters
        self._draw_freely, self._count_freely = without_rules

    @cached_property
    def _built(self) -> tuple[Automaton | None, bool]:
        """The automaton, and whether it leaves out shares of letters; None where it would be too large."""
        for shares in (True, False) if self._book.whole else (True,):
            if not self._is_too_wide:
                machines = [self._letters, *self._book.machines(shares=shares)]
                machines += [self._edits] if self._edits is not None else []
                found = Automaton.of(machines, self._max_length, self._n_letters)
                if found is not None:
                    return found, not shares
        return None, True

    @property
    def automaton(self) -> Automaton | None:
        """What is drawn from, before rejection."""
        return self._built[0]

    @cached_property
    def size(self) -> int | None:
        """The exact number of sequences; None where it can only be estimated."""
        automaton, leaves_out = self._built
        if automaton is None:
            return None
        if self._book.is_counted and not leaves_out:
            return automaton.size - self._n_excluded(automaton)
        return len(self._listed) if automaton.size <= MOST_LISTED else None

    def _n_excluded(self, automaton: Automaton) -> int:
        excluded = [one for one in self._book.excluded if len(one) <= self._max_length]
        return int(automaton.accepts(self._book.encoded(excluded)).sum()) if excluded else 0

    def every(self) -> Codes:
        """All sequences, (size, max_length), sorted by length and then by codes. There are at most MOST_LISTED."""
        return self._listed

    @cached_property
    def _listed(self) -> Codes:
        assert self.automaton is not None
        codes = self.automaton.every()
        return codes[self._book.allow(codes)]

    @cached_property
    def _trial(self) -> tuple[int, int]:
        """(accepted, tried), the same in every process."""
        if self.automaton is not None and self.automaton.size == 0:
            return 0, 1
        if self._joined is not None and self._is_compiled:
            return 1, 1
        most = _MOST_TRIED if self._is_compiled else _MOST_FILTERED
        if self._joined is not None:
            most = min(most, self._joined.n_for(_MOST_BLOCKS))
        codes, tried = self._try(_ENOUGH, most, np.random.default_rng(0))
        return len(codes), tried

    @property
    def _is_compiled(self) -> bool:
        knows_all = self._joined is not None or (self.automaton is not None and not self._built[1])
        return knows_all and self._book.is_drawn_compiled

    @cached_property
    def _joined(self) -> Joined | None:
        """Blocks, if windows reject many sequences of one length and joining is quicker; None if not."""
        letters, rng = self._letters, np.random.default_rng(0)
        is_plain = self._edits is None and not self._is_too_wide and letters.min_length == self._max_length
        if not is_plain or not len(self._book.windows) or self.size is not None:
            return None
        accepted, tried = 0, 1
        if self.automaton is not None:
            codes, tried = self._rejecting(_ENOUGH, _FEW, rng)
            accepted = len(codes)
        blocks = Blocks.of(self._book, letters) if accepted < _ACCEPTED * tried else None
        found = None if blocks is None else blocks.tried(_ENOUGH, _MOST_BLOCKS, rng)
        return found if found is not None and found.letters_for_one * accepted < tried * self._max_length else None

    @property
    def acceptance(self) -> float:
        """Share of draws from the automaton that obey the rest of the rules; 1 where it knows all of them."""
        if self.size is not None and self.automaton is not None:
            return self.size / self.automaton.size if self.automaton.size else 0.0
        if self._joined is not None:
            return self.estimate().number / self._count_unruled().number
        accepted, tried = self._trial
        return accepted / tried

    @property
    def is_joined(self) -> bool:
        """True where sequences are joined from blocks, because many whole draws would be rejected."""
        return self._joined is not None

    def _count_unruled(self) -> Estimate:
        return Estimate(self.automaton.size) if self.automaton is not None else self._count_freely()

    def estimate(self) -> Estimate:
        """The number of sequences, with its error."""
        if self.size is not None:
            return Estimate(self.size)
        accepted, tried = self._trial
        base = self._count_unruled() if self._joined is None else self._joined.number
        if accepted == 0:
            return Estimate(0, float("inf"))
        error = sqrt((1.0 - accepted / tried) / accepted + base.relative_error**2)
        return Estimate(base.number * accepted // tried, error)

    def check(self) -> None:
        """Raise ConfigError where there are no sequences, or too few to be drawn."""
        if self.size == 0 or (self.automaton is not None and self.automaton.size == 0):
            raise ConfigError("no sequence obeys all rules of the space; relax or remove one of them")
        if self.size is not None:
            return
        accepted, tried = self._trial
        if accepted < LEAST_ACCEPTED * tried:
            raise ConfigError(
                f"the rules of the space leave too little to draw from: {accepted} of {tried:,} draws obey all of "
                f"them, and at least 1 in {round(1 / LEAST_ACCEPTED):,} is needed; relax a rule, such as a window"
            )

    def sample(self, n: int, rng: np.random.Generator) -> Codes:
        """N sequences drawn uniformly, with replacement, (n, max_length). Raises ConfigError where there are none."""
        self.check()
        if self.automaton is not None and self.automaton.size <= MOST_LISTED and self.acceptance < _LIST_BELOW:
            return self._listed[rng.integers(len(self._listed), size=n)]
        return self._try(n, 2**62, rng)[0]

    def mended(self, codes: Codes, frame: int, rng: np.random.Generator) -> Codes:
        """Encoded sequences, (n, L), with a few letters of those that break a rule drawn again until they obey."""
        wrong = np.flatnonzero(~self._book.allow(codes))
        automaton = self._mending
        if automaton is None or not len(wrong):
            return codes
        from designloop.core.spaces.mending import mended

        found, book = codes.copy(), self._book
        width = min(codes.shape[1], self._max_length)
        short = wrong[(codes[wrong, width:] == PAD).all(axis=1)]
        given = np.ascontiguousarray(codes[short, :width])
        how = automaton.following, automaton.ends, book.windows, book.counted, frame
        found[short, :width] = mended(given, *how, int(rng.integers(2**63)))
        return found

    @cached_property
    def _mending(self) -> Automaton | None:
        """The automaton by which sequences are mended: without edits if these are too wide, at last without shares."""
        if self.automaton is not None:
            return self.automaton if self.automaton.size else None
        for shares in (True, False):
            machines = [self._letters, *self._book.machines(shares=shares)]
            found = Automaton.of(machines, self._max_length, self._n_letters)
            if found is not None:
                return found
        return None

    def _try(self, n: int, most: int, rng: np.random.Generator) -> tuple[Codes, int]:
        """(n accepted draws, or as many as `most` tries gave; tries)."""
        found, tried, step = np.zeros((0, self._max_length), dtype=np.int16), 0, n
        while len(found) < n and tried < most:
            codes, n_tried = self._drawn(step, most - tried, rng)
            if not self._is_compiled and len(codes):
                keeps = self._book.allow(codes)
                n_used = _used(keeps, n - len(found))  # draws after the last one that is needed do not count
                codes, n_tried = codes[:n_used][keeps[:n_used]], n_tried * n_used // len(codes)
            found, tried = np.concatenate([found, codes]), tried + n_tried
            step = min(int(1.1 * (n - len(found)) * max(tried, 1) / max(len(found), 1)) + 64, _MOST_AT_ONCE)
        return found[:n], tried

    def _drawn(self, n: int, most: int, rng: np.random.Generator) -> tuple[Codes, int]:
        """(n draws that obey the windows, tries); draws that obey no rule yet where there is no automaton."""
        if self._joined is not None:
            codes, _ = self._joined.blocks.draw(min(n, self._joined.n_for(_MOST_BLOCKS)), 2**62, rng)
            return codes, len(codes)
        return self._rejecting(n, most, rng) if self.automaton is not None else (self._draw_freely(n, rng), n)

    def _rejecting(self, n: int, most: int, rng: np.random.Generator) -> tuple[Codes, int]:
        """(n draws from the automaton that obey the windows, or what `most` tries gave; tries)."""
        assert self.automaton is not None
        from designloop.core.spaces.draws import drawn

        automaton, book, seed = self.automaton, self._book, int(rng.integers(2**63))
        shape = n, self._max_length
        found, n_found, tried = drawn(
            automaton.following, automaton.chances, book.windows, book.counted, *shape, most, seed
        )
        return found[:n_found], tried


def _used(keeps: NDArray[np.bool_], n: int) -> int:
    """How many draws are looked at until n are accepted: those after them do not count."""
    places = np.flatnonzero(keeps)
    return int(places[n - 1]) + 1 if len(places) >= n else len(keeps)
