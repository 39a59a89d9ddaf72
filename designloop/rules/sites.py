"""Restriction sites: recognition sequences of enzymes that must not cut a design."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import Field, field_validator

from designloop.core.alphabet import Alphabet
from designloop.core.errors import did_you_mean
from designloop.core.spaces.patterns import Pattern, is_nucleic, pattern, reverse_complement
from designloop.core.spaces.rule import Rule

_TABLE = Path(__file__).parent / "enzymes.txt"


class RestrictionSites(Rule):
    """No design has a recognition site of these enzymes, on either strand.

    623 commercially available enzymes are known by name, with their IUPAC recognition sequences from REBASE. A suffix
    such as `-HF` does not matter. For another enzyme, forbid its site with `forbidden-motifs`.
    """

    enzymes: tuple[str, ...] = Field(min_length=1, description="names of enzymes, such as BsaI")

    @field_validator("enzymes")
    @classmethod
    def _are_known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name.partition("-")[0] not in recognition_sites():
                near = did_you_mean(name, recognition_sites()) if len(name) > 1 else ""
                hint = near if "?" in near else "; forbid its recognition sequence with the rule 'forbidden-motifs'"
                raise ValueError(f"unknown restriction enzyme '{name}'{hint}")
        return names

    def check_fits(self, alphabet: Alphabet, min_length: int, max_length: int) -> None:
        """Raise ValueError for other letters than nucleotides."""
        if not is_nucleic(alphabet):
            raise ValueError(
                f"rule 'restriction-sites' needs nucleotides, but the alphabet is {alphabet.name}; remove the rule"
            )

    def forbidden(self, alphabet: Alphabet) -> tuple[Pattern, ...]:
        """The sites, and their reverse complements."""
        sites = [pattern(recognition_sites()[name.partition("-")[0]], alphabet) for name in self.enzymes]
        return tuple(dict.fromkeys([*sites, *(reverse_complement(site, alphabet) for site in sites)]))


@lru_cache
def recognition_sites() -> Mapping[str, str]:
    """Recognition sequence of each enzyme, from 5' to 3', in IUPAC codes."""
    rows = (row.split() for row in _TABLE.read_text(encoding="utf-8").splitlines() if not row.startswith("#"))
    return {name: site for name, site in rows}  # noqa: C416  # rows of two words
