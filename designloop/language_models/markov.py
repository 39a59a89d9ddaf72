"""An n-gram model: each letter depends on the few before it. Quick, exact, and the baseline of every neural model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.cache import cached
from designloop.core.errors import ConfigError
from designloop.core.space import Space
from designloop.language_models.base import LanguageModel
from designloop.language_models.keeping import load_arrays, model_key, save_arrays
from designloop.language_models.lengths import Lengths, allowed_letters, template

_MAX_TABLE = 50_000_000
_GIBBS_SWEEPS = 10
_TINY = 1e-290


class Markov(LanguageModel):
    """Counts of letters after their context; a context too rare to judge by backs off to a shorter one."""

    order: int = Field(1, ge=0, le=8, description="letters of context; 1 is a bigram model, 0 a composition")
    pseudocount: float = Field(
        0.02, gt=0, description="counts lent to each letter after each context, shared as the shorter context would"
    )
    positional: bool = Field(False, description="a table for each position, for aligned sites (order 0: a PWM)")

    def pretrained(self, corpus: Sequence[str], space: Space) -> "MarkovModel":
        """The model counted from `corpus`; from none, every letter alike."""

        def make() -> MarkovModel:
            return self._count(corpus, space)

        def load(path: Path) -> MarkovModel:
            arrays = load_arrays(path)
            return MarkovModel(space.alphabet, arrays["table"], Lengths(arrays["lengths"]))

        return cached("markov", model_key(self, corpus, space), make, _save, load)

    def _count(self, corpus: Sequence[str], space: Space) -> "MarkovModel":
        codes = space.alphabet.encode(corpus)
        n_letters, n_positions = len(space.alphabet), max(codes.shape[1], 1) if self.positional else 1
        if n_positions * (n_letters + 1) ** self.order * n_letters > _MAX_TABLE:
            raise ConfigError(
                f"a markov model of order {self.order} over {n_letters} letters needs a table of more than "
                f"{_MAX_TABLE:,} numbers; lower the order"
            )
        table = np.full((n_positions, 1, n_letters), 1.0 / n_letters)
        for order in range(self.order + 1):
            counts = _counts(codes, order, n_positions, n_letters)
            # (P, contexts, A): the shorter context is the longer one without its oldest letter
            prior = table[:, np.arange(counts.shape[1]) % table.shape[1]] * (self.pseudocount * n_letters)
            table = (counts + prior) / (counts.sum(axis=2, keepdims=True) + self.pseudocount * n_letters)
        return MarkovModel(space.alphabet, table, Lengths.of(codes, space))


def _save(model: "MarkovModel", path: Path) -> None:
    save_arrays({"table": model.table, "lengths": model.lengths.counts}, path)


def _counts(codes: Codes, order: int, n_positions: int, n_letters: int) -> NDArray[np.float64]:
    """How often each letter stands after each context, shape (positions or 1, contexts, letters)."""
    n_contexts = (n_letters + 1) ** order
    rows, positions = np.nonzero(codes != PAD)
    table = np.minimum(positions, n_positions - 1)
    cells = (table * n_contexts + _contexts(codes, order, n_letters)[rows, positions]) * n_letters
    counts = np.bincount(cells + codes[rows, positions], minlength=n_positions * n_contexts * n_letters)
    return counts.reshape(n_positions, n_contexts, n_letters).astype(np.float64)


def _contexts(codes: Codes, order: int, n_letters: int) -> NDArray[np.int64]:
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


@dataclass(frozen=True)
class MarkovModel:
    """A counted n-gram model. Likelihoods are exact; draws are too up to order 1, by forward-backward messages.

    Of higher orders, letters that are missing near each other are drawn by Gibbs sweeps. Temperature t draws from the
    joint probability to the power 1/t.
    """

    alphabet: Alphabet
    table: NDArray[np.float64]
    """Probability of each letter after each context, shape (positions or 1, contexts, letters)."""
    lengths: Lengths

    @property
    def order(self) -> int:
        """Letters of context."""
        order, contexts = 0, self.table.shape[1]
        while contexts > 1:
            order, contexts = order + 1, contexts // (len(self.alphabet) + 1)
        return order

    def log_likelihood(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Natural log of each sequence's probability among all sequences of all lengths, exact, shape (n,)."""
        n_letters = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
        return np.asarray(self.letter_log_likelihoods(sequences).sum(axis=1) + self.lengths.log_probability(n_letters))

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Natural log of each letter's probability given the letters before it, (n, longest), 0 behind the end."""
        codes = self.alphabet.encode(sequences)
        contexts = _contexts(codes, self.order, len(self.alphabet))
        cells = (self._table_at(np.arange(codes.shape[1])) * self.table.shape[1] + contexts) * len(self.alphabet)
        log_p = np.log(self.table).ravel()[cells + np.maximum(codes, 0)]
        return np.where(codes == PAD, 0.0, log_p)

    def sample(self, n: int, space: Space, rng: np.random.Generator, *, temperature: float = 1.0) -> list[str]:
        """`n` sequences of the space's lengths and allowed letters: lengths first, then letters given the length."""
        codes, missing = template(self.lengths.sample(n, space, rng), space.max_length)
        return self.alphabet.decode(self.infill(codes, missing, space, rng, temperature=temperature))

    def infill(
        self,
        codes: Codes,
        missing: NDArray[np.bool_],
        space: Space,
        rng: np.random.Generator,
        *,
        temperature: float = 1.0,
        passes: int | None = None,
    ) -> Codes:
        """`codes` with the letters at `missing`, (n, L), drawn jointly given all the others.

        What stood there before does not matter; `passes` is for networks, and changes nothing here.
        """
        draw = _Infilling(self, np.asarray(codes, dtype=np.int16).copy(), np.asarray(missing, bool), space, temperature)
        if self.order <= 1:
            return draw.jointly(rng.random(codes.shape))
        return draw.by_gibbs(rng)

    def _table_at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(positions, len(self.table) - 1)


class _Infilling:
    """The drawing of missing letters in one array of codes."""

    def __init__(
        self, model: MarkovModel, codes: Codes, missing: NDArray[np.bool_], space: Space, temperature: float
    ) -> None:
        self.order, self.n_letters = model.order, len(model.alphabet)
        self.codes, self.missing = codes, missing
        self.is_letter = (codes != PAD) | missing
        self.allowed = allowed_letters(space, codes.shape[1])
        powered = (model.table / model.table.max(axis=2, keepdims=True)) ** (1.0 / temperature)
        # With the constant of each context put back, the joint is the power of the joint, not of each step.
        self.table = powered * model.table.max(axis=2, keepdims=True) ** (1.0 / temperature) + _TINY

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
            contexts = _contexts(window, self.order, self.n_letters)
            for there in range(here, window.shape[1]):
                p = self._at(position + there - here)[contexts[:, there], window[:, there]]
                log_weights[:, letter] += np.where(is_letter[:, there - here], np.log(p), 0.0)
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True)) * self.allowed[position]
        return np.asarray(weights + _TINY * self.allowed[position])


def pick(weights: NDArray[np.float64], uniforms: NDArray[np.float64]) -> NDArray[np.int16]:
    """One letter a row in proportion to `weights` (n, letters), by inversion; never one of weight zero."""
    sums = weights.cumsum(axis=1)
    height = np.minimum(uniforms * sums[:, -1], np.nextafter(sums[:, -1], 0.0))
    return np.asarray((sums <= height[:, None]).sum(axis=1), dtype=np.int16)
