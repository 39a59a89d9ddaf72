"""A picture shows a result in a notebook. A result requests a picture, and the report draws it.

A result may not import the report, which reads results. The package, which is above both, registers the drawing
function here.
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
        """A short title."""

    @property
    @abstractmethod
    def caption(self) -> str:
        """How to read the figure, and the number of data points."""

    @abstractmethod
    def save(self, path: str | Path) -> Path:
        """Write the figure as SVG, PNG or PDF, by the extension of `path`, and return the path.

        Raises InputError for another extension, StoreError where the file cannot be written.
        """

    @abstractmethod
    def figure(self) -> "Figure":
        """The same plot as a matplotlib figure, for editing."""

    @abstractmethod
    def _repr_html_(self) -> str:
        """HTML with title, legend and caption, as in the report."""

    @abstractmethod
    def _repr_png_(self) -> bytes:
        """PNG, for front ends without HTML."""


Draw = Callable[[Any, str | None], Picture]
"""(result, name of a figure of its report, None for the first) -> picture."""
_drawers = list[Draw]()


def drawn_by(draw: Draw) -> None:
    """Register `draw` as the function that draws results."""
    _drawers[:] = [draw]


def picture_of(result: object, name: str | None = None) -> Picture:
    """The picture of a result. Raises InputError if its report has no figure of that name."""
    return _drawers[-1](result, name)
