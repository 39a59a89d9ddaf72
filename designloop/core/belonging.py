"""Whether a corpus can belong to a space: its lengths, and whether its letters are those of another alphabet."""

from collections.abc import Iterator, Sequence

from designloop.core.alphabet import PROTEIN
from designloop.core.counting import many
from designloop.core.readers.alphabets import letters_in
from designloop.core.spaces import Space

_FEW = 0.5
"""A smaller share of sequences of a fitting length is remarked. A judgement: homologs differ in length."""

_ENOUGH = 20
"""This many letters, all of them bases, are no proteins."""


def strange_in(corpus: Sequence[str], space: Space) -> Iterator[str]:
    """What is strange about a corpus for a space, one sentence each; nothing where half of it has a fitting length.

    Language models also learn from sequences of other lengths, so they are no error.
    """
    lengths = [len(sequence) for sequence in corpus]
    n_fitting = sum(space.min_length <= length <= space.max_length for length in lengths)
    if n_fitting < _FEW * len(lengths):
        theirs, wanted = _range(min(lengths), max(lengths)), _range(space.min_length, space.max_length)
        yield (
            f"{n_fitting:,} of {many(len(lengths), 'sequence')} could be in the space by length ({theirs} letters, "
            f"the space {wanted}); a language model learns from others too, but check that it is the right file"
        )
    if space.alphabet == PROTEIN and sum(lengths) >= _ENOUGH and letters_in(corpus) <= set("ACGT"):
        yield "its only letters are A, C, G and T, but the space is of proteins: translate the sequences"


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
