"""GC: limits on the share of G and C, in the whole sequence or in a sliding window."""

from pydantic import Field, model_validator

from designloop.core.alphabet import Alphabet
from designloop.core.spaces.patterns import is_nucleic
from designloop.core.spaces.rule import Rule, Share


class GC(Rule):
    """The share of G and C is between two limits: in the whole sequence, or in every stretch of `window` letters."""

    least: float = Field(0.0, ge=0, le=1, description="smallest share of G and C")
    most: float = Field(1.0, ge=0, le=1, description="largest share of G and C")
    window: int | None = Field(
        None, ge=2, le=1_000_000, description="letters of each stretch in which it holds; none: the whole sequence"
    )

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> "GC":
        if self.least > self.most:
            raise ValueError(f"`least` {self.least:g} is above `most` {self.most:g}; exchange them")
        return self

    def check_fits(self, alphabet: Alphabet, min_length: int, max_length: int) -> None:
        """Raise ValueError for other letters than nucleotides, and for a window longer than a sequence."""
        if not is_nucleic(alphabet):
            raise ValueError(f"rule 'gc' needs nucleotides, but the alphabet is {alphabet.name}; remove the rule")
        if self.window is not None and self.window > min_length:
            raise ValueError(
                f"rule 'gc': a window of {self.window} letters is longer than a sequence of {min_length}; shorten "
                "`window`, or remove it, so that the rule holds for the whole sequence"
            )

    def shares(self, alphabet: Alphabet) -> tuple[Share, ...]:
        """The share of G and C."""
        return (Share("GC", self.least, self.most, self.window),)
