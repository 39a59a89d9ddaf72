"""Wells and plates are found as labs write them: in columns of other names, in words above a plate, by reading."""

from pathlib import Path
from typing import Any

import pytest
from live_stubs import begun, written

from designloop.core.errors import InputError
from designloop.live.directory import Live


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Three designs in the lab, each in two wells of a plate of 24, in the order of the plate."""
    its = begun(tmp_path, {"plate_size": 24, "fill_order": "rows"}, scheduler={
        "kind": "rounds", "batch_size": 3, "replicates": 2})  # fmt: skip
    its.ask()
    return its


def measured(live: Live) -> dict[int, tuple[float, ...]]:
    return {key: row.values for key, row in sorted(live.history.rows.items())}


COLUMNS: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {
    "well position": (["Well Position", "value"], [("A1", 0.1), ("A02", 0.2), ("A3", 0.3)]),
    "well id": (["Well ID", "Signal"], [("A01", 0.1), ("A02", 0.2), ("A03", 0.3)]),
    "row and column": (["Row", "Column", "value"], [("A", 1, 0.1), ("A", 2, 0.2), ("a", 3, 0.3)]),
    "numbers": (["row", "col", "fluorescence"], [(1, 1, 0.1), (1, 2, 0.2), (1, 3, 0.3)]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_wells_are_found_under_usual_names(name: str, live: Live, tmp_path: Path) -> None:
    live.tell(written(tmp_path / "r.csv", *COLUMNS[name]))
    assert measured(live) == {0: (0.1, 0.2), 1: (0.3,)}


def test_positions_that_are_no_wells_are_no_wells(live: Live, tmp_path: Path) -> None:
    live.tell(written(tmp_path / "r.csv", ["name", "position", "value"], [("rbs_1", 17, 0.3)]))
    assert measured(live) == {1: (0.3,)}
    with pytest.raises(InputError, match="'C9' is no well of a plate of 24 wells"):
        live.tell(written(tmp_path / "2.csv", ["row", "column", "value"], [("A", 1, 0.1), ("C", 9, 0.4)]))


def grid(first: float) -> str:
    rows = [f"A,{','.join(f'{first + n:.10g}' for n in range(6))}", *(f"{letter},,,,,," for letter in "BCD")]
    return "\n".join([",1,2,3,4,5,6", *rows, ""])


ABOVE = {
    "a blank line between": "Plate R1P1\n\n",
    "other lines between": "Reader X,29.8\nPlate: R1P1\nTemperature: 29.8\n\n",
    "two cells": "Plate ID,R1P1\nsaved by,ana\n",
}


@pytest.mark.parametrize("name", ABOVE)
def test_the_name_of_a_plate_is_found_above_it(name: str, live: Live, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(ABOVE[name] + grid(1))
    assert "plate R1P1 (named in the file): 6 values" in live.tell(tmp_path / "r.csv").lines
    assert measured(live) == {0: (1, 2), 1: (3, 4), 2: (5, 6)}


READINGS = {
    "lines above": "Plate R1P1\nOD600\n{od}\nGFP\n{gfp}",
    "corners": "Plate R1P1\n\nOD600{od}\nGFP{gfp}",
    "no plate": "OD600\n{od}\nGFP\n{gfp}",
}


@pytest.mark.parametrize("name", READINGS)
def test_one_of_several_tables_is_chosen_by_its_title(name: str, live: Live, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text(READINGS[name].format(od=grid(0.1), gfp=grid(1)))
    before = live.record.every
    with pytest.raises(InputError, match="choose one reading, as in `--set reading=GFP`"):
        live.tell(file)
    with pytest.raises(InputError, match=r"has no reading 'RFP'; readings: OD600, GFP\. Did you mean 'GFP'"):
        live.tell(file, columns={"reading": "RFP"})
    assert live.record.every == before
    live.tell(file, columns={"reading": "gfp"})
    assert measured(live) == {0: (1, 2), 1: (3, 4), 2: (5, 6)}
    assert {event.data["plate"] for event in live.record.events if event.kind == "observed"} == {"R1P1"}


def test_each_plate_of_a_file_keeps_its_name_for_its_readings(tmp_path: Path) -> None:
    live = begun(tmp_path, {"plate_size": 24, "fill_order": "rows", "replicates_together": False}, scheduler={
        "kind": "rounds", "batch_size": 6, "replicates": 2})  # fmt: skip
    live.ask()
    plates = [f"Plate R1P{n}\n\nOD600\n{grid(n / 10)}\nGFP\n{grid(10 * n)}\n" for n in (2, 1)]
    (tmp_path / "r.csv").write_text("\n".join(plates))
    live.tell(tmp_path / "r.csv", columns={"reading": "GFP"})
    assert {key: sorted(values) for key, values in measured(live).items()} == {n: [10 + n, 20 + n] for n in range(6)}
