"""Homopolymers: runs of one letter, which are hard to synthesise and to sequence."""

from pydantic import Field

from designloop.core.alphabet import Alphabet
from designloop.core.spaces.patterns import Pattern
from designloop.core.spaces.rule import Rule


class Homopolymers(Rule):
    """No run of one letter is longer than `longest`."""

    longest: int = Field(ge=1, le=1_000, description="length of the longest run of one letter that is allowed")
    letters: str | None = Field(None, min_length=1, description="the letters whose runs are limited; none: all letters")

    def check_fits(self, alphabet: Alphabet, min_length: int, max_length: int) -> None:
        """Raise ValueError for a letter that the alphabet does not have."""
        if wrong := [letter for letter in self.letters or "" if letter not in alphabet.letters]:
            raise ValueError(f"rule 'homopolymers': {wrong[0]!r} is not one of {alphabet.letters}")

    def forbidden(self, alphabet: Alphabet) -> tuple[Pattern, ...]:
        """Runs of one letter more."""
        codes = (alphabet.letters.index(letter) for letter in self.letters or alphabet.letters)
        return tuple((frozenset([code]),) * (self.longest + 1) for code in codes)
