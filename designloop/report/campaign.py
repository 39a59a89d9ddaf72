"""The report of a campaign: the best value, the time and the cost, and the details behind them."""

from collections.abc import Iterator

from designloop.core.counting import many
from designloop.core.records import Level
from designloop.core.rows import mark_of
from designloop.report.beliefs import belief_table, beliefs
from designloop.report.best_designs import logos, top_designs
from designloop.report.by_week import by_week
from designloop.report.in_the_lab import failures, stage_table, times
from designloop.report.lab.section import lab_blocks
from designloop.report.page import Block, Details, Fact, Page, Section
from designloop.report.plate_maps import AT_MOST, plate_maps, plate_table, plates_of
from designloop.report.predictions import prediction_table, predictions
from designloop.report.record import Record
from designloop.report.remarks import remarks_of
from designloop.report.spending import cost_table, given, spending
from designloop.report.words import money, percent, value
from designloop.storage.named import Had, Named
from designloop.storage.summary import Summary


def page_of(record: Record) -> Page:
    """The page of a record."""
    sections = (
        Section("value", "Value by week", (by_week(record),)),
        Section("predictions", "Predicted and measured values", tuple(_predictions(record))),
        Section("designs", "Best designs", tuple(_designs(record))),
        Section("failures", "Failures", (failures(record), stage_table(record))),
        Section("lab", "The lab", (*_lab(record), times(record))),
        Section("plates", "Plates", tuple(_plates(record))),
        Section("given", "Information used", (given(record), *remarks_of(record.manifest))),
        Section("cost", "Cost", (spending(record), cost_table(record))),
        Section("described", "Configuration and manifest", tuple(_described(record))),
    )
    return Page(_title(record), "campaign", headline(record), tuple(_lead(record)), tuple(_facts(record)), sections)


def _title(record: Record) -> str:
    label = record.summary.label
    return f"{record.summary.name} · {label}" if label else record.summary.name


# -- headline and facts ----------------------------------------------------------------------------------------------


def headline(record: Record) -> str:
    """The result, the time and the cost in one or two sentences."""
    summary = record.summary
    spent = f"{summary.weeks:.1f} weeks and {_cost(summary)}"
    if not record.events:
        return "The campaign has not started."
    if not record.measured:
        so_far = "ended without a measurement" if summary.stop else "has no measurement yet"
        return f"The campaign {so_far}: {many(summary.designs, 'design')} submitted, {spent}."
    if summary.recommended is None:
        best = record.measured[0]
        named = f"the design with the highest measured mean is {best.id}: {best.measured_in_words}"
        return f"Not finished: after {spent}, {named}."
    when = "After" if summary.stop else "Not finished: after"
    reached = f"{when} {spent}, the recommended design is {_reached(record, summary.recommended)}."
    if summary.best_start is not None and summary.is_start_better:
        return f"{reached} A starting sequence has a higher measured value: {_start_in_words(summary.best_start)}."
    return reached


def _start_in_words(start: Had) -> str:
    return mark_of(start.side) + value(start.measured)


def _cost(summary: Summary) -> str:
    """`12,300 EUR`, or `a cost of 12,300` if the lab names no currency."""
    return f"{money(summary.cost)} {summary.currency}" if summary.currency else f"a cost of {money(summary.cost)}"


def _reached(record: Record, named: Named) -> str:
    design = record.designs[named.design]
    return f"{named.design}: measured {design.measured_in_words}, true value {value(named.value)}"


def _lead(record: Record) -> Iterator[str]:
    summary = record.summary
    if not record.events:
        return
    yield from (f"Unreliable: {sentence}." for sentence in summary.said(Level.UNRELIABLE))
    best, named = summary.best, summary.recommended
    if best is not None and named is not None:
        if best.value != named.value:
            where = f"design {best.design}, week {best.week:.1f}"
            yield f"The highest true value among the measured designs is {value(best.value)} ({where})."
        elif best.design == named.design:
            yield "No measured design has a higher true value."
        else:
            first = f"Design {best.design} reached the same true value first, in week {best.week:.1f}"
            yield f"No measured design has a higher true value. {first}."
    size = f"{many(summary.designs, 'design')} in {many(summary.rounds, 'round')}"
    yield f"Strategy {summary.label or '–'}, seed {summary.seed}: {size}{_place(record)}. {_ending(record)}"
    if summary.stagnation is not None:
        yield f"Stagnation: {summary.stagnation_in_words}."
    yield from _extensions(record)
    yield from (f"Warning: {sentence}." for sentence in summary.said(Level.WARNING))


def _extensions(record: Record) -> Iterator[str]:
    for phase in record.summary.phases[1:]:
        since = f"{many(phase.designs, 'design')} since then"
        yield f"Extended in week {phase.began:.1f} ({since}): {'; '.join(phase.changed)}."


def _ending(record: Record) -> str:
    if record.summary.stop:
        return f"The campaign stopped because {record.summary.stop}."
    return f"The campaign is not finished; it has reached week {record.summary.weeks:.1f}."


def _place(record: Record) -> str:
    oracle, lab = (record.config.get("oracle") or {}).get("kind"), record.config.get("lab", {}).get("name")
    return f", oracle {oracle}, lab {lab}" if oracle and lab else ""


def _facts(record: Record) -> Iterator[Fact]:
    summary = record.summary
    if (named := summary.recommended) is not None:
        design = record.designs[named.design]
        measured = design.measured_in_words
        yield Fact("Recommended", value(named.value), f"true value of design {named.design}; measured {measured}")
    if record.measured:
        yield _highest_mean(record)
    if (best := summary.best) is not None:
        yield Fact("True", value(best.value), f"highest of the measured designs: {_first_of(summary, best)}")
    yield Fact("Time", f"{summary.weeks:.1f} weeks", many(summary.rounds, "round"))
    yield Fact(
        f"Cost ({summary.currency})" if summary.currency else "Cost",
        money(summary.cost),
        "; ".join(_spent(summary)),
    )
    yield Fact("Designs", f"{summary.designs:,}", _share_with_a_value(record))


def _spent(summary: Summary) -> Iterator[str]:
    """`168 per design with a value`, and `22,188 more reserved for designs in the lab`."""
    if summary.n_observed:
        yield f"{money(summary.cost / summary.n_observed)} per design with a value"
    if summary.reserved:
        yield f"{money(summary.reserved)} more reserved for designs in the lab"


def _share_with_a_value(record: Record) -> str:
    """`75% with a value, of which 12 at a limit of detection`."""
    if not record.summary.designs:
        return "none submitted"
    share = f"{percent(record.summary.n_observed / record.summary.designs)} with a value"
    n_at_limit = sum(design.side != 0 for design in record.measured)
    return f"{share}, of which {n_at_limit:,} at a limit of detection" if n_at_limit else share


def _highest_mean(record: Record) -> Fact:
    """The highest measured mean, credited to the recommended design if that is among those that share it."""
    top = record.measured[0]
    tied = [design.id for design in record.measured if design.measured == top.measured]
    named = record.summary.recommended
    is_named = named is not None and named.design in tied
    who = f"the recommended design {named.design}" if named is not None and is_named else f"design {top.id}"
    others = f"; {many(len(tied) - 1, 'other design', 'have')} the same mean" if len(tied) > 1 else ""
    return Fact("Measured", top.measured_in_words, f"highest mean: {who}{others}")


def _first_of(summary: Summary, best: Named) -> str:
    """The design that first had the highest true value, and the recommended one if its true value is equal."""
    named = summary.recommended
    if named is None or named.value != best.value:
        return f"design {best.design}, week {best.week:.1f}"
    if named.design == best.design:
        return f"the recommended design {best.design}"
    return f"the recommended design {named.design}, and before it design {best.design} (week {best.week:.1f})"


# -- sections --------------------------------------------------------------------------------------------------------


def _predictions(record: Record) -> Iterator[Block]:
    figure, table = predictions(record), prediction_table(record)
    if figure is None:
        yield (
            "No design with an outcome has a prediction. Either the strategy predicts nothing, or the designs that it "
            "predicted are still in the lab."
        )
    for block in (figure, table, beliefs(record), belief_table(record)):
        if block is not None:
            yield block


def _designs(record: Record) -> Iterator[Block]:
    if not record.measured:
        yield "No design has been measured yet."
        return
    yield top_designs(record)
    yield logos(record)


def _lab(record: Record) -> Iterator[Block]:
    if any(event.kind == "asked" for event in record.events):
        yield "This is a live campaign: its record has no stages, only submissions and results."
        return
    yield from lab_blocks(record.operations, record.config.get("lab", {}))


def _plates(record: Record) -> Iterator[Block]:
    maps = plate_maps(record)
    if maps is None:
        yield "No plate has been read yet."
        return
    lost = [event.data["plate"] for event in record.events if event.kind == "plate_lost"]
    if lost:
        yield f"{'Plates' if len(lost) > 1 else 'Plate'} lost in the reader: {', '.join(lost)}."
    rejected = [event.data["plate"] for event in record.events if event.kind == "plate_rejected"]
    if rejected:
        yield f"{'Readings' if len(rejected) > 1 else 'Reading'} rejected because of a low Z′: {', '.join(rejected)}."
    if (n := len(plates_of(record))) > AT_MOST:
        yield f"Maps are shown for the first {AT_MOST} of {n} plates; the table lists all."
    yield maps
    yield plate_table(record)


def _described(record: Record) -> Iterator[Block]:
    if record.summary.event_hash:
        yield f"Event hash: {record.summary.event_hash}. The same configuration, seed and versions reproduce it."
    if record.config_text:
        yield Details("config.yaml: all settings, defaults included", record.config_text)
    if record.manifest_text:
        yield Details("manifest.json: seed, versions and machine", record.manifest_text)
