"""The card of a lab: rates by hand, and that a lab which never lacks designs keeps to them."""

from collections.abc import Iterator
from math import inf
from typing import Any

import pytest
from lab_stubs import Counting

from designloop.core.clock import WEEK
from designloop.core.lab_card import LabCard, StationCard
from designloop.core.records import Batch, Design
from designloop.lab.lab import Lab
from designloop.stages.base import Stage
from designloop.stages.visit import Request, Visit

SHIFT = {"name": "bench", "number": 2, "shifts": [{"days": ["mon", "tue", "wed", "thu"], "hours": ["08:00", "16:00"]}]}
STATIONS: dict[str, tuple[dict[str, Any], float]] = {
    "any number at once": ({"days": 3}, inf),
    "places": ({"capacity": 6, "days": 2}, 15),
    "machines": ({"machines": 2, "load": 10, "setup": {"hours": 12}, "days": 2}, 40),
    "in calendar days": ({"machines": 1, "days": 0.5, "clock": "calendar"}, 14),
    "the mean of its durations": ({"machines": 1, "load": 8, "days": {"triangular": [1, 2, 3]}}, 20),
    "on two days a week": ({"machines": 2, "load": 9, "days": 1, "start_days": ["tue", "thu"]}, 36),
    "twice a day": ({"machines": 1, "load": 4, "days": {"hours": 2}, "start_times": ["09:00", "14:00"]}, 40),
    "hours on each of three days": (
        {"machines": 1, "load": 4, "days": {"hours": 6}, "start_days": ["mon", "tue", "wed"]},
        48,
    ),
    "people until the end": ({"machines": 3, "load": 5, "days": {"hours": 4}, "people": "bench"}, 80),
    "people at the beginning, so that no machine starts again in a shift": (
        {"machines": 2, "load": 5, "days": {"hours": 12}, "people": "bench", "hands_on": {"hours": 1}},
        40,
    ),
    "breakdowns": ({"machines": 1, "days": 0.2, "breakdown": {"between": {"exponential": 3}, "repair": 1}}, 18.75),
    "maintenance": ({"machines": 1, "days": 0.25, "maintenance": {"every": 5, "days": 1}}, 16),
    "a second attempt": ({"capacity": 3, "days": 1, "failure": 0.5, "rework": {"days": 1}}, 10),
}


def of(stage: dict[str, Any]) -> Lab:
    return Lab.model_validate({"people": [SHIFT], "stages": [{"name": "it", **stage}]})


@pytest.mark.parametrize(("stage", "rate"), STATIONS.values(), ids=STATIONS)
def test_a_station_can_take_so_many_designs_a_week(stage: dict[str, Any], rate: float) -> None:
    assert of(stage).card.station("it").per_week == pytest.approx(rate)


@pytest.mark.parametrize("name", [name for name, (_, rate) in STATIONS.items() if rate < inf])
def test_a_station_that_never_lacks_designs_takes_as_many(name: str) -> None:
    """Between weeks 5 and 25, all designs are there from the start."""
    stage, rate = STATIONS[name]
    oracle, n = Counting(), round(26 * STATIONS[name][1])
    run = of(stage).start(oracle, 3, space=oracle.space)
    letters = [f"{i:08b}".replace("0", "A").replace("1", "C") for i in range(256)]
    events = run.submit(Batch(1, tuple(Design(i, letters[i % 256], 1) for i in range(n))))
    while run.now < 25 * WEEK:
        events += run.run(until=25 * WEEK)
    took = sum(e.kind == "entered" and e.data["stage"] == "it" and 5 * WEEK <= e.minute < 25 * WEEK for e in events)
    assert took / 20 == pytest.approx(rate, rel=0.07 if name in ("breakdowns", "a second attempt") else 0.03)


def test_people_are_shared_by_their_stations_and_a_share_of_designs_needs_them_less() -> None:
    """A design needs 0.5 + 0.5 · 1 hours of hands; two people have 64 hours a week."""
    people = {"people": "bench", "machines": 50, "load": 2}
    stages = [
        {"name": "all", "days": {"hours": 1}, **people},
        {"name": "some", "days": {"hours": 2}, "share": 0.5, **people},
    ]
    card = Lab.model_validate({"people": [SHIFT], "stages": stages}).card
    assert [station.per_week for station in card.stations[:2]] == pytest.approx([64, 64])


def test_the_assay_takes_plates_and_its_name_and_places_are_those_of_the_lab() -> None:
    lab = Lab.model_validate({"assay": {"name": "elisa", "plates_per_day": 2, "readers": 3, "wells_per_control": 12}})
    assert lab.card == LabCard((StationCard("elisa", 80, 2400, takes_wells=True),), 80)
    together = Lab.model_validate({"plate_size": 48, "assay": {"replicates_together": True, "days": 5}}).card
    assert together == LabCard((StationCard("assay", 48, inf, 1.0, takes_wells=True),), 48, True)
    assert together.bottleneck is None


class Dialysis(Stage):
    cassettes: int = 4

    @property
    def shortest_days(self) -> float:
        return 2

    @property
    def resources(self) -> dict[str, int]:
        return {"cassette": self.cassettes}

    def process(self, visit: Visit) -> Iterator[Request]:
        yield visit.work(2)


def test_a_stage_of_ones_own_is_taken_at_its_shortest() -> None:
    card = Lab(stages=(Dialysis(name="dialysis"),)).card
    assert card.stations[0] == StationCard("dialysis", 4, 10, 0.4, False)
    assert card.bottleneck == card.stations[0]


def test_retests_are_taken_from_their_first_stage_on() -> None:
    stages = [{"name": "a", "days": 5}, {"name": "b", "days": 5, "retest_from": True}, {"name": "c", "days": 5}]
    card = Lab.model_validate({"stages": stages}).card
    assert [station.takes_retests for station in card.stations] == [False, True, True, True]
    assert [station.name for station in card.upstream("c")] == ["a", "b"]
