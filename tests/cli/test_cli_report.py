"""`designloop report`: a run directory gives a page, a summary and pictures; anything else the way out."""


def test_a_run_gives_a_page_and_a_summary_beside_it(designloop, campaign, tmp_path):
    assert designloop("run", campaign, "--out", "there", "--quiet").code == 0
    answer = designloop("report", "there")
    assert (answer.code, answer.out.strip()) == (0, "there/report.html")
    assert (tmp_path / "there" / "report.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "there" / "report.md").read_text().startswith("# small")


def test_out_and_figures_say_where(designloop, campaign, tmp_path):
    assert designloop("run", campaign, "--out", "there", "--quiet", "--set", "budget.designs=3").code == 0
    answer = designloop("report", "there", "--out", "pages/mine.html", "--figures", "pictures")
    assert answer.code == 0, answer.err
    assert (tmp_path / "pages" / "mine.md").is_file()
    names = {file.name for file in (tmp_path / "pictures").iterdir()}
    assert {"value-by-week.png", "value-by-week.svg", "failures.png", "spending.svg"} <= names
    assert "pictures/value-by-week.png" in (tmp_path / "pages" / "mine.md").read_text()


def test_a_directory_without_a_run_is_refused(designloop, tmp_path):
    answer = designloop("report", tmp_path)
    assert answer.code == 2
    assert "holds no run" in answer.err
    assert not list(tmp_path.iterdir())
