"""A landscape's card says what a table holds and how hard it is to climb."""

from itertools import product

import pytest

from designloop.oracles import Landscape
from designloop.oracles.card import card


def landscape(tmp_path, value, *, keep=bool, **fields):
    rows = [f"{s},{value(s)},0.01" for s in map("".join, product("ACGT", repeat=4)) if keep(s)]
    file = tmp_path / "table.csv"
    file.write_text("sequence,value,v\n" + "\n".join(rows) + "\n")
    return Landscape(path=str(file), **fields)


def test_an_additive_landscape_is_smooth_and_has_one_peak(tmp_path):
    made = card(landscape(tmp_path, lambda s: sum(("ACGT".index(x) + 1) * (i + 1) for i, x in enumerate(s))))
    assert made.additive_r2 == pytest.approx(1.0, abs=1e-4)
    assert made.roughness_to_slope == pytest.approx(0.0, abs=0.02)
    assert made.local_optima == 1 / 256
    assert (made.missing, made.reliability, made.best[0]) == (0.0, None, ("TTTT", 40.0, 40.0))


def test_a_parity_landscape_is_all_roughness(tmp_path):
    made = card(landscape(tmp_path, lambda s: (s.count("A") + s.count("C")) % 2))
    assert made.additive_r2 == pytest.approx(0.0, abs=1e-6)
    assert made.local_optima == 0.5


def test_what_cannot_be_known_is_said(tmp_path):
    made = card(landscape(tmp_path, lambda s: s.count("A"), keep=lambda s: s[0] in "AC", variance="v"))
    assert (made.missing, made.local_optima) == (0.5, None)
    assert 0.9 < made.reliability < 1
    lines = dict(made.table())
    assert lines["missing"] == "50.00%"
    assert "less than 90% complete" in lines["local optima"]
