"""Alphabets turn sequences into codes and back, and name the letter that is wrong."""

import numpy as np
import pytest
from pydantic import ValidationError

from designloop.core.alphabet import DNA, PAD, PROTEIN, RNA, Alphabet, AlphabetField, states
from designloop.core.errors import InputError
from designloop.core.parts import Part


class Holder(Part):
    alphabet: AlphabetField


@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN, states(1), states(64), states(200)], ids=lambda a: a.name)
def test_decoding_undoes_encoding(alphabet: Alphabet):
    """Sequences of any lengths, empty ones too, come back as they were."""
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list(alphabet.letters), size=n)) for n in (5, 0, 1, 9, 9)]
    assert alphabet.decode(alphabet.encode(sequences)) == sequences


def test_a_letter_has_its_place_as_code_and_short_sequences_are_padded():
    np.testing.assert_array_equal(DNA.encode(["ACGT", "TA"]), [[0, 1, 2, 3], [3, 0, PAD, PAD]])


def test_no_sequences_have_no_codes():
    assert DNA.encode([]).shape == (0, 0)
    assert DNA.decode(DNA.encode(["", ""])) == ["", ""]
    assert DNA.decode(np.zeros((2, 0), dtype=int)) == ["", ""]


@pytest.mark.parametrize("wrong", ["N", "a", "€", "\u0301", " "])
def test_a_letter_of_no_place_is_named_with_sequence_and_position(wrong: str):
    with pytest.raises(InputError, match="at position 3 of sequence 2 is not in the dna alphabet") as error:
        DNA.encode(["ACGT", f"AC{wrong}T"])
    assert repr(wrong) in str(error.value)


def test_codes_outside_the_alphabet_are_refused():
    with pytest.raises(InputError, match=r"expected codes of the dna alphabet, 0\.\.3, got 4"):
        DNA.decode(np.array([[0, 4]]))
    with pytest.raises(InputError, match="integers of shape"):
        DNA.decode(np.array([[0.0, 1.0]]))


def test_a_letter_stands_in_an_alphabet_once():
    with pytest.raises(ValidationError, match="contains a letter twice"):
        Alphabet(name="odd", letters="ABA")


def test_states_are_distinct_and_at_least_sixty_four():
    assert len(states(64)) == 64
    assert states(32).letters.startswith("0123456789ABCDEF")
    with pytest.raises(InputError, match=r"states\(0\)"):
        states(0)


@pytest.mark.parametrize("written", ["dna", "RNA", "protein", "states-32", {"name": "mine", "letters": "xyz"}])
def test_an_alphabet_in_a_description_reads_back(written: object):
    """By name where it has one, else by its letters."""
    part = Holder.model_validate({"alphabet": written})
    assert Holder.model_validate(part.describe()) == part
    if isinstance(written, str):
        assert part.describe()["alphabet"] == written.lower()


def test_an_unknown_alphabet_names_the_nearest():
    with pytest.raises(ValidationError, match=r"unknown alphabet 'protien'\. Did you mean 'protein'"):
        Holder.model_validate({"alphabet": "protien"})


def test_a_nul_inside_a_sequence_is_a_wrong_letter():
    """Not the padding that stands behind the end of a shorter sequence."""
    with pytest.raises(InputError, match=r"letter '\\x00' at position 2 of sequence 1"):
        DNA.encode(["A\0C"])
