"""The assay is the last stage: plates with controls, plate readers, noise and limits of detection."""

from collections.abc import Iterator
from math import ceil
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BeforeValidator, Field, model_validator

from designloop.core.clock import MOST_DAYS
from designloop.core.distributions import Fixed
from designloop.core.durations import Days
from designloop.core.errors import ConfigError, did_you_mean
from designloop.core.files import FilePath
from designloop.core.parts import Part
from designloop.core.plates import Order, Template, Templates, template
from designloop.lab.acceptance import check_quality_is_known
from designloop.lab.controls import BLANK, PARENT, REFERENCE, Control, Wells
from designloop.lab.noise import Noise
from designloop.lab.plate_layout import PlateLayout, plate_layout


def _files(value: Any) -> Any:
    """Raise ValueError for what is neither a file, nor a list of files, nor none."""
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, list | tuple) or not value or not all(isinstance(file, str) for file in value):
        raise ValueError(f"expected a file, or a list of files, got {value!r}; write [one.csv, two.csv], or null")
    return value


def _names_or_not(value: Any) -> Any:
    """Raise ValueError for what is neither true, nor false, nor a list of names."""
    if isinstance(value, bool) or (isinstance(value, list | tuple) and value):
        return value
    raise ValueError(f"expected true, false, or a list of controls, got {value!r}; write false for none")


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
    wait_days: Annotated[float, Field(ge=0, le=MOST_DAYS)] | None = Field(
        5.0,
        description="a plate that is not full starts after this number of working days; none: it waits until it is "
        "full enough, or for the last design of its batch",
    )
    wells_per_control: int | None = Field(
        None, ge=3, description="one parent and one blank control for every this many wells; none: no controls"
    )
    controls: tuple[Control, ...] = Field((), description="further controls of every plate, in named or in drawn wells")
    reserved: Wells = Field(
        (), description="wells without a design: A1, A1:H1 or edge; only controls that name them stand there"
    )
    layout: Annotated[FilePath | tuple[FilePath, ...] | None, BeforeValidator(_files)] = Field(
        None,
        description="file with the layout of every plate: `design`, `empty` or a control in each well, in the shape of "
        "a plate or in columns `well` and `content`; or several files, which plates use in turn",
    )
    fill_order: Order = Field(
        "random", description="designs are in random wells, or fill a plate row by row or column by column"
    )
    replicates_together: bool = Field(
        False, description="replicates of a design stand on one plate, and not one on each of several plates"
    )
    normalise: Annotated[bool | tuple[str, ...], BeforeValidator(_names_or_not)] = Field(
        True, description="normalise values to the plate's controls of known value; or to the named ones only"
    )
    min_z_prime: float | None = Field(
        None,
        ge=-1,
        lt=1,
        description="a plate of lower Z′ is read again, and at last rejected, so that its wells are lost; none: all "
        "are accepted",
    )
    read_again: int = Field(
        1, ge=0, le=10, description="the most further readings of a plate below `min_z_prime`; each is paid"
    )
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

    @model_validator(mode="after")
    def _reads_again_for_a_reason(self) -> "Assay":
        if self.min_z_prime is None and self.read_again != type(self).model_fields["read_again"].default:
            raise ValueError("`read_again` has no effect, because every plate is accepted; set `min_z_prime`")
        return self

    @model_validator(mode="after")
    def _controls_are_consistent(self) -> "Assay":
        names = [control.name.lower() for control in self.controls]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two `controls` have the name '{name}'; rename one, or give one of them all wells")
            if name in (PARENT, BLANK) and self.wells_per_control:
                raise ValueError(
                    f"`wells_per_control` and `controls` both place '{name}'; set assay.wells_per_control to null, or "
                    "remove the control"
                )
        for control in self.controls:
            n_places = (control.n is not None) + (control.wells is not None)
            if n_places == 2 or (n_places == 0 and self.layout is None):
                raise ValueError(
                    f"control '{control.name}': expected `n`, the number of its wells, or `wells`; got "
                    f"{'both' if n_places else 'neither'}"
                )
        known = [control.name for control in self.controls if control.calibrates]
        known += [PARENT] if self.wells_per_control or self.layout else []
        for name in self.normalised_to:
            if name not in known:
                raise ValueError(f"`normalise`: no control of known value is named '{name}'{did_you_mean(name, known)}")
        if self.normalised_to and self.noise.reliability is not None:
            raise ValueError(
                "`noise.reliability` is that of the reported values, which are not normalised; remove it or `normalise`"
            )
        return self

    @property
    def normalised_to(self) -> tuple[str, ...]:
        """The controls that `normalise` names; none where it is true or false."""
        return () if isinstance(self.normalise, bool) else self.normalise

    def remarks(self, *, has_parent: bool) -> list[str]:
        """What is likely to be a mistake: named parent wells in a space without one, to which nothing is normalised."""
        names = {control.name for control in self.controls}
        others = any(control.calibrates and control.value != 0 for control in self.controls if control.name != PARENT)
        if has_parent or others or self.normalise is not True or PARENT not in names:
            return []
        return [
            "the space has no parent, so a reference takes its place in the controls, which tells nothing of the "
            "oracle's units: values keep the error of their plate; give space.parent, or a control with a `value`"
        ]

    def check_scale(self, scale: Literal["linear", "log"]) -> None:
        """Raise ConfigError where `normalise` names a control to which no value is relative on this scale."""
        for control in self.controls:
            is_named = control.name in self.normalised_to and control.value is not None
            if scale == "linear" and is_named and (control.value or 0) <= 0:
                raise ConfigError(
                    f"lab.assay.normalise: control '{control.name}' has the value {control.value:g}, but on a linear "
                    "scale values are relative to one above 0; name other controls, or set normalise to true"
                )

    def check_quality(self, templates: Templates, scale: Literal["linear", "log"], floor: float | None) -> None:
        """Raise ConfigError where the quality of a plate is unknown: on a log scale, a blank reads a floor only."""
        if self.min_z_prime is not None and scale == "log" and floor is None:
            try:
                check_quality_is_known(templates, (BLANK,))
            except ConfigError as error:
                raise ConfigError(f"lab.assay: {error}") from None

    @property
    def most_further_readings(self) -> int:
        """The most further readings of a plate."""
        return 0 if self.min_z_prime is None else self.read_again

    def check_limits(self, floor: float | None, highest: float | None) -> None:
        """Raise ConfigError where all values are beyond a limit of detection.

        `floor` and `highest` are the oracle's value of "no signal" and its highest value, if known.
        """
        if highest is not None and self.lower is not None and highest < self.lower:
            self._refuse_limit("lower", self.lower, f"the highest value of the oracle is {highest:g}", "below")
        if floor is not None and self.upper is not None and self.upper <= floor:
            self._refuse_limit("upper", self.upper, f"no signal has the value {floor:g} in the oracle", "above")

    @staticmethod
    def _refuse_limit(name: str, limit: float, why: str, where: str) -> NoReturn:
        raise ConfigError(
            f"lab.assay.{name} is {limit:g}, but {why}, so that every design would be {where} detection; give `lower` "
            "and `upper` in the oracle's units, or set them to null"
        )

    @property
    def layouts(self) -> tuple[str, ...]:
        """The files with layouts, which plates use in turn; none where there is no file."""
        return (self.layout,) if isinstance(self.layout, str) else self.layout or ()

    def templates(self, plate_size: int, *, has_parent: bool = True) -> Templates:
        """The templates that plates use in turn: one for each file, or one.

        Raises ConfigError where wells clash, where no well is left for a design, or where files differ in the number
        of their designs or controls. Raises InputError, with the line, where a file is wrong.
        """
        made = tuple(self._template(file, plate_size, has_parent) for file in self.layouts or (None,))
        for file, other in zip(self.layouts, made, strict=False):
            if (other.n_places, other.n_controls) != (made[0].n_places, made[0].n_controls):
                raise ConfigError(
                    f"lab.assay.layout: in {self.layouts[0]} {made[0].in_words}, but in {file} {other.in_words}; make "
                    "their numbers equal"
                )
        if self.min_z_prime is not None:
            check_quality_is_known(made)
        return made

    def template(self, plate_size: int) -> Template:
        """The first of `templates`; all have equally many wells for designs. Raises as `templates`."""
        return self.templates(plate_size)[0]

    def _template(self, layout: str | None, plate_size: int, has_parent: bool) -> Template:
        drawn, laid = list(self._drawn(plate_size)), PlateLayout()
        if layout is not None:
            laid = plate_layout(layout, plate_size, self.controls, [name for name, _ in drawn])
        named = [*((control.name, control.wells) for control in self.controls if control.wells), *laid.named]
        own = {} if has_parent else {PARENT: REFERENCE}
        return template(
            plate_size,
            [(own.get(name, name), wells) for name, wells in named],
            [(own.get(name, name), n) for name, n in drawn],
            (*self.reserved, *laid.reserved),
            self.fill_order,
        )

    def _drawn(self, plate_size: int) -> Iterator[tuple[str, int]]:
        """(control, wells) of controls in drawn wells; 8 parents and 8 blanks of 96 wells with one for 12 wells."""
        if self.wells_per_control and (n := plate_size // self.wells_per_control):
            yield from ((PARENT, n), (BLANK, n))
        yield from ((control.name, control.n) for control in self.controls if control.n)

    def n_places(self, plate_size: int) -> int:
        """Wells of a plate that are available for designs: 80 of 96 with 16 controls. Raises as `template`."""
        return self.template(plate_size).n_places

    def n_to_start(self, n_places: int) -> int:
        """Number of designs at which a plate with `n_places` for designs starts without waiting for more."""
        return max(1, ceil(self.min_fill * n_places - 1e-9))
