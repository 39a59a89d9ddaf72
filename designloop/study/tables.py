"""Tables: a verdict as rows of text, for the terminal, Markdown and the report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from designloop.core.counting import many
from designloop.study.estimates import Centre
from designloop.study.reaching import Reached
from designloop.study.results import StudyResults
from designloop.study.sentences import estimate, labels, number, of_flip, of_lead, of_ranking, p_value
from designloop.study.standings import Standing
from designloop.study.terms import legend
from designloop.study.traces import AXES
from designloop.study.verdict import SettingVerdict, Verdict

_EMPTY = ("", "–")
_MOST_SEEDS = 5
"""Seeds of failed cells that are listed."""


@dataclass(frozen=True)
class Table:
    """Rows of text under a title; `note` is a sentence that must be shown with them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    is_decision: bool = False

    def trimmed(self) -> "Table":
        """The table without its empty columns."""
        kept = [i for i in range(len(self.columns)) if i == 0 or any(row[i] not in _EMPTY for row in self.rows)]
        if not self.rows or len(kept) == len(self.columns):
            return self
        rows = tuple(tuple(row[i] for i in kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[i] for i in kept), rows=rows)

    def html(self) -> str:
        """As a plain HTML table, its title above, its note below."""
        head = "".join(f"<th>{escape(word)}</th>" for word in self.columns)
        rows = ("".join(f"<td>{escape(word)}</td>" for word in row) for row in self.rows)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<p><b>{escape(self.title)}</b></p><table><tr>{head}</tr>{body}</table>{note}"

    def markdown(self) -> str:
        """As a Markdown table, its title a bold line, its note below."""
        lines = [f"**{self.title}**", "", _line(self.columns), _line("---" for _ in self.columns)]
        lines += [_line(row) for row in self.rows]
        return "\n".join(lines + (["", self.note] if self.note else [])) + "\n"


def tables_of(verdict: Verdict) -> tuple[Table, ...]:
    """All tables that `compare` prints, in reading order."""
    found = []
    for setting in verdict.settings:
        found += [standings_table(setting, verdict), pairs_table(setting, verdict)]
        found += [values_table(setting, verdict), reached_table(setting, verdict), given_table(setting)]
    found += [leaders_table(verdict), flips_table(verdict), rankings_table(verdict)]
    return tuple(table for table in found if table.rows)


def markdown(verdict: Verdict) -> str:
    """The whole verdict in Markdown."""
    head = "\n\n".join([f"# {verdict.name}", *verdict.caveats, f"{verdict.sentence}\n"])
    tables = tables_of(verdict)
    terms = [f"- *{term}*: {meaning}" for term, meaning in legend_of(tables)]
    return "\n".join([head, *(table.markdown() for table in tables), *(["**Terms**", "", *terms, ""] if terms else [])])


def legend_of(tables: Iterable[Table]) -> list[tuple[str, str]]:
    """(term, meaning) of the tables' columns."""
    return legend(column for table in tables for column in table.columns)


def failures_table(results: StudyResults) -> Table:
    """A row for each cause of failures, with the cells it stopped; no rows where none failed."""
    groups: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for cell in (*results.cells, *results.confirmations):
        if cell.error is not None:
            groups.setdefault((tuple(cell.labels[axis] for axis in results.axes), cell.error), []).append(cell.seed)
    rows = [(*labels, _listed(seeds), cause) for (labels, cause), seeds in groups.items()]
    note = "No number includes them. The same command runs them again. DESIGNLOOP_DEBUG=1 prints their tracebacks."
    return Table("Failed cells", (*results.axes, "seeds", "cause"), tuple(rows), note if rows else "")


def warnings_table(results: StudyResults) -> Table:
    """A row for each kind of warning of a contestant, with its cells and one sentence as an example."""
    groups: dict[tuple[tuple[str, ...], str], list[tuple[int, str]]] = {}
    for cell in (*results.cells, *results.confirmations):
        said = dict.fromkeys([*([cell.unreliable] if cell.unreliable else []), *cell.warnings])
        labels = tuple(cell.labels[axis] for axis in results.axes)
        for kind, sentence in {one.partition(": ")[0]: one for one in reversed(said)}.items():
            groups.setdefault((labels, kind), []).append((cell.seed, sentence))
    rows = [(*labels, _listed([seed for seed, _ in said]), said[0][1]) for (labels, _), said in groups.items()]
    return Table("Warnings", (*results.axes, "seeds", "the first one of its kind"), tuple(rows))


def _listed(seeds: list[int]) -> str:
    """The first few seeds, and how many more there are."""
    more = f" and {len(seeds) - _MOST_SEEDS} more" if len(seeds) > _MOST_SEEDS else ""
    return ", ".join(map(str, seeds[:_MOST_SEEDS])) + more


def standings_table(setting: SettingVerdict, verdict: Verdict) -> Table:
    """A row for each contestant: the value compared, its score, and its acceleration over the floor strategy."""
    look = f"{verdict.trace} at {number(setting.points.get(verdict.axis))} {verdict.axis}"
    columns = (
        verdict.compared, "cells", f"{look}: IQM", "median", "mean", "worst 10%", "mean of the trace",
        "score", "acceleration", "enhancement",
    )  # fmt: skip
    rows = tuple(_standing(one, verdict) for one in setting.standings)
    return Table(labels(setting.labels), columns, rows, setting.sentence).trimmed()


def values_table(setting: SettingVerdict, verdict: Verdict) -> Table:
    """A row for each contestant and trace: the interquartile mean at equal designs, weeks and cost."""
    axes = _axes(setting)
    columns = (verdict.compared, "trace", *(f"at {number(setting.points.get(axis))} {axis}" for axis in axes))
    rows = [
        (one.label, trace, *(estimate(by_axis[axis].iqm) for axis in axes))
        for one in setting.standings
        for trace, by_axis in one.values.items()
    ]
    note = "Interquartile means of true values over units. Only the number in the first table is tested."
    return Table(f"Every trace: {labels(setting.labels)}", columns, tuple(rows), note).trimmed()


def pairs_table(setting: SettingVerdict, verdict: Verdict) -> Table:
    """A row for every two contestants."""
    columns = (
        "a", "b", "units", "unpaired", "a - b", "p", "p (Holm)", "P(a above b)", "correlation of units",
        "correlation within instances", "detectable difference",
    )  # fmt: skip
    rows = [
        (
            pair.a, pair.b, str(pair.n_units), str(pair.n_dropped), estimate(pair.difference), p_value(pair.p),
            p_value(pair.p_holm), estimate(pair.improvement), number(pair.correlation), number(pair.luck),
            number(pair.detectable),
        )
        for pair in setting.pairs
    ]  # fmt: skip
    note = f"Differences in {verdict.trace} value at equal {verdict.axis}. Holm corrects over all pairs of the setting."
    return Table(f"Pairs: {labels(setting.labels)}", columns, tuple(rows), note).trimmed()


def reached_table(setting: SettingVerdict, verdict: Verdict) -> Table:
    """When the threshold was reached, and the share of campaigns that reached it."""
    axes = _axes(setting)
    columns = (verdict.compared, "trace", "share that reached it", *(f"{axis} until half reach it" for axis in axes))
    columns += tuple(f"{axis}, median of those that reached it" for axis in axes)
    rows, thresholds = [], set()
    for one in setting.standings:
        for trace, by_axis in one.reached.items():
            rows.append((one.label, trace, *_reached(by_axis, axes)))
            thresholds |= {reached.threshold for reached in by_axis.values()}
    note = "Kaplan-Meier estimates: campaigns that end below it are censored. A dash: fewer than half reach it."
    title = f"Reaching a true value of {', '.join(map(number, sorted(thresholds)))}: {labels(setting.labels)}"
    return Table(title, columns, tuple(rows), note).trimmed()


def given_table(setting: SettingVerdict) -> Table:
    """Prior information and measurements of each contestant; lowest to highest over its cells."""
    names = tuple(dict.fromkeys(name for one in setting.standings for name in one.given))
    rows = [(one.label, *(_span(one.given.get(name)) for name in names)) for one in setting.standings]
    note = "; ".join(f"Differs: {what}" for what in setting.unequal) or "All had the same corpus, starts and labels."
    return Table(f"Information used: {labels(setting.labels)}", ("", *names), tuple(rows) if names else (), note)


def rankings_table(verdict: Verdict) -> Table:
    """Mean ranks across landscapes."""
    names = tuple(dict.fromkeys(name for one in verdict.rankings for name in one.mean_ranks))
    rows = [
        (labels(one.labels), str(len(one.landscapes)), *(_ranked(one.mean_ranks, one.scores, name) for name in names))
        for one in verdict.rankings
        if one.mean_ranks
    ]
    note = " ".join(dict.fromkeys(of_ranking(one, verdict.min_units) for one in verdict.rankings))
    return Table("Mean rank across landscapes (score)", ("", "landscapes", *names), tuple(rows), note)


def leaders_table(verdict: Verdict) -> Table:
    """The leader of each setting and its lead, for studies with more than one setting."""
    rows = []
    for setting in verdict.settings if len(verdict.settings) > 1 else ():
        if setting.best is not None:
            others = [one for one in setting.standings if one.unit_values and one.label != setting.best.label]
            rows.append((labels(setting.labels), setting.best.label, *of_lead(setting.best, setting.pairs, others)))
    columns = ("", "highest mean", "next", "ahead by", "verdict")
    return Table(
        "Leader of each setting", columns, tuple(rows), "p-values are corrected within a setting, not across settings."
    )


def flips_table(verdict: Verdict) -> Table:
    """Pairs whose order flips between settings, significantly in both directions."""
    shown = [flip for flip in verdict.flips if flip.is_shown]
    rows = [(f"{flip.a}, {flip.b}", of_flip(flip)) for flip in shown]
    more = many(len(verdict.flips) - len(shown), "more pair", "change")
    note = f"{more} order in the means only, without a verdict."
    return Table("Where the ranking flips", ("pair", ""), tuple(rows), note)


def _standing(one: Standing, verdict: Verdict) -> tuple[str, ...]:
    centre = one.values.get(verdict.trace, {}).get(verdict.axis)
    area = one.areas.get(verdict.trace, {}).get(verdict.axis)
    cells = f"{one.n_cells}" + (f", {one.n_failed} failed" if one.n_failed else "")
    cells += f", {one.n_missing} missing" if one.n_missing else ""
    middle = (estimate(getattr(centre, name, None)) for name in ("iqm", "median", "mean"))
    beside = (estimate(one.score.iqm if one.score else None), estimate(one.acceleration), estimate(one.enhancement))
    return one.label, cells, *middle, number(one.worst), estimate(area), *beside


def _axes(setting: SettingVerdict) -> tuple[str, ...]:
    """The axes along which the setting's campaigns advanced: not cost where nothing costs anything."""
    return tuple(axis for axis in AXES if setting.points.get(axis))


def _reached(by_axis: Mapping[str, Reached], axes: Sequence[str]) -> tuple[str, ...]:
    each = [by_axis[axis] for axis in axes]
    share = f"{each[0].n_reached} of {each[0].n}, {estimate(each[0].share)}"
    return share, *(number(one.median) for one in each), *(number(one.median_where_reached) for one in each)


def _ranked(ranks: Mapping[str, float], scores: Mapping[str, Centre], name: str) -> str:
    score = scores.get(name)
    return f"{ranks[name]:.2f}" + (f" ({estimate(score.iqm)})" if score else "") if name in ranks else "–"


def _span(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return "–"
    return f"{ends[0]:g}" if ends[0] == ends[1] else f"{ends[0]:g}-{ends[1]:g}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;').replace(chr(10), ' ') for cell in cells)} |"
