"""Expression depends on naturalness: P(expressed) = sigmoid(a + b z'); a sequence that is not expressed has no value.

z is the log-likelihood per letter under an n-gram model of natural sequences, standardised over them. `agreement` is
the correlation of z with the score z' that determines expression: z' = agreement * z + sqrt(1 - agreement^2) * u, where
u is the score of a random n-gram model without its part that correlates with z. A prior learnt from natural sequences
can therefore help or mislead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.counting import many
from designloop.core.errors import ConfigError, explained_by
from designloop.core.files import OrFileName
from designloop.core.prior import CorpusFile
from designloop.core.random import stream
from designloop.core.spaces import Space, compress
from designloop.oracles.base import Oracle
from designloop.oracles.metropolis import Walk
from designloop.oracles.ngram import NGram, Standard, contexts_of
from designloop.oracles.wrapper import Wrapper

Floats = NDArray[np.float64]
_MAX_SEARCHED = 500_000
_N_WALKS, _N_STEPS = 64, 200


class Expression(Wrapper):
    """An oracle whose sequences are expressed with a probability that rises with their naturalness; otherwise NaN.

    Expression is a fixed property of a sequence: a number drawn from the seed and the sequence is below P. The corpus
    is unchanged: natural sequences may fail in the lab, too.
    """

    at_average: float = Field(0.9, gt=0, lt=1, description="P(expressed) of an average natural sequence")
    slope: float = Field(1.0, ge=0, description="increase in the log-odds of expression per sd of naturalness")
    agreement: float = Field(
        1.0,
        ge=0,
        le=1,
        description="correlation, over natural sequences, between their naturalness and the score behind expression",
    )
    order: int = Field(2, ge=0, le=6, description="context length of both n-gram models, in letters")
    corpus_size: int = Field(
        5000, ge=20, le=10_000_000, description="number of natural sequences to draw from the oracle or a larger file"
    )
    corpus_file: Annotated[CorpusFile | None, OrFileName()] = Field(
        None, description="file of natural sequences; default: those of the wrapped oracle"
    )
    seed: int = Field(
        0,
        ge=0,
        description="seed of the natural sequences, of the random n-gram model and of expression",
    )

    @model_validator(mode="after")
    def _has_natural_sequences(self) -> Self:
        if self.corpus_file is None and not _has_corpus(self.oracle):
            raise ValueError(
                f"oracle '{self.oracle.kind}' has no natural sequences, which `expression` requires; give "
                "`corpus_file: natural.fasta`, or wrap it in `evolved`"
            )
        return self

    @cached_property
    def space(self) -> Space:
        """The wrapped oracle's space. Raises if the file of natural sequences is invalid: before any work starts."""
        contexts_of(self.oracle.space.alphabet, self.order)
        if self.corpus_file is not None:
            _ = self.naturalness
        return self.oracle.space

    @cached_property
    def naturalness(self) -> "Naturalness":
        """The scores of naturalness on this landscape, computed once."""
        return Naturalness.of(self, self._natural())

    def _natural(self) -> list[str]:
        """The natural sequences, drawn with the part's own seed, independent of the campaign's."""
        file, rng = self.corpus_file, stream(self.seed, "expression", "corpus")
        remarks: tuple[str, ...] = ()
        if file is None:
            natural, where = self.oracle.corpus(self.corpus_size, rng), f"oracle '{self.oracle.kind}'"
        else:
            reading = file.read(self.oracle.space.alphabet)
            natural, where, remarks = reading.sequences, file.path, reading.remarks
        if len(natural) < 2:
            with explained_by(remarks):
                raise ConfigError(
                    f"{where} has {many(len(natural), 'natural sequence')}, too few to estimate naturalness; give more"
                )
        kept = rng.permutation(len(natural))[: self.corpus_size]  # shuffled: a file may be sorted by family
        return [natural[i] for i in kept]

    def probability(self, sequences: Sequence[str]) -> Floats:
        """P(expressed) of each sequence, shape (n,)."""
        a = np.log(self.at_average / (1 - self.at_average))
        log_odds = a + self.slope * self.naturalness.that_counts(sequences)
        return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))

    def is_expressed(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """Whether each sequence is expressed, shape (n,): a fixed property of the sequence."""
        drawn = np.fromiter((_uniform(self.seed, sequence) for sequence in sequences), float, len(sequences))
        return np.asarray(drawn < self.probability(sequences))

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Values of the wrapped oracle, shape (n,), NaN for sequences that are not expressed."""
        values, expressed = np.full(len(sequences), np.nan), self.is_expressed(sequences)
        values[expressed] = self.oracle(compress(sequences, expressed))
        return values

    @property
    def optimum(self) -> float | None:
        """The highest value of an expressed sequence, if it is known.

        In a small space all sequences are evaluated. In a larger space it is the wrapped optimum, if random walks from
        the wrapped oracle's solution find an expressed sequence with that value.
        """
        return None if self._best is None else self._best[0]

    def optimal_solution(self) -> str | None:
        """An expressed sequence with that value; None if none is known."""
        return None if self._best is None else self._best[1]

    @cached_property
    def _best(self) -> tuple[float, str] | None:
        return _best_of(self)


@dataclass(frozen=True)
class Naturalness:
    """The naturalness z of a sequence, and the score z' that determines expression."""

    nature: Standard
    agreement: float
    other: Standard | None
    """The score of a random n-gram model; None if naturalness alone determines expression."""
    slope: float
    """The regression slope of the other score on z, over natural sequences."""

    @classmethod
    def of(cls, expression: Expression, natural: Sequence[str]) -> Self:
        """Counted from one half of `natural`, and standardised over the other half."""
        alphabet, order = expression.oracle.space.alphabet, expression.order
        nature = Standard.over(natural[1::2], NGram.counted(natural[::2], alphabet, order))
        if expression.agreement == 1:
            return cls(nature, 1.0, None, 0.0)
        model = NGram.drawn(alphabet, order, stream(expression.seed, "expression", "n-gram"))
        other = Standard.over(natural[1::2], model)
        slope = float(np.mean(nature.z(natural[1::2]) * other.z(natural[1::2])))
        if not slope**2 < 1 - 1e-9:
            raise ConfigError(
                f"oracle '{expression.kind}': all n-gram models of order {order} over {len(alphabet)} letters rank "
                "these sequences equally, so `agreement` has no effect; increase `order`, or set `agreement: 1`"
            )
        return cls(nature, expression.agreement, other, slope)

    def that_counts(self, sequences: Sequence[str]) -> Floats:
        """z', in standard deviations from the mean natural sequence, shape (n,)."""
        z = self.nature.z(sequences)
        if self.other is None:
            return z
        u = (self.other.z(sequences) - self.slope * z) / np.sqrt(1 - self.slope**2)
        return np.asarray(self.agreement * z + np.sqrt(1 - self.agreement**2) * u)


def _has_corpus(oracle: Oracle) -> bool:
    """False if an oracle's class does not define natural sequences."""
    if isinstance(oracle, Wrapper) and type(oracle).corpus is Wrapper.corpus:
        return _has_corpus(oracle.oracle)
    return type(oracle).corpus is not Oracle.corpus


def _uniform(seed: int, sequence: str) -> float:
    """A number in 0..1 that is determined by the sequence and the seed."""
    return int.from_bytes(blake2b(f"{seed}:{sequence}".encode(), digest_size=8, person=b"expression").digest()) / 2**64


def _best_of(expression: Expression) -> tuple[float, str] | None:
    """(value, sequence) of the best expressed sequence, if it is known."""
    highest, space = expression.oracle.optimum, expression.oracle.space
    if space.size is not None and space.size <= _MAX_SEARCHED:
        every = space.enumerate()
        values = np.where(expression.measures(every), expression(every), np.nan)
        best = None if np.isnan(values).all() else int(np.nanargmax(values))
        return None if best is None else (float(values[best]), every[best])
    known = Wrapper.optimal_solution(expression)
    if highest is None or known is None:
        return None
    found = _expressed_from(expression, known, highest)
    return None if found is None else (highest, found)


def _expressed_from(expression: Expression, solution: str, highest: float) -> str | None:
    """A sequence that is expressed, found by random walks from the solution over equally good sequences, or None."""

    def log_weights(codes: NDArray[np.int16]) -> Floats:
        values = expression.oracle(expression.space.alphabet.decode(codes))
        return np.where(values >= highest - 1e-12, 0.0, -np.inf)

    rng = stream(expression.seed, "expression", "optimum")
    walk = Walk(expression.space.padded_codes([solution] * _N_WALKS), expression.space, log_weights)
    for _ in range(_N_STEPS):
        sequences = expression.space.alphabet.decode(walk.codes)
        best = compress(sequences, expression(sequences) >= highest - 1e-12)
        if best:
            return best[0]
        walk.steps(1, rng)
    return None
