"""A result is the same from a run and from its directory; its tables say what the record says."""

import pickle
import shutil
from pathlib import Path

import polars as pl
import pytest
from stubs import FailingLog, small

import designloop as dl
from designloop.core.errors import StoreError
from designloop.storage.result import result_of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dl.Result, Path]:
    place = tmp_path_factory.mktemp("runs") / "run"
    return small().run(seed=3, store=place), place


def test_a_directory_gives_the_result_of_its_run(run):
    result, place = run
    for found in (dl.load(place), dl.load(str(place)), dl.load(place / "campaign.db")):
        assert found == result
        assert found.directory == result.directory == place
        assert found.observations().equals(result.observations())
        assert found.traces().equals(result.traces())


def test_a_run_in_memory_gives_the_same_tables_and_no_directory(run):
    result, _ = run
    found = small().run(seed=3)
    assert (found, found.directory) == (result, None)
    assert found.observations().equals(result.observations())


def test_observations_are_those_of_the_file(run):
    result, place = run
    table = result.observations()
    kinds = {"std_error": pl.Float64, "stage": pl.String, "plate": pl.String, "well": pl.String}
    assert table.equals(pl.read_csv(place / "observations.csv", schema_overrides={**table.schema, **kinds}))
    measured = table.filter(pl.col("value").is_not_null())
    assert measured["design"].n_unique() == result.n_observed
    assert measured.group_by("design").agg(pl.col("value").mean())["value"].max() == pytest.approx(result.best_measured)
    assert "true" not in " ".join(table.columns)


def test_a_run_in_which_nothing_happened_has_the_same_columns(run):
    empty = result_of(FailingLog()).observations()
    assert empty.schema == run[0].observations().schema
    assert (empty.height, result_of(FailingLog()).traces().height) == (0, 0)


def test_traces_end_with_what_the_result_names(run):
    result, _ = run
    last = {name: rows["value"][-1] for (name,), rows in result.traces().group_by(["trace"], maintain_order=True)}
    assert result.best is not None
    assert result.recommended is not None
    assert result.common is not None
    assert last == {
        "true": result.best.value, "recommended": result.recommended.value, "common": result.common.value
    }  # fmt: skip


def test_tables_go_over_to_pandas(run):
    pytest.importorskip("pandas", reason="the extra [pandas] is not installed")
    pytest.importorskip("pyarrow", reason="the extra [pandas] is not installed")
    table = run[0].observations()
    frame = table.to_pandas()
    assert list(frame.columns) == table.columns
    assert frame["value"].max() == table["value"].max()


def test_a_result_can_be_pickled_and_its_summary_is_json_as_before(run):
    result, _ = run
    copied = pickle.loads(pickle.dumps(result))
    assert copied == result
    assert copied.observations().equals(result.observations())
    assert not {"events", "truths", "documents", "directory"} & result.as_dict().keys()
    assert result.as_dict()["best_recommended"] == result.recommended.value


def test_a_result_shows_itself_in_a_line_and_as_a_table(run):
    result, _ = run
    spent = f"{result.designs} designs, {result.weeks:.1f} weeks"
    assert repr(result) == f"<Result campaign, seed 3: {spent}; recommended: {result.recommended}>"
    page = result._repr_html_()
    assert page.startswith("<table>")
    assert result.recommended.sequence in page
    hostile = small(label="<b>&").run()
    assert "&lt;b&gt;&amp;" in hostile._repr_html_()


def test_a_run_that_is_not_finished_is_loaded_as_far_as_it_has_come(run, tmp_path):
    shutil.copytree(run[1], tmp_path / "run")

    def stop(history, events):
        if history.round == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small().run(seed=3, store=tmp_path / "half", progress=stop)
    half = dl.load(tmp_path / "half")
    assert half.stop is None
    n = half.observations().height
    assert half.observations().equals(run[0].observations().head(n))
    assert 0 < n < run[0].observations().height


def test_a_run_that_goes_on_is_loaded_as_far_as_it_has_come(tmp_path):
    seen = list[tuple[int, int]]()

    def look(history, events):
        seen.append((dl.load(tmp_path / "run").n_observed, int((history.is_measured & (history.ids >= 0)).sum())))

    result = small().run(seed=3, store=tmp_path / "run", progress=look)
    assert all(loaded == known for loaded, known in seen)
    assert seen[-1][0] == result.n_observed > seen[0][0]


def test_a_directory_without_a_run_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(StoreError, match="holds no run"):
        dl.load(tmp_path)
    (tmp_path / "study.db").touch()
    with pytest.raises(StoreError, match=r"holds a study, not a run; load it with `designloop.load_study`"):
        dl.load(tmp_path)
    (tmp_path / "campaign.db").touch()
    (tmp_path / "study.db").unlink()
    with pytest.raises(StoreError, match=r"holds a run, not a study; load it with `designloop.load`"):
        dl.load_study(tmp_path)
