"""A picture is what a notebook shows of a result. A result asks for one; the report, some floors above it, draws it.

A result may not import the report, which reads results. So the package, which stands above both, says here who draws.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Picture(ABC):
    """A figure of the report. A notebook shows it where it is the last value of a cell; `save` writes it to a file."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it shows, in a few words."""

    @property
    @abstractmethod
    def caption(self) -> str:
        """How it is read, and of how many it tells."""

    @abstractmethod
    def save(self, path: str | Path) -> Path:
        """Write it as SVG, PNG or PDF, by the ending of `path`, and give that path.

        Raises InputError for another ending, StoreError where the file cannot be written.
        """

    @abstractmethod
    def figure(self) -> "Figure":
        """The same marks as a figure of matplotlib, to be changed for a paper."""

    @abstractmethod
    def _repr_html_(self) -> str:
        """With title, legend and caption, as the report has it."""

    @abstractmethod
    def _repr_png_(self) -> bytes:
        """For what shows no HTML."""


Draw = Callable[[Any, str | None], Picture]
"""(result, name of a figure of its report, None for the first) -> picture."""
_drawers = list[Draw]()


def drawn_by(draw: Draw) -> None:
    """From now on, `draw` makes the pictures of results."""
    _drawers[:] = [draw]


def picture_of(result: object, name: str | None = None) -> Picture:
    """The picture of a result. Raises InputError where its report has no figure of that name."""
    return _drawers[-1](result, name)
