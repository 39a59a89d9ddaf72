"""The report of a study: the verdict, the results by setting and across settings, and the cells."""

from collections.abc import Iterator
from itertools import chain

from designloop.core.counting import many
from designloop.report.page import Block, Details, Page, Section, Selector, View, Views
from designloop.report.remarks import remarks_of
from designloop.report.studies.decision import deciding
from designloop.report.studies.differences import differences
from designloop.report.studies.headline_and_facts import facts, headline, lead
from designloop.report.studies.heat_maps import rank_map, value_maps
from designloop.report.studies.judged_study import Judged, named
from designloop.report.studies.mean_ranks import mean_ranks
from designloop.report.studies.standings import standings
from designloop.report.studies.time_to_threshold import reaching
from designloop.report.studies.value_curves import curves
from designloop.report.studies.verdict_tables import (
    failed_cells,
    leaders,
    rankings,
    setting_tables,
    times,
    warned_cells,
)
from designloop.study.sentences import of_flip
from designloop.study.units import Setting
from designloop.study.verdict import SettingVerdict

_FLIPS = 12
"""The most flips that are listed; the means of a study with many settings have hundreds."""


def page_of(judged: Judged) -> Page:
    """The page of a study and its verdict."""
    sections = (
        Section("decision", "Decision", tuple(_given(deciding(judged)))),
        Section("verdict", "Verdict by setting", tuple(_where(judged))),
        Section("settings", "Results by setting", (_settings(judged),)),
        Section("across", "Across landscapes", tuple(_given(mean_ranks(judged), rankings(judged)))),
        Section("maps", "Values over two axes", tuple(_given(value_maps(judged)))),
        Section("cells", "Cells", tuple(_given(failed_cells(judged), warned_cells(judged), times(judged)))),
        Section("described", "Plan", tuple(_described(judged))),
    )
    description = judged.results.description
    return Page(
        judged.verdict.name,
        "study",
        headline(judged),
        tuple(lead(judged)),
        tuple(facts(judged)),
        tuple(section for section in sections if section.blocks),
        str(description.get("question", "")),
    )


def _given(*blocks: Block | None) -> Iterator[Block]:
    return (block for block in blocks if block is not None)


def _where(judged: Judged) -> Iterator[Block]:
    """The leader of each setting, and where the order flips, for a study with more than one setting."""
    yield from _given(leaders(judged), rank_map(judged))
    shown = [flip for flip in judged.verdict.flips if flip.is_shown]
    if len(judged.verdict.settings) > 1 and len(judged.contestants) > 1:
        yield from (of_flip(flip) for flip in shown[:_FLIPS])
        yield _unshown(len(judged.verdict.flips) - len(shown), n_more=len(shown[_FLIPS:]), has_shown=bool(shown))


def _unshown(n_means: int, *, n_more: int, has_shown: bool) -> str:
    begin = "" if has_shown else "No pair changes order significantly between settings. "
    begin = f"{many(n_more, 'more pair', 'change')} order significantly. " if n_more else begin
    pairs = many(n_means, "pair", "change")
    return f"{begin}In the means only, without a verdict, {pairs} order between settings."


# -- results by setting ----------------------------------------------------------------------------------------------


def _settings(judged: Judged) -> Views:
    long = [axis for axis in judged.others if len(judged.results.axes[axis]) > 1]
    selectors = tuple(Selector(axis, judged.results.axes[axis]) for axis in long)
    views = tuple(
        View(
            tuple(verdict.labels[axis] for axis in long),
            tuple(_setting(judged, setting, verdict)),
            named(verdict.labels),
        )
        for setting, verdict in judged.settings
    )
    return Views("settings", selectors, views, judged.contestants)


def _setting(judged: Judged, setting: Setting, verdict: SettingVerdict) -> Iterator[Block]:
    yield verdict.sentence
    if not setting.cells:
        return
    tables = setting_tables(judged, verdict)
    yield from _given(
        curves(judged, setting, verdict),
        standings(judged, verdict),
        tables.get("standings"),
        differences(judged, verdict),
        tables.get("pairs"),
        reaching(judged, setting, verdict),
        tables.get("reached"),
        tables.get("traces"),
        tables.get("given"),
    )


# -- plan ------------------------------------------------------------------------------------------------------------


def _described(judged: Judged) -> Iterator[Block]:
    axes = judged.results.axes
    listed = "; ".join(f"{axis}: {', '.join(labels)}" for axis, labels in axes.items())
    yield f"Each combination of labels, instance and seed is one cell. Axes: {listed}."
    yield from remarks_of(judged.manifest)
    yield from chain(Details(title, text) for title, text in (judged.texts or {}).items())
