"""The page of a dossier: violated limits, the designs, their predictions, the batch, the plates and what is left."""

from collections.abc import Iterator
from pathlib import Path

from designloop.core.counting import many
from designloop.live.dossier.dossier import Dossier
from designloop.report.dossier.batch import batch_blocks
from designloop.report.dossier.design_table import design_table, relative_table
from designloop.report.dossier.in_the_lab import lab_blocks, left_in_words
from designloop.report.dossier.liability_table import flag_blocks, liability_blocks
from designloop.report.dossier.plate_layout import plate_blocks
from designloop.report.dossier.predicted import prediction_blocks
from designloop.report.dossier.trust import Trust
from designloop.report.dossier.words import best
from designloop.report.page import Block, Details, Fact, Page, Section
from designloop.report.words import value
from designloop.report.writing import html, make_folder
from designloop.storage.manifest import write_whole

_MOST_LETTERS = 1_000_000
"""Letters of the sequences that a page holds."""


def write(dossier: Dossier, path: Path) -> Path:
    """Write the page as one HTML file. Raises StoreError where it cannot be written."""
    make_folder(path.parent)
    write_whole(path, html(page_of(dossier)), "free disk space, fix the permissions, or choose another file with --out")
    return path


def page_of(dossier: Dossier) -> Page:
    """The page of a dossier."""
    trust = Trust(dossier)
    sections = (
        Section("limits", "Before you order", tuple(flag_blocks(dossier))),
        Section("designs", "Designs", (dossier.reasons.in_general, design_table(dossier))),
        Section("relatives", "Nearest known sequences", (relative_table(dossier),)),
        Section("predictions", "Predictions, and whether to believe them", tuple(prediction_blocks(dossier, trust))),
        Section("liabilities", "Liabilities", tuple(liability_blocks(dossier))),
        Section("batch", "The batch as a whole", tuple(batch_blocks(dossier))),
        Section("plates", "Plates", tuple(plate_blocks(dossier))),
        Section("lab", "In the lab, and what is left", tuple(lab_blocks(dossier))),
        Section("sequences", "Sequences", (_sequences(dossier),)),
    )
    title = f"{dossier.record.campaign.name}, round {dossier.round}"
    return Page(title, "dossier", _headline(dossier), tuple(_lead(dossier, trust)), tuple(_facts(dossier)), sections)


def _headline(dossier: Dossier) -> str:
    n_retests = len(dossier.designs) - len(dossier.new)
    retests = f" and {many(n_retests, 'retest')}" if n_retests else ""
    flagged = len(dossier.flagged)
    limit = (
        f"{flagged} of them {'violates' if flagged == 1 else 'violate'} a limit"
        if flagged
        else "no design violates a limit"
    )
    return f"{many(len(dossier.new), 'design')}{retests} to decide on; {limit}."


def _lead(dossier: Dossier, trust: Trust) -> Iterator[str]:
    campaign = dossier.knowledge.campaign
    yield f"Chosen by {campaign.chooser} on {dossier.ordered_at}, from what was known then."
    if dossier.expected_above_best is not None:
        yield (
            f"If the predictions hold, about {dossier.expected_above_best:.1f} of the designs exceed the highest "
            f"measured value, {best(dossier)}."
        )
    yield trust.sentence
    if dossier.vetoes:
        yield f"Vetoed: {'; '.join(dossier.vetoes)}."


def _facts(dossier: Dossier) -> Iterator[Fact]:
    wells = sum(design.n_wells for design in dossier.designs)
    plates = [name for name, its in dossier.record.tickets.round_of.items() if its == dossier.round]
    yield Fact("To build", f"{len(dossier.new):,}", f"{many(wells, 'well')} on {many(len(plates), 'plate')}")
    yield Fact("Violate a limit", f"{len(dossier.flagged):,}", f"limits: {dossier.limits.in_words}")
    if dossier.knowledge.best is not None:
        n = len(dossier.knowledge.measured)
        yield Fact("Highest measured", best(dossier), f"of {many(n, 'measured sequence')}")
    means = [design.predicted.mean for design in dossier.new if design.predicted is not None]
    if means:
        yield Fact("Highest predicted", value(max(means)), f"mean, of {many(len(means), 'prediction')}")
    if dossier.price is not None:
        yield Fact("Price of this round", dossier.record.money(dossier.price), "by `lab.prices`")
    n_pending = sum(map(len, dossier.pending.values()))
    yield Fact("In the lab", f"{n_pending:,}", "from earlier rounds")
    if dossier.left:
        words = [left_in_words(dossier, name) for name in dossier.left]
        yield Fact("Left after this round", words[0], " and ".join(words[1:]) or "of the budget")


def _sequences(dossier: Dossier) -> Block:
    """All sequences, unless they would make up most of a large page."""
    if sum(len(design.ordered) for design in dossier.new) > _MOST_LETTERS:
        return "The sequences are too many for this page; order.csv and order.fasta hold them."
    text = "".join(f">{design.name}\n{design.ordered}\n" for design in dossier.new)
    return Details("All sequences as they are ordered (FASTA)", text)
