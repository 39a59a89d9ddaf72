"""The assay is the last stage: plates with controls, read by a station, with noise and limits of detection."""

from math import ceil

from pydantic import Field, model_validator

from designloop.core.clock import MOST_DAYS
from designloop.core.parts import Part
from designloop.lab.durations import Days, Fixed
from designloop.lab.noise import Noise


class Assay(Part):
    """How designs become observations. Results of a plate arrive together."""

    name: str = Field("assay", min_length=1, description="its name in events")
    days: Days = Field(Fixed(0), description="working days from the start of a plate to its reading")
    analysis_days: Days = Field(Fixed(0), description="working days from the reading to the results")
    readers: int = Field(1, ge=1, description="plates read at once")
    plates_per_day: float | None = Field(
        None, ge=1 / MOST_DAYS, description="plates a reader takes in a working day; none: any number"
    )
    min_fill: float = Field(0.0, ge=0, le=1, description="share of a plate's places for designs at which it starts")
    wait_days: float = Field(5.0, ge=0, le=MOST_DAYS, description="working days after which a plate starts anyway")
    wells_per_control: int | None = Field(
        None, ge=3, description="one parent and one blank for so many wells; none: no controls"
    )
    normalise: bool = Field(True, description="relative to the plate's parent wells, where the space has a parent")
    lost_wells: float = Field(0.0, ge=0, le=1, description="share of wells that give no value")
    lost_plates: float = Field(0.0, ge=0, le=1, description="share of plates that are lost as a whole")
    noise: Noise = Field(Noise(), description="noise of one replicate: a preset's name, or its terms")
    lower: float | None = Field(None, description="limit of detection: values below read as this limit")
    upper: float | None = Field(None, description="saturation: values above read as this limit")

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> "Assay":
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValueError(f"the lower limit {self.lower} is not below the upper limit {self.upper}")
        return self

    def n_controls(self, plate_size: int) -> int:
        """Parent wells on a plate, and as many blanks: 8 + 8 of 96."""
        return plate_size // self.wells_per_control if self.wells_per_control else 0

    def n_places(self, plate_size: int) -> int:
        """Wells of a plate that are left for designs: 80 of 96 with 16 controls."""
        return plate_size - 2 * self.n_controls(plate_size)

    def n_to_start(self, plate_size: int) -> int:
        """Designs at which a plate starts without waiting for more."""
        places = self.n_places(plate_size)
        return max(1, ceil(self.min_fill * places - 1e-9))
