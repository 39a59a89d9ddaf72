"""A study's folder that is damaged, or goes away: a sentence that names what is wrong, and never another number."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from study_stubs import Here, small_study

from designloop.core.errors import StoreError, StoreLost
from designloop.study.recorded import results_of
from designloop.study.run import Progress, run_study

ONE_CELL = "update cells set outcome = {} where rowid = 1"
DAMAGES = {
    "an outcome that is no JSON": (ONE_CELL.format("'{'"), r"study\.db: cell \w{16} is damaged"),
    "an outcome that is a list": (ONE_CELL.format("'[]'"), r"expected a mapping, got list"),
    "an outcome without its time": (ONE_CELL.format("json_remove(outcome, '$.seconds')"), r"'seconds'"),
    "an outcome with more": (ONE_CELL.format("json_set(outcome, '$.more', 1)"), r"'more'"),
    "a text for a number": (ONE_CELL.format("json_set(outcome, '$.weeks', 'x')"), r"convert string to float: 'x'"),
    "a trace without a value": (
        ONE_CELL.format("json_set(outcome, '$.traces.true.values[0]', null)"),
        r"not a finite number",
    ),
    "a trace cut short": (
        ONE_CELL.format("json_set(outcome, '$.traces.true.values', json('[1]'))"),
        r"different lengths",
    ),
    "a cell that is no JSON": ("update planned set cell = '{' where rowid = 1", r"planned cell \d+ is damaged"),
    "a cell of no label": ("update planned set cell = json_set(cell, '$.labels.strategies', 'zz')", r"not in the plan"),
    "a plan that is no JSON": ("update plans set plan = '{'", r"plan 0 is damaged"),
    "a plan without axes": (
        "update plans set plan = '{}'",
        r"planned with no axes, but study\.yaml has",
    ),
    "a plan of other labels": (
        "update plans set plan = json_set(plan, '$.axes.strategies', 3)",
        r"not a list of strings",
    ),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("whole") / "study"
    run_study(small_study(seeds=1), place, Here())
    return place


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_named(damage: str, whole: Path, tmp_path: Path) -> None:
    place = tmp_path / "study"
    shutil.copytree(whole, place)
    assert len(results_of(place).cells) == 4
    query, sentence = DAMAGES[damage]
    with sqlite3.connect(place / "study.db") as connection:
        connection.execute(query)
    with pytest.raises(StoreError, match=sentence):
        results_of(place)


def test_a_study_file_of_other_axes_is_not_of_this_store(whole: Path, tmp_path: Path) -> None:
    place = tmp_path / "study"
    shutil.copytree(whole, place)
    file = place / "study.yaml"
    file.write_text(file.read_text().replace("scheduler.batch_size", "scheduler.max_rounds"))
    with pytest.raises(StoreError, match=r"they belong to different studies"):
        results_of(place)


@pytest.mark.parametrize("keep_events", [False, True])
def test_a_folder_removed_in_mid_run_ends_the_study_with_a_sentence(keep_events: bool, tmp_path: Path) -> None:
    place, engine = tmp_path / "study", Here()

    def report(progress: Progress) -> None:
        if progress.n_done == 2:
            shutil.rmtree(place)

    with pytest.raises(StoreLost, match=r"study\.db was removed") as caught:
        run_study(small_study(keep_events=keep_events), place, engine, report)
    assert caught.value.exit_code == 1
    assert len(engine.played) == 3
    assert not place.exists()
