"""Plates: places beside the controls, when they start, one reader."""

import pytest
from lab_stubs import DAY, EVERY_DAY, designs, finish, start, whole

from designloop.core.records import Batch
from designloop.lab.assay import Assay
from designloop.lab.lab import Lab


def lab(stages=(), **assay):
    return Lab.model_validate(
        {"calendar": EVERY_DAY, "stages": list(stages), "assay": {"wells_per_control": 12, **assay}}
    )


def plates(events):
    """Plate: (day of its results, designs)."""
    found = {}
    for event in events:
        if event.kind == "observed":
            found.setdefault(event.data["plate"], [event.minute / DAY, 0])[1] += 1
    return {name: tuple(entry) for name, entry in found.items()}


@pytest.mark.parametrize(("size", "places"), [(24, 20), (48, 40), (96, 80), (180, 150), (384, 320)])
def test_one_parent_and_one_blank_stand_for_twelve_wells(size, places):
    assert Assay(wells_per_control=12).n_places(size) == places
    assert Assay().n_places(size) == size


def test_eighty_designs_and_sixteen_controls_fill_a_plate():
    events = whole(lab(days=1), 80, parent="AAAAAAAA")
    controls = [e.data["control"] for e in events if e.kind == "control"]
    wells = [e.data["well"] for e in events if e.kind in ("control", "observed")]
    assert (controls.count("parent"), controls.count("blank")) == (8, 8)
    assert len(set(wells)) == len(wells) == 96
    assert plates(events) == {"1-1-1": (1.0, 80)}


def test_the_layout_is_drawn_anew_for_each_replicate():
    events = whole(lab(), 80, replicates=2)
    wells = [[e.data["well"] for e in events if e.kind == "observed" and e.data["replicate"] == j] for j in (1, 2)]
    assert wells[0] != wells[1]


def test_a_reader_takes_so_many_plates_a_day():
    events = whole(lab(days=0, plates_per_day=8), 800)
    assert sorted(day for day, _ in plates(events).values()) == [pytest.approx((i + 1) / 8) for i in range(10)]
    assert max(day for day, _ in plates(whole(lab(days=0, plates_per_day=8, readers=2), 800)).values()) == 5 / 8


def test_a_plate_starts_at_its_minimum_fill():
    one_a_day = {"name": "cloning", "days": 1, "capacity": 1}
    events = whole(lab([one_a_day], min_fill=0.6, wait_days=1000), 100)
    assert plates(events) == {"1-1-1": (48.0, 48), "1-2-1": (96.0, 48), "1-3-1": (100.0, 4)}


def test_a_plate_starts_after_a_while_however_full_it_is():
    one_a_day = {"name": "cloning", "days": 1, "capacity": 1}
    events = whole(lab([one_a_day], min_fill=0.6, wait_days=5), 10)
    assert plates(events) == {"1-1-1": (6.0, 6), "1-2-1": (10.0, 4)}  # the second: nothing more can come


def test_a_plate_does_not_wait_for_what_has_failed():
    slow = {"name": "cloning", "days": 3, "failure": 1.0}
    quick = {"name": "expression", "days": 1, "expresses": True, "outcome": "not_expressed", "retest_from": True}
    run = start(lab([slow, quick], min_fill=1.0, wait_days=100))
    run.submit(Batch(1, designs(1), designs(1, first=1)))  # a new design that fails, and a retest that waits for it
    assert [(e.minute / DAY, e.kind, e.design) for e in finish(run)][-2:] == [
        (3, "observed", 1),
        (3, "round_closed", None),
    ]


def test_named_parents_without_a_parent_in_the_space_are_told_to_calibrate_nothing():
    parents = {"name": "parent", "wells": ["A1"]}
    alone, known = Assay(controls=[parents]), Assay(controls=[parents, {"name": "standard", "value": 2, "n": 4}])
    assert "values keep the error of their plate" in alone.remarks(has_parent=False)[0]
    assert alone.remarks(has_parent=True) == known.remarks(has_parent=False) == Assay().remarks(has_parent=False) == []
