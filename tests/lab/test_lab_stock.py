"""Consumables in stock: runs and plates wait for a delivery, and packs are paid when they are ordered."""

from collections import Counter
from typing import Any

import pytest
from lab_stubs import DAY, EVERY_DAY, Counting, designs, finish, start
from pydantic import ValidationError

from designloop.core.money import Quote
from designloop.core.records import Batch, Event
from designloop.lab.lab import Lab

KIT = {"name": "kit", "price": 40, "pack": 2, "stock": 2, "reorder_at": 1, "delay_days": 3}
HANDLER = {"name": "handler", "machines": 1, "load": 4, "days": 1}
TOLD = ("run_started", "stock_short", "stock_ordered", "stock_arrived", "charged", "reserved")


def lab(*consumables: Any, at_assay: Any = (), assay: Any = (), **handler: Any) -> Lab:
    station = {**HANDLER, "consumables": list(consumables), **handler}
    cost = {"consumables": list(at_assay)}
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": [station], "cost": cost, "assay": dict(assay)})


def log(events: list[Event]) -> list[tuple[float, str, Any]]:
    """(day, kind, what) of runs, stock and money."""
    keys = {"stock_short": "in_stock", "stock_ordered": "packs", "stock_arrived": "units"}
    return [
        (e.minute / DAY, e.kind, e.data[keys[e.kind]] if e.kind in keys else e.data.get("kit", e.data.get("run")))
        for e in events
        if e.kind in TOLD
    ]


def one_batch(of: Lab, n: int, until: float = 0) -> list[Event]:
    run = start(of)
    events = run.submit(Batch(1, designs(n))) + finish(run)
    return events + (run.run(until=int(until * DAY)) if until else [])


def test_a_run_waits_for_the_kit_that_is_not_in_stock():
    """Three runs use a kit each. After the first one, a pack of two is ordered; the third waits until it comes."""
    assert log(one_batch(lab(KIT), 12, until=9)) == [
        (0, "reserved", 80),  # three kits, of which the first empties what is above the reorder level
        (0, "run_started", 1),
        (0, "stock_ordered", 1),
        (0, "reserved", 40),
        (0, "charged", 40),
        (1, "run_started", 2),
        (2, "stock_short", 0),
        (3, "stock_arrived", 2),
        (3, "run_started", 3),
        (3, "stock_ordered", 1),
        (3, "reserved", 0),
        (3, "charged", 40),
        (6, "stock_arrived", 2),
    ]


def test_a_run_that_needs_more_than_is_ever_in_stock_orders_it():
    """Four designs use up 10 each. Only 5 are in stock, so that 35 more are ordered, in packs of 4."""
    drop = {"name": "kit", "price": 1, "per": "design", "amount": 10, "pack": 4, "stock": 5, "delay_days": 2}
    assert log(one_batch(lab(drop), 4)) == [
        (0, "reserved", 9),  # 36 of the 40 that are above the reorder level
        (0, "stock_short", 5),
        (0, "stock_ordered", 9),
        (0, "reserved", 0),  # after the run, 1 is left: above the reorder level of 0
        (0, "charged", 9),
        (2, "stock_arrived", 36),
        (2, "run_started", 1),
    ]


def test_a_delivery_in_the_minute_in_which_a_machine_is_free_is_in_time():
    """Whatever comes first in that minute: machines are given away at its end."""
    events = one_batch(lab({**KIT, "stock": 1, "reorder_at": 0, "pack": 1, "delay_days": 1}), 12)
    assert [row for row in log(events) if row[1] in ("run_started", "stock_short")] == [
        (0, "run_started", 1), (1, "run_started", 2), (2, "run_started", 3),
    ]  # fmt: skip


def test_designs_may_be_lost_while_a_run_waits_and_what_was_ordered_stays_in_stock():
    of = lab({**KIT, "stock": 1, "reorder_at": 0, "pack": 2, "delay_days": 30}).with_(close_at={"days": 2})
    run = start(of)
    events = run.submit(Batch(1, designs(8))) + finish(run)
    events += run.run(until=40 * DAY) + run.submit(Batch(2, designs(8, first=8, round=2))) + finish(run)
    assert [row for row in log(events) if row[1] in ("run_started", "stock_ordered", "charged")] == [
        (0, "run_started", 1), (0, "stock_ordered", 1), (0, "charged", 40), (40, "run_started", 2),
        (41, "run_started", 3), (41, "stock_ordered", 1), (41, "charged", 40),
    ]  # fmt: skip


def test_plates_wait_for_their_consumables_too():
    """Ten designs take three plates of four; there are wells for two, and eight more come after two days."""
    tips = {"name": "kit", "per": "well", "price": 5, "pack": 8, "stock": 8, "delay_days": 2}
    of = Lab.model_validate(
        {"calendar": EVERY_DAY, "plate_size": 4, "cost": {"consumables": [tips]}, "assay": {"days": 1}}
    )
    events = one_batch(of, 10)
    assert Counter(e.minute / DAY for e in events if e.kind == "observed") == {1: 8, 3: 2}
    assert log(events) == [
        (0, "reserved", 5),  # three wells more than are in stock above the reorder level
        (0, "stock_ordered", 1),
        (0, "stock_short", 0),
        (0, "reserved", 0),
        (0, "charged", 5),
        (2, "stock_arrived", 8),
    ]


def test_a_further_reading_waits_for_its_consumables():
    """The plate is rejected and read again twice. Its second reading has a cuvette, and the third one waits for it."""
    cuvette = {"name": "kit", "price": 7, "stock": 2, "delay_days": 3}
    controls = [{"name": name, "value": 1.0, "n": 2} for name in ("low", "high")]
    assay = {"days": 1, "controls": controls, "min_z_prime": 0.5, "read_again": 2}
    of = Lab.model_validate({"calendar": EVERY_DAY, "cost": {"consumables": [cuvette]}, "assay": assay})
    events = one_batch(of, 3)
    assert [e.minute / DAY for e in events if e.kind == "plate_rejected"] == [1, 2, 5]
    assert [row for row in log(events) if row[1].startswith("stock")] == [
        (1, "stock_ordered", 1), (2, "stock_short", 0), (4, "stock_arrived", 1), (4, "stock_ordered", 1),
    ]  # fmt: skip


def test_without_a_stock_a_pack_is_paid_when_a_run_opens_it():
    """Five designs and two more use 21 of three packs of 8; what is left of the second pack serves the second batch."""
    plain = {"name": "kit", "price": 9, "per": "design", "amount": 3, "pack": 8}
    run = start(lab(plain))
    events = run.submit(Batch(1, designs(5))) + finish(run)
    events += run.submit(Batch(2, designs(2, first=5, round=2))) + finish(run)
    assert [e.data["kit"] for e in events if e.kind == "charged"] == [18, 9]
    assert not any(event.kind.startswith("stock") for event in events)


def test_the_price_of_a_batch_holds_what_its_runs_may_use_up():
    """Ten designs that come one by one may need ten runs, and a kit each; with 3 drops for each visit, of two tries."""
    drops = {"name": "drops", "price": 1, "per": "design", "amount": 3, "pack": 7}
    again = {"failure": 0.5, "rework": {"to": "handler", "times": 1}}
    of = Lab.model_validate(
        {
            "stages": [
                {**HANDLER, "consumables": [{**KIT, "stock": None, "reorder_at": 0, "delay_days": 0}, drops], **again}
            ]
        }
    )
    quote = of.quote(Counting().space)
    assert quote.reserve(10, 0, [1] * 10) == {"kit": 40 * 7, "drops": 9}  # 3 + 10 runs, and 60 drops
    assert Quote.of(quote.facts()) == quote
    assert quote.expected([8] * 10, 0, [1] * 10) == 3 * 20 + 30 / 7
    assert quote.share(8, 10) == pytest.approx(20 / 4 + 3 / 7)


@pytest.mark.parametrize(
    ("consumable", "says"),
    [
        ({"stock": 5, "reorder_at": 5}, "set `stock` above `reorder_at`, 5"),
        ({"stock": None}, "consumable 'kit': `reorder_at` needs a `stock`"),
        ({"stock": None, "reorder_at": 0}, "consumable 'kit': `delay_days` needs a `stock`"),
        ({"price": 0.001}, "expected whole cents"),
        ({"amount": 0}, "greater than or equal to 1"),
        ({"name": "rent"}, "'rent' names two items of the bill"),
        ({"per": "plate"}, "'run' or 'design'"),
    ],
)
def test_a_consumable_that_cannot_be_kept_or_paid_is_refused(consumable, says):
    with pytest.raises(ValidationError, match=says):
        lab({**KIT, **consumable})


def test_consumables_need_machines_and_names_of_their_own():
    with pytest.raises(ValidationError, match="`consumables` needs `machines`"):
        lab(KIT, machines=None, load=1)
    with pytest.raises(ValidationError, match="'kit' names two items of the bill"):
        lab(KIT, KIT)
    with pytest.raises(ValidationError, match="'kit' names two items of the bill"):
        lab(KIT, at_assay=[{"name": "kit", "price": 1}])


def test_other_peoples_work_has_consumables_of_its_own():
    """Their batch of four does not wait for the kit that a run with designs lacks, and takes none of it."""
    others = {"name": "others", "calendar": {"days": ["fri"], "times": ["00:00"]}, "size": 4}
    of = lab({**KIT, "stock": 1, "reorder_at": 0, "pack": 1, "delay_days": 30}, mixes=False).with_(
        calendar={**EVERY_DAY, "start": "2025-01-01"}, background=[others]
    )
    run = start(of)
    events = run.submit(Batch(1, designs(8)))
    while run.now < 12 * DAY:
        events += run.run(until=12 * DAY)
    started = [(e.minute / DAY, len(e.data["designs"])) for e in events if e.kind == "run_started"]
    assert started == [(0, 4), (2, 0), (9, 0)]
    assert [e.minute / DAY for e in events if e.kind == "stock_short"] == [1]
