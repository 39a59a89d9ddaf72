"""Added designs stand in free wells of the plates of their round; nothing that stands there already moves."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from live_stubs import begun

from designloop.core.plates import place_of
from designloop.live.directory import Live


def asked(folder: Path, n_designs: int = 4, replicates: int = 2, **lab: Any) -> Live:
    scheduler = {"kind": "rounds", "batch_size": n_designs, "replicates": replicates}
    live = begun(folder, {"plate_size": 12, **lab}, scheduler=scheduler, budget={"designs": 40})
    live.ask(at=0)
    return live


def added(live: Live, n: int, **given: Any) -> dict[str, dict[str, list[int]]]:
    """Plate -> the wells of further designs, after it was checked that the others stand where they stood."""
    before = live.record.tickets.plates
    n_before = live.history.n_designs
    live.add([f"{letter * 7}A" for letter in "ACGT"[:n]], at=10, **given)
    after = live.record.tickets.plates
    assert all(after[name][well] == its for name, held in before.items() for well, its in held.items())
    return {name: {w: its for w, its in held.items() if its[0] in range(n_before, n_before + n)}
              for name, held in after.items()}  # fmt: skip


def test_free_wells_come_first_and_replicates_are_those_of_the_schedule(tmp_path: Path) -> None:
    its = added(asked(tmp_path), 2)
    assert {plate: sorted(held.values()) for plate, held in its.items()} == {"R1P1": [[4, 1], [4, 2], [5, 1], [5, 2]]}


def test_a_full_plate_is_followed_by_another(tmp_path: Path) -> None:
    live = asked(tmp_path, 4, controls=[{"name": "wt", "wells": "A1"}, {"name": "blank", "n": 1}])
    its = added(live, 3, replicates=1)
    assert {plate: len(held) for plate, held in its.items()} == {"R1P1": 2, "R1P2": 1}
    contents = Counter(its for its in live.record.tickets.plates["R1P2"].values() if isinstance(its, str))
    assert contents == {"wt": 1, "blank": 1}, "a further plate has its controls"
    assert [live.record.tickets.tickets[1, n].n_wells for n in (4, 5, 6)] == [1, 1, 1]


def test_replicates_that_stand_apart_are_added_apart(tmp_path: Path) -> None:
    its = added(asked(tmp_path, 11, replicates_together=False), 2)
    assert {plate: sorted(held.values()) for plate, held in its.items()} == {
        "R1P1": [[11, 1]], "R1P2": [[11, 2]], "R1P3": [[12, 1]], "R1P4": [[12, 2]]
    }  # fmt: skip


def test_a_plate_in_order_is_filled_in_its_order(tmp_path: Path) -> None:
    its = added(asked(tmp_path, 2, fill_order="columns", reserved=["B2"]), 2, replicates=1)
    wells = sorted(its["R1P1"], key=lambda well: (place_of(well) or (0, 0))[::-1])
    assert wells == ["C2", "A3"], "A1, B1, C1 and A2 are taken, and B2 is reserved"


def test_a_batch_of_ones_own_has_plates_of_its_own(tmp_path: Path) -> None:
    its = added(asked(tmp_path), 2, new_round=True)
    assert {plate: len(held) for plate, held in its.items()} == {"R1P1": 0, "R2P1": 4}


@pytest.mark.parametrize("n_designs", [4, 6])
def test_the_same_addition_takes_the_same_wells(n_designs: int, tmp_path: Path) -> None:
    first, second = (added(asked(tmp_path / name, n_designs), 3) for name in ("one", "other"))
    assert first == second
