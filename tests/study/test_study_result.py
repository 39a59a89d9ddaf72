"""A study from Python: run, loaded, and its results as tables."""

import subprocess
import sys

import polars as pl
import pytest
from results_stubs import noisy, study
from stubs import CountingOracle, Scripted, small
from study_stubs import BASE, Here, small_study

import designloop as dl
from designloop.core.errors import ConfigError, Notice, StoreError
from designloop.study.export import write_tables
from designloop.study.run import run_study
from designloop.study.study_result import StudyResult


def runnable(**changes: object) -> dl.Study:
    return dl.Study.model_validate(small_study(**changes).describe())


def test_a_study_run_in_memory_and_in_a_folder_gives_the_same_result(tmp_path):
    said = []
    kept = runnable(seeds=1).run(tmp_path / "s", workers=2, progress=lambda progress: said.append(progress.n_left))
    found = runnable(seeds=1).run(workers=1)
    assert (kept.directory, found.directory) == (tmp_path / "s", None)
    assert found.cells().drop("seconds").equals(kept.cells().drop("seconds"))
    assert found.standings().equals(kept.standings())
    for place in (tmp_path / "s", str(tmp_path / "s"), tmp_path / "s" / "study.db"):
        assert dl.load_study(place).cells().equals(kept.cells())
    assert said[-1] == 0
    assert repr(kept) == "<StudyResult small: 4 of 4 cells, 0 failed>"


def test_cells_and_traces_are_the_exported_tables(tmp_path):
    run_study(small_study(), tmp_path / "s", Here())
    result = dl.load_study(tmp_path / "s")
    cells, traces = write_tables(result.results, tmp_path)
    assert result.cells().equals(pl.read_parquet(cells))
    assert result.traces().equals(pl.read_parquet(traces))
    assert result.cells()["error"].null_count() == result.cells().height == 12


def test_standings_and_comparisons_are_the_verdicts_numbers():
    result = StudyResult(study(noisy({"a": 0.0, "b": 0.5})))
    (setting,) = result.verdict.settings
    table = result.standings()
    assert table["strategies"].to_list() == ["a", "b"]
    assert table["iqm"].to_list() == [one.values["recommended"]["designs"].iqm.value for one in setting.standings]
    assert (table["iqm_low"] < table["iqm"]).all()
    ((a, b, difference, p, ahead),) = result.comparisons().select("a", "b", "difference", "p_holm", "ahead").rows()
    assert (a, b, ahead) == ("a", "b", "b")
    assert (difference, p) == (setting.pairs[0].difference.value, setting.pairs[0].p_holm)


def test_without_a_verdict_there_are_no_p_values_and_columns_keep_their_kind():
    table = StudyResult(study(noisy({"a": 0.0, "b": 0.5}, n_instances=3))).comparisons()
    assert table["p"].to_list() == [None]
    assert (table.schema["p"], table.schema["ahead"]) == (pl.Float64, pl.String)


def test_a_study_takes_a_campaign_and_parts_as_they_are():
    axes = {"strategies": {"a": dl.strategies.Random(), "b": Scripted()}, "scheduler.batch_size": [4, 6]}
    described = {"a": {"kind": "random"}, "b": {"kind": "stubs:Scripted"}}
    campaign = dl.Campaign.model_validate(BASE)
    found = dl.Study(name="small", base=campaign, axes=axes, seeds=3, floor="a")
    written = small_study(base=campaign.describe(), axes={**axes, "strategies": described})
    assert [cell.key for cell in plan(found)] == [cell.key for cell in plan(written)]


def test_parts_in_a_list_are_called_by_what_they_were_given():
    genetic = dl.strategies.Genetic
    listed = dl.Study(base=BASE, axes={"strategies": [dl.strategies.Random(), genetic(), genetic(fill="short")]})
    (axis,) = listed.resolved_axes()
    assert [option.label for option in axis.options] == ["random", "genetic", "genetic fill=short"]
    assert axis.options[2].settings == {"strategy": genetic(fill="short").describe()}
    with pytest.raises(ValueError, match="two options are called 'genetic'; give them labels"):
        dl.Study(base=BASE, axes={"strategies": [genetic(), genetic()]})


def test_parts_of_the_program_that_runs_are_played_in_its_process(monkeypatch):
    monkeypatch.setattr("__main__.Mine", type("Mine", (Scripted,), {"__module__": "__main__"}), raising=False)
    base = {**BASE, "oracle": {"kind": "stubs:CountingOracle", "length": 7}}
    study = runnable(base=base, axes={"strategies": {"mine": {"kind": "__main__:Mine"}}}, seeds=2, floor=None)
    with pytest.raises(ConfigError, match=r"'Mine' is defined in a notebook or script.*workers=0"):
        study.run(workers=1)
    assert study.run(workers=0).cells()["error"].null_count() == 2


def plan(found: dl.Study):
    from designloop.study.plan import plan_of

    return plan_of(found).cells


def test_a_script_is_run_once_also_where_nothing_guards_it(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import designloop as dl\n"
        "print('begun')\n"
        "base = dl.Campaign(oracle=dl.oracles.NK(length=8, neighbours=1), lab='instant', strategy='random',\n"
        "                   scheduler='rounds', budget=dl.Budget(designs=4))\n"
        "print(dl.Study(base=base, axes={'strategies': ['random']}, seeds=2).run(workers=2), __file__[-7:])\n"
    )
    done = subprocess.run([sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["begun", "<StudyResult study: 2 of 2 cells, 0 failed> mine.py"], done.stderr


def test_a_cell_that_fails_is_told_and_stands_in_the_table(tmp_path):
    oracle = {"kind": "stubs:CountingOracle", "length": 8}
    broken = {"b": {"kind": "stubs:Scripted", "flaw": "outside"}, "a": "random"}
    with pytest.warns(Notice, match="1 of 2 cells failed; the first: strategies b"):
        result = runnable(base={**BASE, "oracle": oracle}, axes={"strategies": broken}, seeds=1).run(workers=1)
    errors = dict(result.cells().select("strategies", "error").rows())
    assert errors["a"] is None
    assert "outside" in errors["b"]
    assert "Failed cells" in result._repr_html_()


def test_a_study_shows_its_verdict_and_standings():
    result = StudyResult(study(noisy({"a": 0.0, "<b>": 0.5}), ("a", "<b>")))
    page = result._repr_html_()
    assert page.startswith("<p><b>study</b>: ")
    assert page.count("<table>") == 1
    assert "&lt;b&gt;" in page
    assert "<td><b>" not in page


def test_a_folder_without_a_study_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(StoreError, match="holds no study"):
        dl.load_study(tmp_path)
    small().run(store=tmp_path / "run")
    with pytest.raises(StoreError, match=r"holds a run, not a study; load it with `designloop.load`"):
        dl.load_study(tmp_path / "run")
    assert CountingOracle.calls
