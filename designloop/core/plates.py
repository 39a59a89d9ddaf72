"""Plates: the names of wells, and the template that says which wells hold designs and which hold controls."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from designloop.core.counting import many
from designloop.core.errors import ConfigError

Place = tuple[int, int]
"""(row, column) of a well, from 0. Places sort as people read a plate: A1, A2, ..., A12, B1."""
Order = Literal["random", "rows", "columns"]
EDGE = "edge"
_FILLING: dict[str, Callable[[Place], Place]] = {"rows": lambda place: place, "columns": lambda place: place[::-1]}
"""Sort keys of wells in the order in which designs fill them."""
_WELL = re.compile(r"([A-Z]{1,2})0*([1-9][0-9]{0,5})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Well:
    """A place on a plate and its content: the id of a design, or the name of a control."""

    row: int
    column: int
    design: int | None = None
    control: str | None = None

    @property
    def name(self) -> str:
        """Row letters and column number, as on the plate: A1, H12, AF48."""
        return well_name((self.row, self.column))


@cache
def row_letters(row: int) -> str:
    """The letters of a row, counted from 0: A, B, ..., Z, AA, ..., AF on a plate of 1,536 wells."""
    first, last = divmod(row, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + last)


def well_name(place: Place) -> str:
    """A1, H12, AF48."""
    return f"{row_letters(place[0])}{place[1] + 1}"


def place_of(name: str) -> Place | None:
    """The place of a well by its name, A1 and a01 alike; None where the text names no well."""
    found = _WELL.fullmatch(name.strip())
    if found is None:
        return None
    row = 0
    for letter in found[1].upper():
        row = row * 26 + ord(letter) - ord("A") + 1
    return row - 1, int(found[2]) - 1


def plate_shape(size: int) -> tuple[int, int]:
    """(rows, columns) of a plate: as square as possible, and wider than high.

    This is the standard shape of 6, 12, 24, 48, 96, 384 and 1,536 wells.
    """
    rows = next(rows for rows in range(int(size**0.5), 0, -1) if size % rows == 0)
    return rows, size // rows


def wells_of(size: int) -> list[str]:
    """The names of a plate's wells in reading order."""
    return [well_name(place) for place in _every_place(plate_shape(size))]


def is_edge(place: Place, shape: tuple[int, int]) -> bool:
    """True for wells in the outer rows and columns, which dry out first."""
    return place[0] in (0, shape[0] - 1) or place[1] in (0, shape[1] - 1)


def corners_of(text: str) -> tuple[Place, Place] | None:
    """The corners of a range of wells such as A1:H1, or a well (A1, A01) twice; None for `edge`.

    Raises ConfigError for any other text.
    """
    if text.strip().lower() == EDGE:
        return None
    first, _, last = text.replace("-", ":").partition(":")
    begin, end = place_of(first), place_of(last or first)
    if begin is None or end is None:
        raise ConfigError(f"'{text}' is not a well; write A1, a range such as A1:H1, or {EDGE}")
    return begin, end


def places_in(texts: Iterable[str], shape: tuple[int, int], what: str) -> list[Place]:
    """The places of wells (A1, A01), of ranges (A1:H1, all wells between two corners) and of `edge`, in their order.

    Raises ConfigError for a text that is none of these, or not on a plate of this shape; `what` begins the message.
    """
    return [place for text in texts for place in _places_of(text, shape, what)]


def _every_place(shape: tuple[int, int]) -> list[Place]:
    """The places of a plate in reading order."""
    return [(row, column) for row in range(shape[0]) for column in range(shape[1])]


def _places_of(text: str, shape: tuple[int, int], what: str) -> list[Place]:
    corners = corners_of(text)
    if corners is None:
        return [place for place in _every_place(shape) if is_edge(place, shape)]
    rows, columns = (sorted(along) for along in zip(*corners, strict=True))
    if rows[1] >= shape[0] or columns[1] >= shape[1]:
        last = well_name((shape[0] - 1, shape[1] - 1))
        size = many(shape[0] * shape[1], "well")
        raise ConfigError(f"{what}: '{text}' is not on a plate of {size}, whose last well is {last}")
    return [(row, column) for row in range(rows[0], rows[1] + 1) for column in range(columns[0], columns[1] + 1)]


@dataclass(frozen=True, slots=True)
class Template:
    """What every plate of an assay holds: controls in named wells, controls in drawn wells, and designs."""

    shape: tuple[int, int]
    named: tuple[tuple[Place, str], ...]
    """Wells with a control of their own."""
    drawn: tuple[tuple[str, int], ...]
    """(control, number of its wells) for controls whose wells are drawn for each plate."""
    free: tuple[Place, ...]
    """Wells for designs and for drawn controls, in reading order. The others stay empty."""
    order: Order = "random"
    """How designs fill their wells: at random, or row by row or column by column in the order of their arrival."""

    @property
    def n_places(self) -> int:
        """Wells for designs."""
        return len(self.free) - sum(n for _, n in self.drawn)

    @property
    def n_controls(self) -> int:
        """Wells with a control."""
        return len(self.named) + sum(n for _, n in self.drawn)

    @property
    def controls(self) -> frozenset[str]:
        """The names of the controls."""
        return frozenset([*(name for _, name in self.named), *(name for name, _ in self.drawn)])

    @property
    def in_words(self) -> str:
        """`a plate of 96 wells holds 80 designs and 16 controls (8 blank, 8 parent)`."""
        n = Counter(name for _, name in self.named) + Counter(dict(self.drawn))
        said = (
            f" and {many(n.total(), 'control')} ({', '.join(f'{n[name]} {name}' for name in sorted(n))})" if n else ""
        )
        size = self.shape[0] * self.shape[1]
        return f"a plate of {many(size, 'well')} holds {many(self.n_places, 'design')}{said}"

    def filled(self, designs: Sequence[int], rng: np.random.Generator) -> list[Well]:
        """The wells of one plate in reading order, without empty ones. Raises ConfigError for too many designs."""
        drawn = [name for name, n in self.drawn for _ in range(n)]
        if len(designs) > self.n_places:
            raise ConfigError(f"{many(len(designs), 'design')} do not fit into {many(self.n_places, 'well')}")
        drawing = rng.permutation(len(self.free))
        if self.order == "random":
            places = [self.free[int(index)] for index in drawing[: len(designs) + len(drawn)]]
            taken, left = places[len(designs) :], places
        else:
            places = [self.free[int(index)] for index in drawing]
            taken, left = places, sorted(places[len(drawn) :], key=_FILLING[self.order])
        wells = [Well(*place, design) for place, design in zip(left, designs, strict=False)]
        wells += [Well(*place, control=name) for place, name in zip(taken, drawn, strict=False)]
        wells += [Well(*place, control=name) for place, name in self.named]
        return sorted(wells, key=lambda well: (well.row, well.column))

    def vacant(self, held: Collection[str], rng: np.random.Generator) -> list[str]:
        """The wells for designs of a plate on which some are `held`, in the order in which designs fill them."""
        places = [place for place in self.free if well_name(place) not in held]
        if self.order == "random":
            places = [places[int(index)] for index in rng.permutation(len(places))]
        else:
            places = sorted(places, key=_FILLING[self.order])
        return [well_name(place) for place in places]


Templates = tuple[Template, ...]
"""The templates of an assay, which plates use in turn. They have equally many wells for designs and for controls."""


def template(
    size: int,
    named: Iterable[tuple[str, Sequence[str]]] = (),
    drawn: Iterable[tuple[str, int]] = (),
    reserved: Sequence[str] = (),
    order: Order = "random",
) -> Template:
    """The template of a plate of `size` wells.

    `named`: (control, its wells). `reserved`: wells that hold a control that names them, or nothing. Raises ConfigError
    where two controls name one well, or where no well is left for a design.
    """
    shape = plate_shape(size)
    controls: dict[Place, str] = {}
    for name, wells in named:
        for place in places_in(wells, shape, f"control '{name}'"):
            if place in controls:
                other = "twice" if controls[place] == name else f"and '{controls[place]}' too"
                raise ConfigError(f"control '{name}' names well {well_name(place)} {other}; remove one")
            controls[place] = name
    held = {*controls, *places_in(reserved, shape, "`reserved`")}
    free = tuple(place for place in _every_place(shape) if place not in held)
    made = Template(shape, tuple(sorted(controls.items())), tuple(drawn), free, order)
    if made.n_places < 1:
        raise ConfigError(
            f"a plate of {many(size, 'well')} has no well left for designs; enlarge it (lab.plate_size), or give fewer "
            "wells to controls and `reserved`"
        )
    return made
