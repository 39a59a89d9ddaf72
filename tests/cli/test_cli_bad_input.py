"""Bad input ends with exit code 2, one sentence that names the place and the mend, and nothing half-written."""

import sqlite3

import pytest


def refused(designloop, tmp_path, *words):
    """What a refused command said; it made no run directory and showed no traceback."""
    before = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
    answer = designloop(*words)
    assert answer.code == 2, answer.err
    assert answer.err.startswith("error: ")
    assert "Traceback" not in answer.err
    assert {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts} == before
    return answer.err


@pytest.mark.parametrize(
    ("setting", "sentences"),
    [
        ("budget.wekks=3", ["unknown key 'wekks' (budget.wekks, from --set budget.wekks=3). Did you mean 'weeks'?"]),
        ("budget.designs=None", ["got 'None'; write null for none (budget.designs, from --set"]),
        (
            "seed=3",
            ["unknown key 'seed'; the seed is an option of the command, as in --seed 3 (seed, from --set"],
        ),
        ("budget.designs=many", ["expected a whole number", "'many'", "budget.designs, from --set"]),
        ("strategy=randm", ["unknown strategy 'randm' (strategy, from --set strategy=randm). Did you mean 'random'?"]),
        ("lab=goood", ["goood", "good", "lab"]),
        ("lab=mine.yaml", ["no file 'mine.yaml'", "(lab, from --set lab=mine.yaml)"]),
        (
            "lab.plate_sise=48",
            ["unknown key 'plate_sise' (lab.plate_sise, from --set", "). Did you mean 'plate_size'?"],
        ),
        (
            "scheduler.kind=round",
            ["unknown scheduler 'round' (scheduler, line 5 of", "). Did you mean 'rounds'?"],
        ),
        ("oracle=nowhere.py:share_of_g", ["no file nowhere.py"]),
        ("budget={designs: 0}", ["expected at least 1, got 0 (budget.designs, from --set budget={designs: 0})"]),
        ("budget.designs=null", ["this campaign never ends", "small.yaml and --set budget.designs=null)"]),
        ("space.rules={kind: gc}", ["expected a list, got {'kind': 'gc'}; write a list, as in `- kind: gc` (space"]),
        ("oracle={kind: fitted, path: a.csv}", ["unknown key 'path' (oracle.path", "Did you mean 'table.path'?"]),
        (
            "lab.stages=[{name: a, days: 1, machines: 1, load: 0}]",
            ["expected at least 1, got 0 (lab.stages.0.load, from"],
        ),
        ("lab.calendar.closures=['2026-01-01/9999-12-31']", ["from 2026-01-01; shorten `closures` (lab.calendar"]),
        ("lab.calendar.country=XX", ["lab.calendar: public holidays are not available", "give another `country`"]),
        ("budget.designs", ["expected key=value"]),
    ],
)
def test_a_wrong_setting_names_its_place_and_the_mend(designloop, campaign, tmp_path, setting, sentences):
    said = refused(designloop, tmp_path, "run", campaign, "--set", setting)
    for sentence in sentences:
        assert sentence in said


def test_a_file_that_is_no_yaml_is_called_so(designloop, campaign, tmp_path):
    file = tmp_path / "my_oracle.py"
    said = refused(designloop, tmp_path, "run", file)
    assert said.startswith(f"error: {file} is not a YAML file; give the YAML file of a campaign")
    assert f", such as `oracle: {file}:NAME`" in said


@pytest.mark.parametrize(
    ("right", "wrong", "sentences"),
    [
        ("budget:", "bugdet:", ["unknown key 'bugdet' (bugdet, line 8 of", "). Did you mean 'budget'?", "line 8 of"]),
        ("batch_size: 6", "batch_size: six", ["expected a whole number", "'six'", "scheduler.batch_size, line 7 of"]),
        ("strategy: random", "strategy: thompson", ["unknown strategy 'thompson'", "strategy, line 4 of"]),
        ("lab: good", "lab: {preset: good", ["small.yaml, line"]),
    ],
)
def test_a_wrong_file_names_key_and_line(designloop, campaign, tmp_path, right, wrong, sentences):
    campaign.write_text(campaign.read_text().replace(right, wrong))
    for command in ("run", "validate"):
        said = refused(designloop, tmp_path, command, campaign)
        for sentence in sentences:
            assert sentence in said


def test_a_missing_file_is_named(designloop, campaign, tmp_path):
    assert "no configuration file other.yaml" in refused(designloop, tmp_path, "run", "other.yaml")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("GGGGCCCC\nGGXGCCCC\n", ["natural.txt, line 2", "letter 'X' at position 3", "rna alphabet (ACGU)"]),
        ("\n\n", ["natural.txt contains no sequences"]),
    ],
)
def test_a_wrong_corpus_names_file_line_and_letter(designloop, campaign, tmp_path, text, sentences):
    (tmp_path / "natural.txt").write_text(text)
    for command in ("run", "validate"):
        said = refused(designloop, tmp_path, command, campaign, "--set", "prior.corpus.path=natural.txt")
        for sentence in sentences:
            assert sentence in said


def test_a_landscape_without_the_named_column_names_those_it_has(designloop, campaign, tmp_path):
    (tmp_path / "table.csv").write_text("sequence,activity\nACGU,1.0\nACGG,2.0\n")
    oracle = "oracle={kind: landscape, path: table.csv, alphabet: rna, value: activty}"
    for command in ("run", "validate"):
        said = refused(designloop, tmp_path, command, campaign, "--set", oracle)
        assert "has no column 'activty' (columns: sequence, activity). Did you mean 'activity'?" in said
    assert "has no column 'valu'" in refused(
        designloop, tmp_path, "parts", "landscape", "table.csv", "--alphabet", "rna", "--value", "valu"
    )


def test_a_run_directory_of_another_campaign_is_left_alone(designloop, campaign, tmp_path):
    assert designloop("run", campaign, "--out", "there").code == 0
    said = refused(designloop, tmp_path, "run", campaign, "--out", "there", "--set", "budget.designs=12")
    assert "there" in said
    assert "another campaign" in said
    assert "there" in refused(designloop, tmp_path, "run", campaign, "--out", "there", "--seed", 9)


def test_a_store_that_is_not_ours_is_left_alone(designloop, campaign, tmp_path):
    (tmp_path / "there").mkdir()
    with sqlite3.connect(tmp_path / "there" / "campaign.db") as foreign:
        foreign.execute("create table shopping (item text)")
    foreign.close()
    for words in (("run", campaign, "--out", "there"), ("resume", "there"), ("show", "there")):
        assert "there" in refused(designloop, tmp_path, *words)


@pytest.mark.parametrize("command", ["resume", "show"])
def test_a_directory_without_a_run_is_named(designloop, campaign, tmp_path, command):
    assert "nowhere" in refused(designloop, tmp_path, command, "nowhere")


def test_an_unknown_shelf_and_an_unknown_part_are_named(designloop, campaign, tmp_path):
    assert "unknown shelf 'acquisitions'. Did you mean 'acquisition'?" in refused(
        designloop, tmp_path, "parts", "acquisitions"
    )
    assert "Did you mean 'thompson'?" in refused(designloop, tmp_path, "parts", "acquisition", "tompson")


def test_a_wrong_option_ends_with_2(designloop, campaign):
    assert designloop("run", campaign, "--sed", "1").code == 2


def test_a_study_that_is_run_as_a_campaign_is_told_its_command(designloop, tmp_path):
    (tmp_path / "delays.yaml").write_text("base: {oracle: nk}\naxes: {seeds: [1, 2]}\n")
    said = refused(designloop, tmp_path, "run", tmp_path / "delays.yaml")
    assert "describes a study; run it with `designloop study" in said


BASE = (
    "base:\n  oracle: stubs:CountingOracle\n  lab: good\n  strategy: random\n"
    "  scheduler: rounds\n  budget: {designs: 6}\n"
)
AXES = "axes:\n  schedulers: {a: rounds, b: weekly}\n"


@pytest.mark.parametrize(
    ("verb", "text", "sentence"),
    [
        ("study", f"nmae: x\n{BASE}{AXES}", "unknown key 'nmae' (nmae, line 1 of x.yaml). Did you mean 'name'?"),
        ("study", f"{BASE}{AXES.replace('axes', 'axse')}", "(axse, line 7 of x.yaml). Did you mean 'axes'?"),
        (
            "study",
            BASE.replace("base:\n", "").replace("  ", ""),
            "describes a campaign; run it with `designloop run x.yaml`",
        ),
        ("run", BASE + AXES, "describes a study; run it with `designloop study x.yaml`"),
        ("run", BASE + "axse: {}\n", "describes a study; run it with `designloop study x.yaml`"),
        ("study", f"base: base.yaml\n{AXES}", "(oracel, line 1 of base.yaml). Did you mean 'oracle'?"),
        ("study", f"{BASE}axes: {{labs: {{a: good}}, schedulers: {{a: rounds}}}}\n", "name one: labs, schedulers"),
    ],
)
def test_what_is_wrong_in_a_study_names_the_file_the_line_and_the_mend(
    designloop, tmp_path, monkeypatch, verb, text, sentence
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(text)
    (tmp_path / "base.yaml").write_text("oracel: stubs:CountingOracle\nlab: good\nstrategy: random\n")
    assert sentence in refused(designloop, tmp_path, verb, "x.yaml")


@pytest.mark.parametrize("verb", ["run", "study", "validate"])
def test_a_configuration_that_is_not_there_has_near_files(designloop, tmp_path, monkeypatch, verb):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.yaml").write_text("name: x\n")
    assert "no configuration file stduy.yaml. Did you mean 'study.yaml'?" in refused(
        designloop, tmp_path, verb, "stduy.yaml"
    )


CLASS_ORACLE = """\
import designloop as dl


class Mine(dl.Oracle):
    @property
    def space(self):
        return dl.Space(alphabet="dna", length=4)

    def __call__(self, sequences):
        return [0.5 for _ in sequences]
"""


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        (
            "length=4",
            "min_length=5, max_length=4",
            "`space` raised ValidationError: max_length 4 is below min_length 5 (",
        ),
        ("length=4", "length=self.lenght", "`space` raised AttributeError: 'Mine' object has no attribute 'lenght' ("),
        ('dl.Space(alphabet="dna", length=4)', "12", "`space` is 12; make it a designloop.Space"),
    ],
)
def test_a_class_oracle_without_a_space_is_found_before_it_runs(designloop, campaign, tmp_path, right, wrong, sentence):
    file = tmp_path / "class_oracle.py"
    file.write_text(CLASS_ORACLE.replace(right, wrong))
    for command in ("validate", "run"):
        said = refused(designloop, tmp_path, command, campaign, "--set", f"oracle={file}:Mine")
        assert f"error: oracle 'class_oracle.py:Mine': {sentence}" in said
        assert sentence.endswith("Space") or f"({file}, line 7, in space: return dl.Space(" in said


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("scale", "    @property\n    def scale(self):\n        return self.no\n", "`scale` raised AttributeError: "),
        ("scale", "    scale: str = 'lin'\n", "`scale` is 'lin'; make it 'linear' or 'log'"),
        (
            "optimum",
            "    @property\n    def optimum(self):\n        return 1 / 0\n",
            "`optimum` raised ZeroDivisionError: ",
        ),
        (
            "remarks",
            "    @property\n    def remarks(self):\n        return 1 / 0\n",
            "`remarks` raised ZeroDivisionError: ",
        ),
        ("corpus", "    def corpus(self, n, rng):\n        return 1 / 0\n", "`corpus` raised ZeroDivisionError: "),
    ],
)
def test_what_else_a_class_oracle_says_is_asked_by_validate(designloop, campaign, tmp_path, name, code, sentence):
    file = tmp_path / f"says_{name}.py"
    file.write_text(CLASS_ORACLE + "\n" + code)
    said = refused(designloop, tmp_path, "validate", campaign, "--set", f"oracle={file}:Mine")
    assert f"error: oracle 'says_{name}.py:Mine': {sentence}" in said
    assert "raised" not in sentence or f"({file}, line 1" in said


def test_a_table_given_as_a_description_is_not_printed_whole(designloop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.csv").write_text("sequence,value\n" + "ACGT,0.5\n" * 500)
    said = refused(designloop, tmp_path, "run", "old.csv")
    assert "old.csv is not a YAML file; give the YAML file of a campaign" in said
    assert len(said) < 200


def test_a_run_without_any_value_ends_with_a_warning_and_the_reasons(designloop, campaign, tmp_path):
    (tmp_path / "nothing.py").write_text(
        "import designloop as dl\n\n\n@dl.oracle(alphabet=dl.RNA, length=8)\ndef nothing(sequences):\n"
        "    return [None for _ in sequences]\n"
    )
    ended = designloop("run", campaign, "--set", f"oracle={tmp_path}/nothing.py:nothing")
    assert ended.code == 0
    assert "warning: no design had a value: " in ended.err
    assert " not_expressed" in ended.err.partition("no design had a value: ")[2]
    assert "warning" not in designloop("run", campaign, "--out", "with-values").err
