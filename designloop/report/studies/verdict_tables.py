"""Tables of the page: those of the verdict, the leaders, failed cells and computing time."""

from collections.abc import Sequence
from dataclasses import replace
from re import sub

from designloop.report.page import Column, Table
from designloop.report.studies.judged_study import Judged, slug
from designloop.study import tables as verdict_tables
from designloop.study.results import CellResult
from designloop.study.sentences import estimate, of_lead
from designloop.study.tables import Table as Rows
from designloop.study.tables import warnings_table
from designloop.study.terms import TERMS, term
from designloop.study.verdict import SettingVerdict


def page_table(
    name: str, table: Rows, n_words: int, names: Sequence[int] = (), title: str = "", *, is_headline: bool = False
) -> Table:
    """A table of the verdict for the page: `n_words` columns of words first; a reader can hide those in `names`."""
    columns = tuple(
        Column(_short(word), "text" if place < n_words else "number", TERMS.get(term(word), ""), place in names)
        for place, word in enumerate(table.columns)
    )
    rows = tuple(tuple(_typeset(word) if i >= n_words else word for i, word in enumerate(row)) for row in table.rows)
    return Table(name, title or table.title, columns, rows, table.note, is_headline=is_headline)


def _typeset(word: str) -> str:
    """A minus sign for a hyphen, and spaces that break an interval only before its parenthesis."""
    return sub(r"(?<!\w)-(?=[\d.])", "−", word).replace(" to ", "\u00a0to\u00a0").replace("< .", "<\u00a0.")


def _short(title: str) -> str:
    """The term without the point of comparison, which the figure above gives; a minus sign for a hyphen."""
    return term(title).replace(" - ", " − ")


def setting_tables(judged: Judged, setting: SettingVerdict) -> dict[str, Table]:
    """The verdict's tables of a setting by kind, without empty ones."""
    verdict, where = judged.verdict, setting.labels.values()
    standings = replace(verdict_tables.standings_table(setting, verdict), note="")  # the sentence stands above all
    found = {
        "standings": (standings, 1, (0,), "Standings"),
        "pairs": (verdict_tables.pairs_table(setting, verdict), 2, (0, 1), "Pairs"),
        "traces": (
            verdict_tables.values_table(setting, verdict),
            2,
            (0,),
            "All traces at equal points",
        ),
        "reached": (verdict_tables.reached_table(setting, verdict), 2, (0,), "Reaching the threshold"),
        "given": (verdict_tables.given_table(setting), 1, (0,), "Information used"),
    }
    return {
        what: page_table(slug(what, *where), rows, n, names, title, is_headline=what in ("standings", "pairs"))
        for what, (rows, n, names, title) in found.items()
        if rows.rows
    }


def leaders(judged: Judged) -> Table | None:
    """The leader of each setting and its lead, for studies with more than one setting and contestant."""
    settings = judged.verdict.settings
    if len(settings) < 2 or len(judged.contestants) < 2:
        return None
    rows = [row for setting in settings if (row := _leader(setting)) is not None]
    columns = (*map(Column, judged.others), *map(Column, ("highest mean", "next")), Column("ahead by", "number"))
    note = "p-values are corrected within a setting, not across settings."
    return Table(
        "leaders", "Leader of each setting", (*columns, Column("verdict")), tuple(rows), note, has_search=len(rows) > 12
    )


def _leader(setting: SettingVerdict) -> tuple[str, ...] | None:
    best = setting.best
    if best is None:
        return None
    others = [one for one in setting.standings if one.unit_values and one.label != best.label]
    return (*setting.labels.values(), best.label, *map(_typeset, of_lead(best, setting.pairs, others)))


def rankings(judged: Judged) -> Table | None:
    """Mean ranks across landscapes, and scores over all their units: the only numbers pooled over landscapes."""
    known = [one for one in judged.verdict.rankings if one.mean_ranks]
    if not known:
        return None
    axes = tuple(known[0].labels)
    rows = [
        (*one.labels.values(), label, f"{rank:.2f}", _typeset(estimate(score.iqm)) if score else "–")
        for one in known
        for label, rank in sorted(one.mean_ranks.items(), key=lambda item: item[1])
        for score in [one.scores.get(label)]
    ]
    columns = (*map(Column, axes), Column(judged.results.compared, is_filtered=True))
    numbers = (Column("mean rank", "number"), Column("score: IQM", "number", TERMS["score"]))
    return Table("rankings", "Mean ranks and scores", (*columns, *numbers), tuple(rows), has_search=len(rows) > 12)


def failed_cells(judged: Judged) -> Table | None:
    """Every failed cell and its cause; None if none failed."""
    failed = [cell for cell in (*judged.results.cells, *judged.results.confirmations) if cell.error is not None]
    if not failed:
        return None
    axes = tuple(judged.results.axes)
    rows = tuple(
        (*(cell.labels[axis] for axis in axes), str(cell.instance), str(cell.seed), cell.error or "") for cell in failed
    )
    columns = (*map(Column, axes), Column("instance", "number"), Column("seed", "number"), Column("cause"))
    return Table(
        "failed", "Failed cells", columns, rows, "No number includes them. The same command runs them again.", True
    )


def warned_cells(judged: Judged) -> Table | None:
    """The warnings of cells; None without any."""
    told = warnings_table(judged.results)
    return Table("warnings", told.title, tuple(map(Column, told.columns)), told.rows) if told.rows else None


def times(judged: Judged) -> Table:
    """Computing time by contestant."""
    by_label = {
        label: [c for c in judged.results.cells if c.labels[judged.results.compared] == label]
        for label in judged.contestants
    }
    rows = tuple((label, *_time(cells)) for label, cells in by_label.items())
    columns = (
        Column(judged.results.compared, is_filtered=True),
        *(Column(title, "number") for title in ("cells", "seconds per cell", "longest, s", "total, min")),
    )
    return Table(
        "times",
        "Computing time",
        columns,
        (*rows, ("all", *_time(judged.results.cells))),
        "Wall-clock time of each campaign in its worker process, failed ones included. It depends on the machine's "
        "load.",
    )


def _time(cells: Sequence[CellResult]) -> tuple[str, ...]:
    seconds = [cell.seconds for cell in cells]
    if not seconds:
        return "0", "–", "–", "–"
    return (
        f"{len(seconds):,}",
        f"{sum(seconds) / len(seconds):.2f}",
        f"{max(seconds):.2f}",
        f"{sum(seconds) / 60:,.1f}",
    )
