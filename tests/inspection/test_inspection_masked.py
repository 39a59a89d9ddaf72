"""Masked letters: who is asked, and that what is told is the share of those who say so."""

import numpy as np
import pytest

from designloop.core.alphabet import DNA
from designloop.core.errors import InputError
from designloop.core.spaces import Space
from designloop.inspection.masked import masked_letters, model_probabilities, neighbourhood
from designloop.language_models import Markov, Transformer

CORPUS = ["ACGTACGTAC", "ACGTTCGTAC", "ACGTTCGTAA", "ACGTCGTAC", "GGGGGGGGGG", "ACGTACGTAC"]
SPACE = Space(alphabet=DNA, min_length=1, max_length=12)


def test_the_neighbours_vote_by_what_they_have_opposite():
    (asked,) = masked_letters(["ACGT_CGTAC"], DNA, {}, CORPUS, n_voters=4)
    assert (asked.row, asked.position) == (0, 4)
    assert [(voter.index, voter.letter) for voter in asked.voters] == [(0, "A"), (1, "T"), (3, None), (2, "T")]
    assert asked.nearest().letter == "A"
    assert asked.votes(DNA).tolist() == pytest.approx([1 / 3, 0, 0, 2 / 3])
    # Identities over the overlap: 1, 1 and 8/9, where the masked letter counts for none.
    assert asked.votes(DNA, weighted=True)[3] == pytest.approx((1 + 8 / 9) / (2 + 8 / 9))
    assert asked.majority(DNA) == "T"


def test_a_tie_goes_to_the_nearest():
    (asked,) = masked_letters(["ACGT_CGTAC"], DNA, {}, CORPUS, n_voters=2)
    assert asked.majority(DNA) == "A"


def test_those_that_are_as_like_as_is_left_out_are_not_asked_fragments_among_them():
    corpus = [*CORPUS, "ACGTGCG"]
    near = neighbourhood("ACGT_CGTAC", corpus, 20, leave_out=1.0)
    assert [place for place, _ in near] == [3, 2, 4]
    assert [place for place, _ in neighbourhood("ACGT_CGTAC", corpus, 20)] == [0, 1, 3, 2, 6, 4]
    (asked,) = masked_letters(["ACGT_CGTAC"], DNA, {}, CORPUS[:2], leave_out=0.5)
    assert (asked.nearest(), asked.majority(DNA), asked.votes(DNA).sum()) == (None, None, 0)
    with pytest.raises(InputError, match=r"leave_out: expected an identity above 0 and at most 1, got 1\.5"):
        masked_letters(["A_"], DNA, {}, CORPUS, leave_out=1.5)


def test_one_masked_letter_is_told_by_a_model_given_all_the_rest():
    model = Markov(order=1).pretrained(CORPUS, SPACE)
    (asked,) = masked_letters(["ACGT_CGT"], DNA, {"markov": model}, [])
    gap = np.arange(8)[None] == 4
    expected = model.letter_probabilities(DNA.encode(["ACGTACGT"]), gap)[0]
    assert asked.by_model["markov"] == pytest.approx(expected)
    assert asked.voters == ()


def test_several_masked_letters_are_marginals_over_all_their_fillings():
    model = Markov(order=1).pretrained(CORPUS, SPACE)
    shares = model_probabilities(model, "AC__AC", DNA)
    every = [f"AC{a}{b}AC" for a in DNA.letters for b in DNA.letters]
    joint = np.exp(model.log_likelihood(every)).reshape(4, 4)
    joint /= joint.sum()
    assert shares == pytest.approx(np.array([joint.sum(axis=1), joint.sum(axis=0)]))
    assert model_probabilities(model, "______", DNA) is None


def test_a_model_of_gaps_is_asked_with_all_of_them_gaps():
    model = Transformer(width=8, depth=1, n_heads=1, steps=3, minibatch=64, device="cpu").pretrained(CORPUS, SPACE)
    told = [model_probabilities(model, sequence, DNA) for sequence in ("AC______", "AC_____T")]
    assert (told[0].shape, told[1].shape) == ((6, 4), (5, 4))
    assert told[0].sum(axis=1) == pytest.approx(1)
    filler = DNA.encode(["ACTTTTTT"])
    gaps = np.arange(8)[None] >= 2
    assert model.gap_probabilities(filler, gaps) == pytest.approx(told[0])
    one = np.arange(8)[None] == 3
    assert model.gap_probabilities(filler, one) == pytest.approx(model.letter_probabilities(filler, one), abs=1e-6)
