"""Run, resume, validate and show: a run leaves a directory, and the directory says it all again."""

import io
import json
import re
import sys

from designloop.core.config import read_text
from designloop.strategies.uniform import Random


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_run_leaves_a_directory_that_show_reads(designloop, campaign, tmp_path):
    ran = designloop("run", campaign, "--seed", 1, "--json")
    assert ran.code == 0, ran.err
    run_directory = tmp_path / "runs" / "small" / "seed-1"
    names = {file.name for file in run_directory.iterdir()}
    assert {"config.yaml", "campaign.db", "observations.csv", "manifest.json"} <= names
    shown = designloop("show", run_directory, "--json")
    assert json.loads(shown.out) == json.loads(ran.out)
    assert json.loads(ran.out)["designs"] == 18


def test_the_same_seed_gives_the_same_events(designloop, campaign):
    hashes = [json.loads(designloop("run", campaign, "--out", name, "--json").out)["event_hash"] for name in "ab"]
    other = json.loads(designloop("run", campaign, "--out", "c", "--seed", 5, "--json").out)["event_hash"]
    assert hashes[0] == hashes[1] != other


def test_progress_in_a_file_is_a_line_for_each_decision_and_return(designloop, campaign):
    answer = designloop("run", campaign)
    lines = [line for line in answer.err.splitlines() if line.startswith("week ")]
    assert sum("designs chosen" in line for line in lines) == 3
    assert any("measured" in line for line in lines)
    assert all("in flight" in line and "failed" in line for line in lines)
    assert "best measured" in lines[-1]


def test_quiet_prints_the_best_and_no_progress(designloop, campaign):
    answer = designloop("run", campaign, "--quiet")
    assert (answer.code, answer.err) == (0, "")
    assert 0 < len(answer.out.splitlines()) <= 3


def test_a_finished_run_is_shown_again_and_it_is_said(designloop, campaign):
    ran = designloop("run", campaign, "--out", "there", "--json")
    for words in (("resume", "there"), ("run", campaign, "--out", "there")):
        again = designloop(*words, "--json")
        assert (again.code, again.out) == (0, ran.out)
        assert again.err == "note: there is already finished; nothing was run\n"
    assert "finished" not in ran.err


def test_the_new_code_of_a_finished_run_is_named_and_not_run(designloop, campaign, tmp_path):
    ran = designloop("run", campaign, "--out", "there", "--json")
    with (tmp_path / "my_oracle.py").open("a") as code:
        code.write("\n# edited\n")
    for words in (("resume", "there"), ("run", campaign, "--out", "there")):
        again = designloop(*words, "--json")
        assert (again.code, again.out) == (0, ran.out)
        assert again.err == (
            f"warning: {tmp_path}/my_oracle.py has changed since the run in there. The run is finished, so the new "
            "code was not run; to run it, choose another directory with --out\n"
            "note: there is already finished; nothing was run\n"
        )


def test_a_run_ends_with_its_directory_and_what_reads_it(designloop, campaign):
    line = "  kept in      there (designloop show, report or extend)"
    for words in (("run", campaign, "--out", "there"), ("resume", "there")):
        assert designloop(*words).out.splitlines()[-1] == line
        assert "kept in" not in designloop(*words, "--quiet").out
    assert "kept in" not in designloop("show", "there").out


def test_an_oracle_that_raises_ends_the_run_with_1_and_resume_goes_on_after_the_mend(designloop, campaign, tmp_path):
    whole = json.loads(designloop("run", campaign, "--out", "whole", "--json").out)
    breaking = tmp_path / "breaks_after"
    breaking.write_text("2")
    failed = designloop("run", campaign, "--out", "broken-run")
    assert failed.code == 1
    told = next(line for line in failed.err.splitlines() if line.startswith("error: "))
    assert re.search(r"error: oracle '\w+\.py:\w+' in week", told)
    assert re.search(r"the landscape fell over \(.*\.py, line \d+, in \w+: raise ", told)
    assert "designloop resume broken-run" in failed.err
    assert "Traceback" not in failed.err

    breaking.unlink()
    mended = designloop("resume", "broken-run", "--json")
    assert mended.code == 0, mended.err
    assert json.loads(mended.out)["event_hash"] == whole["event_hash"]


def test_an_interrupted_run_says_how_to_go_on_and_does(designloop, campaign, monkeypatch):
    whole = json.loads(designloop("run", campaign, "--out", "whole", "--json").out)

    def interrupted(self, history, order, rng):
        if history.round:
            raise KeyboardInterrupt
        return propose(self, history, order, rng)

    propose = Random.propose
    with monkeypatch.context() as while_a_key_is_pressed:
        while_a_key_is_pressed.setattr(Random, "propose", interrupted)
        stopped = designloop("run", campaign, "--quiet")
    assert stopped.code == 130
    assert stopped.err == "interrupted; to continue: designloop resume runs/small/seed-0\n"
    again = designloop("resume", "runs/small/seed-0", "--json")
    assert json.loads(again.out)["event_hash"] == whole["event_hash"]


def test_on_a_terminal_a_bar_tells_week_batches_failures_and_best(designloop, campaign, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert designloop("run", campaign, "--quiet").code == 0
    assert terminal.getvalue() == ""
    assert designloop("run", campaign, "--out", "other").code == 0
    shown = terminal.getvalue()
    assert "week 15.2 · 0 batches in flight · 6 failed · best measured 0.499" in shown


def test_validate_prints_the_whole_campaign_and_it_reads_back(designloop, campaign, tmp_path):
    answer = designloop("validate", campaign, "--set", "budget.weeks=60", "--full")
    assert answer.code == 0, answer.err
    described = read_text(answer.out, "printed").data
    assert described["budget"]["weeks"] == 60
    again = tmp_path / "again.yaml"
    again.write_text(answer.out)
    assert designloop("validate", again, "--full").out == answer.out
    assert designloop("validate", again).out == ""
    assert not (tmp_path / "runs").exists()


def test_validate_names_the_letters_that_are_kept_as_mutants_are_named(designloop, campaign):
    answer = designloop("validate", campaign, "--set", "space={parent: acguacgu, fixed: [2, 1]}")
    assert "kept: C2, G3\n" in answer.err


def test_validate_checks_a_study_and_a_budget_that_ends_before_any_result(designloop, campaign, tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text(f"base: {campaign}\naxes: {{scheduler.batch_size: [4, 6]}}\nseeds: 2\n")
    answer = designloop("validate", study)
    assert (answer.code, answer.out) == (0, "")
    assert "scheduler.batch_size (2) × seeds (2) = 4 cells" in answer.err
    assert designloop("validate", study, "--set", "base.lab=goood").code == 2
    assert "budget.weeks is 0.1, so no result" in designloop("validate", campaign, "--set", "budget.weeks=0.1").err
    ran = designloop("run", campaign, "--set", "budget.weeks=0.1", "--out", tmp_path / "short")
    assert "before the first result; raise it (budget.weeks)" in ran.err


def test_money_that_pays_for_no_result_is_told(designloop, campaign, tmp_path):
    """A design costs 30, and results come after three days, within the first week of rent."""
    lab = "{stages: [{name: build, days: 3, cost: 30}], cost: {per_week: 100, per_bp: 0}}"
    poor, enough = (["--set", f"lab={lab}", "--set", f"budget={{cost: {cost}}}"] for cost in (129.99, 130))
    assert "warning: a result costs at least 130.00 in this lab, but" in designloop("validate", campaign, *poor).err
    assert "warning" not in designloop("validate", campaign, *enough).err
    ran = designloop("run", campaign, *poor, "--out", tmp_path / "poor")
    assert "before the first result; raise it (budget.cost)" in ran.err
    one = ["--set", "scheduler.batch_size=1", "--out", tmp_path / "enough"]
    assert "warning" not in designloop("run", campaign, *enough, *one).err


def test_a_setting_may_change_what_is_named_in_short(designloop, campaign):
    settings = ("lab.plate_size=48", "lab.assay.noise=bli_kd", "lab.assay.noise.eps=0.5", "scheduler.replicates=2")
    answer = designloop("validate", campaign, "--full", *(word for setting in settings for word in ("--set", setting)))
    assert answer.code == 0, answer.err
    described = read_text(answer.out, "printed").data
    assert described["lab"]["plate_size"] == 48
    assert described["lab"]["name"] == "good"
    assert (described["lab"]["assay"]["noise"]["eps"], described["lab"]["assay"]["noise"]["spread"]) == (0.5, 0.91)


def test_schema_is_one_for_the_whole_campaign(designloop):
    schema = json.loads(designloop("schema").out)
    assert {"oracle", "lab", "strategy", "scheduler", "budget", "prior"} <= set(schema["properties"])
    assert schema["$defs"]["acquisition.thompson"]["properties"]["kind"] == {"const": "thompson"}


def test_failures_that_one_had_before_are_not_counted_with_the_campaigns(designloop, campaign, tmp_path):
    (tmp_path / "starts.csv").write_text("sequence,outcome\nGGGGCCCU,lost\nGGGGCCCA,not_expressed\n")
    answer = designloop("run", campaign, "--set", "prior.starts={path: starts.csv, outcome: outcome}")
    opening, *_ = (line for line in answer.err.splitlines() if line.startswith("week"))
    assert "|   0 failed | nothing measured | opening" in opening


def test_a_summary_says_where_nothing_was_measured(designloop, campaign, tmp_path):
    code = (tmp_path / "my_oracle.py").read_text()
    (tmp_path / "my_oracle.py").write_text(code.replace('sequence.count("G") / 8', 'float("nan")'))
    assert "  measured     nothing\n" in designloop("run", campaign).out


def test_what_was_guessed_merged_or_left_out_is_said(designloop, campaign, tmp_path):
    """By `validate`, by `run` as it begins, and on a landscape's card; by neither where it is quiet."""
    (tmp_path / "table.csv").write_text("sequence,value\nGGGGCCCU,1\nGGGGCCCU,3\nGGGGCCCA,\n" + "GGGACCCA,2\n")
    (tmp_path / "starts.csv").write_text("sequence,y\nGGGGCCCU,1.5\nGGGG,2\n")
    words = ("oracle={kind: landscape, path: table.csv, absent: 0.0}", "prior.starts={path: starts.csv, value: y}")
    settings = [word for setting in words for word in ("--set", setting)]
    notes = [
        "note: the alphabet, rna, was guessed from the letters; set `alphabet` to change it",
        "note: 1 of 4 rows dropped: no value",
        "note: 2 rows of 1 repeated sequence were merged into their means",
        "note: 1 starting sequence is outside the space: used for training, but not chosen",
    ]
    for verb in ("validate", "run"):
        answer = designloop(verb, campaign, *settings)
        assert answer.code == 0, answer.err
        assert [line for line in answer.err.splitlines() if line.startswith("note: ")] == notes
    assert "note: " not in designloop("run", campaign, *settings, "--quiet", "--seed", 1).err
    assert "note               1 of 4 rows dropped: no value" in designloop("parts", "landscape", "table.csv").out
