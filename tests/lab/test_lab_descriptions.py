"""Descriptions of labs that cannot work are errors that name the key, before anything runs."""

import pytest
from pydantic import ValidationError

from designloop.core.errors import ConfigError
from designloop.lab.lab import Lab

STATION = {"name": "s", "days": 1, "machines": 1}
BENCH = {"name": "bench"}
OTHERS = {"name": "others", "rate": 1, "size": 1}


@pytest.mark.parametrize(
    ("lab", "message"),
    [
        (
            {"stages": [{**STATION, "people": "bench"}]},
            "stage 's': there are no people 'bench'; add it to `lab.people`",
        ),
        ({"stages": [{**STATION, "people": "bench"}], "people": [{**BENCH, "number": 0}]}, "people.0.number"),
        ({"stages": [{**STATION, "people": "bench", "n_people": 2}], "people": [BENCH]}, "needs 2 people, but 'bench'"),
        ({"people": [{**BENCH, "shifts": [{"days": ["sun"]}]}]}, "people 'bench' are never on shift"),
        (
            {
                "stages": [{**STATION, "people": "bench", "start_times": ["06:00"]}],
                "people": [{**BENCH, "shifts": [{"hours": ["08:00", "16:00"]}]}],
            },
            "'bench' are not on shift at its `start_days` and `start_times`",
        ),
        ({"stages": [{**STATION, "failure": 1, "rework": {"to": "s", "times": 10**9}}]}, "rework.times"),
        ({"stages": [{**STATION, "failure": 1, "rework": {"to": "t"}}]}, "rework.to is 't', which is neither this"),
        ({"stages": [{**STATION, "load": 0}]}, "load"),
        ({"stages": [{**STATION, "machines": 0}]}, "machines"),
        ({"stages": [{**STATION, "start_days": ["sun"]}]}, "none of `start_days` is a workday of the lab"),
        ({"stages": [{**STATION, "breakdown": {"between": 0, "repair": 1}}]}, "between: expected more than 0 days"),
        (
            {"stages": [{**STATION, "breakdown": {"between": 1, "repair": 1, "work": "restarted"}}]},
            "hardly any run ends between two breakdowns",
        ),
        ({"stages": [{**STATION, "maintenance": {"every": 2, "days": 2}}]}, "maintenance is due again before it ends"),
        ({"calendar": {"closures": ["01-01/12-31"]}}, "the lab has no working day in its first year"),
        ({"calendar": {"closures": ["2025-01-01/2099-12-31"]}}, "the lab has no working day in its first year"),
        ({"stages": [STATION], "background": [{**OTHERS, "rate": 0}]}, "background.0.rate"),
        ({"stages": [STATION], "background": [{**OTHERS, "size": 0}]}, "background.0.size"),
        ({"wip_limit": 0}, "wip_limit"),
    ],
)
def test_a_lab_that_cannot_work_is_refused(lab, message):
    with pytest.raises((ValidationError, ConfigError), match=message):
        Lab.model_validate(lab)


def test_other_work_that_a_station_never_keeps_up_with_is_told_with_its_load():
    (remark,) = Lab.model_validate({"stages": [STATION], "background": [{**OTHERS, "rate": 10}]}).remarks
    assert remark == (
        "other people's work is 2.00 times what station 's' can do at the most, so that its queue grows for ever; "
        "lower `rate` or `size` in lab.background, or add machines or people"
    )
