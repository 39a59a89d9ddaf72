"""A study's page in a browser: figures are drawn where they are chosen, and who is left out is left out everywhere."""

from pathlib import Path

import pytest
from results_stubs import noisy, study

from designloop.report.studies.judged_study import Judged
from designloop.report.studies.page import page_of
from designloop.report.writing import write
from designloop.study.look import Look

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from test_report_browser import CHROMIUM, DESK, PHONE, Tab, browser

__all__ = ["browser"]
NAMES = {"floor": 0.0, "good": 0.3, "like": 0.0}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no {CHROMIUM}"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # playwright's own pipes
]


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    cells = [*noisy(NAMES, 20, 1, "nk"), *noisy(NAMES, 20, 1, "ehrlich")]
    results = study(cells, list(NAMES), floor="floor", thresholds={"nk": 0.7, "ehrlich": 0.7})
    out = tmp_path_factory.mktemp("page") / "study.html"
    write(page_of(Judged.of(results, look=Look(n_resamples=100))), out)
    return out


@pytest.fixture(scope="module")
def desk(browser, file) -> Tab:
    return Tab(browser, file, DESK)


def check(tab: Tab) -> None:
    """Every figure that is seen is drawn, in its width; nothing went wrong."""
    shown = tab.page.locator("figure:visible")
    assert shown.count() == 6  # ranks, curves, standings, differences, time to the threshold, mean ranks
    is_drawn = "(figure) => figure.closest('[hidden]') || figure.querySelector('svg.main-svg')"
    tab.page.wait_for_function(f"[...document.querySelectorAll('figure')].every({is_drawn})")
    for i in range(shown.count()):
        assert shown.nth(i).locator("img.still:visible").count() == 0
        box = shown.nth(i).locator(".plot").bounding_box()
        assert box["width"] <= tab.size["width"]
        assert box["height"] > 90
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= tab.size["width"]
    assert tab.wrong == []


def test_every_figure_is_drawn_at_a_phones_width(browser, file):
    tab = Tab(browser, file, PHONE)
    check(tab)
    tab.page.close()


def test_every_figure_of_every_choice_is_drawn_at_a_desks_width(desk):
    check(desk)
    for word, labels in (("oracles", ["ehrlich", "nk"]), ("against", ["weeks", "designs"]), ("trace", ["true"])):
        for label in labels:
            choose(desk, word, label)
            check(desk)
    choose(desk, "trace", "recommended")


def choose(tab: Tab, word: str, label: str) -> None:
    tab.page.locator(f"select[data-word='{word}']:visible").first.select_option(label)


def test_selectors_of_one_word_move_together(desk):
    choose(desk, "against", "weeks")
    assert desk.page.locator("#views-reached-nk select[data-word='against']").input_value() == "weeks"
    assert desk.page.locator("#figure-curves-nk-recommended-weeks").is_visible()
    assert desk.page.locator("#figure-reached-nk-recommended-weeks").is_visible()
    assert not desk.page.locator("#figure-curves-nk-recommended-designs").is_visible()
    choose(desk, "against", "designs")


def test_a_box_that_is_not_ticked_leaves_a_contestant_out_of_figures_and_tables(desk):
    n_pairs, n_rows = "#table-pairs-nk tbody tr:visible", "#table-standings-nk tbody tr:visible"
    seen = "document.querySelector('#figure-differences-nk .plot').data.filter((t) => t.visible && t.meta).length"
    assert (desk.page.locator(n_pairs).count(), desk.page.locator(n_rows).count()) == (3, 3)
    assert desk.page.evaluate(seen) == 6
    box = desk.page.locator(".names input[value='good']")
    box.uncheck()
    assert (desk.page.locator(n_pairs).count(), desk.page.locator(n_rows).count()) == (1, 2)
    desk.page.wait_for_function(f"{seen} === 2")
    curves = "document.querySelector('#figure-curves-nk-recommended-designs .plot')"
    assert desk.page.evaluate(f"{curves}.data.every((t) => t.visible === (t.name !== 'good'))")
    choose(desk, "oracles", "ehrlich")
    other = "document.querySelector('#figure-curves-ehrlich-recommended-designs .plot')"
    desk.page.wait_for_function(f"{other}.data?.some((t) => t.name === 'good' && !t.visible)")
    choose(desk, "oracles", "nk")
    box.check()
    desk.page.wait_for_function(f"{seen} === 6")
    assert desk.page.locator(n_pairs).count() == 3


def test_the_pointer_is_answered(desk):
    point = desk.page.locator("#figure-differences-nk .scatterlayer .points path").first
    point.scroll_into_view_if_needed()
    point.hover(force=True)
    desk.page.wait_for_selector("#figure-differences-nk .hoverlayer .hovertext", timeout=20_000)
    assert "Holm" in desk.page.locator("#figure-differences-nk .hoverlayer").text_content()


def test_headline_tables_of_every_setting_are_printed(desk):
    desk.page.emulate_media(media="print")
    for landscape in ("nk", "ehrlich"):
        for table in ("standings", "pairs"):
            assert desk.page.locator(f"#table-{table}-{landscape}").is_visible()
    assert not desk.page.locator("#table-traces-ehrlich").is_visible()
    assert not desk.page.locator(".controls:visible").count()
    assert desk.page.locator("#figure-curves-nk-recommended-designs img.still").is_visible()
    desk.page.emulate_media(media="screen")
    assert desk.wrong == []
