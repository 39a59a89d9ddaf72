"""The plates of a batch: which well holds which replicate of a design, or which control."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.core.random import stream
from designloop.core.records import Batch
from designloop.live.lab import LiveLab

Aliquot = tuple[int, int]
"""(design, replicate) of a well."""
Plates = dict[str, dict[str, Any]]
"""Plate -> well -> [design, replicate], or the name of a control."""


def plates_of(batch: Batch, lab: LiveLab, seed: int, first: int = 1) -> Plates:
    """The plates of a batch, in wells that are drawn under the seed; `first` is the ordinal of the first plate."""
    groups = _together(batch, lab) if lab.replicates_together else _apart(batch, lab)
    plates: Plates = {}
    for ordinal, aliquots in enumerate(groups, start=first):
        rng = stream(seed, "live", "plate", batch.round, ordinal)
        wells = lab.template.filled(range(len(aliquots)), rng)
        plates[plate_name(batch.round, ordinal)] = {
            well.name: well.control if well.design is None else list(aliquots[well.design]) for well in wells
        }
    return plates


def plate_name(round_: int, ordinal: int) -> str:
    """`R2P1`: no name of a well, and nothing that a spreadsheet takes for a date."""
    return f"R{round_}P{ordinal}"


def exchanged(plates: Mapping[str, Mapping[str, Any]], old: int, new: int) -> Plates:
    """The plates with one design in the wells of another."""
    return {
        plate: {well: [new, held[1]] if _holds(held, old) else held for well, held in wells.items()}
        for plate, wells in plates.items()
    }


def _holds(held: Any, design: int) -> bool:
    return not isinstance(held, str) and held[0] == design


def _aliquots(batch: Batch) -> Iterator[Aliquot]:
    for design in (*batch.designs, *batch.retests):
        for replicate in range(1, batch.n_wells(design) + 1):
            yield design.id, replicate


def _together(batch: Batch, lab: LiveLab) -> Iterator[Sequence[Aliquot]]:
    """All replicates one after the other, as many on each plate as it has wells."""
    aliquots, n_places = list(_aliquots(batch)), lab.template.n_places
    for at in range(0, len(aliquots), n_places):
        yield aliquots[at : at + n_places]


def _apart(batch: Batch, lab: LiveLab) -> Iterator[Sequence[Aliquot]]:
    """Each replicate of a design on a plate of its own."""
    aliquots, n_places = list(_aliquots(batch)), lab.template.n_places
    for replicate in range(1, max(number for _, number in aliquots) + 1):
        its = [aliquot for aliquot in aliquots if aliquot[1] == replicate]
        for at in range(0, len(its), n_places):
            yield its[at : at + n_places]


def check_plates(batch: Batch, lab: LiveLab) -> None:
    """Raise ConfigError where a batch has so many plates that nobody could mean it."""
    n_plates = -(-sum(batch.wells) // lab.template.n_places)
    if n_plates > 1_000:
        raise ConfigError(f"the batch would fill {many(n_plates, 'plate')}; enlarge lab.plate_size, or order less")
