"""The campaign report: every section is there, every name is used for its own number, and it asks for nothing."""

import re
from dataclasses import replace
from html import escape, unescape
from html.parser import HTMLParser
from itertools import product

import plotly.graph_objects
import pytest
from stubs import CountingOracle, FailingLog, Scripted, played, small

from designloop.cli.shared.summaries import lines_of
from designloop.core.errors import StoreError
from designloop.core.records import Event
from designloop.lab.lab import Lab
from designloop.report import report_of
from designloop.report.best_designs import _first_edits, letters_of, logos, top_designs
from designloop.report.campaign import headline, page_of
from designloop.report.in_the_lab import failures, stage_table
from designloop.report.interactive import as_json, traces
from designloop.report.layout import layout
from designloop.report.marks import Bars, Cells, Figure
from designloop.report.page import Choice, Table
from designloop.report.plate_maps import marks_of, plate_maps, plate_table, plates_of
from designloop.report.predictions import Predicted, prediction_table
from designloop.report.record import Record
from designloop.report.static import picture
from designloop.report.stills import still
from designloop.report.writing import html, markdown, write
from designloop.storage.log import MemoryLog

SECTIONS = ["value", "predictions", "designs", "failures", "lab", "plates", "given", "cost", "described"]
VOID = {"meta", "link", "img", "source", "input", "br", "hr"}


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID and not (self.open and self.open[-1] == "svg" and tag in ("path", "circle")):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def written(page):
    return html(page)


def test_every_section_is_there(page, written):
    assert [section.name for section in page.sections] == SECTIONS
    found = Reader(written).seen
    assert [attrs["id"] for tag, attrs in found if tag == "section"] == SECTIONS
    assert [attrs["href"] for tag, attrs in found if tag == "a"] == [f"#{name}" for name in SECTIONS]
    assert sum(tag == "figure" for tag, _ in found) == len(list(page.figures()))
    assert [tag for tag, _ in found if tag in ("h1", "main", "header", "footer", "nav")] == [
        "header", "h1", "nav", "main", "footer",
    ]  # fmt: skip


def test_the_page_asks_for_nothing(written):
    for tag, attrs in Reader(written).seen:
        for name in ("src", "href", "srcset", "action", "data"):
            assert (attrs.get(name) or "").startswith(("#", "data:", "")), (tag, attrs)
            assert "//" not in (attrs.get(name) or "").split(",")[0], (tag, attrs)
    own = re.sub(r'<script type="text/plain" id="plotly">.*?</script>', "", written, flags=re.DOTALL)
    own = re.sub(r'"data:image/svg[^"]*"', "", own)
    own = re.sub(r"<details>.*?</details>", "", own, flags=re.DOTALL)
    assert not re.search(r"https?://|@import|url\(", own)
    assert "default-src 'none'" in own
    assert len(written) < 4_000_000


def test_what_a_user_wrote_is_shown_and_not_obeyed(written, record):
    assert record.summary.name not in written
    assert "small &lt;b&gt;&amp;&lt;/b&gt; brave" in written


def test_measured_recommended_and_true_stand_under_their_names(page, record):
    summary = record.summary
    facts = {fact.name: fact.value for fact in page.facts}
    assert facts["Measured"].startswith(f"{summary.best_measured:.1f}"[:2])
    assert facts["Recommended"] == f"{summary.recommended.value:.2f}"
    assert facts["True"] == f"{summary.best.value:.2f}"
    assert facts["Time"] == f"{summary.weeks:.1f} weeks"
    assert facts["Cost"] == f"{summary.cost:,.0f}"
    said = f"the recommended design is {summary.recommended.design}: measured"
    assert said in page.headline
    assert f"true value {summary.recommended.value:.2f}." in page.headline
    names = [entry.name for entry in next(page.figures()).entries()]
    assert [name.split(":")[0] for name in names[:4]] == ["measured", "measured", "recommended", "true"]


def as_good(record, recommended, best):
    """The record, where `recommended` is named, and `best` was the first with the same true and measured value."""
    named = replace(record.summary.recommended, design=recommended, value=3.0)
    summary = replace(record.summary, recommended=named, best=replace(named, design=best, week=2.5))
    readings = record.designs[best].readings
    designs = {
        i: replace(one, readings=readings if i in (recommended, best) else one.readings, true=min(one.true or 0, 2.0))
        for i, one in record.designs.items()
    }
    for design in (recommended, best):
        designs[design] = replace(designs[design], true=3.0)
    made = replace(record, summary=summary)
    vars(made)["designs"] = designs  # which it would read from its events
    return made


def test_headline_and_cards_speak_of_one_design_and_say_which_is_as_good(record):
    """The best measured design and the recommended one, 15 and 64 with the same number, are not two answers."""
    best, other = record.measured[0].id, record.measured[-1].id
    page = page_of(as_good(record, other, best))
    notes = {fact.name: fact.note for fact in page.facts}
    assert list(notes)[:3] == ["Recommended", "Measured", "True"]
    assert f"the recommended design is {other}: measured" in page.headline
    assert notes["Recommended"].startswith(f"true value of design {other}; measured ")
    assert notes["Measured"] == f"highest mean: the recommended design {other}; 1 other design has the same mean"
    both = f"the recommended design {other}, and before it design {best} (week 2.5)"
    assert notes["True"] == f"highest of the measured designs: {both}"
    same = f"Design {best} reached the same true value first, in week 2.5."
    assert page.lead[0] == f"No measured design has a higher true value. {same}"
    table = next(
        block for section in page.sections for block in section.blocks if getattr(block, "name", "") == "designs"
    )
    told = next(line for line in lines_of(as_good(record, other, best).summary) if line.startswith("  true best"))
    assert told.endswith(f"week 2.5 · tied with the recommended design {other}")
    marks = {int(row[1]): row[2] for row in table.rows if row[2]}
    assert marks == {best: "highest true value", other: "recommended, highest true value"}


def test_a_recommended_design_that_is_the_best_is_named_once(record):
    one = record.measured[0].id
    notes = {fact.name: fact.note for fact in page_of(as_good(record, one, one)).facts}
    assert notes["Measured"] == f"highest mean: the recommended design {one}"
    assert notes["True"] == f"highest of the measured designs: the recommended design {one}"


def test_columns_that_need_it_are_explained_without_a_pointer(page, written):
    """A title that appears under a pointer is nothing on a phone: the same stands below the table."""
    tables = [block for section in page.sections for block in section.blocks if isinstance(block, Table)]
    explained = [column for table in tables for column in table.columns if column.help]
    assert explained
    for column in explained:
        assert f"<dt>{escape(column.title)}</dt><dd>{escape(column.help)}</dd>" in written
    assert written.count('<details class="terms">') == sum(any(c.help for c in table.columns) for table in tables)


def test_many_edits_are_counted_and_few_are_listed():
    assert [_first_edits(text) for text in ("", "A1C G2T")] == ["none", "A1C G2T"]
    assert _first_edits(" ".join(f"A{i}C" for i in range(1, 10))) == "A1C A2C A3C A4C … 9 in all"


def test_the_summary_says_the_same_as_the_page(page, run):
    text = markdown(page)
    assert page.headline in text
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == [s.title for s in page.sections]
    for section in page.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                assert f"| {' | '.join(column.title for column in block.columns)} |" in text


def test_every_figure_is_one_that_plotly_draws(page):
    for each in page.figures():
        for columns in (each.columns, 1):
            plotly.graph_objects.Figure(data=traces(each), layout=layout(each, columns))


def test_every_figure_is_written_as_a_picture_too(page, tmp_path):
    names = {"value", "plates"}
    short = replace(page, sections=tuple(section for section in page.sections if section.name in names))
    (choice,) = [block for block in short.sections[1].blocks if isinstance(block, Choice)]
    first = replace(choice, figures=choice.figures[:1])
    short = replace(short, sections=(short.sections[0], replace(short.sections[1], blocks=(first,))))
    write(short, tmp_path / "page.html", tmp_path / "pictures")
    assert sorted(file.name for file in (tmp_path / "pictures").iterdir()) == sorted(
        f"{each.name}.{format}" for each in short.figures() for format in ("png", "svg")
    )
    for file in (tmp_path / "pictures").iterdir():
        assert file.read_bytes().startswith(b"\x89PNG" if file.suffix == ".png" else b"<?xml")
    text = (tmp_path / "page.md").read_text()
    assert page.headline in text
    assert "**Plates**: 1 figure in" in text
    batches = replace(short.sections[1], blocks=(replace(first, word="Batch"),))
    write(replace(short, sections=(batches,)), tmp_path / "batches.html")
    assert "**Batches**: 1 figure in" in (tmp_path / "batches.md").read_text()
    assert page.headline in unescape((tmp_path / "page.html").read_text())


def test_what_failed_where_adds_up_to_what_the_events_say(record):
    failed = [event for event in record.events if event.kind == "failed" and not event.data["retest"]]
    by_stage, by_round = failures(record).panels
    assert sum(sum(mark.length) for mark in by_stage.marks if isinstance(mark, Bars)) == len(failed)
    assert sum(sum(mark.length) for mark in by_round.marks if isinstance(mark, Bars)) == len(record.designs)
    assert sum(int(row[2]) for row in stage_table(record).rows) == len(
        [event for event in record.events if event.kind == "failed"]
    )


def test_every_well_stands_where_the_lab_put_it(record):
    maps = plate_maps(record)
    assert isinstance(maps, Choice)
    assert len(maps.figures) == len(plates_of(record)) == len(plate_table(record).rows)
    wells = {(reading.plate, reading.well): reading for reading in record.readings}
    for (_, drawing), plate in zip(maps.figures, plates_of(record), strict=True):
        cells = drawing.panels[0].marks[0]
        assert isinstance(cells, Cells)
        for row, letter in enumerate("ABCD"):
            for column in range(6):
                reading = wells.get((plate, f"{letter}{column + 1}"))
                assert reading is None or cells.values[row][column] == reading.value
                assert cells.labels[row][column] == ((reading.control or "")[:1].upper() if reading else "")


def test_plates_beyond_row_z_are_drawn_and_controls_of_one_initial_are_told_apart():
    """1,536 wells have rows A to AF."""
    controls = [{"name": "parent", "wells": ["A1"]}, {"name": "positive", "value": 8.0, "wells": ["AF47", "AF48"]}]
    lab = Lab.preset("instant", plate_size=1536, assay={"controls": controls, "fill_order": "columns"})
    record = Record.of_result(small(lab=lab, oracle=CountingOracle.fresh()).run())
    maps = plate_maps(record)
    assert maps is not None
    drawing = maps.figures[0][1]
    cells = drawing.panels[0].marks[0]
    assert isinstance(cells, Cells)
    assert [cells.labels[0][0], cells.labels[31][46:]] == ["R", ["P", "P"]]
    assert cells.hover[31][47] == "AF48: control, positive<br>reads 8.00"
    assert [title for _, title in drawing.panels[0].y.ticks][-1] == "AE"  # every second row is named
    assert marks_of(["positive", "parent", "blank"]) == {"blank": "B", "parent": "P1", "positive": "P2"}


def test_readings_of_a_low_quality_are_named():
    controls = [{"name": "high", "value": 1.0, "n": 2}, {"name": "blank", "n": 2}]
    lab = Lab.preset("instant", assay={"controls": controls, "noise": {"eps": 3.0}, "min_z_prime": 0.99})
    page = page_of(Record.of_result(small(lab=lab, oracle=CountingOracle.fresh()).run()))
    text = str([block for section in page.sections for block in section.blocks if isinstance(block, str)])
    assert "Readings rejected because of a low Z′: 1-1-1, 1-1-1-r2" in text


def test_predictions_are_judged_by_the_first_wells_only(record):
    known = Predicted.of(list(record.designs.values()))
    first = {design.id: design.first_readings[0].value for design in record.measured}
    assert known.measured.tolist() == [first[design.id] for design in known.designs]
    assert known.means.tolist() == [1 + design.sequence.count("A") for design in known.designs]
    table = prediction_table(record)
    assert table is not None
    assert sum(int(row[1]) for row in table.rows) == len(known.means)


def test_the_top_designs_name_their_nearest_natural_neighbour(record):
    table = top_designs(record)
    titles = [column.title for column in table.columns]
    row = dict(zip(titles, table.rows[0], strict=True))
    assert row["design"] == str(record.measured[0].id)
    assert row["sequence"] == record.measured[0].sequence
    assert row["nearest natural"] in record.corpus
    ranked = [float(row[titles.index("measured ± error")].split(" ")[0]) for row in table.rows]
    assert ranked == sorted(ranked, reverse=True)
    assert any("recommended" in row[titles.index("remark")] for row in table.rows)


def test_a_logo_is_of_one_length_and_else_says_why_not(record):
    drawing = logos(record)
    assert isinstance(drawing, Figure)
    assert [panel.title for panel in drawing.panels] == [
        "Corpus (n = 4)",
        "Last batch proposed (n = 4)",
        "Best measured designs (n = 10)",
    ]
    assert letters_of(["ACGU"]) == "ACGU"
    assert letters_of(["AXA"]) == "AX"
    assert letters_of(["ACD"]) == "ACDEFGHIKLMNPQRSTVWY"


def test_a_corpus_without_a_preference_is_explained_below_its_empty_logo(record):
    flat = replace(record, corpus=tuple("".join(four) * 2 for four in product("ACGT", repeat=4)))
    told = "Corpus: 256 natural sequences, known to the strategy without values. Its letters are too low to be drawn, "
    assert logos(flat).caption.endswith(f"{told}because no position is conserved: the highest stack has 0.00 bits.")
    assert "too low" not in logos(record).caption


def test_money_that_is_reserved_is_told_beside_what_is_spent(record):
    held = replace(record, summary=replace(record.summary, cost=600, n_observed=6, reserved=2188.4))
    facts = {fact.name: fact.note for fact in page_of(held).facts}
    assert facts["Cost"] == "100 per design with a value; 2,188 more reserved for designs in the lab"


def test_a_run_that_was_stopped_has_a_page_at_every_moment():
    log = FailingLog()
    campaign = small(oracle=CountingOracle.fresh(), strategy=Scripted())
    n_all = played(campaign, log=log).n_appends
    for fails_at in (0, 1, 2, n_all // 2, n_all - 1):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(campaign, log=log)
        record = Record.of(log)
        page = page_of(record)
        assert [section.name for section in page.sections] == SECTIONS
        beginnings = ("The campaign has not started.", "The campaign has no measurement yet", "Not finished: after")
        assert headline(record).startswith(beginnings)
        for each in page.figures():
            plotly.graph_objects.Figure(data=traces(each), layout=layout(each, 1))
        assert markdown(page)


def test_a_run_with_nothing_measured_has_a_page_of_pictures_too():
    class Barren(CountingOracle):
        def __call__(self, sequences):
            return super().__call__(["TT"] * len(sequences))

    log = played(small(oracle=Barren.fresh(), strategy=Scripted()))
    page = page_of(Record.of(log))
    assert "ended without a measurement: 20 designs submitted" in page.headline
    assert "No design has been measured yet" in markdown(page)
    assert all(picture(each) and still(each) for each in page.figures())


def test_a_campaign_that_has_not_opened_has_a_page():
    page = page_of(Record.of(MemoryLog()))
    assert page.headline == "The campaign has not started."
    assert all(picture(each) and still(each) for each in page.figures())


def test_the_same_run_gives_the_same_page(run, page):
    again = report_of(run)
    assert markdown(again) == markdown(page)
    assert [as_json(each) for each in again.figures()] == [as_json(each) for each in page.figures()]


def test_a_page_that_cannot_be_written_says_so(page, tmp_path):
    with pytest.raises(StoreError, match="is a directory, but the report needs a file"):
        write(page, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot create the folder"):
        write(page, tmp_path / "file" / "page.html")


def test_a_lab_that_names_its_currency_is_shown_with_it(tmp_path):
    lab = Lab.preset("good", plate_size=24, cost={"per_round": 100, "currency": "EUR"})
    small(lab=lab).run(seed=1, store=tmp_path / "run")
    record = Record.read(tmp_path / "run")
    page = page_of(record)
    assert f"and {record.summary.cost:,.0f} EUR, the recommended design is" in page.headline
    assert {fact.name: fact.value for fact in page.facts}["Cost (EUR)"] == f"{record.summary.cost:,.0f}"
    assert any(f"weeks, {record.summary.cost:,.0f} EUR" in line for line in lines_of(record.summary))


def test_a_lab_without_a_currency_is_shown_with_a_cost(page, record):
    assert f"and a cost of {record.summary.cost:,.0f}, the recommended design is" in page.headline
    assert any(f"weeks, cost {record.summary.cost:,.0f}" in line for line in lines_of(record.summary))


def test_a_live_campaign_has_no_stages(record):
    live = replace(record, events=[*record.events, Event(0, "asked", data={"round": 1})])
    (section,) = (section for section in page_of(live).sections if section.name == "lab")
    assert section.blocks[0] == "This is a live campaign: its record has no stages, only submissions and results."
    assert len(section.blocks) == 2
