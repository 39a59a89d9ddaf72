"""`designloop replay`: what it prints, its page, and what it refuses."""

import json
from pathlib import Path

import pytest

from designloop.hindsight.replay import replay


@pytest.fixture
def run(designloop, campaign) -> Path:
    assert designloop("run", campaign, "--out", "run", "--quiet").code == 0
    return campaign.parent / "run"


def test_it_prints_what_python_finds(designloop, run):
    done = designloop("replay", "run", "--strategy", "own", "--strategy", "genetic", "--seeds", 2)
    assert done.code == 0
    assert done.out == f"{replay(run, ['own', 'genetic'], n_seeds=2)}\n"
    assert "own makes the recorded choices at 3 of 3 decisions" in done.out


def test_json_is_one_object_and_the_page_is_written_beside(designloop, run, tmp_path):
    page = tmp_path / "pages" / "replay.html"
    words = ("--among", "later", "--designs", 2, "--seed", 4, "--seeds", 3, "--top", 0.2, "--json", "--html", page)
    done = designloop("replay", run, "--strategy", "random", *words)
    facts = json.loads(done.out)
    assert (facts["seeds"], facts["strategies"], facts["top"], facts["n_designs"]) == ([4, 5, 6], ["random"], 0.2, 2)
    assert facts == json.loads(json.dumps(replay(run, "random", "later", 2, 3, 4, 0.2).as_dict()))
    assert page.is_file()
    assert str(page) in done.err


def test_quiet_prints_the_headline_alone(designloop, run):
    said = designloop("replay", run, "--quiet").out
    n = len(replay(run).measured)
    assert said == f"own: 18 of 18 choices are in the batches built, {n} were measured then or later.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--strategy", "genetik"), "Did you mean 'genetic'"),
        (("run", "--among", "measured"), "expected space, later or batch"),
        (("run", "--among", "batch"), "--designs"),
        (("elsewhere",), "holds no run"),
        (("run", "--strategy", "command"), "this key is required"),
    ],
)
def test_a_mistake_is_told_with_its_mend(designloop, run, words, said):
    done = designloop("replay", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
