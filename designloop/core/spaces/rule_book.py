"""A rule book holds the rules of a space together: membership, what a sequence breaks, and machines to draw with."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.spaces.machines import Codons, Counted, Everywhere, Machine
from designloop.core.spaces.patterns import automaton_without
from designloop.core.spaces.rule import Rule, Share

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]


class RuleBook:
    """The rules and the excluded sequences of a space. Codes are (n, L), padded after their end."""

    def __init__(self, alphabet: Alphabet, max_length: int, rules: Sequence[Rule], excluded: frozenset[str]) -> None:
        self._alphabet, self._max_length, self._rules = alphabet, max_length, rules
        self.excluded = excluded
        """Sequences that may not be built."""
        shares = [share for rule in rules for share in rule.shares(alphabet)]
        self.whole = [share for share in shares if share.window is None]
        """Limits on the share of letters in the whole sequence."""
        self._windows = [share for share in shares if share.window is not None]
        self._own = [rule for rule in rules if type(rule).obeyed is not Rule.obeyed]

    @cached_property
    def table(self) -> NDArray[np.int32] | None:
        """The automaton that ends where a forbidden pattern is complete, (states, letters); None: nothing forbidden."""
        patterns = [pattern for rule in self._rules for pattern in rule.forbidden(self._alphabet)]
        return automaton_without(patterns, len(self._alphabet)) if patterns else None

    @cached_property
    def longest_pattern(self) -> int:
        """Letters of the longest forbidden pattern."""
        patterns = [pattern for rule in self._rules for pattern in rule.forbidden(self._alphabet)]
        return max(map(len, patterns), default=0)

    @cached_property
    def codons(self) -> Mask | None:
        """True for the codons that all rules allow at each place, (codons, 64); None without such a rule."""
        masks = [rule.codons(self._alphabet, self._max_length // 3) for rule in self._rules]
        found = [mask for mask in masks if mask is not None]
        return np.all(found, axis=0) if found else None

    @cached_property
    def letters(self) -> Mask:
        """True for letters that a codon allowed there has, (max_length, letters)."""
        if self.codons is None:
            return np.ones((self._max_length, len(self._alphabet)), dtype=bool)
        cubes = self.codons.reshape(-1, 4, 4, 4)
        by_place = [cubes.any(axis=tuple(axis for axis in (1, 2, 3) if axis != k)) for k in (1, 2, 3)]
        return np.stack(by_place, axis=1).reshape(self._max_length, 4)

    @cached_property
    def windows(self) -> Ints:
        """(width, least, most) of the letters counted in each stretch of a width, (windows, 3)."""
        rows = [self._window(share, share.window) for share in self._windows if share.window is not None]
        return np.array(rows, dtype=np.int64).reshape(-1, 3)

    def _window(self, share: Share, width: int) -> tuple[int, int, int]:
        least, most = share.limits(np.array([width]))
        return width, int(least[0]), int(most[0])

    @cached_property
    def counted(self) -> Mask:
        """True for the letters that each window counts, (windows, letters)."""
        return np.array([self._is_in(share) for share in self._windows], dtype=bool).reshape(-1, len(self._alphabet))

    @property
    def all_windows(self) -> tuple[Ints, Mask]:
        """The windows and what they count, with limits on whole sequences of `max_length` letters as further ones."""
        whole = [self._window(share, self._max_length) for share in self.whole]
        counted = [self._is_in(share) for share in self.whole]
        return np.array([*self.windows, *whole]), np.array([*self.counted, *counted])

    def _is_in(self, share: Share) -> Mask:
        return np.array([letter in share.letters for letter in self._alphabet.letters])

    @property
    def is_counted(self) -> bool:
        """True where machines know all rules, but for excluded sequences."""
        return not self._windows and not self._own

    @property
    def is_drawn_compiled(self) -> bool:
        """True where a compiled draw obeys all rules."""
        return not self._own and not self.excluded

    def machines(self, *, shares: bool = True) -> list[Machine]:
        """Machines for the patterns, the codons and (unless left out) the shares of letters in the whole sequence."""
        found = list[Machine]()
        if self.table is not None:
            found.append(Everywhere(self.table))
        if self.codons is not None:
            found.append(Codons(self.codons, len(self._alphabet)))
        if shares:
            lengths = np.arange(self._max_length + 1)
            found += [Counted(self._is_in(share), *share.limits(lengths)) for share in self.whole]
        return found

    def encoded(self, sequences: Sequence[str]) -> Codes:
        """Codes of sequences of at most max_length letters, (n, max_length)."""
        codes = np.full((len(sequences), self._max_length), PAD, dtype=np.int16)
        known = self._alphabet.encode(sequences)
        codes[:, : known.shape[1]] = known
        return codes

    # -- membership --------------------------------------------------------------------------------------------------

    def allow(self, codes: Codes) -> Mask:
        """True for each row that obeys all rules and is not excluded, (n,)."""
        inside = np.ones(len(codes), dtype=bool)
        if self.table is not None:
            inside &= _without(self.table, codes)
        if self.codons is not None:
            inside &= self._have_codons(codes)
        for share in (*self.whole, *self._windows):
            inside &= self._have_share(codes, share)
        left = np.flatnonzero(inside)
        if len(left) and (self._own or self.excluded):
            inside[left] = self._obey_others(self._alphabet.decode(codes[left]))
        return inside

    def _have_codons(self, codes: Codes) -> Mask:
        assert self.codons is not None
        n_codons = len(self.codons)
        whole = np.full((len(codes), 3 * n_codons), PAD, dtype=np.int64)
        width = min(codes.shape[1], 3 * n_codons)
        whole[:, :width] = codes[:, :width]
        numbers = np.maximum(whole, 0).reshape(-1, n_codons, 3) @ np.array([16, 4, 1])
        allowed = self.codons[np.arange(n_codons), numbers].all(axis=1)
        return np.asarray(allowed & (whole != PAD).all(axis=1) & ((codes != PAD).sum(axis=1) == 3 * n_codons))

    def _have_share(self, codes: Codes, share: Share) -> Mask:
        is_letter = codes != PAD
        counted = self._is_in(share)[np.maximum(codes, 0)] & is_letter
        lengths = is_letter.sum(axis=1)
        if share.window is None:
            least, most = share.limits(lengths)
            return np.asarray((counted.sum(axis=1) >= least) & (counted.sum(axis=1) <= most))
        up_to = np.concatenate([np.zeros((len(codes), 1), dtype=np.int64), counted.cumsum(axis=1)], axis=1)
        numbers = up_to[:, share.window :] - up_to[:, : -share.window]  # of the stretch that begins at each place
        least, most = share.limits(np.array([share.window]))
        is_whole = np.arange(numbers.shape[1]) + share.window <= lengths[:, None]
        return np.asarray((((numbers >= least) & (numbers <= most)) | ~is_whole).all(axis=1))

    def _obey_others(self, sequences: list[str]) -> Mask:
        inside = np.fromiter((one not in self.excluded for one in sequences), bool, len(sequences))
        for rule in self._own:
            told = rule.obeyed(sequences)
            inside &= True if told is None else np.asarray(told, dtype=bool)
        return inside

    def broken(self, sequence: str) -> str:
        """The rule that a sequence breaks, such as `rule 'gc'`; empty where it obeys all."""
        codes = self._alphabet.encode([sequence])
        for rule in self._rules:
            alone = RuleBook(self._alphabet, self._max_length, [rule], frozenset())
            if not alone.allow(codes)[0]:
                return f"rule '{rule.known_as}'{alone._place_of(codes[0])}"
        return ""

    def _place_of(self, codes: Codes) -> str:
        """` at letter 17, where a forbidden motif ends`, or ` at codon 3, counted from 0`; empty for other rules."""
        if self.table is not None:
            state = 0
            for place, code in enumerate(codes.tolist(), start=1):
                state = int(self.table[state, code])
                if state < 0:
                    return f" at letter {place}, where a forbidden motif ends"
        if self.codons is not None and len(codes) == self._max_length:
            numbers = codes.reshape(-1, 3).astype(np.int64) @ np.array([16, 4, 1])
            wrong = np.flatnonzero(~self.codons[np.arange(len(numbers)), numbers])
            return f" at codon {wrong[0]}, counted from 0" if len(wrong) else ""
        return ""


def _without(table: NDArray[np.int32], codes: Codes) -> Mask:
    """True for rows in which no forbidden pattern is complete, (n,)."""
    states = np.zeros(len(codes), dtype=np.int64)
    # A row of -1 keeps what is broken; a column of the own state keeps what has ended.
    n_states = len(table)
    steps = np.full((n_states + 1, table.shape[1] + 1), n_states, dtype=np.int64)
    steps[:-1, :-1] = np.where(table < 0, n_states, table)
    steps[:, -1] = np.arange(n_states + 1)
    for place in range(codes.shape[1]):
        states = steps[states, codes[:, place]]  # PAD, -1, is the last column
    return np.asarray(states < n_states)
