"""Limits of liabilities as data: named presets, each with its source, and changes of a user."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from designloop.core.alphabet import Alphabet
from designloop.core.errors import did_you_mean
from designloop.core.parts import Part
from designloop.core.spaces.patterns import is_nucleic
from designloop.inspection.liabilities.sites import Motif, Site

_FOLDER = Path(__file__).parent / "presets"
PRESETS = ("oligos", "gene-fragments", "idt-gblocks", "idt-eblocks", "twist-fragments", "protein", "none")
LONGEST_OLIGO = 300
"""Letters up to which DNA is judged as an oligonucleotide, if no preset is named."""
Share = Annotated[float, Field(ge=0, le=1)]
Most = Annotated[int, Field(ge=1, le=100_000)]


class Limits(Part):
    """Limits of liabilities. What is not limited is measured all the same. DNA is judged as it is ordered."""

    preset: str = Field("none", description=f"limits to begin with: {', '.join(PRESETS)}; other fields change them")
    about: str = Field("", description="what the limits are for, in a few words")
    source: str = Field("", description="where the limits are from")
    gc: tuple[Share, Share] | None = Field(None, description="lowest and highest GC content, as shares")
    gc_from: int = Field(20, ge=1, le=100_000, description="letters from which on the GC content is judged")
    gc_spread: Share | None = Field(
        None, description="most that the GC content may differ between two windows of one sequence, as a share"
    )
    gc_window: int = Field(50, ge=1, le=100_000, description="letters of such a window")
    run: Most | None = Field(None, description="longest run of one letter")
    run_at: Most | None = Field(None, description="longest run of A or of T in DNA")
    run_gc: Most | None = Field(None, description="longest run of G or of C in DNA")
    repeat: Most | None = Field(None, description="longest piece of DNA that may occur twice")
    hairpin: Most | None = Field(None, description="longest stem of a hairpin of DNA, in letters without a mismatch")
    lengths: tuple[Most, Most] | None = Field(None, description="shortest and longest sequence that can be ordered")
    sites: tuple[Site, ...] = Field(
        (), max_length=1_000, description="sites that DNA should not hold: names of restriction enzymes, or own ones"
    )
    motifs: tuple[Motif, ...] = Field((), max_length=1_000, description="motifs of proteins that are listed or limited")

    @model_validator(mode="before")
    @classmethod
    def _preset_is_expanded(cls, value: Any) -> Any:
        value = {"preset": value} if isinstance(value, str) else value
        if not isinstance(value, dict) or not isinstance(value.get("preset"), str):
            return value
        return {**preset_data(value["preset"]), **value}

    @model_validator(mode="after")
    def _ranges_are_ranges(self) -> Self:
        for name in ("gc", "lengths"):
            if (ends := getattr(self, name)) is not None and ends[0] > ends[1]:
                raise ValueError(f"{name}: {ends[0]:g} is above {ends[1]:g}; give the lower end first")
        return self

    @property
    def in_words(self) -> str:
        """The name of the preset, and whether it was changed: `oligos, changed`."""
        kept = type(self)(preset=self.preset)
        return self.preset if kept == self else f"{self.preset}, changed"


def preset_data(name: str) -> dict[str, Any]:
    """The plain data of a preset. Raises ValueError with the nearest valid name."""
    if name not in PRESETS:
        raise ValueError(f"unknown preset '{name}'{did_you_mean(name, PRESETS)}")
    return {} if name == "none" else deepcopy(_read(name))


@cache
def _read(name: str) -> dict[str, Any]:
    from designloop.core.config import read_document

    return dict(read_document(_FOLDER / f"{name}.yaml").data)


def usual(alphabet: Alphabet, longest: int) -> Limits:
    """The limits where none are named: by the alphabet, and for DNA and RNA by the longest ordered sequence."""
    if is_nucleic(alphabet):
        return Limits(preset="oligos" if longest <= LONGEST_OLIGO else "gene-fragments")
    return Limits(preset="protein" if alphabet.name == "protein" else "none")
