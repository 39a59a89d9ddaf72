"""`designloop report`: a run directory gives a page, a summary and pictures; anything else the way out."""

import pytest


@pytest.fixture
def finished(designloop, campaign):
    """The directory of a run of one batch."""
    assert designloop("run", campaign, "--out", "there", "--quiet", "--set", "budget.designs=6").code == 0
    return campaign.parent / "there"


def test_a_run_gives_a_page_a_summary_beside_it_and_pictures(designloop, finished, tmp_path):
    answer = designloop("report", "there", "--figures", "pictures")
    assert (answer.code, answer.out.strip()) == (0, "there/report.html"), answer.err
    assert (finished / "report.html").read_text().startswith("<!doctype html>")
    assert "pictures/value-by-week.png" in (finished / "report.md").read_text()
    names = {file.name for file in (tmp_path / "pictures").iterdir()}
    assert {"value-by-week.png", "value-by-week.svg", "failures.png", "spending.svg"} <= names


def test_a_page_goes_where_out_says_and_is_refused_where_it_cannot(designloop, finished, tmp_path):
    (tmp_path / "folder").mkdir()
    answer = designloop("report", finished, "--out", "folder")
    assert answer.code == 2
    assert "folder is a directory, but the report needs a file; try --out folder/report.html" in answer.err


def test_a_page_that_cannot_be_written_names_the_way_out(designloop, finished, tmp_path, monkeypatch):
    def fails(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("os.replace", fails)
    answer = designloop("report", finished)
    assert answer.code == 2
    assert "system; free disk space, fix the permissions, or choose another file with --out" in answer.err


def test_a_directory_without_a_run_is_refused(designloop, tmp_path):
    answer = designloop("report", tmp_path)
    assert answer.code == 2
    assert "holds no run" in answer.err
    assert not list(tmp_path.iterdir())
