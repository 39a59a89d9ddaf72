"""A verdict says no more than its cells do, whoever they are called and in whatever order they come."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from results_stubs import cell, noisy, study, trace

from designloop.core.errors import ConfigError
from designloop.core.random import stream
from designloop.study.look import Look
from designloop.study.results import StudyResults
from designloop.study.verdict import Verdict, assess

ROOT = Path(__file__).parents[2]
QUICK = Look(n_resamples=200)
AHEAD = {"floor": 0.0, "good": 0.3, "twin": 0.0}


@pytest.fixture(scope="module")
def results() -> StudyResults:
    return study(
        noisy(AHEAD), list(AHEAD), floor="floor", thresholds={"": 0.6}, description={"instances": 20, "seeds": 2}
    )


@pytest.fixture(scope="module")
def verdict(results: StudyResults) -> Verdict:
    return assess(results, QUICK)


def test_a_true_difference_is_called_and_twins_are_not_told_apart(verdict: Verdict) -> None:
    (setting,) = verdict.settings
    assert [(pair.a, pair.b, pair.ahead) for pair in setting.pairs] == [
        ("floor", "good", "good"),
        ("floor", "twin", None),
        ("good", "twin", "good"),
    ]
    assert setting.best is not None
    assert setting.best.label == "good"
    assert setting.sentence.startswith("good is ahead of")
    assert "20 instances can detect a difference of" in setting.sentence
    assert verdict.sentence == "A verdict in 1 of 1 setting: significant differences in 2 of 3 pairs."


def test_an_instance_is_one_unit_however_many_seeds_it_has(verdict: Verdict) -> None:
    pair = verdict.settings[0].pairs[0]
    assert (pair.n_pairs, pair.n_units, verdict.settings[0].unit) == (40, 20, "instance")
    standing = verdict.settings[0].standings[0]
    assert len(standing.unit_values) == 20


def test_units_means_and_differences_by_hand() -> None:
    points = {
        ("a", 0, 0): 0.0,
        ("a", 0, 1): 1.0,
        ("a", 1, 0): 5.0,
        ("b", 0, 0): 1.0,
        ("b", 0, 1): 3.0,
        ("b", 1, 0): 4.0,
    }
    (setting,) = assess(study([cell(*place, [(10, value)]) for place, value in points.items()]), QUICK).settings
    assert [one.unit_values for one in setting.standings] == [(0.5, 5.0), (2.0, 4.0)]
    (pair,) = setting.pairs
    assert pair.difference is not None
    assert pair.difference.value == pytest.approx((-1.5 + 1) / 2)
    assert pair.improvement is not None
    assert pair.improvement.value == pytest.approx(0.5)
    assert pair.luck is None, "two seeds of one instance are too few to say"


def test_to_rename_the_contestants_renames_the_verdict_and_changes_no_number(
    results: StudyResults, verdict: Verdict
) -> None:
    new = {"floor": "z", "good": "a", "twin": "m"}
    cells = [replace(c, labels={"strategies": new[c.labels["strategies"]]}) for c in results.cells]
    other = assess(study(cells, ["a", "m", "z"], floor="z", thresholds={"": 0.6}), QUICK)
    by_name = {one.label: one for one in other.settings[0].standings}
    for one in verdict.settings[0].standings:
        assert asdict(replace(one, label="")) == asdict(replace(by_name[new[one.label]], label=""))
    pairs = {frozenset((pair.a, pair.b)): pair for pair in other.settings[0].pairs}
    for pair in verdict.settings[0].pairs:
        same = pairs[frozenset((new[pair.a], new[pair.b]))]
        assert (same.p, same.p_holm, same.n_units) == (pair.p, pair.p_holm, pair.n_units)
        assert same.detectable == pytest.approx(pair.detectable)
        assert same.ahead == (None if pair.ahead is None else new[pair.ahead])


def test_the_order_of_cells_is_irrelevant(results: StudyResults, verdict: Verdict) -> None:
    cells = [results.cells[i] for i in stream(0, "order").permutation(len(results.cells))]
    assert assess(replace(results, cells=tuple(cells)), QUICK) == verdict


def test_the_verdict_is_the_same_in_another_process_and_is_json(verdict: Verdict) -> None:
    program = """import json
from results_stubs import noisy, study
from designloop.study.verdict import assess
from designloop.study.look import Look
names = {"floor": 0.0, "good": 0.3, "twin": 0.0}
facts = {"floor": "floor", "thresholds": {"": 0.6}, "description": {"instances": 20, "seeds": 2}}
print(json.dumps(assess(study(noisy(names), list(names), **facts), Look(n_resamples=200)).as_dict(), allow_nan=False))
"""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps(verdict.as_dict(), allow_nan=False))


def test_fewer_than_twenty_units_are_a_picture() -> None:
    (setting,) = assess(study(noisy({"a": 0.0, "b": 0.9}, n_instances=19)), QUICK).settings
    assert setting.refused == "no verdict: 19 instances, but at least 20 are needed"
    assert [(pair.p, pair.p_holm, pair.ahead) for pair in setting.pairs] == [(None, None, None)]
    assert setting.pairs[0].difference is not None
    assert "19 instances can detect a difference of" in setting.sentence


def test_while_cells_are_missing_there_is_a_picture(results: StudyResults) -> None:
    (setting,) = assess(replace(results, cells=results.cells[:-3]), QUICK).settings
    assert setting.refused == "no verdict: 3 of 120 planned cells are missing"
    assert all(pair.p is None for pair in setting.pairs)
    (short,) = assess(replace(results, description={"instances": 25, "seeds": 2}), QUICK).settings
    assert short.refused == "no verdict: 30 of 150 planned cells are missing"


def test_failed_cells_are_left_out_with_their_partners_and_said() -> None:
    cells = noisy({"a": 0.0, "b": 0.3}, n_instances=22, n_seeds=1)
    cells[0] = cell("a", cells[0].instance, cells[0].seed, error="OracleError: on fire")
    (setting,) = assess(study(cells), QUICK).settings
    (pair,) = setting.pairs
    assert (pair.n_pairs, pair.n_dropped, pair.n_units, pair.ahead) == (21, 1, 21, "b")
    assert [(one.n_cells, one.n_failed) for one in setting.standings] == [(21, 1), (22, 0)]
    assert setting.sentence.endswith("Finished: 43 of 44 planned cells; 1 failed cell excluded.")


def test_a_contestant_that_failed_everywhere_leaves_a_verdict_on_the_others() -> None:
    cells = [*noisy({"a": 0.0, "b": 0.3}, n_seeds=1), *(cell("c", i, error="ValueError: no") for i in range(20))]
    (setting,) = assess(study(cells, ["a", "b", "c"]), QUICK).settings
    assert setting.refused is None
    assert [pair.ahead for pair in setting.pairs] == ["b", None, None]
    assert setting.pairs[1].p is None


def test_who_measured_nothing_counts_as_the_lowest_and_is_not_better_off() -> None:
    cells = [cell("a", i, points=[(10, 0.2 + i / 100), (20, 0.5)]) for i in range(20)]
    cells += [cell("b", i, points=[(20, 0.6)] if i % 2 else []) for i in range(20)]
    (setting,) = assess(study(cells), QUICK).settings
    a, b = setting.standings
    assert (a.n_without_value, b.n_without_value) == (0, 10)
    assert b.unit_values[:4] == (0.2, 0.6, pytest.approx(0.22), 0.6)
    assert "Campaigns without a measurement (10) count as the lowest value of their instance." in setting.sentence


def test_equal_designs_weeks_and_cost_are_the_largest_that_all_came_to() -> None:
    slow = {"weeks": 12.0, "traces": {"recommended": trace((10, 0.1), (20, 0.7))}}
    cells = [cell("a", i, points=[(10, 0.3), (40, 0.9)]) for i in range(3)] + [
        cell("b", i, end=20, **slow) for i in range(3)
    ]
    (setting,) = assess(study(cells), QUICK).settings
    assert setting.points == {"designs": 20, "weeks": 4, "cost": 2000}
    values = {one.label: one.values["recommended"] for one in setting.standings}
    assert [values["a"][axis].mean.value for axis in ("designs", "weeks", "cost")] == pytest.approx([0.3, 0.9, 0.3])
    later = assess(study(cells), Look(axis="weeks", at={"weeks": 8.0}, n_resamples=200)).settings[0]
    assert later.points["weeks"] == 8
    assert [one.n_ended_before for one in later.standings] == [3, 0]


def test_what_the_floor_says_of_others() -> None:
    """The floor ends at .2 after 40 designs; the other has .2 after 10 and ends half way to the optimum of 1."""
    cells = [cell("floor", i, points=[(10, 0.1), (40, 0.2)]) for i in range(4)]
    cells += [cell("a", i, points=[(10, 0.2), (30, 0.6)]) for i in range(4)]
    results = study(cells, ["floor", "a"], floor="floor", thresholds={"": 0.5})
    floor, fast = assess(results, QUICK).settings[0].standings
    assert fast.score is not None
    assert fast.acceleration is not None
    assert fast.enhancement is not None
    assert (fast.score.mean.value, fast.acceleration.value, fast.enhancement.value) == pytest.approx((50, 4, 3))
    assert floor.score is not None
    assert floor.score.mean.value == pytest.approx(0)
    assert (fast.reached["true"]["designs"].median, fast.reached["true"]["weeks"].median) == (30, 3)
    assert (floor.reached["true"]["designs"].median, floor.reached["true"]["designs"].share.value) == (None, 0)
    logged = assess(replace(results, description={"scales": {"": "log"}}), QUICK).settings[0].standings[1]
    assert logged.enhancement is None


def test_what_the_contestants_were_not_given_alike_is_named() -> None:
    given = {"a": {"corpus": 5000, "asked": 40}, "b": {"corpus": 0, "asked": 38}}
    cells = [cell(name, i, points=[(10, 0.1)], given=given[name]) for name in given for i in range(2)]
    (setting,) = assess(study(cells), QUICK).settings
    assert setting.unequal == ("corpus: a 5000, b 0",)
    assert setting.sentence.endswith("Prior information differs: corpus: a 5000, b 0.")
    assert setting.standings[0].given == {"corpus": (5000, 5000), "asked": (40, 40)}


def test_where_the_ranking_flips_is_said_and_pooled_across_landscapes_by_rank_only() -> None:
    one, other = {"a": 0.3, "b": 0.0, "c": 0.0}, {"a": 0.0, "b": 0.3, "c": 0.0}
    cells = [*noisy(one, n_seeds=1, landscape="nk"), *noisy(other, n_seeds=1, landscape="ehrlich")]
    verdict = assess(study(cells, ["a", "b", "c"]), QUICK)
    shown = [(flip.a, flip.b, flip.a_ahead, flip.b_ahead) for flip in verdict.flips if flip.is_shown]
    assert shown == [("a", "b", ({"oracles": "nk"},), ({"oracles": "ehrlich"},))]
    (ranking,) = verdict.rankings
    assert ranking.landscapes == ("nk", "ehrlich")
    assert sum(ranking.mean_ranks.values()) == 6
    assert max(ranking.mean_ranks, key=ranking.mean_ranks.__getitem__) == "c"
    assert verdict.sentence.endswith("the order of 1 pair flips between settings.")


def test_a_measured_table_has_seeds_for_units_and_says_so() -> None:
    many = noisy({"a": 0.0, "b": 0.3}, n_seeds=1)
    cells = [cell(c.labels["strategies"], 0, c.instance, [(10, c.traces["true"].values[-1])]) for c in many]
    (setting,) = assess(study(cells), QUICK).settings
    assert (setting.unit, setting.n_units, setting.pairs[0].ahead) == ("seed", 20, "b")
    assert "20 seeds can detect" in setting.sentence
    assert setting.pairs[0].luck == pytest.approx(setting.pairs[0].correlation)


def test_a_look_at_what_is_not_there_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no trace or axis 'recomended'\. Did you mean 'recommended'"):
        Look(trace="recomended")
    with pytest.raises(ConfigError, match=r"no trace or axis 'week'\. Did you mean 'weeks'"):
        Look(at={"week": 12})


def test_a_study_without_any_cell_is_a_picture() -> None:
    verdict = assess(study([], description={"instances": 2, "seeds": 3}), QUICK)
    assert verdict.sentence == "No verdict: 12 of 12 planned cells are missing."
    assert verdict.settings[0].standings[0].values == {}


def test_a_landscape_without_a_finished_cell_hides_no_other() -> None:
    values = {"a": 0.3, "b": 0.2}
    cells = [
        cell(name, i, i, [(10, value)], labels={"oracles": "smooth"})
        for name, value in values.items()
        for i in range(3)
    ]
    axes = {"oracles": ("rugged", "smooth"), "strategies": ("a", "b")}
    found = assess(study(cells, axes=axes))
    assert [setting.n_done for setting in found.settings] == [0, 6]
    assert found.flips == ()
