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


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words; sorted by a click, searched where it has a search field."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    has_search: bool = False


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


Block = str | Figure | Table | Choice | Details


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

    def figures(self) -> Iterator[Figure]:
        """Every figure, in order."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Figure):
                    yield block
                elif isinstance(block, Choice):
                    yield from (figure for _, figure in block.figures)
