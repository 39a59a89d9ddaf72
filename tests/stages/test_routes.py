"""Alternatives: each design passes exactly one stage of a group."""

import pytest
from lab_stubs import EVERY_DAY, designs, finish, start, whole
from pydantic import ValidationError

from designloop.core.records import Batch
from designloop.lab.lab import Lab

A, B, C = ({"name": name, "days": days, "one_of": "vendor"} for name, days in (("a", 1), ("b", 2), ("c", 4)))


def lab(*stages, **changes):
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": stages, **changes})


def passed(events):
    """{design: the stages that it entered before the assay}."""
    found = {}
    for e in events:
        if e.kind == "entered" and e.data["stage"] != "assay":
            found.setdefault(e.design, []).append(e.data["stage"])
    return found


def test_each_design_passes_exactly_one_of_three():
    """By their shares: 150, 90 and 60 of 300, within three standard errors."""
    stages = {**A, "share": 0.5}, {**B, "share": 0.3}, {**C, "share": 0.2}
    routes = passed(whole(lab(*stages), 300))
    assert set(map(len, routes.values())) == {1}
    n = {name: sum(route == [name] for route in routes.values()) for name in "abc"}
    assert all(abs(n[name] - mean) < most for name, mean, most in (("a", 150, 26), ("b", 90, 24), ("c", 60, 21)))


def test_a_design_stays_on_its_route_when_it_is_made_again_and_its_retest_draws_a_new_one():
    check = {"name": "check", "days": 0, "failure": 0.5, "rework": {"to": "a", "times": 20}}
    the_lab = lab({**A, "share": 0.5, "retest_from": True}, {**B, "share": 0.5}, check)
    run = start(the_lab)
    first = passed(events := run.submit(Batch(1, designs(40))) + finish(run))
    assert sum(e.kind == "went_back" for e in events) > 20
    assert all(len(set(route) - {"check"}) == 1 for route in first.values())
    again = passed(run.submit(Batch(2, (), designs(40))) + finish(run))
    n_other = sum(first[i][0] != again[i][0] for i in range(40))
    assert 8 < n_other < 32


def test_shares_that_sum_to_one_but_for_the_rounding_leave_no_gap():
    stages = [{"name": f"v{i}", "days": 1, "one_of": "vendor", "share": 0.1} for i in range(10)]
    assert sum(stage["share"] for stage in stages) < 1
    assert set(map(len, passed(whole(lab(*stages), 100)).values())) == {1}


def test_alternatives_are_paid_when_they_are_passed():
    stages = {**A, "share": 0.5, "cost": 3, "due": "entered"}, {**B, "share": 0.5, "cost": 5, "due": "passed"}
    events = whole(lab(*stages), 20)
    n_a = sum(route == ["a"] for route in passed(events).values())
    charged = {name: sum(e.data.get(name, 0) for e in events if e.kind == "charged") for name in "ab"}
    assert charged == {"a": 3 * n_a, "b": 5 * (20 - n_a)}


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (
            [{**A, "share": 0.5}, {**B, "share": 0.4}],
            r"the `share` of the stages of 'vendor' \('a', 'b'\) must sum to 1",
        ),
        ([A], "'a' is the only stage of 'vendor'; add another one, or remove `one_of`"),
        ([A, {"name": "x", "days": 1}, B], "the stages of 'vendor' do not follow one another; move them together"),
        ([{**A, "share": 0.5}, {**B, "share": 0.5, "retest_from": True}], "move `retest_from` to 'a'"),
        (
            [
                {**A, "share": 0.5},
                {**B, "share": 0.5},
                {"name": "x", "days": 1, "failure": 0.1, "rework": {"to": "b"}},
            ],
            "rework.to is 'b', which designs on other routes skip; name 'a'",
        ),
        ([{**A, "share": 0.5, "cost": 1}, {**B, "share": 0.5}], "only a share of designs pays its `cost`"),
    ],
)
def test_a_group_of_which_a_design_cannot_pass_exactly_one_is_refused(stages, message):
    with pytest.raises(ValidationError, match=message):
        lab(*stages)
