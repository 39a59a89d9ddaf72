"""Controls of every plate: where they stand, what they read, and how values are normalised to them."""

import numpy as np
import pytest
from lab_stubs import Counting, start, values, whole
from pydantic import ValidationError

from designloop.core.errors import ConfigError
from designloop.lab.lab import Lab

WT = "AAAAAAAA"
BATCH_EFFECTS = {"plate": 0.5, "run": 0.5}


def lab(plate_size=96, **assay):
    return Lab.preset("instant", assay=assay, plate_size=plate_size)


def controls_in(events):
    """Well -> (name, reading) of each control."""
    return {e.data["well"]: (e.data["control"], e.data["value"]) for e in events if e.kind == "control"}


def test_controls_stand_in_their_wells_and_read_their_values():
    """A standard reads its value, a reference design what the oracle gives (6 As are worth 7), the parent and the blank
    what they are."""
    given = [
        {"name": "parent", "wells": ["A1", "H12"]},
        {"name": "blank", "wells": "B1:B3"},
        {"name": "standard", "value": 2.5, "n": 4},
        {"name": "positive", "sequence": "AAAAAACC", "n": 2},
    ]
    read = controls_in(whole(lab(controls=given), 80, parent=WT))
    assert read["A1"] == read["H12"] == ("parent", 9.0)
    assert [read[well] for well in ("B1", "B2", "B3")] == [("blank", 0.0)] * 3
    rest = sorted(one for well, one in read.items() if well not in ("A1", "H12", "B1", "B2", "B3"))
    assert rest == [("positive", 7.0)] * 2 + [("standard", 2.5)] * 4


def test_a_control_event_records_its_known_value_by_which_the_factor_of_a_plate_is_found_again():
    """Values that are not normalised, over the factor in the events, are the normalised ones."""
    controls = [{"name": "high", "value": 10.0, "n": 3}, {"name": "blank", "n": 2}, {"name": "parent", "n": 3}]
    given = {"controls": controls, "noise": {"plate": 0.5, "eps": 0.2, "background": 3.0}}
    normalised, raw = (whole(lab(**given, normalise=name), 200, parent=WT) for name in (["parent"], False))
    found = {e.data["control"]: e.data["known"] for e in normalised if e.kind == "control"}
    assert found == {"high": 10.0, "blank": 0.0, "parent": 9.0}
    for plate in ("1-1-1", "1-2-1", "1-3-1"):
        read = [e.data for e in normalised if e.kind == "control" and e.data["plate"] == plate]
        blank = np.mean([one["value"] for one in read if one["control"] == "blank"])
        factor = np.mean([(one["value"] - blank) / one["known"] for one in read if one["control"] == "parent"])
        ours, theirs = (
            {e.design: e.data["value"] for e in events if e.kind == "observed" and e.data["plate"] == plate}
            for events in (normalised, raw)
        )
        assert ours == pytest.approx({design: value / factor for design, value in theirs.items()})


def test_a_reference_of_the_labs_own_and_a_blank_are_known_on_each_scale():
    def known(**oracle):
        events = whole(lab(wells_per_control=12), 8, **oracle)
        return {event.data["control"]: event.data["known"] for event in events if event.kind == "control"}

    assert known() == {"reference": 1.0, "blank": 0.0}
    assert known(scale="log") == {"reference": 0.0}  # an empty well has no logarithm
    assert known(scale="log", floor=-2.0) == {"reference": 0.0, "blank": -2.0}


def test_no_design_stands_in_a_reserved_well():
    events = whole(lab(reserved="edge", controls=[{"name": "blank", "wells": ["A1"]}]), 70)
    wells = {e.data["well"] for e in events if e.kind == "observed"}
    assert not {well for well in wells if well[0] in "AH" or well[1:] in ("1", "12")}
    assert {e.data["plate"] for e in events if e.kind == "observed"} == {"1-1-1", "1-2-1"}  # 60 inner wells
    assert list(controls_in(events)) == ["A1"]


def test_designs_fill_a_plate_in_their_order():
    wells = [e.data["well"] for e in whole(lab(fill_order="columns", reserved="edge"), 8) if e.kind == "observed"]
    assert wells == ["B2", "C2", "D2", "E2", "F2", "G2", "B3", "C3"]
    wells = [e.data["well"] for e in whole(lab(1536, fill_order="rows"), 1536, constant=1.0) if e.kind == "observed"]
    assert (wells[0], wells[47], wells[48], wells[-1]) == ("A1", "A48", "B1", "AF48")


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize(
    "controls",
    [
        [{"name": "standard", "value": 2.5, "n": 4}],
        [{"name": "high", "value": 10.0, "n": 2}, {"name": "low", "value": 0.5, "n": 2}],
        [{"name": "positive", "sequence": WT, "n": 1}, {"name": "low", "value": 0.5, "n": 3}],
    ],
)
def test_values_normalised_to_controls_of_known_value_are_free_of_plate_and_run(scale, controls):
    """Also beside a background, which the blanks and the controls of value 0 read."""
    noise = {**BATCH_EFFECTS, "background": 3.0}
    empty = [{"name": "empty vector", "value": 0.0, "n": 2}] if scale == "linear" else []
    described = lab(controls=[*controls, *empty], noise=noise)
    observed = values(whole(described, 300, constant=3.0, scale=scale))
    assert observed == pytest.approx(np.full(300, 3.0))


def test_values_are_normalised_to_the_named_controls_only():
    """A control of a wrong value spoils the factor only where it is used."""
    controls = [{"name": "standard", "value": 2.5, "n": 4}, {"name": "parent", "n": 4}]
    given = {"controls": controls, "noise": {"plate": 0.5}, "normalise": ["standard"]}
    events = whole(lab(**given), 20, constant=3.0, parent=WT)
    assert values(events) == pytest.approx(np.full(20, 3.0))
    raw = whole(lab(**{**given, "normalise": False}), 20, constant=3.0, parent=WT)
    assert values(raw)[0] != pytest.approx(3.0, abs=0.01)
    assert controls_in(raw) == controls_in(events)


@pytest.mark.parametrize(
    ("standards", "n_blanks", "value"),
    [((5.0,), 1, 0.5), ((5.0,), 1, 5.0), ((5.0, 0.05), 4, 0.5), ((5.0, 0.05), 0, 5.0), ((), 1, 0.5), ((0.05,), 2, 5.0)],
)
def test_the_stated_error_counts_the_errors_of_blanks_and_standards(standards, n_blanks, value):
    """A standard near the background says little of the plate's factor: it has little weight, and the error says so.

    The error of a single blank is in every value, and cancels where the standards have the same value.
    """
    noise = {"eps": 0.05, "background_sd": 0.05, **({"plate": 0.3} if standards else {})}
    controls = [{"name": f"s{known}", "value": known, "n": 4} for known in standards]
    controls += [{"name": "blank", "n": n_blanks}] if n_blanks else []
    events = [e for e in whole(lab(24, controls=controls, noise=noise), 1500, constant=value) if e.kind == "observed"]
    errors = np.array([e.data["value"] for e in events]) - value
    stated = [e.data["std_error"] for e in events]
    if standards == (0.05,):  # the ratio of two normal variables has no variance; half of the plates read no signal
        assert np.median(stated) > value / 2
    else:
        assert np.std(errors) == pytest.approx(np.sqrt(np.mean(np.square(stated))), rel=0.13)


@pytest.mark.parametrize(
    ("assay", "message"),
    [
        ({"controls": [{"name": "standard", "n": 4}]}, "control 'standard': expected a `value` .* got neither"),
        ({"controls": [{"name": "s", "n": 4, "value": 1, "sequence": "A"}]}, "control 's': .* got both"),
        ({"controls": [{"name": "s", "value": 1}]}, "control 's': expected `n`, .* or `wells`; got neither"),
        ({"controls": [{"name": "s", "value": 1, "n": 1, "wells": "A1"}]}, "control 's': .* got both"),
        ({"controls": [{"name": "blank", "n": 1, "value": 1}]}, "the value of 'blank' is known; remove it"),
        ({"controls": [{"name": "s", "value": 1, "n": 1}] * 2}, "two `controls` have the name 's'"),
        (
            {"controls": [{"name": "blank", "n": 2}], "wells_per_control": 12},
            "both place 'blank'; set assay.wells_per_control to null",
        ),
        (
            {"controls": [{"name": "s", "value": 1, "wells": ["J1"]}]},
            "assay: control 's': 'J1' is not on a plate of 96 wells",
        ),
        ({"reserved": ["A1:H12"]}, "no well left for designs; enlarge it"),
        ({"reserved": ["rim"]}, "'rim' is not a well; write A1"),
        (
            {"controls": [{"name": "standard", "value": 1, "n": 1}], "normalise": ["standrd"]},
            "no control of known value is named 'standrd'. Did you mean 'standard'",
        ),
        ({"controls": [{"name": "blank", "n": 2}], "normalise": ["blank"]}, "no control of known value"),
        ({"fill_order": "spiral"}, "fill_order"),
        ({"controls": [{"name": "Blank", "n": 2}]}, "'Blank' is no name for a control, .*; write 'blank'"),
        ({"controls": [{"name": "Design", "n": 2, "value": 1}]}, "'Design' is no name for a control, .*; rename it"),
        ({"controls": [{"name": n, "value": 1, "n": 1} for n in ("S", "s")]}, "two `controls` have the name 's'"),
        (
            {
                "controls": [{"name": "s", "value": 1, "n": 1}],
                "normalise": ["s"],
                "noise": {"reliability": 0.5, "spread": 1},
            },
            "reliability",
        ),
    ],
)
def test_impossible_controls_are_refused_with_the_mend(assay, message):
    with pytest.raises(ValidationError, match=message):
        lab(**assay)


@pytest.mark.parametrize("do", [lambda lab: lab.check_ready(Counting()), start])
def test_a_reference_design_needs_a_value_in_the_oracle(do):
    """The space is looked at before a run; whether the sequence is viable, when it starts."""
    message = "is not in the oracle's space" if do is not start else "has no value in the oracle"
    described = lab(controls=[{"name": "positive", "sequence": "AAAA" if do is not start else "GAAAAAAA", "n": 1}])
    with pytest.raises(ConfigError, match=f"lab.assay.controls: the sequence of control 'positive' {message}"):
        do(described)


def test_values_are_relative_to_no_control_of_value_0():
    """On a log scale they are compared with it."""
    described = lab(controls=[{"name": "empty vector", "value": 0.0, "n": 2}], normalise=["empty vector"])
    described.check_ready(Counting(scale="log"))
    with pytest.raises(ConfigError, match="control 'empty vector' has the value 0, but on a linear"):
        described.check_ready(Counting())


def test_a_parent_control_is_the_reference_of_the_lab_where_the_space_has_no_parent():
    read = controls_in(whole(lab(controls=[{"name": "parent", "wells": ["A1"]}]), 10))
    assert read == {"A1": ("reference", 1.0)}
