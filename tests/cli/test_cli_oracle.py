"""`designloop oracle`: the check in the terminal and as JSON, and the files of a new oracle."""

import json
import subprocess
import sys

import pytest

SLOW_AND_TEXT = """
import designloop as dl

@dl.oracle(alphabet=dl.RNA, length=8)
def texts(sequences):
    return ["0.5" for _ in sequences]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DESIGNLOOP_DEBUG", raising=False)
    (tmp_path / "texts.py").write_text(SLOW_AND_TEXT)
    return tmp_path


def test_a_sound_oracle_ends_with_zero_and_shows_its_values(designloop, campaign):
    answer = designloop("oracle", "check", "my_oracle.py:share_of_g")
    assert answer.code == 0
    assert answer.out.startswith("my_oracle.py:share_of_g: sound (24 of 24 laws hold; ")
    assert "holds:\n  answers, type, again, " in answer.out
    assert "random (" in answer.out
    assert "for a campaign of 960 designs in batches of 96" in answer.out


def test_the_oracle_and_the_size_of_a_campaign_are_read_from_its_file(designloop, campaign):
    answer = designloop("oracle", "check", campaign, "--set", "budget.designs=36")
    assert answer.code == 0
    assert "for a campaign of 36 designs in batches of 6" in answer.out


def test_a_fault_ends_with_one_and_says_what_to_change(designloop, folder):
    answer = designloop("oracle", "check", "texts.py", "--quiet")
    assert answer.code == 1
    assert answer.out.startswith(
        "texts.py:texts: 1 fault (2 of 24 laws hold; 0 sequences in 0 calls)\n\nfault: answers\n"
    )
    assert "-> return one number per sequence" in answer.out
    assert "holds:" not in answer.out
    told = json.loads(designloop("oracle", "check", "texts.py:texts", "--json").out)
    assert told["is_sound"] is False
    assert [one["law"] for one in told["findings"]] == ["answers"]
    assert told["findings"][0]["change"].startswith("return one number per sequence")


def test_json_holds_the_histogram_and_the_seconds(designloop, folder):
    target = "{kind: ehrlich, num_states: 5, length: 7, num_motifs: 1, motif_length: 3}"
    told = json.loads(designloop("oracle", "check", target, "--json").out)
    assert told["is_sound"] is True
    assert told["findings"] == []
    counts = told["values"]["counts"]
    assert set(counts) == {"random", "corpus"}
    assert len(told["values"]["edges"]) == len(counts["random"]) + 1
    assert set(told["seconds"]) == {"first_call", "call", "sequence", "campaign"}


def test_the_sequences_of_a_file_are_asked_for_too(designloop, campaign):
    (campaign.parent / "known.txt").write_text("GGGGGGGG\nGGGGGGGA\nGGGG\n")
    answer = designloop("oracle", "check", "my_oracle.py:share_of_g", "--sequences", "known.txt")
    assert answer.code == 0
    assert "given (2)" in answer.out
    assert "1 of 3 sequences given are outside the space and left out, the first 'GGGG'" in answer.out


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("erlich", "unknown oracle 'erlich' (oracle, the command line). Did you mean 'ehrlich'?"),
        ("plain.py", "name the function: plain.py:NAME; known: texts"),
        ("gone.py:texts", "no file gone.py"),
        (
            "{kind: ehrlich, lenght: 9}",
            "unknown key 'lenght' (oracle.lenght, the command line). Did you mean 'length'?",
        ),
        ("gone.yaml", "no configuration file gone.yaml"),
        ("study.yaml", "study.yaml describes a study; check each oracle of it by its kind or its file"),
        ("empty.yaml", "empty.yaml names no oracle; add `oracle:`"),
        ("broken.py:mine", "cannot import broken.py: it raised ZeroDivisionError: division by zero"),
        ("deadly.py:mine", "its process ended with exit code 7"),
    ],
)
def test_a_target_that_cannot_be_opened_is_an_error_that_names_it(designloop, folder, target, sentence):
    (folder / "study.yaml").write_text("base: {}\naxes: {}\n")
    (folder / "empty.yaml").write_text("name: x\n")
    (folder / "plain.py").write_text("def texts(sequences): ...\n")
    (folder / "broken.py").write_text("1 / 0\n")
    (folder / "deadly.py").write_text("import os\nos._exit(7)\n")
    answer = designloop("oracle", "check", target)
    assert answer.code in (1, 2)
    assert sentence in answer.err


def test_a_file_of_the_oracle_alone_is_a_target_and_its_lines_are_named(designloop, folder):
    (folder / "mine.yaml").write_text("kind: nk\nlength: 8\nneighbors: 1\n")
    answer = designloop("oracle", "check", "mine.yaml")
    assert answer.code == 2
    assert "unknown key 'neighbors' (oracle.neighbors, line 3 of mine.yaml)" in answer.err


def test_the_files_of_a_new_oracle_pass_as_they_are_written(designloop, folder):
    answer = designloop("oracle", "new", "my_shape", "--alphabet", "protein", "--length", 5, "--out", "oracles")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "wrote oracles/my_shape.py and oracles/test_my_shape.py"
    assert designloop("oracle", "check", "oracles/my_shape.py:my_shape", "--quiet").code == 0
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
        "oracles/test_my_shape.py",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "25 passed" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["my-shape"], "'my-shape' cannot be the name of a function; give letters, digits and _, such as my_shape"),
        (["dl"], "'dl' cannot be the name of a function"),
        (["texts"], "texts.py exists; give another name, or remove it"),
        (["mine", "--alphabet", "dnaa"], "--alphabet dnaa: unknown alphabet 'dnaa'. Did you mean 'dna'?"),
    ],
)
def test_a_name_that_cannot_be_used_is_told_and_nothing_is_written(designloop, folder, words, sentence):
    before = sorted(folder.iterdir())
    answer = designloop("oracle", "new", *words)
    assert answer.code == 2
    assert sentence in answer.err
    assert sorted(folder.iterdir()) == before
