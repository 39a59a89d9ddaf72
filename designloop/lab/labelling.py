"""Labelling: starting sequences are measured before week 0, so that a campaign can begin with data."""

from collections.abc import Iterator, Sequence
from itertools import cycle

from designloop.core.plates import Templates
from designloop.core.random import stream
from designloop.core.records import PRIOR_ROUND, Batch, Design, Outcome, Start
from designloop.lab.ledger import Round, Ticket
from designloop.lab.reading import Aliquot, Plate, Reader
from designloop.lab.truths import Truths


def labelled(
    starts: Sequence[Start], templates: Templates, seed: int, reader: Reader, truths: Truths
) -> Iterator[Start]:
    """The same sequences, each with its value and standard error, or with the outcome of its failure.

    One replicate on plates of the assay's `templates`, with their controls, noise, limits and lost wells. The designs
    have the ids -1, -2, ... in round 0. Sequences that are not viable end as `not_expressed`. Nothing is charged, no
    time passes, and no whole plate is lost, so that there are starting data.
    """
    round_ = Round(Batch(PRIOR_ROUND, ()), submitted_at=0)
    designs = [Design(-ordinal, start.sequence, PRIOR_ROUND) for ordinal, start in enumerate(starts, start=1)]
    n_places, in_turn = templates[0].n_places, cycle(templates)
    for ordinal, first in enumerate(range(0, len(designs), n_places), start=1):
        aliquots = [Aliquot(Ticket(design, round_, False, 1), 1) for design in designs[first : first + n_places]]
        rng = stream(seed, "lab", "plate", PRIOR_ROUND, 1, ordinal)
        layout = next(in_turn).filled(range(len(aliquots)), rng)
        plate = Plate(f"{PRIOR_ROUND}-{ordinal}-1", aliquots, layout, 1, PRIOR_ROUND)
        truths.read(reader.needs(plate), plate.name)
        _, readings = reader.read(plate, rng)
        for aliquot, reading in zip(aliquots, readings, strict=True):
            sequence = aliquot.ticket.design.sequence
            if reading is None:
                yield Start(sequence, outcome=_missing(sequence, truths), plate=plate.name)
            else:
                yield Start(sequence, reading["value"], reading["std_error"], Outcome(reading["outcome"]), plate.name)


def _missing(sequence: str, truths: Truths) -> Outcome:
    if not truths.is_measured(sequence):
        return Outcome.UNMEASURED
    return Outcome.LOST if truths.expresses(sequence) else Outcome.NOT_EXPRESSED
