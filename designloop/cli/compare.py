"""`designloop compare`: the verdict on a study, in the terminal, as Markdown or as JSON."""

import os
from collections.abc import Iterator
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table as Grid

from designloop.core.counting import many
from designloop.core.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from designloop.study.results import StudyResults
    from designloop.study.tables import Table
    from designloop.study.verdict import Verdict

_SHORT = ("Pairs", "Mean rank", "Where the ranking flips", "Failed cells", "Warnings")
"""Tables that are printed without `--all`, in addition to those of the settings."""


def compare_study(
    directory: Path, trace: str | None, axis: str | None, at: float | None, *, every: bool, json: bool, markdown: bool
) -> None:
    """Print the verdict on the study in `directory`."""
    from designloop.study import tables
    from designloop.study.decision import decision_of
    from designloop.study.recorded import results_of
    from designloop.study.verdict import assess

    results = results_of(directory)
    look = look_of(results, trace, axis, at)
    verdict, decision = assess(results, look), decision_of(results)
    failed = [table for table in (tables.failures_table(results), tables.warnings_table(results)) if table.rows]
    rest = [*(decision.tables() if decision else ()), *failed]
    if json:
        facts = {"decision": decision.as_dict() if decision else None, "failures": _failures(results)}
        print(dumps({**verdict.as_dict(), **facts}, allow_nan=False))
    elif markdown:
        print(tables.markdown(verdict), end="")
        print("".join(table.markdown() for table in rest), end="")
    else:
        _print(verdict, [*tables.tables_of(verdict), *rest], every=every)
        if os.environ.get("DESIGNLOOP_DEBUG"):
            print(
                "".join(f"\n{text}" for text in dict.fromkeys(one["traceback"] for one in _failures(results))), end=""
            )


def _failures(results: "StudyResults") -> list[dict[str, Any]]:
    """The failed cells with their tracebacks."""
    return [
        {"labels": dict(one.labels), "instance": one.instance, "seed": one.seed, "error": one.error,
         "traceback": one.traceback}
        for one in (*results.cells, *results.confirmations) if one.error is not None
    ]  # fmt: skip


def look_of(results: "StudyResults", trace: str | None, axis: str | None, at: float | None) -> Any:
    """The look that the study fixed, with the given changes. Raises ConfigError for an unknown name."""
    from dataclasses import replace

    from designloop.study.look import Look
    from designloop.study.results import TRACES
    from designloop.study.traces import AXES

    fixed = Look.fixed_in(results)
    for option, name, known in (("--trace", trace, TRACES), ("--axis", axis, AXES)):
        if name is not None and name not in known:
            raise ConfigError(f"{option}: unknown {option[2:]} '{name}'{did_you_mean(name, known)}")
    look = replace(fixed, trace=trace or fixed.trace, axis=axis or fixed.axis)
    return look if at is None else replace(look, at={**look.at, look.axis: at})


def _print(verdict: "Verdict", tables: "list[Table]", *, every: bool) -> None:
    from designloop.study.tables import legend_of

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=200, no_color=True)
    done = f"{verdict.n_done} of {many(verdict.n_planned, 'cell')}"
    console.print(f"{verdict.name}: {done}, {verdict.n_failed} failed", soft_wrap=True)
    console.print("\n".join([*verdict.caveats, verdict.sentence]), soft_wrap=True)
    shown = list(_asked(verdict, tables, every=every))
    for table in shown:
        console.print()
        console.print(_grid(table))
        if table.note:
            console.print(table.note, soft_wrap=True)
    if terms := legend_of(shown):
        console.print("\n" + "\n".join(f"{term}: {meaning}" for term, meaning in terms), soft_wrap=True)
    if not every:
        console.print(
            "\n--all also prints every trace, times to the threshold, and the prior information", soft_wrap=True
        )


def _asked(verdict: "Verdict", tables: "list[Table]", *, every: bool) -> Iterator["Table"]:
    from designloop.study.sentences import labels

    titles = {labels(setting.labels) for setting in verdict.settings}
    for table in tables:
        if every or table.title in titles or table.title.startswith(_SHORT) or table.is_decision:
            yield table


def _grid(table: "Table") -> Grid:
    grid = Grid(
        title=table.title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for column in table.columns:
        grid.add_column(column, style="cyan" if column == table.columns[0] else None)
    for row in table.rows:
        grid.add_row(*row)
    return grid
