"""How an n-gram model infills: exactly, by enumerating the fillings of few letters, or by backward messages.

At the highest orders, many missing letters near each other are drawn by Gibbs sweeps.
"""

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.errors import InputError
from designloop.core.spaces import Space
from designloop.language_models.inference.lengths import allowed_letters, pick

_GIBBS_SWEEPS = 10
_MOST_CELLS = 2**19
"""Numbers in a table, a letter after each context, from which on messages over all contexts would take too long."""
_MOST_NUMBERS = 2**23
"""In the messages that are kept at once, or the fillings."""
_LEAST_FILLINGS, _MOST_FILLINGS = 2**6, 2**12
"""Fillings of a group that are always weighed one by one, and that never are; between them, where contexts are more."""
_TINY = 1e-290
_LEAST_CONSTANT = 1e-100
"""Of a context, over the largest: well above what stands for zero, so that its letters are still told apart."""


class Infilling:
    """The drawing of missing letters in one array of codes, by a table (positions or 1, contexts, letters)."""

    def __init__(
        self,
        table: NDArray[np.float64],
        order: int,
        codes: Codes,
        missing: NDArray[np.bool_],
        space: Space,
        temperature: float,
    ) -> None:
        self.order, self.n_letters = order, table.shape[2]
        self.codes, self.missing = codes, missing
        self.is_letter = (codes != PAD) | missing
        self.allowed = allowed_letters(space, codes.shape[1])
        highest = table.max(axis=2, keepdims=True)
        powered = (table / highest) ** (1.0 / temperature)
        # With the constant of each context put back, the joint is the power of the joint, not of each step.
        constants = (highest / highest.max()) ** (1.0 / temperature) if self.order else np.ones_like(highest)
        if constants.min() < _LEAST_CONSTANT:
            least = np.log(highest.min() / highest.max()) / np.log(_LEAST_CONSTANT)
            raise InputError(f"temperature {temperature:g} is too low for this n-gram model; use {least:.2g} or more")
        self.table = powered * constants + _TINY

    def _at(self, position: int) -> NDArray[np.float64]:
        return np.asarray(self.table[min(position, len(self.table) - 1)])

    def jointly(self, uniforms: NDArray[np.float64]) -> Codes:
        """Exact for order 0 and 1: messages from right to left, then letters from left to right."""
        messages = self._messages()
        for position in range(self.codes.shape[1]):
            rows = np.flatnonzero(self.missing[:, position])
            if len(rows) == 0:
                continue
            weights = self._forward(rows, position) * self.allowed[position]
            if position in messages:
                weights = weights * messages[position]
            self.codes[rows, position] = pick(weights, uniforms[rows, position])
        return self.codes

    def _forward(self, rows: NDArray[np.int64], position: int) -> NDArray[np.float64]:
        if self.order == 0:
            return np.broadcast_to(self._at(position)[0], (len(rows), self.n_letters))
        before = self.codes[rows, position - 1] if position else np.full(len(rows), self.n_letters)
        return np.asarray(self._at(position)[before])

    def _messages(self) -> dict[int, NDArray[np.float64]]:
        """For each position, P(what is known to its right | each letter here), shape (missing here, letters)."""
        messages: dict[int, NDArray[np.float64]] = {}
        if self.order == 0:
            return messages
        for position in range(self.codes.shape[1] - 2, -1, -1):
            rows = np.flatnonzero(self.missing[:, position])
            if len(rows) == 0:
                continue
            step = self._at(position + 1)[: self.n_letters]  # (letter here, letter there)
            message = np.ones((len(rows), self.n_letters))
            known = self.is_letter[rows, position + 1] & ~self.missing[rows, position + 1]
            message[known] = step.T[self.codes[rows[known], position + 1]]
            unknown = self.missing[rows, position + 1]
            if unknown.any():
                beyond = self.allowed[position + 1] * messages.get(position + 1, np.ones((1, 1)))
                place = np.cumsum(self.missing[:, position + 1]) - 1  # row -> its place among the missing there
                there = np.broadcast_to(beyond, (place[-1] + 1, self.n_letters))[place[rows[unknown]]]
                message[unknown] = there @ step.T
            messages[position] = message / message.max(axis=1, keepdims=True)
        return messages

    @property
    def is_small(self) -> bool:
        """Whether messages over all contexts are affordable."""
        return is_exact(self.order, self.n_letters)

    def by_messages(self, uniforms: NDArray[np.float64]) -> Codes:
        """Exact for any order: letters that are missing near each other by messages over all contexts."""
        rows = np.flatnonzero(self.missing.any(axis=1))
        size = max(1, _MOST_NUMBERS // (self.table.shape[1] * self.codes.shape[1]))
        for first in range(0, len(rows), size):
            self._along(rows[first : first + size], uniforms)
        return self.codes

    def by_fillings(self, uniforms: NDArray[np.float64]) -> bool:
        """Draw the groups of missing letters that have few fillings, exactly, and so make them known; is any left?

        A group ends where more than `order` letters follow that are known: no context holds letters of two.
        """
        rows, columns = np.nonzero(self.missing)
        begins = np.ones(len(rows), dtype=bool)
        begins[1:] = (np.diff(rows) != 0) | (np.diff(columns) > self.order)
        sizes = np.diff(np.append(np.flatnonzero(begins), len(rows)))
        most = np.clip(self.table.shape[1], _LEAST_FILLINGS, _MOST_FILLINGS)
        is_few = float(self.n_letters) ** sizes <= most
        if not is_few.any():
            return bool(len(rows))
        log_table = np.log(self.table).ravel()
        for size in np.unique(sizes[is_few]).tolist():
            members = np.repeat(sizes == size, sizes)
            at = columns[members].reshape(-1, size)  # (groups, size)
            for first in range(0, len(at), step := max(1, int(_MOST_NUMBERS // self.n_letters**size))):
                self._fill(rows[members][::size][first : first + step], at[first : first + step], log_table, uniforms)
        known = np.repeat(is_few, sizes)
        self.missing = self.missing.copy()
        self.missing[rows[known], columns[known]] = False
        return bool(self.missing.any())

    def _fill(
        self,
        rows: NDArray[np.int64],
        at: NDArray[np.int64],
        log_table: NDArray[np.float64],
        uniforms: NDArray[np.float64],
    ) -> None:
        """Letters of groups, one in each of the rows (g,), at these columns (g, m): all fillings are weighed."""
        fillings = np.indices((self.n_letters,) * at.shape[1]).reshape(at.shape[1], -1)  # (m, F)
        weights = self._weights(rows, at, fillings, log_table)
        for column, letters in zip(at.T, fillings, strict=True):
            weights = np.where(self.allowed[column][:, letters], weights, -np.inf)
        weights = np.exp(weights - weights.max(axis=1, keepdims=True))
        for column in at.T:
            weights = weights.reshape(len(rows), self.n_letters, -1)
            letters = pick(weights.sum(axis=2), uniforms[rows, column])
            self.codes[rows, column] = letters
            weights = weights[np.arange(len(rows)), letters]

    def _weights(
        self,
        rows: NDArray[np.int64],
        at: NDArray[np.int64],
        fillings: NDArray[np.int64],
        log_table: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Log of each filling's weight, (g, F): the terms of the letters that are filled in, and of those they precede.

        Of a letter's place in the table, (context, letter), each letter of a filling tells its own part.
        """
        known = np.where(self.missing[rows], 0, self.codes[rows])  # (g, L)
        contexts = contexts_of(known, self.order, self.n_letters)
        total = np.zeros((len(rows), fillings.shape[1]))
        for away in range(int((at[:, -1] - at[:, 0]).max()) + self.order + 1):
            column = np.minimum(at[:, 0] + away, self.codes.shape[1] - 1)
            here = np.arange(len(rows)), column
            back = at[:, :1] + away - at  # (g, m): how far before this letter each missing one is
            parts = np.where(
                (back > 0) & (back <= self.order), (self.n_letters + 1.0) ** (back - 1) * self.n_letters, 0
            )
            cells = np.minimum(column, len(self.table) - 1) * self.table.shape[1] + contexts[here]
            places = (cells * self.n_letters + known[here])[:, None] + (parts + (back == 0)) @ fillings
            matters = (
                self.is_letter[rows, column] & (at[:, 0] + away == column) & (away <= at[:, -1] - at[:, 0] + self.order)
            )
            total[matters] += log_table[places[matters].astype(np.int64)]
        return total

    def _along(self, rows: NDArray[np.int64], uniforms: NDArray[np.float64]) -> None:
        """Letters of these rows from left to right, each weighed by the message from what lies to its right."""
        columns = np.flatnonzero(self.missing[rows].any(axis=0)).tolist()
        messages = self._messages_over_contexts(rows, columns)
        n_states = self.n_letters + 1
        for position in columns:
            here = np.flatnonzero(self.missing[rows, position])
            contexts = contexts_of(self.codes[rows[here]], self.order, self.n_letters)[:, position]
            next_contexts = (contexts * n_states % self.table.shape[1])[:, None] + np.arange(self.n_letters)
            weights = self._at(position)[contexts] * np.take_along_axis(messages[position][here], next_contexts, axis=1)
            weights = np.maximum(weights / np.maximum(weights.max(axis=1, keepdims=True), _TINY), _TINY)
            self.codes[rows[here], position] = pick(weights * self.allowed[position], uniforms[rows[here], position])

    def _messages_over_contexts(self, rows: NDArray[np.int64], columns: list[int]) -> dict[int, NDArray[np.float64]]:
        """For each column, P(what is known to its right | the last letters up to it), in proportion, (rows, contexts).

        Of the context that ends at t, (oldest, the rest), the oldest leaves as the next letter x enters:
        message_t(oldest, rest) = sum over x of P(x | oldest, rest) · may(x) · message_{t+1}(rest, x).
        """
        n_states, n_contexts = self.n_letters + 1, self.table.shape[1]
        messages: dict[int, NDArray[np.float64]] = {}
        message = np.ones((len(rows), n_contexts))
        for position in range(min(columns[-1] + self.order, self.codes.shape[1] - 1), columns[0] - 1, -1):
            if position in columns:
                messages[position] = message
            entering = message.reshape(len(rows), -1, n_states)[:, :, : self.n_letters]
            entering = entering * self._may(rows, position)[:, None]  # (rows, rest, x)
            table = self._at(position).reshape(n_states, -1, self.n_letters)  # (oldest, rest, x)
            found = np.matmul(entering.transpose(1, 0, 2), table.transpose(1, 2, 0))  # (rest, rows, oldest)
            message = found.transpose(1, 2, 0).reshape(len(rows), n_contexts)
            message = message / np.maximum(message.max(axis=1, keepdims=True), _TINY)
            message[~self.is_letter[rows, position]] = 1.0
        return messages

    def _may(self, rows: NDArray[np.int64], position: int) -> NDArray[np.bool_]:
        """True where a letter may stand at the position: the known one, or those allowed, (rows, letters)."""
        known = self.codes[rows, position][:, None] == np.arange(self.n_letters)
        return np.asarray(np.where(self.missing[rows, position][:, None], self.allowed[position], known))

    def by_gibbs(self, rng: np.random.Generator) -> Codes:
        """Left to right once, then sweeps in which each missing letter is drawn given all the others."""
        width = self.codes.shape[1]
        crowded = self._crowded()
        for sweep in range(_GIBBS_SWEEPS + 1):
            uniforms = rng.random(self.codes.shape)
            ahead = 0 if sweep == 0 else self.order
            # A letter whose neighbours are all known is drawn exactly, and once.
            drawn = self.missing if sweep <= 1 else crowded
            for position in np.flatnonzero(drawn.any(axis=0)).tolist():
                rows = np.flatnonzero(drawn[:, position])
                weights = self._conditional(rows, position, min(position + ahead, width - 1))
                self.codes[rows, position] = pick(weights, uniforms[rows, position])
        return self.codes

    def conditional(self, rows: NDArray[np.int64], position: int) -> NDArray[np.float64]:
        """Weights in proportion to P(letter at `position` | all the others), (rows, letters)."""
        return self._conditional(rows, position, min(position + self.order, self.codes.shape[1] - 1))

    def _crowded(self) -> NDArray[np.bool_]:
        """True where a missing letter has another within `order` letters of it, (n, L)."""
        near = np.zeros_like(self.missing)
        for away in range(1, min(self.order, self.missing.shape[1] - 1) + 1):
            near[:, away:] |= self.missing[:, :-away]
            near[:, :-away] |= self.missing[:, away:]
        return near & self.missing

    def _conditional(self, rows: NDArray[np.int64], position: int, last: int) -> NDArray[np.float64]:
        """P(letter at `position` | the others), by the terms of positions up to `last`; shape (rows, letters)."""
        log_weights = np.zeros((len(rows), self.n_letters))
        window = self.codes[rows, max(position - self.order, 0) : last + 1].copy()
        here = position - max(position - self.order, 0)
        is_letter = self.is_letter[rows, position : last + 1]
        for letter in np.flatnonzero(self.allowed[position]):
            window[:, here] = letter
            # The window's first letters are context alone: their own terms, and start symbols, are not used.
            contexts = contexts_of(window, self.order, self.n_letters)
            for there in range(here, window.shape[1]):
                p = self._at(position + there - here)[contexts[:, there], window[:, there]]
                log_weights[:, letter] += np.where(is_letter[:, there - here], np.log(p), 0.0)
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True)) * self.allowed[position]
        return np.asarray(weights + _TINY * self.allowed[position])


def is_exact(order: int, n_letters: int) -> bool:
    """Whether an n-gram model of this order draws any number of missing letters exactly."""
    return int((n_letters + 1) ** order * n_letters) <= _MOST_CELLS


def contexts_of(codes: Codes, order: int, n_letters: int) -> NDArray[np.int64]:
    """The number of each letter's context, shape (n, L): its `order` letters read in base `letters + 1`.

    Code `letters` stands before the beginning (and, where it does not matter, behind the end).
    """
    n, width = codes.shape
    letters = np.where(codes == PAD, n_letters, codes).astype(np.int64)
    letters = np.concatenate([np.full((n, order), n_letters), letters], axis=1)
    contexts = np.zeros((n, width), dtype=np.int64)
    for back in range(order, 0, -1):
        contexts = contexts * (n_letters + 1) + letters[:, order - back : order - back + width]
    return contexts
