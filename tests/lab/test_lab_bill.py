"""A bill with every price a lab knows, added up by hand."""

from collections import Counter

from lab_stubs import EVERY_DAY
from stubs import CountingOracle, FailingLog, Scripted, played, small

import designloop as dl
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.money import cents
from designloop.storage.summary import summarise

BUILD = {
    "name": "build", "machines": 1, "load": 4, "setup": {"hours": 1}, "days": {"hours": 6}, "per_run": 10,
    "per_hour": 1.5, "people": "bench", "hands_on": {"hours": 2}, "cost": 3, "due": "entered", "failure": 1.0,
    "rework": {"days": {"hours": 3}, "cost": 4},
    "consumables": [{"name": "kit", "price": 40, "pack": 2, "stock": 2, "reorder_at": 1}],
}  # fmt: skip
LAB = {
    "calendar": EVERY_DAY,
    "plate_size": 8,
    "people": [{"name": "bench", "per_hour": 30}],
    "stages": [
        {"name": "order", "days": 1, "cost": 2.5},
        BUILD,
        {"name": "express", "days": 1, "cost": 5, "due": "passed"},
    ],
    "assay": {"days": 1, "min_fill": 1.0, "wait_days": None},
    "cost": {
        "per_bp": 0.01, "by_length": [[500, 7]], "per_design": 1, "per_replicate": 0.75, "per_round": 100,
        "per_week": 50, "per_plate": 20, "consumables": [{"name": "tips", "per": "well", "price": 6, "pack": 10}],
    },
}  # fmt: skip
BY_HAND = {
    "round": 100,
    "designs": 6 * (300 * 0.01 + 7 + 1 + 2.5),  # at least 300 base pairs
    "replicates": 12 * 0.75,
    "build": 6 * (3 + 4),  # each design fails, and is made again
    "build runs": 2 * (10 + 10 * 1.5),  # four designs and two; 1 hour of setup, 6 of work, and 3 of the second attempt
    "bench": 2 * (2 + 2) * 30,
    "kit": 40,  # the first run empties the stock to the reorder level
    "express": 6 * 5,
    "plates": 2 * 20,  # one for each replicate
    "tips": 2 * 6,  # of which 12 are used
    "rent": 50,
}


def events_of(budget):
    """The events of a campaign that orders one batch of six designs, in two replicates."""
    scheduler = dl.scheduling.Rounds(batch_size=6, replicates=2, max_rounds=1)
    campaign = small(
        oracle=CountingOracle.fresh(), strategy=Scripted(), lab=LAB, scheduler=scheduler, budget={"cost": budget}
    )
    log = FailingLog()
    played(campaign, log=log)
    return campaign, log


def test_the_charges_are_the_bill_by_hand_and_the_budget_pays_them_to_the_cent():
    """What is reserved at the worst case is what falls due here, so that a budget of the bill is enough."""
    total = sum(BY_HAND.values())
    campaign, log = events_of(total)
    charged = Counter()
    for event in log.events():
        charged.update(event.data if event.kind == "charged" else {})
    assert charged == BY_HAND
    history = History.opening(campaign.whole_space, Known(), log.events()[0]).after(log.events()[1:])
    assert (history.left.cost, dict(history.reserved)) == (0, dict.fromkeys(history.reserved, 0))
    assert (cents(summarise(log).cost), summarise(log).reserved) == (cents(total), 0)


def test_a_cent_less_than_the_bill_pays_for_a_design_less():
    """The rent until the results is kept back when a batch is ordered."""
    _, log = events_of(sum(BY_HAND.values()) - 0.01)
    assert sum(event.kind == "chosen" for event in log.events()) == 5
