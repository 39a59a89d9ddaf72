"""A budget of money knows the prices of a real lab: orders are paid for, and no order exceeds what is left."""

from pathlib import Path
from shutil import copytree

import pytest
from live_stubs import begun, twin, written
from stubs import small

from designloop.core.errors import ConfigError, LiveError
from designloop.lab.lab import Lab
from designloop.live.directory import Live

PRICES = {"currency": "EUR", "per_round": 100, "per_design": 10, "per_bp": 0.1, "min_bp": 50, "per_replicate": 1}
SCHEDULER = {"kind": "rounds", "batch_size": 4, "replicates": 2, "n_retests": 1}
DESIGN = 10 + 50 * 0.1 + 2 * 1
"""A design of 8 letters is charged as 50 base pairs, and stands in two wells; its retest costs two wells."""
ROUND = 100 + 4 * DESIGN


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    live = begun(folder, {"prices": PRICES}, scheduler=SCHEDULER, budget={"cost": 340})
    live.ask(at=0)
    return live.path


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """A batch of four is paid for."""
    return Live(copytree(asked, tmp_path / "live"), by="ben")


def left(live: Live) -> float:
    return live.history.left.cost


def told(live: Live, folder: Path) -> None:
    rows = [(t.design, t.round, n, t.design + n / 4) for t in live.record.tickets.tickets.values() for n in (1, 2)]
    live.tell(written(folder / f"{len(rows)}.csv", ["design", "round", "replicate", "value"], rows))


def test_orders_are_paid_for_by_item(live: Live) -> None:
    charged = [event.data for event in live.record.events if event.kind == "charged"]
    assert charged == [{"round": 100.0, "designs": 60.0, "replicates": 8.0}]
    assert (left(live), live.status.as_dict()["spent"]) == (340 - ROUND, ROUND)
    assert "ordered for 168.00 EUR\n  left of the budget: 172.00 EUR" in str(live.status)


def test_the_next_order_is_what_the_money_pays_for(live: Live, tmp_path: Path) -> None:
    told(live, tmp_path)
    events = live.ask()
    kinds = [event.kind for event in events]
    assert (kinds.count("chosen"), kinds.count("retest")) == (4, 1)
    assert left(live) == 340 - 2 * ROUND - 2
    told(live, tmp_path)
    with pytest.raises(LiveError, match="the campaign is over"):
        live.ask()


def test_vetoes_additions_and_what_is_undone_change_the_price(live: Live) -> None:
    live.veto(1)
    assert left(live) == 340 - ROUND
    added = live.add(["AAAAAAAA"])[0].data["entry"]
    assert left(live) == 340 - ROUND - DESIGN
    live.undo(added)
    assert left(live) == 340 - ROUND
    batch = live.add(["CCCCCCCC"], new_round=True, replicates=1)[0].data["entry"]
    assert left(live) == 340 - ROUND - 100 - DESIGN + 1
    live.undo(batch)
    assert left(live) == 340 - ROUND
    live.lost(rounds=[1])
    assert left(live) == 340 - ROUND, "what was ordered is paid for"


def test_more_money_counts_the_whole_campaign(live: Live) -> None:
    live.extend({"budget.cost": 1000})
    assert left(live) == 1000 - ROUND
    with pytest.raises(ConfigError, match=r"budget\.cost is 100, but 168 are already spent"):
        live.extend({"budget.cost": 100})
    with pytest.raises(ConfigError, match=r"lab\.prices cannot change"):
        live.extend({"lab.prices.per_design": 20})


def test_past_rounds_count_at_these_prices(tmp_path: Path) -> None:
    row = (1, "AAAAAAAA", "2026-03-02 09:00", "2026-04-13", 1.5)
    file = written(tmp_path / "past.csv", ["round", "sequence", "ordered", "measured", "value"], [row])
    live = begun(tmp_path, {"prices": PRICES}, scheduler=SCHEDULER, budget={"cost": 340})
    live.import_rounds(file)
    assert left(live) == 340 - 100 - DESIGN + 1
    live.undo(1)
    assert left(live) == 340


def test_the_choices_are_those_of_a_simulation_with_the_same_prices(tmp_path: Path) -> None:
    prices = {name: price for name, price in PRICES.items() if name != "currency"}
    lab = Lab.preset("instant", cost=prices)
    campaign = small(lab=lab, scheduler=SCHEDULER, budget={"cost": 500})
    events = campaign.run(seed=1).events
    live = Live.begin(twin(campaign, prices=prices), tmp_path / "live", seed=1)
    first = next(event.data for event in events if event.kind == "charged")
    live.ask(at=0)
    charged = [event.data for event in live.record.events if event.kind == "charged"]
    assert charged == [{item: amount for item, amount in first.items() if amount}]
    assert [e.data for e in live.record.events if e.kind == "chosen"] == [
        e.data for e in events if e.kind == "chosen" and e.data["round"] == 1
    ]


def test_the_dossier_says_what_the_round_costs_and_what_is_left(live: Live) -> None:
    """By the same prices as the budget of the campaign."""
    dossier = live.dossier()
    assert (dossier.price, dossier.left["cost"]) == (ROUND, 340 - ROUND)
    page = dossier.save(live.path.parent / "dossier.html").read_text(encoding="utf-8")
    for said in (f"This round costs {ROUND:.2f} EUR.", f"{340 - ROUND:.2f} EUR", "Price of this round"):
        assert said in page
    assert dossier.as_dict()["price"] == ROUND
    assert left(live) == dossier.left["cost"]
