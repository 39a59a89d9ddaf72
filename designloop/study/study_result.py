"""The result of a study: its cells and the verdict, as numbers, tables and figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designloop.core.pictures import Picture, picture_of
from designloop.study.decision import Decision, decision_of
from designloop.study.estimates import Estimate
from designloop.study.export import cell_rows, table_of, trace_rows
from designloop.study.look import Look
from designloop.study.pairs import Pair
from designloop.study.results import StudyResults
from designloop.study.standings import Standing
from designloop.study.tables import failures_table, standings_table, warnings_table
from designloop.study.verdict import Verdict, assess

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True, repr=False)
class StudyResult:
    """What `Study.run` and `load_study` return. A notebook shows it as the verdict with its standings."""

    results: StudyResults
    """The cells, as input of the statistics."""
    directory: Path | None = None
    """The study's folder; None for a study in memory."""

    @property
    def name(self) -> str:
        """The study's name."""
        return self.results.name

    @property
    def look(self) -> Look:
        """The number that is tested: trace, axis and point, from the study's description."""
        return Look.fixed_in(self.results)

    @cached_property
    def verdict(self) -> Verdict:
        """Who is ahead, by how much, and how certain: `verdict.sentence` in words, `verdict.settings` in detail."""
        return assess(self.results, self.look)

    @cached_property
    def decision(self) -> Decision | None:
        """The decision of the study; None if its description has no `decide`."""
        return decision_of(self.results)

    def cells(self) -> "polars.DataFrame":
        """A row for each cell, failed ones too: its labels, instance, seed, spending and last true values.

        `final_recommended`, `final_true` and `final_common` are in the landscape's units; `error` is null for finished
        cells. The columns are those of `designloop export`.
        """
        return table_of(list(cell_rows(self.results)))

    def traces(self) -> "polars.DataFrame":
        """A row for each point of each trace of each finished cell: trace, week, designs, cost, value."""
        return table_of(list(trace_rows(self.results)))

    def standings(self) -> "polars.DataFrame":
        """A row for each contestant in each setting, at the point compared: interquartile mean with its 95% interval.

        Null without a finished cell; intervals are null for a single unit.
        """
        return table_of(list(self._standings()))

    def comparisons(self) -> "polars.DataFrame":
        """A row for every two contestants in each setting: the mean difference a - b with its 95% interval, p-values.

        p-values are null while planned cells are missing, and with fewer than 20 units. `p_holm` is corrected over all
        pairs of the setting; if it is .05 or less, `ahead` names the contestant that is ahead.
        """
        return table_of(list(self._comparisons()))

    def plot(self, name: str | None = None) -> Picture:
        """A figure of the report: every setting's curves by default, or another by its name.

        Raises InputError if the study has no such figure, with the names of its figures.
        """
        return picture_of(self, name)

    def _standings(self) -> Iterator[dict[str, Any]]:
        for setting in self.verdict.settings:
            for one in setting.standings:
                yield {**setting.labels, self.verdict.compared: one.label, **self._standing(one)}

    def _standing(self, one: Standing) -> dict[str, Any]:
        centre = one.values.get(self.verdict.trace, {}).get(self.verdict.axis)
        return {
            "cells": one.n_cells,
            "failed": one.n_failed,
            "missing": one.n_missing,
            **_columns("iqm", centre.iqm if centre else None),
            "median": centre.median.value if centre else None,
            "mean": centre.mean.value if centre else None,
            "worst_tenth": one.worst,
            "score": one.score.iqm.value if one.score else None,
            "acceleration": one.acceleration.value if one.acceleration else None,
        }

    def _comparisons(self) -> Iterator[dict[str, Any]]:
        for setting in self.verdict.settings:
            for pair in setting.pairs:
                yield {**setting.labels, "a": pair.a, "b": pair.b, **_compared(pair)}

    def __repr__(self) -> str:
        """`<StudyResult pending: 240 of 240 cells, 0 failed>`."""
        done = f"{self.verdict.n_done} of {self.verdict.n_planned} cells, {self.verdict.n_failed} failed"
        return f"<StudyResult {self.name}: {done}>"

    def _repr_html_(self) -> str:
        tables = [standings_table(setting, self.verdict) for setting in self.verdict.settings]
        beside = failures_table(self.results), warnings_table(self.results)
        shown = "".join(table.html() for table in (*tables, *beside) if table.rows)
        return f"<p><b>{escape(self.name)}</b>: {escape(self.verdict.in_words)}</p>{shown}"


def _compared(pair: Pair) -> dict[str, Any]:
    return {
        "units": pair.n_units,
        **_columns("difference", pair.difference),
        "p": pair.p,
        "p_holm": pair.p_holm,
        "ahead": pair.ahead,
        "detectable": pair.detectable,
    }


def _columns(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    """A number and the ends of its interval as three columns."""
    ends = {"": "value", "_low": "low", "_high": "high"}
    return {f"{name}{ending}": getattr(estimate, its, None) for ending, its in ends.items()}
