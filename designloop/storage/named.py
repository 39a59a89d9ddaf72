"""What a summary names: designs, the best start, points of a trace, and phases."""

from dataclasses import dataclass

from designloop.core.rows import mark_of


@dataclass(frozen=True, slots=True)
class Named:
    """A design of a run: its true value, which only a simulation knows, and its measured value."""

    design: int
    sequence: str
    value: float | None
    measured: float | None
    week: float
    side: int = 0
    """-1 or 1 if `measured` is a limit that all wells are below or above, else 0."""

    @property
    def measured_in_words(self) -> str:
        """`0.44`, or `> 0.44` at a limit of detection; empty if it is not measured."""
        return in_words(self.measured, self.side)

    def __str__(self) -> str:
        value = "unknown" if self.value is None else f"{self.value:.2f}"
        return f"Design {self.design} · value {value} · week {self.week:.1f}"


@dataclass(frozen=True, slots=True)
class Had:
    """The best starting sequence, which was known before the first batch, and its measured value."""

    sequence: str
    measured: float
    side: int = 0
    """As that of `Named`."""

    @property
    def measured_in_words(self) -> str:
        """As that of `Named`."""
        return in_words(self.measured, self.side)


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a trace: the week, designs submitted and measured and money spent by then, and a true value."""

    week: float
    n_submitted: int
    n_measured: int
    cost: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Phase:
    """The part of a run between two extensions."""

    changed: tuple[str, ...]
    """Changes from the previous phase: `budget.designs: 960 became 1440`."""
    began: float
    """Week."""
    ended: float
    """Week in which it closed, or which it has reached."""
    designs: int
    """New designs submitted in it."""
    stop: str | None
    """Why it closed; None if it has not closed."""


def in_words(measured: float | None, side: int) -> str:
    """`0.44`, or `> 0.44` at a limit of detection; empty for None."""
    return "" if measured is None else f"{mark_of(side)}{measured:.4g}"
