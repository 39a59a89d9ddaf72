"""The page in a browser, at a phone's width and a desk's: drawn without an error or a request, and it answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from designloop.report.page import Choice, Page
from designloop.report.writing import write

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no {CHROMIUM}"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # playwright's own pipes
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def file(page, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("page") / "report.html"
    write(page, out)
    return out


class Tab:
    """The page once it is drawn, and what went wrong on the way: errors, words in the console, requests."""

    def __init__(self, browser: Any, file: Path, size: dict[str, int]) -> None:
        self.page, self.size, self.wrong = browser.new_page(viewport=size), size, list[str]()
        self.page.on("console", lambda message: self.wrong.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-drawn]", timeout=120_000)

    def _asked(self, address: str) -> None:
        if not address.startswith(("file://", "data:")):
            self.wrong.append(f"request: {address}")

    def check_figures(self, page: Page) -> None:
        """Every figure is drawn in its width, but for those that are to be chosen."""
        n_hidden = sum(len(block.figures) - 1 for s in page.sections for block in s.blocks if isinstance(block, Choice))
        shown = self.page.locator("figure:visible")
        assert shown.count() == len(list(page.figures())) - n_hidden
        for i in range(shown.count()):
            assert shown.nth(i).locator("svg.main-svg").count() > 0
            assert shown.nth(i).locator("img.still:visible").count() == 0
            box = shown.nth(i).locator(".plot").bounding_box()
            assert box["width"] <= self.size["width"]
            assert box["height"] > 100
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.size["width"]
        assert self.wrong == []


@pytest.fixture(scope="module")
def desk(browser, file) -> Tab:
    return Tab(browser, file, DESK)


def test_every_figure_is_drawn_at_a_phones_width(browser, file, page):
    Tab(browser, file, PHONE).check_figures(page)


def test_every_figure_is_drawn_at_a_desks_width(desk, page):
    desk.check_figures(page)


def test_a_value_with_its_error_stays_on_one_line_of_its_card(desk):
    card = desk.page.locator(".facts strong").nth(1)
    value = card.text_content()
    card.evaluate("card => { card.textContent = '0.178 ± 0.039'; }")
    height, line, width, room = card.evaluate(
        "card => [card.clientHeight, parseFloat(getComputedStyle(card).lineHeight), card.scrollWidth, card.clientWidth]"
    )
    card.evaluate("(card, value) => { card.textContent = value; }", value)
    assert height < 1.5 * line
    assert width <= room


def test_a_table_wider_than_a_phone_says_so_and_is_scrolled_by_keys(browser, file):
    """A shadow at the edge that hides more, a sentence below, and a region that takes the focus, with a name."""
    tab = Tab(browser, file, PHONE)
    box = tab.page.locator("#table-designs .scroll")
    hint = tab.page.locator("#table-designs .hint")
    tab.page.wait_for_selector("#table-designs .scroll.is-cut-right:not(.is-cut-left)")
    assert hint.is_visible()
    assert box.get_attribute("aria-label").endswith("highest measured mean")
    assert box.evaluate("box => getComputedStyle(box).backgroundImage").count("linear-gradient") == 4
    box.focus()
    tab.page.keyboard.press("ArrowRight")
    tab.page.wait_for_selector("#table-designs .scroll.is-cut-left.is-cut-right")
    first = box.locator("tbody td").first
    assert first.bounding_box()["x"] == pytest.approx(box.bounding_box()["x"], abs=2), "the first column stays"
    box.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    tab.page.wait_for_selector("#table-designs .scroll.is-cut-left:not(.is-cut-right)")
    tab.page.close()


def test_a_table_that_has_room_has_neither_shadow_nor_hint(desk):
    boxes = desk.page.locator(".table:visible")
    state = "box => [box.scrollWidth > box.clientWidth + 1, box.matches('.is-cut-right, .is-cut-left')]"
    seen = [(boxes.nth(i).locator(".scroll").evaluate(state), boxes.nth(i).locator(".hint").is_visible())
            for i in range(boxes.count())]  # fmt: skip
    assert [False, False] in [cut for cut, _ in seen]
    assert all(is_wide == is_cut == is_told for (is_wide, is_cut), is_told in seen)


def test_a_figure_wider_than_a_phone_fades_at_its_edge_and_takes_the_focus(browser, file):
    tab = Tab(browser, file, PHONE)
    plot = tab.page.locator("figure .plot.is-drawn").first
    assert plot.get_attribute("tabindex") is None
    plot.evaluate("plot => { plot.firstElementChild.style.width = '900px'; plot.dispatchEvent(new Event('scroll')); }")
    tab.page.wait_for_selector("figure .plot.is-cut-right[tabindex='0'] + .hint:not([hidden])")
    assert "linear-gradient" in plot.evaluate("plot => getComputedStyle(plot).maskImage")
    tab.page.close()


def test_the_pointer_is_answered(desk):
    line = desk.page.locator("#figure-spending .scatterlayer .trace path.js-line").first
    line.scroll_into_view_if_needed()
    line.hover(force=True, position={"x": 2, "y": 2})
    desk.page.wait_for_selector("#figure-spending .hoverlayer .hovertext", timeout=20_000)
    assert "week" in desk.page.locator("#figure-spending .hoverlayer").text_content()


def test_a_key_of_the_legend_hides_what_it_names(desk, record):
    key = desk.page.locator("#figure-value-by-week .keys button").first
    n_points = "document.querySelectorAll('#figure-value-by-week .scatterlayer .points path').length"
    assert desk.page.evaluate(n_points) == len(record.measured)
    key.click()
    desk.page.wait_for_function(f"{n_points} === 0")
    assert key.get_attribute("aria-pressed") == "false"
    key.click()
    desk.page.wait_for_function(f"{n_points} === {len(record.measured)}")


def test_a_plate_is_drawn_when_it_is_chosen(desk):
    desk.page.locator("#choice-plates select").select_option(index=1)
    desk.page.wait_for_selector("#choice-plates .option:nth-of-type(2) svg.main-svg")
    assert desk.page.locator("#choice-plates figure:visible").count() == 1


def test_tables_are_searched_and_sorted(desk):
    table = desk.page.locator("#table-designs")
    table.locator("input").fill("recommended")
    assert table.locator("tbody tr:visible").count() == 1
    table.locator("input").fill("")
    table.locator("th", has_text="week").locator("button").click()
    weeks = [float(text) for text in table.locator("tbody tr td:nth-last-child(2)").all_text_contents()]
    assert len(weeks) > 2
    assert weeks == sorted(weeks, reverse=True)
    assert desk.page.evaluate("['B1', 'A10', '1-10-1', 'A2', '1-2-1', '0.5'].sort(compare)") == [
        "0.5", "1-2-1", "1-10-1", "A2", "A10", "B1",
    ]  # fmt: skip


def test_in_print_the_pictures_stand_for_the_figures(desk):
    desk.page.emulate_media(media="print")
    assert desk.page.locator("img.still:visible").count() > 0
    assert desk.page.locator("figure.has-still .plot:visible").count() == 0
    assert not desk.page.locator("nav").is_visible()
    assert desk.wrong == []


def test_where_no_script_runs_the_pictures_stand_for_the_figures(browser, file):
    context = browser.new_context(java_script_enabled=False, viewport=DESK)
    tab = context.new_page()
    tab.goto(file.as_uri())
    figures = tab.locator("figure:visible")
    assert tab.locator("img.still:visible").count() == figures.count() > 0
    for i in range(figures.count()):
        assert figures.nth(i).locator("img.still").bounding_box()["height"] > 100
