"""A decision takes the cheapest option that is certain enough by its lower bound, and confirms it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from study_stubs import BASE, Here, small_study

from designloop.study.decision import decision_of, share_of
from designloop.study.plan import fresh_cells, plan_of
from designloop.study.recorded import results_of
from designloop.study.results import CellResult, StudyResults, Trace
from designloop.study.run import run_study

DECIDE = {"over": ["lab"], "by_weeks": 20.0, "within_cost": 100.0, "probability": 0.8, "confirm": 3}


def cell(lab: str, seed: int, *, week: float = 10.0, cost: float = 50.0, value: float = 1.0) -> CellResult:
    """A campaign whose recommendation has `value` from that week and that cost on."""
    trace = Trace(np.array([week]), np.array([9.0]), np.array([cost]), np.array([value]))
    return CellResult(f"{lab}{seed}", {"lab": lab}, 0, seed, 1.0, cost=80.0, traces={"recommended": trace})


def results(cells: list[CellResult], confirmations: tuple[CellResult, ...] = (), n: int = 20) -> StudyResults:
    return StudyResults(
        name="labs",
        axes={"lab": ("cheap", "dear")},
        compared="lab",
        landscape=None,
        floor=None,
        thresholds={"": 0.5},
        cells=tuple(cells),
        confirmations=confirmations,
        description={"decide": DECIDE, "instances": 1, "seeds": n},
    )


def test_the_lower_bound_of_a_share_is_clopper_and_pearsons() -> None:
    """One-sided 95%: with all of n it is .05 ** (1 / n)."""
    assert share_of([True] * 100).low == pytest.approx(0.05 ** (1 / 100))
    assert share_of([False] * 5).low == 0.0
    assert (share_of([]).n, share_of([]).low) == (0, 0.0)


def test_the_cheaper_of_two_that_are_sure_enough_is_chosen() -> None:
    cells = [cell("cheap", i, cost=30) for i in range(20)] + [cell("dear", i, cost=60) for i in range(20)]
    (decided,) = decision_of(results(cells)).settings  # type: ignore[union-attr]  # the study asks for one
    assert decided.winner == {"lab": "cheap"}
    assert [one.cost for one in decided.candidates] == [30.0, 60.0]
    assert "not confirmed (0 of 3 fresh campaigns are done)" in decided.sentence


@pytest.mark.parametrize(
    "failing", [{"week": 21.0}, {"cost": 101.0}, {"value": 0.4}], ids=["too late", "too dear", "too low"]
)
def test_late_dear_or_low_is_not_done(failing: dict[str, float]) -> None:
    cells = [cell("cheap", i, **failing) for i in range(20)] + [cell("dear", i, cost=60) for i in range(20)]
    (decided,) = decision_of(results(cells)).settings  # type: ignore[union-attr]  # the study asks for one
    assert decided.winner == {"lab": "dear"}
    assert {one.labels["lab"]: one.share.n_reached for one in decided.candidates} == {"cheap": 0, "dear": 20}


def test_few_campaigns_are_not_sure_enough_however_good() -> None:
    cells = [cell(lab, i, cost=30 + 30 * (lab == "dear")) for i in range(13) for lab in ("cheap", "dear")]
    (decided,) = decision_of(results(cells, n=13)).settings  # type: ignore[union-attr]  # as above
    assert decided.winner is None
    assert decided.candidates[0].share.low < 0.8
    assert "No option is certain enough" in decided.sentence


def test_only_fresh_campaigns_confirm() -> None:
    cells = [cell("cheap", i) for i in range(20)] + [cell("dear", i, cost=60) for i in range(20)]
    good = decision_of(results(cells, tuple(cell("cheap", i) for i in range(20, 40))))
    bad = decision_of(results(cells, tuple(cell("cheap", i, value=0.0) for i in range(20, 40))))
    assert good is not None
    assert bad is not None
    assert "; confirmed on 20 fresh campaigns" in good.settings[0].sentence
    assert "; NOT confirmed on 20 fresh campaigns (0 of 20" in bad.settings[0].sentence


def test_nothing_is_decided_while_cells_are_missing_or_failed() -> None:
    failed = CellResult("f", {"lab": "dear"}, 0, 19, 1.0, error="on fire")
    cells = [cell("cheap", i) for i in range(20)] + [cell("dear", i) for i in range(18)]
    (decided,) = decision_of(results([*cells, failed])).settings  # type: ignore[union-attr]  # as above
    assert decided.winner is None
    assert decided.sentence == "No decision: 2 of 40 cells are missing or failed."


def test_half_a_confirmation_is_none() -> None:
    cells = [cell("cheap", i) for i in range(20)] + [cell("dear", i, cost=60) for i in range(20)]
    found = decision_of(results(cells, (cell("cheap", 20, value=0.0), cell("cheap", 21, value=0.0))))
    assert found is not None
    assert found.settings[0].confirmed is None
    assert "not confirmed (2 of 3 fresh campaigns are done)" in found.settings[0].sentence


def test_a_study_without_a_decision_has_none() -> None:
    assert decision_of(results([])) is not None
    assert decision_of(StudyResults("x", {}, "", None, None, {}, ())) is None


def test_fresh_cells_are_nobody_elses() -> None:
    oracle = {"kind": "ehrlich", "num_states": 12, "length": 12, "num_motifs": 2, "motif_length": 4}
    study = small_study(base={**BASE, "oracle": oracle}, instances=2, seeds=1, axes={"strategies": {"a": "random"}})
    planned, fresh = plan_of(study).cells, fresh_cells(study, {"strategies": "a"}, 2)
    assert not {cell.key for cell in planned} & {cell.key for cell in fresh}
    assert not {cell.instance for cell in planned} & {cell.instance for cell in fresh}
    assert [cell.seed for cell in fresh] == [2, 3]


def test_the_winner_is_run_again_once(tmp_path: Path) -> None:
    decide: dict[str, Any] = {**DECIDE, "over": ["scheduler.batch_size"], "by_weeks": 99, "within_cost": 1e9}
    study = small_study(seeds=14, threshold=0.0, decide={**decide, "probability": 0.7}, axes={
        "strategies": {"a": "random"}, "scheduler.batch_size": [4, 6],
    })  # fmt: skip
    progress = run_study(study, tmp_path, Here())
    found = results_of(tmp_path)
    assert (progress.n_done, len(found.cells), len(found.confirmations)) == (31, 28, 3)
    assert {cell.seed for cell in found.confirmations} == {14, 15, 16}
    again = Here()
    run_study(study, tmp_path, again)
    assert again.played == []
