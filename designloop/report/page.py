"""A page: a headline in words, facts, and sections of paragraphs, figures and tables. It is drawn elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from designloop.report.marks import Figure


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that stands out: under which name, and what is to be said of it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. Numbers stand to the right, sequences in letters of one width."""

    title: str
    kind: Literal["text", "number", "sequence"] = "text"
    help: str = ""
    is_filtered: bool = False
    """Its words are names that a reader may leave out, and the row with them (`Views.names`)."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words; sorted by a click, searched where it has a search field."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    has_search: bool = False
    is_headline: bool = False
    """Printed even where it stands in a view that is not seen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Figures of which one is seen at a time, chosen by its label."""

    name: str
    word: str
    """What is chosen: `Plate`."""
    figures: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True, slots=True)
class Details:
    """A text that is folded away: a configuration."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Selector:
    """A word, and the labels one of which is chosen. Selectors of one word are one: they move together."""

    word: str
    labels: tuple[str, ...]
    shown: tuple[str, ...] = ()
    """What a reader sees in place of the labels."""


@dataclass(frozen=True, slots=True)
class View:
    """What is seen where these labels are chosen, one of each selector."""

    labels: tuple[str, ...]
    blocks: "tuple[Block, ...]"
    title: str = ""
    """Where it is printed."""


@dataclass(frozen=True, slots=True)
class Views:
    """Groups of blocks, one seen at a time, chosen by selectors; the first is seen first."""

    name: str
    selectors: tuple[Selector, ...]
    """None: there is one view."""
    views: tuple[View, ...]
    """One for each combination of labels."""
    names: tuple[str, ...] = ()
    """Who may be left out of every figure and table of the page; each has a box to tick."""


Block = str | Figure | Table | Choice | Details | Views


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page. `name` is its anchor."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a report says, before anything is drawn."""

    title: str
    kind: str
    """What the page is of: `campaign` or `study`."""
    headline: str
    lead: tuple[str, ...]
    """Sentences under the headline."""
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    question: str = ""
    """What was asked, above the headline that answers it."""

    def figures(self) -> Iterator[Figure]:
        """Every figure, in order."""
        for section in self.sections:
            yield from _figures(section.blocks)


def _figures(blocks: tuple[Block, ...]) -> Iterator[Figure]:
    for block in blocks:
        if isinstance(block, Figure):
            yield block
        elif isinstance(block, Choice):
            yield from (figure for _, figure in block.figures)
        elif isinstance(block, Views):
            for view in block.views:
                yield from _figures(view.blocks)
