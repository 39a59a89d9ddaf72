"""The page of a dossier: flags with their commands, a row for each design, figures, and nothing of what was vetoed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dossier_stubs import listed
from live_stubs import written

from designloop.live.directory import Live
from designloop.live.dossier.dossier import Dossier
from designloop.report.dossier.page import page_of
from designloop.report.dossier.rows import MOST_ROWS, table
from designloop.report.marks import Bars, Figure, Points
from designloop.report.page import Column, Page, Table
from designloop.report.writing import html

LAB = {
    "plate_size": 24, "controls": [{"name": "wt", "wells": "A1"}], "before": "GG",
    "liabilities": {"preset": "oligos", "gc_from": 5, "run_gc": 4},
}  # fmt: skip


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """Two rounds: of the first, three of four came back; of the second, a design was vetoed and one was added."""
    folder = tmp_path_factory.mktemp("pages")
    live = listed(folder, LAB, scheduler={"kind": "rounds", "batch_size": 4, "replicates": 2, "n_retests": 1})
    live.ask(at=0)
    live.tell(written(folder / "r.csv", ["design", "value"], [(0, 4.5), (1, 3.0), (2, 1.0)]), at=10)
    live.ask(at=20, anyway=True)
    live.veto(5, why="<b>looks & feels</b> odd", at=21)
    live.add(["GATTACAA"], why="an old site", at=22)
    return live


@pytest.fixture(scope="module")
def dossier(live: Live) -> Dossier:
    return live.dossier()


@pytest.fixture(scope="module")
def page(dossier: Dossier) -> Page:
    return page_of(dossier)


def tables(page: Page) -> dict[str, Table]:
    return {block.name: block for section in page.sections for block in section.blocks if isinstance(block, Table)}


def cells(table: Table, title: str) -> list[str]:
    place = [column.title for column in table.columns].index(title)
    return [row[place] for row in table.rows]


def test_flags_stand_first_with_the_command_that_removes_the_design(dossier: Dossier, page: Page) -> None:
    assert page.headline == "5 designs and 1 retest to decide on; 1 of them violates a limit."
    assert page.sections[0].name == "limits"
    flagged = tables(page)["flagged"]
    assert cells(flagged, "design") == ["rbs_4"]
    (found,) = cells(flagged, "violates a limit")
    assert found == "GC content 100%, at most 75%; 8 C in a row at 3, at most 4"
    (command,) = cells(flagged, "to remove it")
    assert command == f"designloop live veto {dossier.directory} rbs_4 --why 'GC content 100%, at most 75%'"


def test_each_design_has_a_row_in_each_table_and_a_vetoed_one_none(page: Page) -> None:
    names = ["rbs_4", "rbs_6", "rbs_7", "rbs_8", "rbs_9"]
    its = tables(page)
    assert cells(its["dossier"], "design") == cells(its["relatives"], "design") == [*names, "rbs_0"]
    assert cells(its["liabilities"], "design") == names
    assert cells(its["dossier"], "predicted")[:2] == ["–", "2.00 (0.355 to 3.64)"]
    assert cells(its["dossier"], "why")[-2:] == ["chosen by ana: an old site", "retest of a leader: 4.5 so far"]
    assert cells(its["relatives"], "nearest measured")[0] == "earlier 1: 2.00"
    assert cells(its["pending"], "designs and retests") == ["1"]
    text = "".join(sentence for sentence in page.lead)
    assert "Vetoed: rbs_5 by ana (<b>looks & feels</b> odd)." in text
    assert not any("rbs_5" in word for table in its.values() for row in table.rows for word in row[:2])


def test_predictions_are_sorted_and_the_layout_holds_every_well(dossier: Dossier, page: Page) -> None:
    figures = {figure.name: figure for figure in page.figures()}
    points = [mark for mark in figures["predicted"].panels[0].marks if isinstance(mark, Points)]
    assert [value for mark in points for value in mark.y] == [2.0, 2.0], "of rbs_6 and rbs_8"
    said = [block for section in page.sections if section.name == "predictions" for block in section.blocks]
    assert "No predicted mean lies above the highest measured value, and 0 intervals reach it." in said[1]
    maps = [figure for name, figure in figures.items() if name.startswith("layout-")]
    wells = sum(len(mark.at) for figure in maps for mark in figure.panels[0].marks if isinstance(mark, Bars))
    assert wells == 2 * 6 + 1, "two wells of each design and retest, and a control"


def test_the_page_is_safe_and_says_what_it_is(dossier: Dossier, tmp_path: Path) -> None:
    file = dossier.save(tmp_path / "deep" / "page.html")
    text = file.read_text(encoding="utf-8")
    assert "<title>rbs, round 2 – dossier</title>" in text
    assert "&lt;b&gt;looks &amp; feels&lt;/b&gt;" in text
    assert "<b>looks" not in text
    assert "from the record of the campaign" in text


def test_a_first_round_of_which_nothing_is_known_has_a_page(tmp_path: Path) -> None:
    live = listed(tmp_path, prior={}, strategy="random", scheduler={"kind": "rounds", "batch_size": 1})
    live.ask(at=0)
    its = page_of(live.dossier())
    assert [column.title for column in tables(its)["dossier"].columns] == ["design", "why", "wells", "sequence"]
    said = " ".join(block for section in its.sections for block in section.blocks if isinstance(block, str))
    assert "No design of this round has a prediction." in said
    assert "One design has no distance to another." in said
    assert "Nothing was in the lab" in said


def test_a_batch_of_people_with_other_lengths_has_a_page(tmp_path: Path) -> None:
    live = listed(tmp_path, space={"alphabet": "protein", "min_length": 2, "max_length": 9}, prior={})
    live.add(["MKVLA", "MKVLC", "MKVLCC", "MNGT"], new_round=True, at=0)
    its = page_of(live.dossier())
    assert cells(tables(its)["liabilities"], "all motifs")[3] == "N-glycosylation 2; deamidation 2; oxidation 1"
    assert not any(isinstance(block, Figure) and block.name == "logo" for s in its.sections for block in s.blocks)


def test_tables_leave_out_what_is_empty_and_are_cut_where_they_are_too_long() -> None:
    its = table("t", "T", [Column("a"), Column("b"), Column("c")], [["", "", "1"], ["", "–", "2"]], "Said.")
    assert ([column.title for column in its.columns], its.rows) == (["a", "c"], (("", "1"), ("", "2")))
    assert its.caption == "Said."
    cut = table("t", "T", [Column("a")], [["x"]] * (MOST_ROWS + 1), "Said.")
    assert (len(cut.rows), cut.caption) == (MOST_ROWS, "Said. The first 2,000 of 2,001 rows; --json prints all.")


def test_the_same_dossier_is_the_same_page(live: Live, page: Page) -> None:
    assert html(page_of(Live(live.path).dossier())) == html(page)


def test_of_long_sequences_the_page_shows_where_they_differ_from_the_parent(tmp_path: Path) -> None:
    parent = "ACGT" * 51
    live = listed(tmp_path, space={"alphabet": "dna", "length": 204, "parent": parent}, prior={})
    live.add([f"C{parent[1:]}", f"CT{parent[2:]}", f"{parent[:-1]}G"], new_round=True, at=0)
    page = page_of(live.dossier())
    assert "logo" not in {figure.name for figure in page.figures()}
    (edited,) = (figure for figure in page.figures() if figure.name == "edited")
    (bars,) = edited.panels[0].marks
    assert isinstance(bars, Bars)
    assert (list(bars.at), list(bars.length)) == ([1, 2, 204], [2, 1, 1])
    assert list(bars.hover) == ["A1: 2 designs", "C2: 1 design", "T204: 1 design"]


# -- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from test_report_browser import ARGUMENTS, CHROMIUM, sync_api

    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}")
    with sync_api.sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_is_drawn_without_an_error_at_both_widths(
    browser: Any, dossier: Dossier, page: Page, tmp_path: Path, width: int
) -> None:
    from test_report_browser import Tab

    tab = Tab(browser, dossier.save(tmp_path / "page.html"), {"width": width, "height": 900})
    tab.check_figures(page)
    table = tab.page.locator("#table-dossier")
    table.locator("input").fill("old site")
    assert table.locator("tbody tr:visible").count() == 1
    table.locator("input").fill("")
    table.locator("th button", has_text="predicted").click()
    assert table.locator("tbody tr").first.locator("td").first.text_content() == "rbs_6"
    tab.page.emulate_media(media="print")
    assert tab.page.locator("figure:visible img.still:visible").count() > 0
    display = "button => getComputedStyle(button).display"
    assert table.locator("th button").first.evaluate(display) == "contents", "or no page after the first has a head"
    tab.page.close()
