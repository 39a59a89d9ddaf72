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


def plates_of(batch: Batch, lab: LiveLab, seed: int) -> Plates:
    """The plates of a batch, in wells that are drawn under the seed."""
    return _plates(list(_aliquots(batch)), batch.round, lab, seed, first=1)


def with_added(plates: Mapping[str, Mapping[str, Any]], batch: Batch, lab: LiveLab, seed: int) -> Plates:
    """The plates of a round with further designs: in free wells, and then on further plates.

    Replicates that stand apart are on different plates here too.
    """
    filled = {name: dict(held) for name, held in plates.items()}
    vacant = {name: _vacant(name, held, batch, lab, seed) for name, held in plates.items()}
    left = list[Aliquot]()
    for design, replicate in _aliquots(batch):
        fits = (n for n in filled if vacant[n] and (lab.replicates_together or not _is_on(filled[n], design)))
        if (name := next(fits, None)) is None:
            left.append((design, replicate))
        else:
            filled[name][vacant[name].pop(0)] = [design, replicate]
    return filled | _plates(left, batch.round, lab, seed, first=len(plates) + 1)


def _vacant(name: str, held: Mapping[str, Any], batch: Batch, lab: LiveLab, seed: int) -> list[str]:
    """The free wells of a plate for the designs of a batch, in their order."""
    rng = stream(seed, "live", "plate", name, "added", batch.designs[0].id)
    return lab.template.vacant(held.keys(), rng)


def _is_on(held: Mapping[str, Any], design: int) -> bool:
    return any(_holds(its, design) for its in held.values())


def _plates(aliquots: Sequence[Aliquot], round_: int, lab: LiveLab, seed: int, first: int) -> Plates:
    """Plates of their own; `first` is the ordinal of the first of them in its round."""
    groups = (_together if lab.replicates_together else _apart)(aliquots, lab)
    plates: Plates = {}
    for ordinal, its in enumerate(groups, start=first):
        rng = stream(seed, "live", "plate", round_, ordinal)
        wells = lab.template.filled(range(len(its)), rng)
        plates[plate_name(round_, ordinal)] = {
            well.name: well.control if well.design is None else list(its[well.design]) for well in wells
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


def _together(aliquots: Sequence[Aliquot], lab: LiveLab) -> Iterator[Sequence[Aliquot]]:
    """All replicates one after the other, as many on each plate as it has wells."""
    n_places = lab.template.n_places
    for at in range(0, len(aliquots), n_places):
        yield aliquots[at : at + n_places]


def _apart(aliquots: Sequence[Aliquot], lab: LiveLab) -> Iterator[Sequence[Aliquot]]:
    """Each replicate of a design on a plate of its own."""
    n_places = lab.template.n_places
    for replicate in sorted({number for _, number in aliquots}):
        its = [aliquot for aliquot in aliquots if aliquot[1] == replicate]
        for at in range(0, len(its), n_places):
            yield its[at : at + n_places]


def check_plates(batch: Batch, lab: LiveLab) -> None:
    """Raise ConfigError where a batch has so many plates that nobody could mean it."""
    n_plates = -(-sum(batch.wells) // lab.template.n_places)
    if n_plates > 1_000:
        raise ConfigError(f"the batch would fill {many(n_plates, 'plate')}; enlarge lab.plate_size, or order less")
