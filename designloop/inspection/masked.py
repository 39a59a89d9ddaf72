"""Predictions of masked letters, by language models and by the nearest neighbours in a corpus.

A near-duplicate in the corpus reveals the masked letter. `leave_out` ignores such neighbours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Alphabet
from designloop.core.errors import InputError
from designloop.core.readers.sequences import MASK
from designloop.inspection.alignment import Alignment, aligned
from designloop.language_models.base import SequenceModel

Floats = NDArray[np.float64]
N_VOTERS = 20
_FILLINGS_AT_ONCE = 1024
"""Maximum number of fillings of all masked letters that are scored for a model without gaps."""


@dataclass(frozen=True, slots=True)
class Voter:
    """A near sequence of the corpus, and its letter at the masked position."""

    index: int
    """Its index in the corpus."""
    identity: float
    """Identity to the sequence, 0 to 1, over the columns where both have letters."""
    letter: str | None
    """Its aligned letter; None for a gap."""


@dataclass(frozen=True, slots=True)
class MaskedLetter:
    """One masked letter and its predictions. Shares and probabilities are over the alphabet, (letters,)."""

    row: int
    position: int
    """Position in the sequence, from 0."""
    by_model: Mapping[str, Floats | None]
    """P(letter | known letters of the sequence); None if there are too many masked letters for the model."""
    voters: tuple[Voter, ...]
    """The nearest first; empty without a corpus."""

    def nearest(self) -> Voter | None:
        """The nearest neighbour, even if it has a gap there; None if there is none."""
        return self.voters[0] if self.voters else None

    def votes(self, alphabet: Alphabet, *, weighted: bool = False) -> Floats:
        """Share of the voters' letters, each counted once or by its identity; zeros if no voter has a letter."""
        shares = np.zeros(len(alphabet))
        for voter in self.voters:
            if voter.letter is not None:
                shares[alphabet.letters.index(voter.letter)] += voter.identity if weighted else 1.0
        return np.asarray(shares / max(shares.sum(), 1e-300))

    def majority(self, alphabet: Alphabet, *, weighted: bool = False) -> str | None:
        """The letter with most votes; ties go to the nearest voter; None if no voter has a letter."""
        votes = dict(zip(alphabet.letters, self.votes(alphabet, weighted=weighted), strict=True))
        return max((voter.letter for voter in self.voters if voter.letter), key=lambda x: votes[x], default=None)


def masked_letters(
    sequences: Sequence[str],
    alphabet: Alphabet,
    models: Mapping[str, SequenceModel],
    corpus: Sequence[str] = (),
    *,
    leave_out: float | None = None,
    n_voters: int = N_VOTERS,
) -> list[MaskedLetter]:
    """Every masked letter of the sequences, in their order.

    A model predicts each letter while all masked letters of the sequence are unknown. Neighbours are the distinct
    sequences of the corpus with the fewest edits, without those of identity `leave_out` or more. Raises InputError for
    an identity outside 0 to 1.
    """
    if leave_out is not None and not 0 < leave_out <= 1:
        raise InputError(f"leave_out: expected an identity above 0 and at most 1, got {leave_out}")
    found = list[MaskedLetter]()
    for row, sequence in enumerate(sequences):
        positions = [position for position, letter in enumerate(sequence) if letter == MASK]
        if not positions:
            continue
        told = {name: model_probabilities(model, sequence, alphabet) for name, model in models.items()}
        near = neighbourhood(sequence, corpus, n_voters, leave_out)
        for place, position in enumerate(positions):
            by_model = {name: None if shares is None else shares[place] for name, shares in told.items()}
            found.append(MaskedLetter(row, position, by_model, tuple(_voter(*each, position) for each in near)))
    return found


def model_probabilities(model: SequenceModel, sequence: str, alphabet: Alphabet) -> Floats | None:
    """P(letter | known letters) at each masked position, (masked, letters).

    Masked and any-order models predict several gaps in one pass. Other models score every filling, which is exact if
    their likelihood is. None if there are too many fillings.
    """
    gaps = np.array([[letter == MASK for letter in sequence]])
    codes = alphabet.encode([sequence.replace(MASK, alphabet.letters[0])])
    n_masked = int(gaps.sum())
    if n_masked <= 1:
        return model.letter_probabilities(codes, gaps)
    ask_gaps: Any = getattr(model, "gap_probabilities", None)
    if ask_gaps is not None:
        return np.asarray(ask_gaps(codes, gaps))
    if len(alphabet) ** n_masked > _FILLINGS_AT_ONCE:
        return None
    fillings = np.array(list(product(range(len(alphabet)), repeat=n_masked)), dtype=np.int16)
    filled = np.repeat(codes, len(fillings), axis=0)
    filled[:, gaps[0]] = fillings
    logs = model.log_likelihood(alphabet.decode(filled))
    weights = np.exp(logs - logs.max())
    shares = [np.bincount(letters, weights, minlength=len(alphabet)) for letters in fillings.T]
    return np.asarray(np.array(shares) / weights.sum())


def neighbourhood(
    sequence: str, corpus: Sequence[str], n: int, leave_out: float | None = None
) -> list[tuple[int, Alignment]]:
    """(index in the corpus, alignment) of the `n` distinct sequences with the fewest edits; ties by index.

    Sequences of identity `leave_out` or more, over the columns where both have letters, are skipped. A fragment of the
    sequence therefore counts as identical.
    """
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    first = dict[str, int]()
    for place, other in enumerate(corpus):
        first.setdefault(other, place)
    if not first:
        return []
    places = list(first.values())
    distances = cdist([sequence], list(first), scorer=Levenshtein.distance, dtype=np.int32)[0]
    by_distance = (places[i] for i in np.argsort(distances, kind="stable"))
    candidates = ((place, aligned(sequence, corpus[place])) for place in by_distance)
    kept = (each for each in candidates if leave_out is None or each[1].overlap.identity < leave_out)
    return list(islice(kept, n))


def _voter(index: int, alignment: Alignment, position: int) -> Voter:
    there = alignment.opposite(position)
    letter = None if there is None else alignment.other.replace("-", "")[there]
    return Voter(index, alignment.overlap.identity, letter)
