"""A look is the number on which contestants are compared: a trace, an axis and a point, fixed in advance."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from designloop.core.errors import ConfigError, did_you_mean
from designloop.study.estimates import N_RESAMPLES
from designloop.study.results import TRACES, StudyResults
from designloop.study.traces import AXES, common_end
from designloop.study.units import Setting


@dataclass(frozen=True)
class Look:
    """By default the true value of the recommended design at equal designs. Raises ConfigError for unknown names."""

    trace: str = "recommended"
    axis: str = "designs"
    at: Mapping[str, float] = field(default_factory=dict)
    """Axis -> the point at which values are compared. By default, it is the largest number of designs, weeks or cost
    that all finished campaigns of a setting reached. After its end a campaign keeps its last value.
    """
    n_resamples: int = N_RESAMPLES

    def __post_init__(self) -> None:
        for known, names in ((TRACES, [self.trace]), (AXES, [self.axis, *self.at])):
            wrong = [name for name in names if name not in known]
            if wrong:
                raise ConfigError(f"`look` has no trace or axis '{wrong[0]}'{did_you_mean(wrong[0], known)}")

    @classmethod
    def fixed_in(cls, results: StudyResults) -> "Look":
        """The look in a study's description."""
        return cls(**results.description.get("look", {}))

    def is_as(self, other: "Look") -> bool:
        """Whether both compare the same number."""
        return (self.trace, self.axis, dict(self.at)) == (other.trace, other.axis, dict(other.at))

    def __str__(self) -> str:
        """`recommended at equal designs`, or `recommended at 64 designs`."""
        at = self.at.get(self.axis)
        return f"{self.trace} at {'equal' if at is None else f'{at:g}'} {self.axis}"

    def points(self, setting: Setting) -> dict[str, float]:
        """Axis -> the point at which this setting is compared; empty if it has no finished cell."""
        ends = {axis: self.at.get(axis, common_end(setting.cells, axis)) for axis in AXES} if setting.cells else {}
        return {axis: float(end) for axis, end in ends.items() if end is not None}
