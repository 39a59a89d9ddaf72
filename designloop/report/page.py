"""A page as plain data: headline, key figures, and sections of paragraphs, figures and tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from designloop.report.marks import Figure


@dataclass(frozen=True, slots=True)
class Fact:
    """A key figure: its name, its value and a short note."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Numbers are right-aligned, sequences and commands are monospaced, and only text and commands are broken into lines.
    """

    title: str
    kind: Literal["text", "number", "sequence", "phrase", "command"] = "text"
    help: str = ""
    is_filtered: bool = False
    """Whether its words are names that a reader can hide, together with their rows (`Views.names`)."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words. A click on a title sorts them; a search field filters them if `has_search`."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    has_search: bool = False
    is_headline: bool = False
    """Whether it is printed even in a view that is hidden on the screen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Figures, one visible at a time, selected by label."""

    name: str
    word: str
    """What is selected: `Plate`."""
    figures: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture that is no plot, such as a flow of boxes, as SVG for a wide and for a narrow page."""

    name: str
    title: str
    caption: str
    wide: str
    narrow: str


@dataclass(frozen=True, slots=True)
class Details:
    """A long text, such as a configuration, that is folded at first."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Selector:
    """A list of labels to select from. All selectors with the same `word` move together."""

    word: str
    labels: tuple[str, ...]
    shown: tuple[str, ...] = ()
    """Texts that are shown instead of the labels."""


@dataclass(frozen=True, slots=True)
class View:
    """The blocks that are visible while these labels are selected, one label of each selector."""

    labels: tuple[str, ...]
    blocks: "tuple[Block, ...]"
    title: str = ""
    """Its title in print."""


@dataclass(frozen=True, slots=True)
class Views:
    """Groups of blocks, one visible at a time, selected by `selectors`; at first the first one."""

    name: str
    selectors: tuple[Selector, ...]
    """Empty if there is one view."""
    views: tuple[View, ...]
    """One for each combination of labels."""
    names: tuple[str, ...] = ()
    """Contestants that a reader can hide in every figure and table of the page with a checkbox."""


Block = str | Figure | Table | Drawing | Choice | Details | Views


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page. `name` is its anchor."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The content of a report, before anything is drawn."""

    title: str
    kind: str
    """What the page reports: `campaign`, `study` or `lab`; or `dossier`."""
    headline: str
    lead: tuple[str, ...]
    """Sentences under the headline."""
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    question: str = ""
    """The question of the study, shown above the headline."""

    @property
    def kind_in_words(self) -> str:
        """`campaign report`, `dossier`."""
        return self.kind if self.kind == "dossier" else f"{self.kind} report"

    @property
    def made_from(self) -> str:
        """Where its content is from, for the last line of the page."""
        if self.kind == "dossier":
            return "from the record of the campaign"
        return "by simulation" if self.kind == "lab" else f"from the stored {self.kind}"

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
