"""The choices of a replay as tables: for each decision, which sequences were chosen under how many seeds."""

from collections import Counter
from collections.abc import Iterator, Mapping

from designloop.core.counting import many
from designloop.core.records import Choice
from designloop.hindsight.findings import Findings
from designloop.hindsight.replayed import Replayed
from designloop.report.page import Column, Selector, Table, View, Views
from designloop.report.words import value

_MOST_ROWS = 200


def choice_tables(found: Findings) -> Views:
    """A table for each decision, one visible at a time."""
    labels = [str(one.number) for one in found.decisions]
    views = tuple(View((label,), (_table(found, one),)) for label, one in zip(labels, found.decisions, strict=True))
    return Views("choices", (Selector("decision", tuple(labels)),), views)


def _table(found: Findings, one: Replayed) -> Table:
    counts = {name: Counter(_sequences(one, name)) for name in found.strategies}
    rows = sorted(_rows(one, counts), key=lambda row: row[0], reverse=True)
    cut = f" The first {_MOST_ROWS:,} of {len(rows):,} are shown; --json has all." if len(rows) > _MOST_ROWS else ""
    columns = (
        Column("sequence", "sequence"),
        Column("in the batch"),
        Column("measured", "number"),
        *(Column(name, "number") for name in found.strategies),
        Column("predicted", "number"),
    )
    seeds = many(len(found.seeds), "seed")
    return Table(
        f"choices-{one.number}",
        f"Choices at decision {one.number}",
        columns,
        tuple(row for _, row in rows[:_MOST_ROWS]),
        f"Of each strategy, under how many of {seeds} it chose the sequence. Measured: the value in the end, if it was "
        f"measured at the decision or later. Predicted: by the first strategy that predicts it.{cut}",
        has_search=True,
    )


def _rows(one: Replayed, counts: Mapping[str, Counter[str]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(how often it was chosen, its row) of each sequence that was chosen or built."""
    measured = dict(zip(one.candidates, one.values.tolist(), strict=True))
    means = _predictions(one)
    for sequence in dict.fromkeys([*(s for its in counts.values() for s in its), *one.built]):
        chosen = [its[sequence] for its in counts.values()]
        is_built = "yes" if sequence in one.built else ""
        numbers = [str(n) if n else "" for n in chosen]
        yield (
            sum(chosen),
            (sequence, is_built, value(measured.get(sequence)), *numbers, value(means.get(sequence))),
        )


def _sequences(one: Replayed, name: str) -> Iterator[str]:
    return (choice.sequence for its in one.proposals[name] for choice in its.choices)


def _predictions(one: Replayed) -> dict[str, float]:
    """Sequence -> the mean that the first strategy with a prediction gave it, under its first seed with one."""
    every: Iterator[Choice] = (choice for its in one.proposals.values() for each in its for choice in each.choices)
    means: dict[str, float] = {}
    for choice in every:
        if choice.mean is not None:
            means.setdefault(choice.sequence, choice.mean)
    return means
