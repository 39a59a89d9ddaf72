"""A notebook that runs a campaign and a study, and shows what came of them."""

import pytest

nbformat = pytest.importorskip("nbformat", reason="the extra [test] is not installed")
nbclient = pytest.importorskip("nbclient", reason="the extra [test] is not installed")
pytest.importorskip("ipykernel", reason="the extra [test] is not installed")

CAMPAIGN = """
import designloop as dl

campaign = dl.Campaign(
    oracle=dl.oracles.NK(length=8, neighbours=1),
    lab=dl.Lab.preset("good", plate_size=24),
    strategy=dl.strategies.Genetic(),
    scheduler=dl.scheduling.Rounds(batch_size=8),
    budget=dl.Budget(designs=16),
)
result = campaign.run(seed=0, progress=True)
"""
STUDY = """
study = dl.Study(base=campaign, axes={"strategies": [dl.strategies.Random(), dl.strategies.Genetic()]}, seeds=2)
found = study.run(workers=1, progress=True)
"""
CELLS = (CAMPAIGN, "result", "result.observations()", "result.plot()", STUDY, "found", "found.cells()", "found.plot()")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """What each cell showed: the data of its outputs, by kind of content."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    folder = tmp_path_factory.mktemp("notebook")
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    assert list(folder.iterdir()) == []  # without a store, nothing is left behind
    return {cell.source: [output.get("data", {}) for output in cell.outputs] for cell in notebook.cells}


def test_a_bar_ends_with_where_the_run_ended(shown):
    (bar,) = shown[CAMPAIGN]
    assert '<progress value="1.0000"' in bar["text/html"]
    assert "week" in bar["text/plain"]
    (bar,) = shown[STUDY]
    assert '<progress value="1.0000"' in bar["text/html"]
    assert bar["text/plain"].splitlines()[-1].startswith("4/4 · ")


def test_results_show_themselves_as_tables(shown):
    (result,) = shown["result"]
    assert result["text/html"].startswith("<table>")
    assert result["text/plain"].startswith("<Result campaign, seed 0: 16 designs")
    (table,) = shown["result.observations()"]
    assert "sequence" in table["text/html"]
    (found,) = shown["found"]
    assert "No verdict" in found["text/html"]
    (cells,) = shown["found.cells()"]
    assert "final_recommended" in cells["text/html"]


@pytest.mark.parametrize("plot", ["result.plot()", "found.plot()"])
def test_pictures_are_shown_with_the_marks_of_the_report(shown, plot):
    (picture,) = shown[plot]
    assert '<img src="data:image/svg+xml,' in picture["text/html"]
    assert "<figcaption" in picture["text/html"]
    assert picture["image/png"].startswith("iVBOR")
