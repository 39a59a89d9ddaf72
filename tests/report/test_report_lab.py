"""What a report shows of a lab: words, the flow, where the time goes, use by week, charts, the table."""

from xml.etree import ElementTree

import pytest
from lab_batches import CROWDED, batches
from lab_stubs import EVERY_DAY

from designloop.core.clock import DAY, WEEK
from designloop.core.records import Event
from designloop.lab.lab import Lab
from designloop.operations.operations import Operations
from designloop.report.lab.batch_chart import batch_charts
from designloop.report.lab.flow import NARROW, Shown, flow
from designloop.report.lab.machine_chart import machine_chart
from designloop.report.lab.section import bottleneck_in_words, lab_blocks
from designloop.report.lab.stage_words import in_days, stages_in_words
from designloop.report.lab.station_table import station_table
from designloop.report.lab.use_by_week import use_by_week
from designloop.report.lab.waits import waits
from designloop.report.marks import Bars, Cells
from designloop.report.page import Choice, Drawing, Figure, Page, Table

TWO_STAGES = Lab(
    calendar=EVERY_DAY,
    stages=[
        {"name": "synthesis", "days": 2, "machines": 1, "load": 2},
        {"name": "cloning", "days": 1, "capacity": 8},
    ],
)


def operations(lab: Lab, sizes: list[int]) -> Operations:
    return Operations.of(batches(lab, sizes), lab.describe())


@pytest.fixture(scope="module")
def facts() -> Operations:
    """Four designs: two wait for the two days that the machine takes for the others."""
    return operations(TWO_STAGES, [4])


@pytest.fixture(scope="module")
def crowded() -> Operations:
    return operations(CROWDED, [14, 9])


def kinds(lab: Lab, facts: Operations) -> list[str]:
    return [type(block).__name__ for block in lab_blocks(facts, lab.describe())]


def test_a_lab_without_limits_has_the_short_version():
    lab = Lab(calendar=EVERY_DAY, stages=[{"name": "cloning", "days": 1}])
    facts = operations(lab, [3])
    assert kinds(lab, facts) == ["str", "Drawing", "Figure", "Choice"]
    assert bottleneck_in_words(facts) == "No stage is a bottleneck: designs waited for nothing."


def test_a_lab_with_machines_has_everything(crowded: Operations):
    assert kinds(CROWDED, crowded) == ["str", "Drawing", "Figure", "Figure", "Figure", "Choice", "Table"]


def test_a_campaign_that_has_not_started_has_a_flow():
    assert list(map(type, lab_blocks(Operations.of([]), TWO_STAGES.describe()))) == [str, Drawing]


def test_designs_that_wait_to_start_have_no_bottleneck():
    lab = Lab(calendar=EVERY_DAY, stages=[{"name": "cloning", "days": 1, "start_days": ["wed"]}])
    assert bottleneck_in_words(operations(lab, [3])) == (
        "No stage is a bottleneck: designs hardly waited for machines, deliveries, or people who were busy. "
        "They waited longest before cloning, for a start time, a full load or plate, or the rest of their batch."
    )


def test_a_longer_wait_than_for_the_bottleneck_is_told():
    """Of eight designs, six wait for the machine by turns, and all for Thursday."""
    stages = [
        {"name": "cloning", "days": 1, "machines": 1, "load": 2},
        {"name": "ship", "days": 0, "start_days": ["thu"]},
    ]
    said = bottleneck_in_words(operations(Lab(calendar=EVERY_DAY, stages=stages), [8]))
    assert said.startswith("The bottleneck is cloning: a design waited 1.5 days for its machine on average, ")
    assert " But designs waited longer before ship, for a start time, a full load or plate, " in said


def test_a_consumable_may_be_the_bottleneck():
    """Of eight designs, two at a time use up a kit, of which the next comes after six days; for one, six wait."""
    kit = {"name": "kit", "price": 5, "stock": 1, "delay_days": 6}
    stage = {"name": "cloning", "days": 1, "machines": 1, "load": 2, "consumables": [kit]}
    assert bottleneck_in_words(operations(Lab(calendar=EVERY_DAY, stages=[stage]), [8])) == (
        "The bottleneck is kit: a design waited 7.5 days for a delivery on average, 83% of all waiting. "
        "Order earlier: raise `reorder_at`."
    )


def test_of_two_consumables_the_one_that_was_short_for_longest_is_named():
    """Buffer is short on days 1 to 3, and the kit on days 1 to 7."""
    kit = {"name": "kit", "price": 5, "stock": 1, "delay_days": 6}
    buffer = {"name": "buffer", "price": 5, "stock": 1, "delay_days": 2}
    stage = {"name": "cloning", "days": 1, "machines": 1, "load": 2, "consumables": [buffer, kit]}
    found = operations(Lab(calendar=EVERY_DAY, stages=[stage]), [4]).bottleneck
    assert found is not None
    assert (found.name, found.kind) == ("kit", "consumable")


def test_where_the_time_goes_by_hand(facts: Operations):
    """Of four designs, two wait two days for the machine; each is two days at synthesis and one at cloning."""
    figure = waits(facts)
    assert figure is not None
    bars = {mark.name: list(mark.length) for mark in figure.panels[0].marks if isinstance(mark, Bars)}
    assert bars == {"waiting for a machine, place or reader": [1, 0, 0], "at the stage": [2, 1, 0]}


def test_use_by_week_by_hand(facts: Operations):
    """The record has five days; the machine works for four of them, and the first two with two designs waiting."""
    figure = use_by_week(facts)
    assert figure is not None
    utilisation, queue = figure.panels
    assert [word for _, word in utilisation.y.ticks] == ["synthesis", "cloning"]
    assert cells(utilisation) == [[4 / 5], [pytest.approx((2 + 2) / 8 / 5)]]
    assert [word for _, word in queue.y.ticks] == ["synthesis"]
    assert cells(queue) == [[2 * 2 / 5]]


def cells(panel) -> list[list[float]]:
    (mark,) = panel.marks
    assert isinstance(mark, Cells)
    return mark.values.tolist()


def test_the_chart_of_machines_has_each_run_and_downtime(crowded: Operations):
    figure = machine_chart(crowded)
    assert figure is not None
    bars = [mark for mark in figure.panels[0].marks if isinstance(mark, Bars)]
    assert [mark.name for mark in bars] == ["synthesis", "picking", "growth", "for other people", "down"]
    assert sum(len(mark.length) for mark in bars[:-1]) == len(crowded.runs.runs)
    first = next(run for run in crowded.runs.of("synthesis") if run.designs)
    assert bars[0].base[0] == first.began / WEEK
    assert f"One bar for each of {len(crowded.runs.runs)} runs" in figure.caption
    assert machine_chart(operations(Lab(), [2])) is None


def test_runs_after_the_end_of_counting_are_not_missed():
    """Of three runs of a day each, two begin before day 2."""
    lab = Lab(calendar=EVERY_DAY, stages=[{"name": "cloning", "days": 1, "machines": 1}])
    figure = machine_chart(Operations.of(batches(lab, [3]), lab.describe(), end=2 * DAY))
    assert figure is not None
    assert figure.caption.startswith("One bar for each of 2 runs, from its start until the machine is free. Downtimes")


def test_the_chart_of_a_batch_has_each_stay(facts: Operations):
    choice = batch_charts(facts)
    assert isinstance(choice, Choice)
    ((label, figure),) = choice.figures
    assert label == "1"
    bars = {mark.name: mark for mark in figure.panels[0].marks if isinstance(mark, Bars)}
    assert list(bars["cloning"].at) == [0, 1, 2, 3]
    assert [week * 7 for week in bars["cloning"].base] == pytest.approx([2, 2, 4, 4])


def test_some_batches_of_many_have_a_chart():
    choice = batch_charts(operations(Lab(calendar=EVERY_DAY, stages=[{"name": "cloning", "days": 1}]), [1] * 21))
    assert choice is not None
    assert [label for label, _ in choice.figures] == ["1", "5", "9", "13", "17", "21"]


def test_the_table_of_stations_by_hand(facts: Operations):
    table = station_table(facts)
    assert [column.title for column in table.columns][2:] == [
        "working",
        "down",
        "waiting for people",
        "waiting to start",
        "designs a run",
        "mean queue",
        "longest queue",
        "days waited",
    ]
    synthesis, cloning, assay = table.rows
    assert synthesis == ("synthesis", "1 machine", "80%", "0%", "0%", "0%", "2.0", "0.8", "0.8", "1.0")
    assert cloning[:3] == ("cloning", "8 places", "10%")
    assert assay[:3] == ("assay", "–", "–")


# -- words and the flow ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0, "no time"),
        (1, "1 day"),
        (1.5, "1.5 days"),
        ({"hours": 5}, "5 h"),
        ({"hours": 0.5}, "30 min"),
        ({"hours": {"uniform": [18, 24]}}, "18 to 24 h"),
        ({"triangular": [3, 4, 6]}, "3 to 6 days"),
        ({"sum": [1, {"uniform": [0, 1]}]}, "1 to 2 days"),
    ],
)
def test_durations_in_words(duration: object, words: str):
    assert in_days(duration) == words


def test_a_duration_without_a_longest_time_is_told_by_its_middle():
    """The 5% and 95% quantiles of a mean of 10 are 0.51 and 30."""
    low, _, high, _ = in_days({"exponential": 10}).split()
    assert float(low) == pytest.approx(0.51, rel=0.35)
    assert float(high) == pytest.approx(30, rel=0.2)


def test_stages_in_words():
    synthesis, picking, cloning, growth, assay = (
        stage for stage in stages_in_words(CROWDED.describe()) if stage.name != "ordering"
    )
    assert (synthesis.equipment, synthesis.back_to) == ("2 machines × 5", "synthesis")
    assert synthesis.details[1:] == (
        "starts with 3 designs, or after 5 days",
        "20% fail, and go back to synthesis up to 2 times",
        "breaks down about every 4 days, for 1 day",
        "maintenance every 3 days",
        "shared with others",
    )
    assert (picking.equipment, picking.share) == ("3 machines", 0.5)
    assert picking.details == ("5 h a design", "1 of 2 bench, hands-on until the end")
    assert (cloning.equipment, cloning.details) == ("4 places", ("1 day a design", "starts at 10:00"))
    assert growth.details[1] == "2 of 2 bench, hands-on for 1 h"
    assert assay.equipment == "1 reader × 1 plates a day"
    assert assay.details == ("plates of 6 wells", "2 days", "starts when 50% full, or after 3 days")


LABS = {
    "alternatives": Lab(
        stages=[
            {"name": "a <b>&</b>", "days": 1, "one_of": "route", "share": 0.4},
            {"name": "b", "days": 2, "one_of": "route", "share": 0.6, "machines": 2},
            {"name": "check", "days": 1, "failure": 0.1, "rework": {"to": "a <b>&</b>"}},
        ]
    ),
    "crowded": CROWDED,
    "instant": Lab.preset("instant"),
}


def test_what_a_stage_uses_up_is_among_its_details():
    kit = {"name": "kit", "price": 5, "amount": 2, "stock": 24, "reorder_at": 6, "delay_days": 10}
    stage = {
        "name": "cloning",
        "days": 1,
        "machines": 1,
        "consumables": [kit, {"name": "tips", "price": 1, "per": "design"}],
    }
    lab = Lab(stages=[stage], cost={"consumables": [{"name": "plate", "price": 4}]})
    cloning, assay = stages_in_words(lab.describe())
    stock = "24 in stock; ordered at 6, delivered after 10 days"
    assert cloning.details[-2:] == (f"uses kit, 2 a run ({stock})", "uses tips, 1 a design")
    assert assay.details[-1] == "uses plate, 1 a plate"


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
@pytest.mark.parametrize("width", [900, NARROW])
def test_the_flow_shows_each_stage_within_the_page(lab: Lab, width: int):
    stages = stages_in_words(lab.describe())
    shown = {stages[-1].name: Shown(0.5, 3.0, is_bottleneck=True)}
    drawn = ElementTree.fromstring(flow(stages, shown, width))
    said = ["".join(text.itertext()) for text in drawn.iter() if text.tag.endswith("text")]
    assert [stage.name for stage in stages] == [word for word in said if word in {stage.name for stage in stages}]
    assert "50%" in said
    assert "3.0 waiting" in said
    boxes = [one.attrib for one in drawn.iter() if one.tag.endswith("rect") and "rx" in one.attrib]
    assert max(float(box["x"]) + float(box["width"]) for box in boxes) <= width
    assert max(float(box["y"]) + float(box["height"]) for box in boxes) <= float(drawn.attrib["height"])


def test_the_page_of_a_campaign_has_the_section(page: Page):
    (section,) = (section for section in page.sections if section.name == "lab")
    assert section.title == "The lab"
    assert isinstance(section.blocks[0], str)
    assert [block.name for block in section.blocks if isinstance(block, Figure | Drawing | Table)][:2] == [
        "flow",
        "waits",
    ]


def test_a_record_of_designs_in_the_lab_has_a_chart(facts: Operations):
    """Half of the events: what goes on ends with the record."""
    events = [event for event in facts.events if event.minute <= 2 * DAY]
    cut = Operations.of([*events, Event(3 * DAY, "waited")], TWO_STAGES.describe())
    choice = batch_charts(cut)
    assert choice is not None
    bars = choice.figures[0][1].panels[0].marks
    assert max(base + long for mark in bars for base, long in zip(mark.base, mark.length, strict=True)) == 3 / 7
