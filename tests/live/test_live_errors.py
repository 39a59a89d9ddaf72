"""Errors of told values: means say their wells with an error or without, and what is missing is said."""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from live_stubs import begun, written

from designloop.live.directory import Live
from designloop.report.record import Record as ReportRecord


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Three designs in the lab, two wells each."""
    its = begun(tmp_path, scheduler={"kind": "rounds", "batch_size": 3, "replicates": 2})
    its.ask()
    return its


def tell(live: Live, header: str, rows: Sequence[Sequence[Any]], **columns: Any) -> str:
    file = written(live.path / "r.csv", header.split(), rows)
    said = str(live.tell(file, columns=columns))
    assert live.tell(file, columns=columns).events == (), "a file that is told twice changes nothing"
    return said


def test_a_mean_without_an_error_says_its_wells(live: Live) -> None:
    tell(live, "name value", [(f"rbs_{n}", n + 0.5) for n in range(2)], n=2)
    assert not any(live.record.tickets.tickets[1, n].to_come for n in range(2))
    tell(live, "name value wells", [("rbs_2", 2.5, 2)], n="wells")
    assert not live.history.open_rounds
    assert [row.values for _, row in sorted(live.history.rows.items())] == [(0.5,), (1.5,), (2.5,)]
    assert np.isnan(live.history.std_errors).all()


def test_the_number_of_wells_goes_with_errors_that_are_found(live: Live) -> None:
    said = tell(live, "name value sem", [("rbs_0", 0.5, 0.3), ("rbs_1", 1.5, 0.4), ("rbs_2", 2.5, "")], n=2)
    assert not live.history.open_rounds
    pooled = sqrt((0.3**2 + 0.4**2) / 2)
    assert live.history.std_errors.tolist() == pytest.approx([0.3, 0.4, pooled])
    assert f"the errors of 1 row (1 without a standard deviation) are estimated by the deviation pooled over all rows "\
        f"with replicates, ± {pooled * sqrt(2):.3g} for one replicate" in said  # fmt: skip


def test_an_error_that_is_missing_beside_others_is_said(live: Live) -> None:
    said = tell(live, "name value sem", [("rbs_0", 0.5, 0.3), ("rbs_1", 1.5, ""), ("rbs_2", "", "")])
    assert "1 value without an error beside others that have one; it is unknown" in said
    assert live.history.std_errors.tolist() == pytest.approx([0.3, np.nan], nan_ok=True)
    assert "without an error" not in tell(live, "name value", [("rbs_0", 0.5), ("rbs_1", 1.5)])


def test_models_pool_the_spread_and_the_report_shows_that_of_the_design(live: Live) -> None:
    """As the manual says. With variances 0.02 and 0.08 of one degree each, the pooled one is 0.05, of 4 wells."""
    tell(live, "name replicate value", [("rbs_0", 1, 1.0), ("rbs_0", 2, 1.2), ("rbs_1", 1, 2.0), ("rbs_1", 2, 2.4)])
    expected = [sqrt((own + 4 * 0.05) / 5 / 2) for own in (0.02, 0.08)]
    assert live.history.std_errors.tolist() == pytest.approx(expected)
    made = ReportRecord.read(live.path).designs
    assert [made[n].std_error for n in range(2)] == pytest.approx([0.1, 0.2])


def test_missing_errors_of_past_rounds_are_said_too(tmp_path: Path) -> None:
    header = ["round", "sequence", "ordered", "measured", "value", "std_error"]
    rows = [(1, f"{letter * 8}", "2026-03-05", "2026-03-20", n, "" if n else 0.1) for n, letter in enumerate("ACG")]
    live = begun(tmp_path, budget={"designs": 30})
    past = live.import_rounds(written(tmp_path / "past.csv", header, rows), at="2026-04-01", dry_run=True)
    assert any("2 values without an error beside others that have one" in line for line in past.lines)
