"""`designloop extend`, and what is said on standard error of a run that goes on under other circumstances."""

import json
import shutil

import pytest


@pytest.fixture
def finished(designloop, campaign, tmp_path):
    assert designloop("run", campaign, "--out", "there", "--quiet").code == 0
    return tmp_path / "there"


def test_a_finished_run_is_extended_shown_and_reported(designloop, finished, tmp_path):
    before = json.loads(designloop("show", finished, "--json").out)
    answer = designloop("extend", finished, "--set", "budget.designs=30", "--set", "scheduler.batch_size=4")
    assert answer.code == 0, answer.err
    assert "extended: scheduler.batch_size: 6 became 4; budget.designs: 18 became 30" in answer.err
    assert "  phase 2      week" in answer.out
    after = json.loads(designloop("show", finished, "--json").out)
    assert [phase["designs"] for phase in after["phases"]] == [18, 12]
    assert after["phases"][0]["stop"] == before["stop"] == "the designs are spent"
    assert after["event_hash"] != before["event_hash"]
    assert designloop("resume", finished, "--json").out == designloop("show", finished, "--json").out
    assert designloop("report", finished, "--out", "page.html").code == 0
    assert "Extended in week" in (tmp_path / "page.md").read_text()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["oracle.length=9"], "error: 'oracle.length' cannot change when a run is extended"),
        (["budget.designs=18"], "error: the extension changes nothing; set a key"),
        (["budget.designs=12"], "error: budget.designs is 12, but 18 are already spent"),
        (["budget.designs"], "error: --set budget.designs: expected key=value"),
        (["budget.desings=30"], "(budget.desings, from --set budget.desings). Did you mean 'designs'?"),
    ],
)
def test_what_cannot_be_extended_ends_with_code_2(designloop, finished, settings, sentence):
    answer = designloop("extend", finished, *(word for setting in settings for word in ("--set", setting)))
    assert answer.code == 2
    assert sentence in answer.err


def test_an_extension_that_falls_is_resumed(designloop, finished, tmp_path):
    whole = shutil.copytree(finished, tmp_path / "whole")
    changes = ("--set", "budget.designs=30", "--json")
    undisturbed = json.loads(designloop("extend", whole, *changes).out)
    (tmp_path / "breaks_after").write_text("1")
    fallen = designloop("extend", finished, *changes)
    assert fallen.code == 1
    assert f"continue with: designloop resume {finished}" in fallen.err
    refused = designloop("extend", finished, *changes)
    assert (refused.code, "first `designloop resume" in refused.err) == (2, True)
    (tmp_path / "breaks_after").unlink()
    assert json.loads(designloop("resume", finished, "--json").out) == undisturbed


def test_an_oracle_that_was_mended_goes_on_and_it_is_said(designloop, campaign, tmp_path):
    (tmp_path / "breaks_after").write_text("1")
    assert designloop("run", campaign, "--out", "there", "--quiet").code == 1
    (tmp_path / "breaks_after").unlink()
    with (tmp_path / "my_oracle.py").open("a") as code:
        code.write("\n# mended\n")
    answer = designloop("resume", "there", "--quiet")
    assert answer.code == 0
    assert answer.err.startswith(
        f"warning: {tmp_path}/my_oracle.py changed since the run began. The run continues with"
    )
    assert designloop("show", "there").err == ""


def test_an_edit_to_a_finished_run_is_said_and_the_command_line_goes_on(designloop, finished):
    config = finished / "config.yaml"
    config.write_text(config.read_text().replace("designs: 18", "designs: 180"))
    for command in (("show", finished), ("resume", finished), ("report", finished)):
        answer = designloop(*command)
        assert answer.code == 0
        assert "warning: " in answer.err
        assert "(budget.designs: 18 became 180). The run is finished, so the edit has no effect" in answer.err


def test_an_edit_to_an_unfinished_run_is_refused(designloop, campaign, tmp_path):
    (tmp_path / "breaks_after").write_text("1")
    assert designloop("run", campaign, "--out", "there", "--quiet").code == 1
    config = tmp_path / "there" / "config.yaml"
    config.write_text(config.read_text().replace("batch_size: 6", "batch_size: 5"))
    answer = designloop("resume", "there")
    assert answer.code == 2
    assert "config.yaml was edited since the run began (scheduler.batch_size: 6 became 5)" in answer.err


def test_a_directory_that_is_gone_ends_the_command_with_code_1_and_promises_nothing(designloop, campaign, tmp_path):
    oracle = tmp_path / "my_oracle.py"
    away = "    import shutil; shutil.rmtree(Path(__file__).with_name('there'), ignore_errors=True)\n"
    oracle.write_text(oracle.read_text().replace("    if BREAKS_AFTER", f"{away}    if BREAKS_AFTER", 1))
    answer = designloop("run", campaign, "--out", "there")
    assert answer.code == 1
    assert "there/campaign.db was removed, renamed or replaced while it was being written" in answer.err
    assert "Earlier events are unchanged" not in answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "there").exists()


def test_an_extension_that_was_interrupted_before_it_began_is_given_again(designloop, finished, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as while_a_key_is_pressed:
        while_a_key_is_pressed.setattr("designloop.extension._extended", interrupted)
        stopped = designloop("extend", finished, "--set", "budget.designs=30")
    assert stopped.code == 130
    assert stopped.err == "interrupted; to continue: the same command; nothing has been extended yet\n"
    assert designloop("extend", finished, "--set", "budget.designs=30").code == 0


def test_an_extension_that_was_interrupted_after_it_began_is_resumed(designloop, finished, monkeypatch):
    from designloop.strategies.uniform import Random

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as while_a_key_is_pressed:
        while_a_key_is_pressed.setattr(Random, "propose", interrupted)
        stopped = designloop("extend", finished, "--set", "budget.designs=30")
    assert stopped.err.endswith(f"interrupted; to continue: designloop resume {finished}\n")
