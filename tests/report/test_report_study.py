"""The report of a study: what it says and draws is what the verdict says, whatever the study lacks."""

from dataclasses import replace
from html import unescape
from itertools import product
from typing import Any

import numpy as np
import plotly.graph_objects
import pytest
from results_stubs import cell, noisy, study
from study_stubs import Here, small_study
from test_report_campaign import Reader

from designloop.report import report_of
from designloop.report.interactive import traces
from designloop.report.layout import layout
from designloop.report.marks import Bars, Cells, Figure, Line, Points, floats
from designloop.report.numbers import numbers
from designloop.report.page import Table, View, Views
from designloop.report.static import drawn
from designloop.report.studies.decision import deciding
from designloop.report.studies.differences import differences
from designloop.report.studies.headline_and_facts import headline, lead
from designloop.report.studies.heat_maps import ANY, maps_of, rank_map, value_maps
from designloop.report.studies.judged_study import Judged, slug
from designloop.report.studies.mean_ranks import mean_ranks
from designloop.report.studies.page import page_of
from designloop.report.studies.standings import standings
from designloop.report.studies.time_to_threshold import reaching
from designloop.report.studies.value_curves import curves
from designloop.report.studies.verdict_tables import failed_cells
from designloop.report.writing import html, markdown, write
from designloop.study.look import Look
from designloop.study.results import StudyResults
from designloop.study.run import run_study
from designloop.study.verdict import SettingVerdict

NAMES = {"floor": 0.0, "good <b>": 0.3, "like": 0.0}
LOOK = Look(n_resamples=100)


def judged(results: StudyResults, **description: Any) -> Judged:
    return Judged.of(replace(results, description={**results.description, **description}), look=LOOK)


def two_landscapes() -> StudyResults:
    cells = [*noisy(NAMES, 20, 1, "nk"), *noisy(NAMES, 20, 1, "ehrlich")]
    return study(cells, list(NAMES), floor="floor", thresholds={"nk": 0.7, "ehrlich": 0.7})


def labs(n_seeds: int = 2) -> StudyResults:
    """Landscapes × labs × strategies; the better lab is the second."""
    cells = [
        replace(one, labels={"oracles": landscape, "labs": lab, **one.labels}, key=f"{lab}-{one.key}")
        for landscape, lab in product(("nk", "ehrlich"), ("slow", "quick"))
        for one in noisy({"a": 0.0, "b": 0.4 if lab == "quick" else 0.2}, 2, n_seeds, landscape)
    ]
    axes = {"oracles": ("nk", "ehrlich"), "labs": ("slow", "quick"), "strategies": ("a", "b")}
    return study(cells, ["a", "b"], axes=axes)


@pytest.fixture(scope="module")
def both() -> Judged:
    return judged(two_landscapes(), question="Which is <better>?")


@pytest.fixture(scope="module")
def nk(both) -> tuple[Any, SettingVerdict]:
    return both.settings[0]


def points(figure: Figure, name: str) -> list[Points]:
    return [m for panel in figure.panels for m in panel.marks if isinstance(m, Points) and m.name == name]


def first(views: Views) -> Figure:
    (figure,) = views.views[0].blocks
    assert isinstance(figure, Figure)
    return figure


def names_of(blocks: Any) -> list[str]:
    """The names of figures, tables and views among blocks."""
    return [block.name for block in blocks if not isinstance(block, str)]


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_page_is_whole_and_says_what_the_verdict_says(both):
    page = page_of(both)
    text, summary = html(page), markdown(page)
    found = Reader(text).seen
    ids = [attrs["id"] for _, attrs in found if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert [attrs["id"] for tag, attrs in found if tag == "section"] == [
        "verdict", "settings", "across", "cells", "described",
    ]  # fmt: skip
    assert sum(tag == "figure" for tag, _ in found) == len(list(page.figures()))
    assert "good &lt;b&gt;" in text
    assert "good <b>" not in text
    said = unescape(text)
    for sentence in (
        "Which is <better>?",
        page.headline,
        both.verdict.sentence,
        *(v.sentence for _, v in both.settings),
    ):
        assert sentence in said
        assert sentence in summary
    assert page.headline == (
        "good <b> has the highest mean in nk and ehrlich. "
        "In 2 of 2 verdicts the leader is significantly above the next."
    )
    assert "<script src" not in text


def test_every_figure_is_one_that_plotly_draws(both):
    kinds = {figure.name.partition("-")[0]: figure for figure in page_of(both).figures()}
    assert set(kinds) == {"ranks", "curves", "standings", "differences", "reached", "mean"}
    for figure in kinds.values():
        for columns in (figure.columns, 1):
            plotly.graph_objects.Figure(data=traces(figure), layout=layout(figure, columns))


def test_both_backends_draw_the_same_data(both, nk):
    for figure in (
        standings(both, nk[1]),
        differences(both, nk[1]),
        first(curves(both, *nk)),
        first(reaching(both, *nk)),
    ):
        seen = {
            (tuple(numbers(line.get_xdata())), tuple(numbers(line.get_ydata())))
            for axes in drawn(figure).axes
            for line in axes.lines
        }
        said = [
            (tuple(t["x"]), tuple(t["y"]))
            for t in traces(figure)
            if t.get("mode") == "markers" or "shape" in t.get("line", {})
        ]
        assert len(said) >= 3
        assert set(said) <= seen


def test_a_folder_gives_a_page_a_summary_and_pictures(tmp_path):
    run_study(small_study(threshold=4.0), tmp_path / "s", Here())
    page = report_of(tmp_path / "s")
    assert page.headline.endswith(". These are estimates, without a verdict.")
    assert [fact.value for fact in page.facts][:2] == ["12 of 12", "2"]
    short = replace(page, sections=page.sections[:1])
    write(short, tmp_path / "page.html", tmp_path / "pictures")
    assert {file.name for file in (tmp_path / "pictures").iterdir()} == {"ranks.png", "ranks.svg"}
    assert page.headline in (tmp_path / "page.md").read_text()
    titles = [block.title for block in page.sections[-1].blocks if not isinstance(block, str)]
    assert titles == ["study.yaml: all settings, defaults included", "manifest.json: versions and machine"]


def test_the_interquartile_mean_of_fewer_than_four_units_is_called_their_mean():
    three, four = (judged(study(noisy(NAMES, n, 1), list(NAMES))) for n in (3, 4))
    for it, words in ((three, "interquartile mean (of fewer than 4 instances: mean)"), (four, "interquartile mean")):
        assert f"Thick lines: {words} over instances" in first(curves(it, *it.settings[0])).caption
        assert f"the {words} with its 95% interval" in standings(it, it.settings[0][1]).caption


# -- figures hold the verdict's numbers ------------------------------------------------------------------------------


def test_standings_stand_where_the_verdict_has_them(both, nk):
    figure = standings(both, nk[1])
    for row, one in enumerate(nk[1].standings):
        centre, score = one.values["recommended"]["designs"], one.score.iqm
        values, scores, speed = points(figure, one.label)
        assert (values.x, values.y, values.x_low, values.x_high) == (
            [centre.iqm.value], [row], [centre.iqm.low], [centre.iqm.high],
        )  # fmt: skip
        assert (scores.x, scores.x_low, speed.x) == ([score.value], [score.low], [one.acceleration.value])
        assert points(figure, "median")[row].x == [centre.median.value]
        assert points(figure, "mean of the worst 10%")[row].x == [one.worst]
        assert points(figure, "")[row].x == one.unit_values


def test_differences_stand_where_the_verdict_has_them_and_are_marked_as_it_calls_them(both, nk):
    figure = differences(both, nk[1])
    marks = sorted(
        (m for name in ("significant", "not significant") for m in points(figure, name)), key=lambda m: m.y[0]
    )
    assert [m.x[0] for m in marks] == [pair.difference.value for pair in nk[1].pairs]
    assert [m.name == "significant" for m in marks] == [pair.is_called for pair in nk[1].pairs] == [True, False, True]
    bars = [m for m in figure.panels[0].marks if isinstance(m, Bars)]
    assert [m.length[0] / 2 for m in bars] == [pair.detectable for pair in nk[1].pairs]
    assert [m.about for m in marks] == [(pair.a, pair.b) for pair in nk[1].pairs]


def test_curves_come_to_the_verdicts_numbers(both, nk):
    views = curves(both, *nk)
    assert [view.labels for view in views.views][:2] == [("recommended", "designs"), ("recommended", "weeks")]
    figure, at = first(views), nk[1].points["designs"]
    middles = [m for m in figure.panels[0].marks if isinstance(m, Line) and m.style.opacity == 1]
    for one, line in zip(nk[1].standings, middles, strict=True):
        value = one.values["recommended"]["designs"].iqm
        (mark,) = points(figure, one.label)
        assert (mark.y, mark.y_low, mark.y_high) == ([value.value], [value.low], [value.high])
        assert line.y[list(line.x).index(at)] == pytest.approx(value.value)


def test_every_campaign_is_drawn_faintly_and_with_its_seed(both, nk):
    faint = [m for m in first(curves(both, *nk)).panels[0].marks if isinstance(m, Line) and m.style.opacity < 1]
    assert [np.isnan(floats(line.y)).sum() for line in faint] == [20, 20, 20]
    assert faint[0].hover[0] == "floor: instance 0, seed 0"
    assert [entry.style.opacity for entry in first(curves(both, *nk)).entries()] == [1, 1, 1]


def test_the_share_that_reached_the_threshold_is_kaplan_and_meiers(both, nk):
    lines = [m for m in first(reaching(both, *nk)).panels[0].marks if isinstance(m, Line)]
    for one, line in zip(nk[1].standings, lines, strict=True):
        reached = one.reached["recommended"]["designs"]
        assert list(zip(line.x, line.y, strict=True))[1:-1] == list(reached.curve)
        ended = points(first(reaching(both, *nk)), one.label)
        assert sum(len(m.x) for m in ended) == reached.n - reached.n_reached


def test_ranks_and_words_of_the_map_are_those_of_the_means(both):
    (cells,) = rank_map(both).panels[0].marks
    assert isinstance(cells, Cells)
    means = [[np.mean(one.unit_values) for one in setting.standings] for setting in both.verdict.settings]
    assert floats(cells.values).tolist() == (3 - np.argsort(np.argsort(means, axis=1), axis=1)).tolist()
    assert [word.split()[0] for word in cells.labels[0]] == [f"{mean:.3g}" for mean in means[0]]
    assert "≈" not in "".join(cells.labels[0])


def test_mean_ranks_have_bars_of_the_critical_difference(both):
    (ranking,) = both.verdict.rankings
    (view,) = mean_ranks(both).views
    figure = view.blocks[0]
    for label, rank in ranking.mean_ranks.items():
        (mark,) = points(figure, label)
        assert mark.x == [rank]
        assert mark.x_high[0] - mark.x_low[0] == pytest.approx(ranking.critical_difference)


# -- choosing --------------------------------------------------------------------------------------------------------


def seen(views: Views, labels: tuple[str, ...]) -> list[View]:
    """The views that the page's script shows for these labels."""
    return [v for v in views.views if all(a in (ANY, b) for a, b in zip(v.labels, labels, strict=True))]


def test_every_choice_of_labels_shows_one_view():
    both = judged(labs(), decide={"over": ["labs"], "by_weeks": 4, "within_cost": 4000, "probability": 0.5})
    blocks = [block for section in page_of(both).sections for block in section.blocks if isinstance(block, Views)]
    inner = [b for views in blocks for view in views.views for b in view.blocks if isinstance(b, Views)]
    assert len(blocks) == 4
    for views in (*blocks, *inner):
        for labels in product(*(selector.labels for selector in views.selectors)):
            assert len(seen(views, labels)) == 1


def test_maps_show_means_over_two_axes_and_never_colour_landscapes_by_value():
    both = judged(labs())
    assert [str(one) for one in maps_of(both)] == ["labs × strategies", "labs × oracles", "oracles × strategies"]
    views = value_maps(both)
    (view,) = seen(views, ("labs × strategies", "nk", "slow"))
    (cells,) = view.blocks[0].panels[0].marks
    slow, quick = (both.verdict.settings[i].standings for i in (0, 1))
    expected = [[np.mean(lab[row].unit_values) for lab in (slow, quick)] for row in (0, 1)]
    assert floats(cells.values) == pytest.approx(np.array(expected))
    (view,) = seen(views, ("labs × oracles", "nk", "slow"))
    shares = np.array([floats(panel.marks[0].values) for panel in view.blocks[0].panels])
    assert shares.min(axis=(0, 2)).tolist() == [0, 0]
    assert shares.max(axis=(0, 2)).tolist() == [1, 1]


def test_names_that_may_be_left_out_stand_in_columns_that_are_filtered(both):
    (views,) = [b for section in page_of(both).sections for b in section.blocks if isinstance(b, Views) and b.names]
    assert views.names == tuple(NAMES)
    tables = {b.name.partition("-")[0]: b for b in views.views[0].blocks if isinstance(b, Table)}
    assert [c.title for c in tables["pairs"].columns if c.is_filtered] == ["a", "b"]
    assert [c.title for c in tables["standings"].columns if c.is_filtered] == ["strategies"]
    assert {name for name, table in tables.items() if table.is_headline} == {"standings", "pairs"}


def test_names_of_files_are_plain_and_keep_labels_apart():
    assert slug("map", "labs × oracles", "constant liar, min") == "map-labs-oracles-constant-liar-min"
    assert len({slug("nk", label) for label in ("1", "-1", "+1", "0.1", "α", "β")}) == 6


# -- what a study may lack -------------------------------------------------------------------------------------------


def test_an_unfinished_study_is_a_picture_and_says_what_is_missing():
    cells = noisy(NAMES, 20, 1)[:-5]
    both = judged(study(cells, list(NAMES)), instances=20, seeds=1)
    said = " ".join([headline(both), *lead(both)])
    assert headline(both).startswith("No verdict: 5 of 60 planned cells are missing; good <b> has the highest")
    assert "55 of 60 planned cells are done, 5 are missing." in said
    assert points(differences(both, both.verdict.settings[0]), "significant") == []
    assert len(points(differences(both, both.verdict.settings[0]), "no verdict")) == 3
    assert not [m for m in differences(both, both.verdict.settings[0]).panels[0].marks if isinstance(m, Bars)]


def test_a_study_without_a_cell_has_a_page():
    page = page_of(judged(study([], ["a", "b"]), instances=2, seeds=1))
    assert page.headline == "Nothing has been measured yet: 0 of 4 planned cells are done, 4 are missing."
    assert list(page.figures()) == []
    Reader(html(page))


def test_failed_cells_are_listed_with_their_cause():
    cells = [*noisy({"a": 0.0, "b": 0.1}, 3, 1), cell("a", 9, 4, error="ValueError: <on> fire")]
    both = judged(study(cells))
    table = failed_cells(both)
    assert table.rows == (("a", "9", "4", "ValueError: <on> fire"),)
    assert "ValueError: <on> fire" in markdown(page_of(both))
    assert "1 failed" in next(fact.note for fact in page_of(both).facts if fact.name == "Cells")


def test_a_study_whose_cells_all_failed_has_a_page():
    page = page_of(judged(study([cell("a", 0, 0, error="no"), cell("b", 0, 0, error="no")])))
    assert page.headline == "Nothing has been measured yet: 0 of 2 planned cells are done, 2 failed."
    assert "failed" in names_of(page.sections[-2].blocks)


def test_contestants_with_the_same_highest_mean_are_named_together():
    tied = [
        cell(name, i, 0, [(10, value)], labels={"oracles": landscape})
        for landscape, values in (("nk", (0.5, 0.5, 0.2)), ("ehrlich", (0.5, 0.6, 0.2)))
        for name, value in zip("abc", values, strict=True)
        for i in range(20)
    ]
    page = page_of(judged(study(tied, ["a", "b", "c"])))
    expected = "a and b have the highest mean in nk; b in ehrlich. "
    assert page.headline.startswith(expected)
    assert "no pair significantly changes order." in page_of(judged(study(tied, ["a", "b", "c"]))).lead[0]


def test_one_setting_is_shown_without_selectors_and_named_in_the_headline():
    both = judged(study(noisy(NAMES, 20, 1), list(NAMES)))
    page = page_of(both)
    assert page.headline.startswith("good <b> has the highest mean, 0.")
    assert page.headline.endswith(" It is significantly above 2 of 2 others.")
    assert [section.name for section in page.sections] == ["settings", "cells", "described"]
    (views,) = page.sections[0].blocks
    assert first(curves(both, *both.settings[0])).caption.startswith("Thick lines: ")
    assert (views.selectors, len(views.views)) == ((), 1)
    assert rank_map(both) is value_maps(both) is mean_ranks(both) is None


def test_one_contestant_is_drawn_and_compared_with_nobody():
    both = judged(study(noisy({"a": 0.0}, 3, 1), ["a"]))
    page = page_of(both)
    assert page.headline == "The study has one contestant, a, so nothing is compared."
    found = names_of(page.sections[0].blocks[0].views[0].blocks)
    assert found == ["curves", "standings", "standings", "traces"]


def test_without_a_floor_or_a_threshold_nothing_is_said_of_them():
    both = judged(study(noisy(NAMES, 3, 1), list(NAMES)))
    setting, verdict = both.settings[0]
    assert [panel.title for panel in standings(both, verdict).panels] == ["Value"]
    assert reaching(both, setting, verdict) is None


def test_campaigns_that_measured_nothing_are_left_out_of_the_faint_lines():
    both = judged(study([*noisy({"a": 0.0, "b": 0.1}, 3, 1), cell("a", 0, 7)]))
    faint = first(curves(both, *both.settings[0])).panels[0].marks[0]
    assert [line for line in faint.hover if "seed 7" in line] == ["a: instance 0, seed 7"]
    assert np.isnan(floats(faint.y)).sum() == 4


def test_where_nothing_costs_anything_cost_is_left_out():
    cells = [replace(one, cost=0.0) for one in noisy({"a": 0.0, "b": 0.1}, 3, 1)]
    both = judged(study(cells, thresholds={"": 0.5}))
    assert both.axes == ("designs", "weeks")
    tables = [b for b in page_of(both).sections[0].blocks[0].views[0].blocks if isinstance(b, Table)]
    assert not [column.title for table in tables for column in table.columns if "cost" in column.title]


def test_a_plan_that_was_changed_after_a_look_is_told_in_words():
    plan = {"instances": 20, "seeds": 1, "axes": {"strategies": ["a", "b"]}}
    later = {"instances": 30, "seeds": 1, "axes": {"strategies": ["a", "c"]}}
    chosen = {**later, "changed": ['look.trace: "recommended" became "true"']}

    def said_of(*plans):
        return judged(study(noisy(NAMES, 3, 1), list(NAMES)), plans=plans).verdict.caveats

    assert said_of((0, plan), (0, later)) == ()
    assert said_of((0, plan), (7, later)) == (
        "The plan was changed after 7 cells were recorded: instances from 20 to 30 (units added after a look make "
        "p-values too small); strategies: c was added; strategies: b was removed.",
    )
    assert said_of((7, later), (7, chosen)) == (
        'The plan was changed after 7 cells were recorded: look.trace: "recommended" became "true" (p-values do not '
        "count a look that was chosen afterwards).",
    )
    both = judged(
        study(noisy(NAMES, 3, 1), list(NAMES)), plans=[(0, plan), (1, later)], left_out=["oracles: gb1 (no file)"]
    )
    said = list(lead(both))
    assert said[0].startswith("The plan was changed after 1 cell was recorded: instances from 20 to 30")
    assert said[-1] == "Left out: oracles: gb1 (no file)."


def test_a_decision_is_drawn_with_its_confirmation():
    cells = [cell(who, 0, seed, [(10, 0.2), (20, 0.8 if who == "b" else 0.4)]) for who in "ab" for seed in range(10)]
    fresh = tuple(cell("b", 1, seed, [(10, 0.2), (20, 0.8)]) for seed in range(8))
    decide = {"over": ["strategies"], "by_weeks": 4, "within_cost": 4000, "probability": 0.5, "confirm": 8}
    both = judged(study(cells, thresholds={"": 0.7}, confirmations=fresh), decide=decide)
    (view,) = deciding(both).views
    sentence, figure, table = view.blocks
    assert sentence.startswith("Chosen: strategies b; confirmed on 8 fresh campaigns")
    (chosen,), (confirmed,), (option,) = (points(figure, n) for n in ("chosen", "chosen, on fresh campaigns", "option"))
    assert (chosen.x, chosen.y, confirmed.y, option.y) == ([2000], [1], [1], [0])
    assert chosen.y_low == [both.decision.settings[0].candidates[0].share.low]
    assert [row[0] for row in table.rows if row[-1] == "chosen"] == ["b"]
    assert deciding(judged(study(cells))) is None
