"""The assay is the last stage: plates with controls, plate readers, noise and limits of detection."""

from math import ceil

from pydantic import Field, model_validator

from designloop.core.clock import MOST_DAYS
from designloop.core.parts import Part
from designloop.lab.durations import Days, Fixed
from designloop.lab.noise import Noise


class Assay(Part):
    """Turns designs into observations. All results of a plate are returned together."""

    name: str = Field("assay", min_length=1, description="name of the assay in events")
    days: Days = Field(Fixed(0), description="working days from the start of a plate to its reading")
    analysis_days: Days = Field(Fixed(0), description="working days from the reading to the results")
    readers: int = Field(1, ge=1, description="number of plates read in parallel")
    plates_per_day: float | None = Field(
        None, ge=1 / MOST_DAYS, description="plates per reader and working day; none: no limit"
    )
    min_fill: float = Field(
        0.0, ge=0, le=1, description="a plate starts when this share of its wells for designs is filled"
    )
    wait_days: float = Field(
        5.0, ge=0, le=MOST_DAYS, description="a plate that is not full starts after this number of working days"
    )
    wells_per_control: int | None = Field(
        None, ge=3, description="one parent and one blank control for every this many wells; none: no controls"
    )
    normalise: bool = Field(True, description="normalise values to the plate's parent wells, if the space has a parent")
    lost_wells: float = Field(0.0, ge=0, le=1, description="probability that a well gives no value")
    lost_plates: float = Field(0.0, ge=0, le=1, description="probability that a whole plate is lost")
    noise: Noise = Field(Noise(), description="noise of one replicate: the name of a preset, or its terms")
    lower: float | None = Field(None, description="limit of detection: lower values are reported as this value")
    upper: float | None = Field(None, description="saturation: higher values are reported as this value")

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> "Assay":
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValueError(f"the lower limit {self.lower} is not below the upper limit {self.upper}")
        return self

    def n_controls(self, plate_size: int) -> int:
        """Number of parent wells on a plate, and of blanks: 8 + 8 of 96 with one for 12 wells."""
        return plate_size // self.wells_per_control if self.wells_per_control else 0

    def n_places(self, plate_size: int) -> int:
        """Wells of a plate that are available for designs: 80 of 96 with 16 controls."""
        return plate_size - 2 * self.n_controls(plate_size)

    def n_to_start(self, plate_size: int) -> int:
        """Number of designs at which a plate starts without waiting for more."""
        places = self.n_places(plate_size)
        return max(1, ceil(self.min_fill * places - 1e-9))
