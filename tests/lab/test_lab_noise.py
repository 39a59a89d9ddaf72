"""Noise acts on the oracle's scale, is mean-corrected, and is as strong as it says."""

import json

import numpy as np
import pytest
from lab_stubs import designs, finish, start, values, whole
from pydantic import ValidationError

from designloop.core.records import Batch
from designloop.lab.lab import Lab
from designloop.lab.noise import Noise, noise_presets

N = 4000


def noisy(n=N, seed=0, replicates=1, oracle=None, plate_size=96, **assay):
    """Events of one batch in a lab without delay."""
    lab = Lab.preset("instant", assay=assay, plate_size=plate_size)
    return whole(lab, n, seed, replicates, **({"constant": 5.0} if oracle is None else oracle))


def test_without_noise_the_value_is_the_truth_and_its_error_nothing():
    events = [event for event in noisy(20, oracle={}) if event.kind == "observed"]
    assert [e.data["value"] for e in events] == [1 + d.sequence.count("A") for d in designs(20)]
    assert {e.data["std_error"] for e in events} == {0.0}


def test_multiplicative_noise_leaves_the_mean():
    observed = values(noisy(noise={"eps": 0.3, "design": 0.4}))
    assert observed.mean() == pytest.approx(5.0, abs=0.15)
    assert np.log(observed).std() == pytest.approx(0.5, abs=0.02)


def test_noise_on_a_log_scale_is_added():
    observed = values(noisy(noise={"eps": 0.3, "design": 0.4}, oracle={"constant": -2.0, "scale": "log"}))
    assert observed.mean() == pytest.approx(-2.0, abs=0.03)
    assert observed.std() == pytest.approx(0.5, abs=0.02)


def test_plates_and_runs_shift_all_of_their_wells():
    events = noisy(960, noise={"plate": 0.2}, oracle={"constant": 0.0, "scale": "log"})
    by_plate = {e.data["plate"]: e.data["value"] for e in events if e.kind == "observed"}
    assert len(by_plate) == 10
    assert len(set(values(events))) == 10
    assert len(set(values(noisy(960, noise={"run": 0.2}, replicates=2)))) == 2


def test_the_edge_reads_lower():
    observed = values(noisy(96, noise={"edge": -0.1}, oracle={"constant": 1.0}))
    assert sorted(np.round(observed, 9)) == [0.9] * 36 + [1.0] * 60


def test_an_error_of_the_construct_is_not_averaged_away():
    events = noisy(1000, replicates=3, noise={"eps": 0.3, "design": 0.4}, oracle={"constant": 0.0, "scale": "log"})
    by_design = {}
    for event in events:
        if event.kind == "observed":
            by_design.setdefault(event.design, []).append(event.data["value"])
    table = np.array(list(by_design.values()))
    assert table.shape == (1000, 3)
    assert table.mean(axis=1).std() == pytest.approx((0.4**2 + 0.3**2 / 3) ** 0.5, abs=0.03)
    assert table.std(axis=1, ddof=1).mean() == pytest.approx(0.3 * 0.886, abs=0.02)


def test_a_retest_meets_the_same_construct_again():
    lab = Lab.preset("instant", assay={"noise": {"design": 0.5}})
    run = start(lab)
    run.submit(Batch(1, designs(5)))
    first = values(finish(run))
    run.submit(Batch(2, (), designs(5)))
    assert values(finish(run)) == pytest.approx(first)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("terms", [{}, {"eps": 0.2, "design": 0.1}])
def test_a_single_replicate_is_as_reliable_as_set(scale, terms):
    noise = Noise(reliability=0.8, spread=1.5, **terms)
    observed = values(noisy(noise=noise, oracle={"constant": 0.0, "scale": scale}))
    assert 1.5**2 / (1.5**2 + observed.var()) == pytest.approx(0.8, abs=0.015)


def test_the_stated_error_is_the_spread_of_readings():
    events = [e for e in noisy(noise={"eps": 0.1, "background_sd": 0.2}) if e.kind == "observed"]
    stated = np.median([e.data["std_error"] for e in events])
    assert np.std([e.data["value"] for e in events]) == pytest.approx(stated, rel=0.05)
    counted = noisy(noise={"reads": 100}, oracle={"constant": 0.0, "scale": "log"})
    assert values(counted).std() == pytest.approx(0.1, abs=0.005)
    assert {e.data["std_error"] for e in counted if e.kind == "observed"} == {0.1}


def test_values_relative_to_the_parent_are_free_of_plate_and_run():
    oracle = {"constant": 3.0, "scale": "log", "parent": "AAAAAAAA"}
    noise = {"plate": 0.5, "run": 0.5}
    observed = values(noisy(400, noise=noise, wells_per_control=12, oracle=oracle))
    assert observed == pytest.approx(np.full(400, 3.0))
    assert values(noisy(400, noise=noise, wells_per_control=12, normalise=False, oracle=oracle)).std() > 0.1
    linear = values(noisy(400, noise=noise, wells_per_control=12, oracle={**oracle, "scale": "linear"}))
    assert linear == pytest.approx(np.full(400, 3.0))


def test_values_relative_to_the_parent_keep_their_mean():
    oracle = {"constant": 3.0, "parent": "AAAAAAAA"}
    noise = {"eps": 0.1, "design": 0.5, "plate": 0.3, "background": 7.0, "background_sd": 0.05}
    assert values(noisy(noise=noise, wells_per_control=12, oracle=oracle)).mean() == pytest.approx(3.0, abs=0.08)


def test_a_floor_is_what_blanks_read_on_a_log_scale_and_shifts_no_value():
    oracle = {"constant": 3.0, "scale": "log", "parent": "AAAAAAAA", "floor": -1.0}
    events = noisy(80, noise={"plate": 0.5}, wells_per_control=12, oracle=oracle)
    blanks = {e.data["value"] for e in events if e.kind == "control" and e.data["control"] == "blank"}
    assert len(blanks) == 1
    assert blanks != {-1.0}
    assert values(events) == pytest.approx(np.full(80, 3.0))


def test_a_reliability_holds_beside_a_parent_too():
    noise = Noise(reliability=0.5, spread=2.0, plate=0.3, eps=0.3)
    oracle = {"constant": 0.0, "parent": "AAAAAAAA"}
    assert values(noisy(8000, noise=noise, wells_per_control=12, oracle=oracle)).std() == pytest.approx(2.0, abs=0.15)


def test_events_are_plain_json():
    events = noisy(80, noise="enzyme_plate", wells_per_control=12, oracle={"parent": "AAAAAAAA"})
    assert json.loads(json.dumps([dict(event.data) for event in events]))


def test_limits_of_detection_give_the_limit():
    events = noisy(64, lower=4.0, upper=6.0, oracle={})
    for event in (e for e in events if e.kind == "observed"):
        truth = 1 + designs(64)[event.design].sequence.count("A")
        expected = ("below_detection", 4.0) if truth < 4 else ("above_detection", 6.0) if truth > 6 else None
        assert expected is None or (event.data["outcome"], event.data["value"]) == expected


def test_a_reliability_wants_a_spread_and_a_preset_a_known_name():
    with pytest.raises(ValidationError, match="requires `spread`"):
        Noise(reliability=0.8)
    with pytest.raises(ValidationError, match="Did you mean 'bli_kd'"):
        Lab.preset("good", assay={"noise": "bli_kdd"})


@pytest.mark.parametrize("name", noise_presets())
def test_every_noise_preset_reads_and_can_be_set_to_a_reliability(name):
    assert Noise.model_validate(name).describe()
    noise = Noise.model_validate({"preset": name, "reliability": 0.5, "spread": 2.0})
    assert noise.terms("linear").sd == pytest.approx(2.0)
