"""Reservations in words: what a batch holds back for its worst case, and which key narrows it."""

from collections.abc import Iterator
from typing import Protocol

from designloop.core.counting import many
from designloop.core.machine_runs import MachineRuns
from designloop.core.money import Quote
from designloop.lab.assay import Assay
from designloop.stages.base import Stage
from designloop.stages.station import Station

_WIDE = 1.5
"""A reservation of so many times what is expected is worth a sentence."""
_SHARED = "other people's work shares its runs, so that each design may be in a run of its own; set `mixes: false`"


class Description(Protocol):
    """The part of a lab's description that is read here."""

    @property
    def stages(self) -> tuple[Stage, ...]: ...
    @property
    def assay(self) -> Assay: ...
    @property
    def wip_limit(self) -> int | None: ...
    @property
    def shared_stations(self) -> frozenset[str]: ...


def wide_reservations(lab: Description, quote: Quote, n_designs: int, replicates: int) -> Iterator[str]:
    """A sentence for each station, and for the plates, that reserves far more than a batch is expected to cost."""
    stations = {stage.name: stage for stage in lab.stages if isinstance(stage, Station)}
    batch = f"for {many(n_designs, 'design')}, "
    for runs in quote.runs:
        expected, most = runs.usual * runs.full_runs(n_designs, 0), runs.most(n_designs, 0)
        reserved = most * sum(price for _, price in runs.prices)
        if reserved > _WIDE * expected:
            is_limited, is_shared = lab.wip_limit is not None, runs.station in lab.shared_stations
            cause = _SHARED if is_shared else _cause(stations[runs.station], runs, is_limited=is_limited)
            told = f"{reserved:,.2f} is reserved for {many(most, 'run')} of '{runs.station}', of which about"
            yield f"{batch}{told} {expected:,.2f} will fall due: {cause}"
    most = quote.n_plates({replicates: n_designs})
    expected_plates = -(-n_designs * replicates // quote.plate_places)
    depends_on_plates = any(supply.per_plate and supply.price for supply in quote.supplies)
    if depends_on_plates and lab.assay.wait_days is not None and most > _WIDE * expected_plates:
        yield (
            f"{batch}{many(most, 'plate')} are reserved, of which about {expected_plates} will start: each may hold a "
            "single design; set assay.wait_days to null, so that plates wait until they are full enough"
        )


def _cause(station: Station, runs: MachineRuns, *, is_limited: bool) -> str:
    """Why so many runs are reserved, and what to set."""
    last = runs.designs[-1]
    if last.again:
        return "each further try may need a run of its own; lower `rework.times`"
    if last.follows:
        return "it may start one for each run of the station before it"
    if last.fill > 1 and last.extra <= 1:
        return "a run may be longer or less full than usual"
    limit = "remove `wip_limit`, and then " if is_limited else ""
    together = "" if station.release == "together" else "`release: together`, or "
    return (
        f"designs may come one by one and start runs; {limit}set {together}`min_fill` with `wait_days: null`, so that "
        "runs wait for the batch"
    )
