"""Values that may be mistakes of writing are named; right ones are not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from live_stubs import begun, written

from designloop.live.directory import Live

USUAL = [(f"rbs_{n}", n / 10 + 0.5) for n in range(10)]
Rows = Sequence[tuple[str, Any]]


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Sixteen designs in the lab, two wells each."""
    its = begun(tmp_path, scheduler={"kind": "rounds", "batch_size": 16, "replicates": 2}, budget={"designs": 16})
    its.ask()
    return its


def notes(live: Live, rows: Rows, **how: Any) -> list[str]:
    told = live.tell(written(live.path / "r.csv", ["name", "value"], rows), **how)
    return [line for line in told.lines if line.startswith("rbs_")]


OUTSIDE, APART = "far outside all other values", "wells differ far more than is usual"
SPLIT = "wells on both sides of a limit"
DOUBTFUL: dict[str, tuple[Rows, list[str]]] = {
    "a lost decimal point": ([("rbs_12", 1.9e3)], [f"rbs_12 (1900): {OUTSIDE}"]),
    "a pair of them": ([("rbs_12", 19), ("rbs_12", 1.9)], [f"rbs_12 (19): {OUTSIDE}", f"rbs_12 (19, 1.9): {APART}"]),
    "a tenth": ([("rbs_12", 1.2), ("rbs_12", 0.12)], [f"rbs_12 (1.2, 0.12): {APART}"]),
    "a limit": (
        [("rbs_12", "<0.05"), ("rbs_12", 1.2)],
        [f"rbs_12 (< 0.05, 1.2): {APART}", f"rbs_12 (< 0.05, 1.2): {SPLIT}"],
    ),
    "beside what was told": ([("rbs_9", 14)], [f"rbs_9 (14): {OUTSIDE}", f"rbs_9 (1.4, 14): {APART}"]),
    "near a limit": ([("rbs_12", "<0.05"), ("rbs_12", 0.08)], [f"rbs_12 (< 0.05, 0.08): {SPLIT}"]),
    "on the other side of the limit": ([("rbs_12", "<2"), ("rbs_12", 0.5)], [f"rbs_12 (< 2, 0.5): {SPLIT}"]),
    "a good one": ([("rbs_12", 3.5)], []),
    "noise": ([("rbs_12", 0.01), ("rbs_12", 0.1)], []),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_may_be_a_mistake_is_named_and_counts(name: str, live: Live) -> None:
    rows, expected = DOUBTFUL[name]
    assert notes(live, USUAL) == []
    said = notes(live, rows, further=True)
    assert [one[: len(begin)] for one, begin in zip(said, expected, strict=True)] == expected
    assert live.history.n_replicates.sum() == len(USUAL) + len(rows)


def test_wells_are_compared_with_the_spread_of_other_designs(live: Live) -> None:
    """0.6 is more than eight times the usual spread of 0.05, but 0.25 is not."""
    assert notes(live, [*USUAL, *((name, value + 0.05) for name, value in USUAL)]) == []
    assert notes(live, [("rbs_12", 0.6), ("rbs_12", 0.9), ("rbs_13", 0.6), ("rbs_13", 1.2)]) == [
        "rbs_13 (0.6, 1.2): wells differ far more than is usual, so perhaps one is a mistake; all count"
    ]


def test_a_few_values_show_nothing_that_is_usual(live: Live) -> None:
    assert notes(live, [("rbs_0", 1.0), ("rbs_1", 1.1), ("rbs_2", 1e6)]) == []
