"""Pictures of results: the marks of the report, for notebooks and files."""

import re

import matplotlib.figure
import pytest
from results_stubs import noisy, study
from stubs import small

import designloop as dl
from designloop.core.errors import InputError, StoreError
from designloop.report import report_of
from designloop.report.stills import still
from designloop.report.writing import as_url
from designloop.study.study_result import StudyResult


@pytest.fixture(scope="module")
def result() -> dl.Result:
    return small().run(seed=1)


def test_a_picture_has_the_marks_the_title_the_legend_and_the_caption_of_the_report(result):
    figures = {figure.name: figure for figure in report_of(result).figures()}
    for name, figure in figures.items():
        page = result.plot(name)._repr_html_()
        assert as_url(figure) in page
        assert still(figure)
        assert all(entry.name.replace("&", "&amp;") in page for entry in figure.entries())
        assert (result.plot(name).title, result.plot(name).caption) == (figure.title, figure.caption)
    assert repr(result.plot()) == f"<Picture value-by-week: {figures['value-by-week'].title}>"
    assert result.plot()._repr_html_() == result.plot("value-by-week")._repr_html_()


def test_a_picture_is_written_by_the_ending_of_its_file(result, tmp_path):
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
    for ending, beginning in begins.items():
        path = result.plot().save(tmp_path / f"value.{ending}")
        assert path.read_bytes().startswith(beginning)
    first = (tmp_path / "value.pdf").read_bytes()
    assert result.plot().save(tmp_path / "value.pdf").read_bytes() == first
    assert result.plot()._repr_png_() == (tmp_path / "value.png").read_bytes()
    assert isinstance(result.plot().figure(), matplotlib.figure.Figure)
    with pytest.raises(InputError, match=re.escape("'value.jpg'; expected a name ending in .svg, .png or .pdf")):
        result.plot().save(tmp_path / "value.jpg")
    with pytest.raises(StoreError, match="cannot write"):
        result.plot().save(tmp_path / "nowhere" / "value.svg")


def test_a_figure_that_is_not_there_is_refused_with_the_nearest_name(result):
    with pytest.raises(InputError, match=r"has no figure 'value-by-weak'. Did you mean 'value-by-week'\?"):
        result.plot("value-by-weak")


def test_a_study_is_drawn_setting_by_setting():
    two = noisy({"a": 0.0, "b": 0.5}, 3, 1, "nk") + noisy({"a": 0.5, "b": 0.0}, 3, 1, "gb1")
    result = StudyResult(study(two))
    picture = result.plot()
    assert [axes.get_title(loc="left") for axes in picture.figure().axes] == [
        "Value by designs: nk", "Value by designs: gb1"
    ]  # fmt: skip
    one = StudyResult(study(noisy({"a": 0.0, "b": 0.5}, 3, 1)))
    names = [figure.name for figure in report_of(one).figures()]
    assert one.plot().title == one.plot(next(name for name in names if name.endswith("recommended-designs"))).title
    assert one.plot("standings").title.startswith("Standings")
    with pytest.raises(InputError, match="has no figure 'standing'"):
        one.plot("standing")
    with pytest.raises(InputError, match="the study 'study' has no finished cell to draw"):
        StudyResult(study(())).plot()


def test_a_report_is_written_of_a_result_or_a_directory(result, tmp_path):
    with pytest.raises(InputError, match="kept in memory and has no directory; add a path"):
        dl.report.write(result)
    path = dl.report.write(result, tmp_path / "memory.html")
    assert "the recommended design is" in path.read_text()
    kept = small().run(seed=1, store=tmp_path / "run")
    assert dl.report.write(kept) == tmp_path / "run" / "report.html"
    first = (tmp_path / "run" / "report.html").read_bytes()
    assert dl.report.write(str(tmp_path / "run"), figures=tmp_path / "figures").read_bytes() == first
    assert (tmp_path / "figures" / "value-by-week.svg").is_file()
    memory, stored = (tmp_path / "memory.html").read_text(), first.decode()
    assert "config.yaml: all settings, defaults included" in memory
    assert "manifest.json" in stored
    assert "manifest.json" not in memory
    written = dl.report.write(StudyResult(study(noisy({"a": 0.0, "b": 0.5}, 3, 1))), tmp_path / "study.html")
    assert "Estimates only: nothing is tested." in written.read_text()
