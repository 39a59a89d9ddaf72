"""The page of a replay, in the style of reports."""

from collections.abc import Iterator

from designloop.core.counting import many
from designloop.hindsight.among import Among
from designloop.hindsight.findings import Findings
from designloop.hindsight.pictures import best_so_far, by_decision, differences
from designloop.hindsight.replayed import Replayed
from designloop.hindsight.tables import Grid, free, gains, worth
from designloop.hindsight.tables import by_decision as decision_grid
from designloop.hindsight.words import (
    BRACKETS,
    among_in_words,
    compared_in_words,
    headline,
    hits_in_words,
    remarks,
    repeats,
    seeds_in_words,
    sentence,
)
from designloop.report.page import Block, Column, Fact, Page, Section, Table
from designloop.report.words import value

_MOST_ROWS = 2000


def page_of(found: Findings) -> Page:
    """The page: how the choices compare, each decision, and the choices themselves."""
    notes = Section("notes", "How to read this", tuple(sentence(remark) for remark in remarks(found)))
    sections = (*_results(found), notes, Section("choices", "Choices", tuple(_choices(found))))
    lead = (
        sentence(f"each strategy chose {among_in_words(found)}; {seeds_in_words(found)}"),
        *map(sentence, repeats(found)),
    )
    return Page(found.name, "replay", headline(found), lead, tuple(_facts(found)), sections)


def _facts(found: Findings) -> Iterator[Fact]:
    yield Fact("Decisions", str(len(found.decisions)), f"{sum(one.by_people for one in found.decisions)} by people")
    yield Fact("Measured designs", f"{len(found.measured):,}", f"of {many(len(found.decisions), 'batch')}")
    if found.compared:
        yield Fact("Compared decisions", str(len(found.compared)), "something was known, and could be left out")
        yield Fact("Hit", f"{value(found.threshold)} or more", hits_in_words(found).partition(":")[0])


def _results(found: Findings) -> Iterator[Section]:
    if found.among is Among.SPACE:
        yield Section("likeness", "Choices and the batches built", (_table("likeness", "By decision", free(found)),))
        return
    blocks: list[Block] = [sentence(f"compared: {compared_in_words(found)}"), *map(sentence, found.left_out)]
    if found.compared:
        blocks += [_table("worth", "All compared decisions", worth(found), BRACKETS), differences(found)]
        blocks.append(_table("gains", "Differences", gains(found)))
    yield Section("worth", "Value of the choices", tuple(blocks))
    if any(one.is_choice for one in found.decisions):
        pictures = (best_so_far(found),) if found.compared else ()
        means = _table("decisions", "Mean value of the choices", decision_grid(found), "* is not compared.")
        yield Section("decisions", "Decision by decision", (by_decision(found), means, *pictures))


def _table(name: str, title: str, grid: Grid, caption: str = "") -> Table:
    first, *rest = grid.titles
    columns = (Column(first), *(Column(its, "text" if its == "strategy" else "number") for its in rest))
    return Table(name, title, columns, grid.rows, caption)


def _choices(found: Findings) -> Iterator[Block]:
    rows = [row for one in found.decisions for name in found.strategies for row in _rows(one, name)]
    cut = f" The first {_MOST_ROWS:,} of {len(rows):,} are shown; --json has all." if len(rows) > _MOST_ROWS else ""
    columns = (
        Column("decision", "number"),
        Column("strategy", is_filtered=True),
        Column("sequence", "sequence"),
        Column("in the batch"),
        Column("measured", "number"),
        Column("predicted", "number"),
        Column("origin"),
    )
    yield Table(
        "choices",
        "Choices under the first seed",
        columns,
        tuple(rows[:_MOST_ROWS]),
        f"Measured: the value in the end, of designs measured at the decision or later.{cut}",
        has_search=True,
    )


def _rows(one: Replayed, name: str) -> Iterator[tuple[str, ...]]:
    measured = dict(zip(one.candidates, one.values.tolist(), strict=True))
    for choice in one.proposals[name][0].choices:
        is_built = "yes" if choice.sequence in one.built else ""
        numbers = value(measured.get(choice.sequence)), value(choice.mean)
        yield (str(one.number), name, choice.sequence, is_built, *numbers, choice.origin)
