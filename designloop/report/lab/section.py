"""What a report shows of a lab, in order: the bottleneck, the flow, where the time goes, use by week, charts."""

from collections.abc import Iterator, Mapping
from typing import Any

from designloop.operations.operations import Operations
from designloop.operations.usage import Cause
from designloop.report.lab.batch_chart import batch_charts
from designloop.report.lab.flow import NARROW, Shown, flow
from designloop.report.lab.machine_chart import machine_chart
from designloop.report.lab.stage_words import stages_in_words
from designloop.report.lab.station_table import station_table
from designloop.report.lab.use_by_week import use_by_week
from designloop.report.lab.waits import waits
from designloop.report.page import Block, Drawing
from designloop.report.words import percent

_WHY = {
    Cause.START: "for a start time, a full load or plate, or the rest of their batch",
    Cause.SHIFT: "for the next shift",
    Cause.LIMIT: "for a place within the work-in-progress limit",
}


def lab_blocks(operations: Operations, lab: Mapping[str, Any]) -> Iterator[Block]:
    """The blocks of the section; fewer for a lab in which nothing is limited."""
    yield bottleneck_in_words(operations)
    if lab:
        yield drawing(operations, lab)
    blocks = (waits(operations), use_by_week(operations), machine_chart(operations), batch_charts(operations))
    yield from (block for block in blocks if block is not None)
    if any(use.stage.number is not None for use in operations.use):
        yield station_table(operations)


def bottleneck_in_words(operations: Operations) -> str:
    """The bottleneck in a sentence or two, or why there is none; and what designs waited for longer."""
    longest, stage, why = _longest_other_wait(operations)
    if (found := operations.bottleneck) is not None:
        if longest <= found.waited:
            return found.in_words
        share = percent(longest * found.share / found.waited)
        return f"{found.in_words} But designs waited longer before {stage}, {why}: {share} of all waiting."
    if not longest:
        return "No stage is a bottleneck: designs waited for nothing."
    return (
        "No stage is a bottleneck: designs hardly waited for machines, deliveries, or people who were busy. "
        f"They waited longest before {stage}, {why}."
    )


def _longest_other_wait(operations: Operations) -> tuple[float, str, str]:
    """Design-minutes, stage and reason of the longest wait for something that cannot be a bottleneck."""
    return max(
        (float(use.waited[cause].sum()), use.stage.name, why) for use in operations.use for cause, why in _WHY.items()
    )


def drawing(operations: Operations, lab: Mapping[str, Any]) -> Drawing:
    """The flow of the lab, with the use of its stages."""
    stages, shown = stages_in_words(lab), _shown(operations)
    caption = (
        "Designs pass the stages from top to bottom. Blue bars show utilisation, and “waiting” is the mean number of "
        "designs before a stage. "
        + ("Orange: the bottleneck. " if any(one.is_bottleneck for one in shown.values()) else "")
        + ("Orange arrows: designs that failed go back. " if any(stage.back_to for stage in stages) else "")
    ).strip()
    return Drawing("flow", "Flow", caption, flow(stages, shown), flow(stages, shown, NARROW))


def _shown(operations: Operations) -> dict[str, Shown]:
    found, every = operations.bottleneck, operations.lengths.sum()
    worst = found.name if found is not None and found.kind == "machines" else None
    return {
        use.stage.name: Shown(use.mean_utilisation, float(use.queue.sum() / every), use.stage.name == worst)
        for use in operations.use
    }
