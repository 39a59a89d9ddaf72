"""A plate that was read the wrong way round is noticed by controls and empty wells; other plates are not doubted."""

import pytest
from scipy.stats import kruskal

from designloop.core.plates import place_of, well_name, wells_of
from designloop.core.random import stream
from designloop.live.orientation import _unexplained, doubts

MAP = {well: [n, 1] for n, well in enumerate(wells_of(96)[4:70])} | {
    "A1": "wt",
    "A2": "wt",
    "A3": "blank",
    "A4": "blank",
}
TURNS = {
    "turned by 180°": lambda r, c: (7 - r, 11 - c),
    "mirrored from left to right": lambda r, c: (r, 11 - c),
    "mirrored from top to bottom": lambda r, c: (7 - r, c),
}


def readings(seed: int, background: float = 0.05) -> dict[str, float]:
    """Designs read about 1, and empty wells and blanks about the background."""
    rng = stream(seed, "readings")
    levels = {"wt": 1.0, "blank": background}
    level = {well: levels.get(str(held), 1.0) for well, held in MAP.items()}
    return {well: level.get(well, background) * float(rng.lognormal(0, 0.3)) for well in wells_of(96)}


@pytest.mark.parametrize("how", TURNS)
def test_a_plate_that_is_turned_is_noticed(how: str) -> None:
    turned = {well_name(TURNS[how](*(place_of(well) or (0, 0)))): value for well, value in readings(0).items()}
    [said] = doubts("R1P1", MAP, turned, 96)
    assert f"plate R1P1 fits the plate map much better if it is {how}" in said


def test_a_plate_that_was_read_for_another_one_is_noticed() -> None:
    shuffled = stream(0, "another plate").permutation(wells_of(96)).tolist()
    other = {well: MAP[its] for well, its in zip(wells_of(96), shuffled, strict=True) if its in MAP}
    [said] = doubts("R1P2", other, readings(0), 96, {"R1P1": MAP, "R1P3": {"A1": "wt"}})
    assert "plate R1P2 fits the plate map much better as plate R1P1" in said
    assert list(doubts("R1P1", MAP, readings(0), 96, {"R1P2": other})) == []


def test_other_plates_are_not_doubted() -> None:
    assert [doubt for seed in range(20) for doubt in doubts("R1P1", MAP, readings(seed), 96)] == []
    assert [doubt for seed in range(20) for doubt in doubts("R1P1", MAP, readings(seed, 1.0), 96)] == []
    assert list(doubts("R1P1", MAP, dict.fromkeys(wells_of(96), 0.0), 96)) == []
    assert list(doubts("R1P1", MAP, {well: 1.0 for well, held in MAP.items() if not isinstance(held, str)}, 96)) == []


def test_what_the_map_explains_is_the_statistic_of_kruskal_and_wallis() -> None:
    its = readings(3)
    kinds = ["design" if isinstance(MAP.get(well), list) else str(MAP.get(well)) for well in its]
    groups = [[v for v, k in zip(its.values(), kinds, strict=True) if k == kind] for kind in sorted(set(kinds))]
    assert 95 * (1 - _unexplained(MAP, its)) == pytest.approx(kruskal(*groups).statistic)
