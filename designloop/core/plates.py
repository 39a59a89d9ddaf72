"""Plate layouts: which design or control is in which well."""

from dataclasses import dataclass

import numpy as np

from designloop.core.counting import many
from designloop.core.errors import ConfigError

_SHAPES = {24: (4, 6), 48: (6, 8), 96: (8, 12), 180: (12, 15), 384: (16, 24)}


@dataclass(frozen=True, slots=True)
class Well:
    """A place on a plate and its content: the id of a design, or the name of a control."""

    row: int
    column: int
    design: int | None = None
    control: str | None = None

    @property
    def name(self) -> str:
        """Row letter and column number, as on the plate: A1, H12."""
        return f"{chr(ord('A') + self.row)}{self.column + 1}"


def plate_shape(size: int) -> tuple[int, int]:
    """(rows, columns) of a plate: the standard shape of common sizes, otherwise as square as possible."""
    if size in _SHAPES:
        return _SHAPES[size]
    rows = next(rows for rows in range(int(size**0.5), 0, -1) if size % rows == 0)
    return rows, size // rows


def is_edge(well: Well, shape: tuple[int, int]) -> bool:
    """True for wells in the outer rows and columns, which dry out first."""
    return well.row in (0, shape[0] - 1) or well.column in (0, shape[1] - 1)


def randomised_layout(designs: list[int], controls: dict[str, int], size: int, rng: np.random.Generator) -> list[Well]:
    """Designs and controls ({name: wells}) in random wells of one plate. Raises ConfigError where they do not fit."""
    _, columns = plate_shape(size)
    contents = [(design, None) for design in designs] + [
        (None, name) for name, n_wells in controls.items() for _ in range(n_wells)
    ]
    if len(contents) > size:
        raise ConfigError(
            f"{many(len(designs), 'design')} and {many(len(contents) - len(designs), 'control')} do not fit into "
            f"{many(size, 'well')}"
        )
    places = rng.permutation(size)[: len(contents)]
    wells = [
        Well(int(place) // columns, int(place) % columns, design, control)
        for place, (design, control) in zip(places, contents, strict=True)
    ]
    return sorted(wells, key=lambda well: (well.row, well.column))
