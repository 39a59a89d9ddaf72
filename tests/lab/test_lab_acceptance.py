"""Plates of low Z′ are read again, and rejected at last."""

from collections import Counter

import numpy as np
import pytest
from lab_stubs import DAY, EVERY_DAY, Counting, designs, finish, log, start, values, whole
from pydantic import ValidationError

from designloop.core.errors import ConfigError
from designloop.core.money import held_by
from designloop.core.records import Batch
from designloop.lab.acceptance import quality_of
from designloop.lab.lab import Lab

CONTROLS = [{"name": "high", "value": 10.0, "n": 4}, {"name": "blank", "n": 4}]


def lab(least=0.5, plate_size=24, cost=(), **assay) -> Lab:
    given = {"controls": CONTROLS, "noise": {"eps": 0.15}, "min_z_prime": least, **assay}
    return Lab.model_validate({"plate_size": plate_size, "calendar": EVERY_DAY, "assay": given, "cost": dict(cost)})


def readings_of(events):
    """Reading of a plate -> its Z′ by the controls in the events."""
    controls: dict[str, list] = {}
    for event in events:
        if event.kind == "control":
            controls.setdefault(event.data["plate"], []).append(event.data)
    return {plate: quality_of(its) for plate, its in controls.items()}


def rejected(events):
    return {event.data["plate"]: event.data["z_prime"] for event in events if event.kind == "plate_rejected"}


def test_a_plate_is_read_again_and_its_designs_are_lost_if_it_is_never_good_enough():
    """The whole log: nothing reaches a Z′ of 0.999 here. A reading takes two days, and its analysis one."""
    described = lab(0.999, days=2, analysis_days=1, read_again=2)
    events = whole(described, 2)
    plate = [(e.minute / DAY, e.kind, e.data["plate"]) for e in events if e.kind == "plate_rejected"]
    assert plate == [
        (3, "plate_rejected", "1-1-1"),
        (6, "plate_rejected", "1-1-1-r2"),
        (9, "plate_rejected", "1-1-1-r3"),
    ]
    others = [entry for entry in log(events) if entry[1] not in ("control", "plate_rejected")]
    assert others == [
        (0, "submitted", 0),
        (0, "submitted", 1),
        (0, "assay", 0),
        (0, "assay", 1),
        (9, "failed", 0),
        (9, "failed", 1),
        (9, "round_closed", None),
    ]
    assert {e.data["outcome"] for e in events if e.kind == "failed"} == {"lost"}


def test_every_reading_below_the_limit_is_rejected_and_no_other_one():
    """Of 40 plates some are good at once, some at the second or the third reading, and some never."""
    events = whole(lab(0.55, read_again=2), 16 * 40, constant=3.0)
    quality = readings_of(events)
    assert rejected(events) == {plate: found for plate, found in quality.items() if found < 0.55}
    accepted = set(quality) - set(rejected(events))
    assert {e.data["plate"] for e in events if e.kind == "observed"} == accepted
    n = Counter(plate.partition("-r")[2] for plate in accepted)
    assert set(n) == {"", "2", "3"}
    n_lost = sum(e.kind == "failed" for e in events)
    assert n_lost == 16 * (40 - len(accepted)) > 0
    assert len(quality) == 40 + sum(not plate.endswith("-r3") for plate in rejected(events))


def test_a_further_reading_has_errors_of_its_own():
    """Of the plate, of the run and of wells; a plate that is accepted at once reads as without a limit."""
    noise = {"eps": 0.15, "plate": 0.3, "run": 0.3}
    with_limit, without = (whole(lab(least, noise=noise), 16 * 10, constant=3.0) for least in (0.4, None))
    seen = {e.design: e.data["value"] for e in without if e.kind == "observed"}
    for event in with_limit:
        if event.kind == "observed":
            is_first = "-r" not in event.data["plate"]
            assert (event.data["value"] == seen[event.design]) is is_first
    raw = {"controls": [{"name": "a", "value": 1, "n": 2}, {"name": "b", "value": 9, "n": 2}], "normalise": False}
    events = whole(lab(0.99, noise={"run": 0.5, "eps": 0.01}, **raw, read_again=1), 1, constant=3.0)
    assert len({round(e.data["value"], 9) for e in events if e.data.get("control") == "a"}) == 4


def test_a_lost_plate_is_not_read_again():
    events = whole(lab(0.999, lost_plates=1.0), 3)
    assert [e.kind for e in events if e.kind.startswith("plate")] == ["plate_lost"]


# -- money


def test_each_reading_is_paid_and_the_worst_case_is_reserved_until_then():
    """Two designs in two replicates: two plates. Neither is good enough, so that each is read three times."""
    cost = {
        "per_plate": 100,
        "per_replicate": 15,
        "consumables": [{"name": "tips", "per": "well", "price": 7, "pack": 5}],
    }
    described = lab(0.999, cost=cost, read_again=2, days=1)
    run = start(described)
    events = run.submit(Batch(1, designs(2), (), 2)) + finish(run)
    charged = Counter[str]()
    for event in events:
        if event.kind == "charged":
            charged.update(event.data)
    wells = 2 * (2 + 8) * 3  # two plates, each of two designs and eight controls, three times
    assert charged == {"replicates": 15 * 4 * 3, "plates": 100 * 2 * 3, "tips": 7 * wells / 5}
    assert sum(charged.values()) == described.quote(Counting().space).price([8, 8], replicates=2)
    assert held_by(events) == 0


@pytest.mark.parametrize("seed", range(3))
def test_what_is_spent_and_reserved_never_exceeds_the_quote(seed):
    cost = {"per_plate": 100.5, "per_replicate": 2.25, "consumables": [{"name": "tips", "price": 7, "pack": 4}]}
    described = lab(0.4, cost=cost, read_again=2, lost_plates=0.1, replicates_together=bool(seed % 2))
    events = whole(described, 100, seed, replicates=2)
    most = described.quote(Counting().space).price([8] * 100, replicates=2)
    spent, seen = 0.0, []
    for place, event in enumerate(events):
        if event.kind == "charged":
            spent += sum(event.data.values())
        seen.append(spent + held_by(events[: place + 1]))
    assert max(seen) == pytest.approx(most)
    assert (np.diff([total for total in seen if total]) <= 1e-6).sum() > 0
    assert seen[-1] == pytest.approx(spent)
    assert spent < most


# -- errors


@pytest.mark.parametrize(
    ("assay", "message"),
    [
        ({"controls": [], "min_z_prime": 0.5}, "compares two controls in at least two wells each, and none is; add"),
        ({"controls": CONTROLS[:1]}, "and only 'high' is; add `controls`, or remove `min_z_prime`"),
        ({"controls": [CONTROLS[0], {"name": "blank", "n": 1}]}, "and only 'high' is"),
        ({"min_z_prime": None, "read_again": 3}, "`read_again` has no effect, because every plate is accepted"),
        ({"min_z_prime": 1.0}, "min_z_prime"),
        ({"read_again": -1}, "read_again"),
    ],
)
def test_a_limit_without_controls_is_refused(assay, message):
    with pytest.raises(ValidationError, match=message):
        lab(**assay)


def test_a_blank_on_a_log_scale_has_no_quality_without_a_floor():
    with pytest.raises(ConfigError, match=r"lab\.assay: .*only 'high' is \('blank' has no reading on this scale\)"):
        lab().check_ready(Counting(scale="log"))
    lab().check_ready(Counting(scale="log", floor=-3.0))


def test_prices_of_wells_that_are_read_again_are_in_whole_cents():
    with pytest.raises(ValidationError, match=r"per_replicate.*whole cents"):
        lab(cost={"per_replicate": 0.125})


def test_values_are_those_of_an_accepted_plate():
    events = whole(lab(0.0, noise={"eps": 1e-6}), 10, constant=3.0)
    assert not rejected(events)
    assert values(events) == pytest.approx(np.full(10, 3.0), rel=1e-4)
