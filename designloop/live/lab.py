"""The description of a real lab: what stands on its plates, and how its result files are written."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from designloop.core.alphabet import Alphabet
from designloop.core.errors import ConfigError
from designloop.core.lab_card import LabCard
from designloop.core.parts import Part
from designloop.core.plates import Order, Template, template
from designloop.core.readers.cleaning import in_letters_of
from designloop.inspection.liabilities.limits import PRESETS, Limits
from designloop.live.prices import Prices
from designloop.live.result_file import ResultFile, Texts

_LETTERS = {"rna": str.maketrans("Tt", "Uu"), "dna": str.maketrans("Uu", "Tt")}


class PlateControl(Part):
    """A control of every plate, in wells that are named, or drawn for each plate."""

    name: str = Field(min_length=1, description="name of the control, on plate maps and in result files")
    n: int | None = Field(None, ge=1, description="number of its wells, drawn for each plate")
    wells: Texts | None = Field(None, min_length=1, description="its wells, instead of `n`: A1, A1:H1 or edge")

    @model_validator(mode="after")
    def _is_placed_once(self) -> Self:
        if (self.n is None) == (self.wells is None):
            raise ValueError(f"control '{self.name}': expected `n`, the number of its wells, or `wells`")
        return self


class LiveLab(Part):
    """A real lab. It measures what a live campaign orders; designloop lays out plates and reads result files."""

    preset: Literal["live"] = Field("live", description="a real lab")
    plate_size: int = Field(96, ge=1, le=100_000, description="wells per plate, controls included")
    controls: tuple[PlateControl, ...] = Field((), description="controls of every plate")
    reserved: Texts = Field((), description="wells without a design: A1, A1:H1 or edge")
    fill_order: Order = Field(
        "random", description="designs are in random wells, or fill a plate row by row or column by column"
    )
    replicates_together: bool = Field(
        True, description="replicates of a design may stand on one plate; false: on one each of several plates"
    )
    scale: Literal["linear", "log"] | None = Field(
        None,
        description="scale of the assay's noise: multiplicative on `linear`, additive on `log`; default: that of "
        "the oracle, or linear",
    )
    floor: float | None = Field(None, description="the value that means no signal, if it is known")
    before: str = Field("", description="letters that order sheets write before each sequence, such as an adapter")
    after: str = Field("", description="letters that order sheets write after each sequence")
    liabilities: Limits | None = Field(
        None,
        description=f"limits for the dossier: {', '.join(PRESETS)}, or a mapping with changes of one; default: by the "
        "alphabet and the length",
    )
    prices: Prices | None = Field(None, description="what orders cost, for `budget.cost`; they stay the same")
    results: ResultFile = Field(ResultFile(), description="how its result files are written")
    simulated: str | dict[str, Any] | None = Field(
        None, description="the lab that rehearsals simulate: a preset, a YAML file, or the keys of a campaign's `lab`"
    )

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return {"preset": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _plates_have_room(self) -> Self:
        names = [control.name.lower() for control in self.controls]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two `controls` have the name '{twice}'; rename one, or give one of them all wells")
        try:
            _ = self.template
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    def whole(self, sequence: str, alphabet: Alphabet) -> str:
        """A sequence with the letters before and after it, as order sheets write it: in the letters of its alphabet."""
        letters = _LETTERS.get(alphabet.name, {})
        return f"{self.before.translate(letters)}{sequence}{self.after.translate(letters)}"

    def check_letters(self, alphabet: Alphabet) -> None:
        """Raise ConfigError where the letters before and after are none of the alphabet."""
        for key in ("before", "after"):
            text = getattr(self, key)
            wrong = next((letter for letter in in_letters_of(alphabet, text) if letter not in alphabet.letters), None)
            if wrong is not None:
                raise ConfigError(
                    f"lab.{key}: '{wrong}' in '{text}' is no letter of {alphabet.name} ({alphabet.letters}); correct it"
                )

    @property
    def card(self) -> LabCard:
        """What schedulers may know of the lab: its plates. Its stations are not described."""
        return LabCard((), self.template.n_places, self.replicates_together)

    @property
    def template(self) -> Template:
        """The template of a plate. Raises ConfigError where wells clash, or no well is left for a design."""
        named = [(control.name, control.wells) for control in self.controls if control.wells]
        drawn = [(control.name, control.n) for control in self.controls if control.n]
        return template(self.plate_size, named, drawn, self.reserved, self.fill_order)
