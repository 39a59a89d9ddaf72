"""Replicates that differ within a batch: their wells, plates and prices."""

from collections import Counter

import pytest
from lab_stubs import Counting, designs, finish, start

from designloop.core.errors import DesignloopError
from designloop.core.money import Quote
from designloop.core.records import Batch
from designloop.lab.cost import bill
from designloop.lab.lab import Lab

MIXED = Batch(1, designs(6), designs(2, first=6), 1, {2: 3, 6: 2, 7: 4})
"""Six new designs, of which one has 3 wells, and retests with 2 and 4: 14 wells in all."""


def results(batch=MIXED, plate_size=96, **assay):
    """(plate, design, replicate) of each well that was read, and the events."""
    run = start(Lab.preset("instant", assay=assay, plate_size=plate_size))
    events = run.submit(batch) + finish(run)
    return [(e.data["plate"], e.design, e.data["replicate"]) for e in events if e.kind == "observed"], events


def test_each_design_has_its_own_number_of_wells():
    wells, events = results()
    assert Counter(design for _, design, _ in wells) == {0: 1, 1: 1, 2: 3, 3: 1, 4: 1, 5: 1, 6: 2, 7: 4}
    assert {e.design: e.data["replicates"] for e in events if e.kind == "submitted"} == Counter(w[1] for w in wells)
    assert Counter(plate for plate, _, _ in wells) == {"1-1-1": 8, "1-1-2": 3, "1-1-3": 2, "1-1-4": 1}
    assert len({(design, replicate) for _, design, replicate in wells}) == len(wells) == sum(MIXED.wells) == 14


def test_replicates_stand_together_on_one_plate():
    """In order, side by side; a design whose wells no longer fit waits for the next plate."""
    wells, _ = results(replicates_together=True, fill_order="rows")
    assert {plate for plate, _, _ in wells} == {"1-1-1"}
    wells, events = results(plate_size=6, replicates_together=True, fill_order="rows")
    by_plate = {}
    for plate, design, _ in wells:
        by_plate.setdefault(plate, []).append(design)
    assert by_plate == {"1-1-1": [0, 1, 2, 2, 2, 3], "1-2-1": [4, 5, 6, 6], "1-3-1": [7] * 4}
    assert [e.data["well"] for e in events if e.kind == "observed"][:6] == ["A1", "A2", "A3", "B1", "B2", "B3"]


def test_more_replicates_than_a_plate_has_wells_take_several_plates():
    wells, _ = results(Batch(1, designs(1), (), 10), plate_size=4, replicates_together=True)
    assert Counter(plate for plate, _, _ in wells) == {"1-1-1": 4, "1-1-2": 4, "1-1-3": 2}


@pytest.mark.parametrize("together", [False, True])
def test_a_design_ends_when_its_last_well_is_read_or_lost(together):
    wells, events = results(lost_wells=0.5, replicates_together=together)
    read = {design for _, design, _ in wells}
    failed = {e.design for e in events if e.kind == "failed"}
    assert read | failed == set(range(8))
    assert not read & failed
    assert events[-1].data["n_results"] == len(read) < 8


def test_a_round_closes_when_its_last_well_is_lost():
    """Nothing else is in the lab, and a lost well of a design with a value is no event."""
    assay = {"days": {"uniform": [1, 3]}, "lost_plates": 0.5, "readers": 2}
    run = start(Lab.model_validate({"plate_size": 12, "assay": assay}), seed=1)
    events = run.submit(Batch(1, designs(1), (), 2)) + finish(run)
    kinds = [(event.kind, event.minute) for event in events if event.kind not in ("submitted", "entered")]
    assert [kind for kind, _ in kinds] == ["observed", "plate_lost", "round_closed"]
    assert kinds[0][1] < kinds[1][1] == kinds[2][1]


def test_a_batch_is_charged_by_its_wells():
    quote = Lab.preset("instant", cost={"per_replicate": 1.5}).quote(Counting().space)
    assert bill(quote, MIXED) == {"replicates": 21.0}


def test_a_design_without_a_well_is_refused():
    with pytest.raises(DesignloopError, match="at least one replicate"):
        start(Lab.preset("instant")).submit(Batch(1, designs(2), (), 1, {1: 0}))


@pytest.mark.parametrize(
    ("wells", "fill", "places", "most"),
    [
        ([2] * 6, 1, None, 12),  # each of six designs may have plates of its own, one for each replicate
        ([2] * 6, 4, None, 4),
        ([1, 1, 1, 5, 1, 1], 4, None, 6),  # the one with five wells is in one of two groups
        ([2] * 6, 6, 6, 3),  # 12 wells; at least five are filled, as a design that does not fit waits
        ([4] * 3, 6, 6, 3),
        ([1] * 12, 6, 6, 2),
        ([7, 1], 6, 6, 3),
        ([], 6, 6, 0),
    ],
)
def test_the_most_plates_of_a_batch_are_known(wells, fill, places, most):
    assert Quote(plate_fill=fill, places=places).n_plates(Counter(wells)) == most
