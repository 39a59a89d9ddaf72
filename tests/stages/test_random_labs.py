"""Every law holds for random labs, and none holds for everything."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import random_labs
from lab_stubs import DAY, EVERY_DAY
from stubs import FailingLog, played, small

from designloop.lab.lab import Lab


@pytest.mark.parametrize("seed", range(12))
def test_every_law_holds_for_a_random_lab(seed):
    assert random_labs.faults(seed) == []


@pytest.mark.parametrize("seed", [1, 4, 12, 35])
def test_a_campaign_in_a_random_lab_is_killed_and_resumed_to_the_same_hash(seed):
    campaign = small(lab=random_labs.random_lab(seed), budget={"designs": 20})
    whole = FailingLog()
    played(campaign, log=whole)
    for fails_at in range(1, whole.n_appends, max(whole.n_appends // 3, 1)):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(campaign, log=log)
        log.fails_at = None
        assert played(campaign, log=log).hash() == whole.hash()


STAGE = {"name": "a", "machines": 1, "load": 4, "days": {"hours": 4}, "people": "bench", "cost": 3, "due": "entered"}
STAGE |= {"consumables": [{"name": "kit", "price": 1, "stock": 2, "delay_days": 1}]}
BENCH = {"name": "bench", "shifts": [{"hours": ["08:00", "16:00"]}]}
ROUTES = [{"name": name, "days": 0, "one_of": "route", "share": 0.5} for name in "bc"]
LAB = Lab.model_validate(
    {
        "calendar": EVERY_DAY,
        "people": [BENCH],
        "stages": [{**STAGE, "start_times": ["08:00", "12:00"]}, *ROUTES],
        "assay": {"days": 1},
    }
)


def late(event, kind, minutes):
    return replace_minute(event, event.minute + minutes) if event.kind == kind else event


def replace_minute(event, minute):
    return type(event)(minute, event.kind, event.design, event.data)


def with_data(event, kind, **data):
    return type(event)(event.minute, kind, event.design, {**event.data, **data}) if event.kind == kind else event


TAMPERED = {
    "one_outcome": lambda events: [e for e in events if e.kind != "observed" or e.design],
    "in_its_time": lambda events: [late(e, "observed", -DAY) for e in events],
    "on_one_route": lambda events: [e for e in events if e.data.get("stage") != "b"],
    "within_limits": lambda events: [with_data(e, "run_started", designs=[1] * 9) for e in events],
    "people_on_shift": lambda events: [with_data(e, "run_ended", freed=e.minute + 6 * 60) for e in events],
    "on_the_clock": lambda events: [late(e, "run_started", 1) for e in events],
    "stock_lasts": lambda events: [e for e in events if e.kind != "stock_arrived"],
    "money_adds_up": lambda events: [with_data(e, "charged", a=1000) for e in events],
}


@pytest.mark.parametrize("law", random_labs.LAWS, ids=lambda law: law.__name__)
def test_a_law_that_is_broken_is_told(law):
    events = random_labs.passed(LAB, 0)
    assert list(law(LAB, events)) == []
    assert list(law(LAB, TAMPERED[law.__name__](events)))
