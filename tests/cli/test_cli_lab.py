"""`designloop lab show`: presets, files of labs, campaigns and studies, and what is wrong with others."""

import json
from pathlib import Path

import pytest

from designloop.cli.lab import lab_of
from designloop.core.errors import ConfigError
from designloop.lab.lab import Lab
from designloop.lab.starting_points import PRESETS

SMALL = ("--batches", "6", "--size", "4")


def test_a_preset_is_drawn_and_measured(designloop):
    done = designloop("lab", "show", "typical", *SMALL, "--set", "stages.cloning.capacity=2")
    assert done.code == 0
    said = done.out
    for words in ("│ cloning", "2 places", "turnaround", "throughput", "The bottleneck is cloning", "one more place"):
        assert words in said
    assert len(said.splitlines()) < 40


def test_json_is_one_object_and_the_page_is_written_beside(designloop, tmp_path):
    page = tmp_path / "pages" / "lab.html"
    done = designloop("lab", "show", "instant", *SMALL, "--json", "--html", str(page))
    assert json.loads(done.out)["lab"] == "instant"
    assert json.loads(done.out)["values_a_week"] > 0
    assert page.is_file()
    assert str(page) in done.err


def test_quiet_prints_the_turnaround_alone(designloop):
    assert designloop("lab", "show", "instant", *SMALL, "--quiet").out.startswith("half after 0.0 weeks")


def test_an_unknown_preset_names_the_known_ones(designloop):
    done = designloop("lab", "show", "typicel")
    assert done.code == 2
    assert done.err == (
        f"error: no lab preset 'typicel'. Did you mean 'typical'? The presets are {', '.join(PRESETS)}; "
        "or give a file (YAML)\n"
    )
    assert "no lab preset 'x'; known: academic, antibody," in designloop("lab", "show", "x").err


FILES = {
    "a lab": "preset: good\nplate_size: 48\n",
    "a campaign": "oracle: {kind: nk}\nlab: {preset: good, plate_size: 48}\n",
    "a study": "base: {oracle: {kind: nk}, lab: {preset: good, plate_size: 48}}\naxes: {}\n",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_the_lab_of_a_file(text: str, tmp_path: Path):
    file = tmp_path / "file.yaml"
    file.write_text(text)
    assert lab_of(str(file), []) == Lab.preset("good", plate_size=48)
    assert lab_of(str(file), ["plate_size=24"]).plate_size == 24


WRONG = {
    "a key, with its line": ("preset: good\nplates: 4\n", r"plates, line 2 of .*file\.yaml"),
    "a key in a campaign": (
        "oracle: {}\nlab:\n  preset: good\n  plates: 4\n",
        r"plates, line 4 of .*file\.yaml",
    ),
    "a campaign without a lab": ("oracle: {kind: nk}\n", "describes a campaign without a lab; add `lab`"),
    "a preset": ("lab: goood\n", "unknown lab preset 'goood'"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_by_its_place(text: str, sentence: str, tmp_path: Path):
    file = tmp_path / "file.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=sentence):
        lab_of(str(file), [])


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(ConfigError, match=r"no configuration file nowhere\.yaml"):
        lab_of("nowhere.yaml", [])


def test_validate_sends_a_lab_alone_to_where_it_is_read(designloop, tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text("plate_size: 48\nstages: [{name: build, days: 3}]\n")
    answer = designloop("validate", file)
    assert answer.code == 2
    assert f"describes a lab alone; look at it with `designloop lab show {file}`" in answer.err
