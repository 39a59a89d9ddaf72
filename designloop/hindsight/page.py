"""The page of a replay, in the style of reports."""

from collections.abc import Iterator

from designloop.core.counting import many
from designloop.hindsight.among import Among
from designloop.hindsight.choice_tables import choice_tables
from designloop.hindsight.findings import Findings
from designloop.hindsight.free_pictures import distances, predicted_and_measured
from designloop.hindsight.pictures import best_so_far, by_decision, differences
from designloop.hindsight.tables import Grid, free, gains, worth
from designloop.hindsight.tables import by_decision as decision_grid
from designloop.hindsight.words import (
    BRACKETS,
    FREE_COLUMNS,
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


def page_of(found: Findings) -> Page:
    """The page: how the choices compare, each decision, and the choices themselves."""
    first, *others = map(sentence, remarks(found))
    notes = [Section("notes", "How to read this", tuple(others))] if others else []
    sections = (*_results(found), *notes, Section("choices", "Choices", (choice_tables(found),)))
    lead = (
        sentence(f"each strategy chose {among_in_words(found)}; {seeds_in_words(found)}"),
        *map(sentence, repeats(found)),
        first,
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
        blocks: list[Block] = [_table("likeness", "By decision", free(found), FREE_COLUMNS), distances(found)]
        if (scatter := predicted_and_measured(found)) is not None:
            blocks.append(scatter)
        yield Section("likeness", "Choices and the batches built", tuple(blocks))
        return
    blocks = [sentence(f"compared: {compared_in_words(found)}"), *map(sentence, found.left_out)]
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
