"""Files that are damaged, of another kind, or of another encoding: a sentence says so, and nothing is half-written."""

import gzip
import resource
import subprocess
import sys

import pytest


@pytest.fixture
def refused(designloop, tmp_path):
    """Type a command that is refused; what it said, having left nothing behind."""

    def type_refused(*words):
        before = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
        answer = designloop(*words)
        assert answer.code == 2, answer.err
        assert answer.err.startswith("error: ")
        assert {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts} == before
        return answer.err

    return type_refused


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "expected a mapping of keys to values, got nothing"),
        (b"# nothing yet\n", "expected a mapping of keys to values, got nothing"),
        (b"- a\n- b\n", "expected a mapping of keys to values, got a list"),
        (
            b"name: x\n\tlab: good\n",
            "other.yaml, line 2: found character '\\t' that cannot start any token; indent with",
        ),
        (b"name: a\nname: b\n", "other.yaml, line 2: duplicate key 'name'"),
        (b"name: x\nlab: caf\xe9\n", "other.yaml, line 2: not UTF-8 text"),
        (bytes(range(256)), ": not UTF-8 text ("),
    ],
)
def test_a_file_that_is_no_campaign_is_named(refused, campaign, tmp_path, content, sentence):
    (tmp_path / "other.yaml").write_bytes(content)
    assert sentence in refused("run", "other.yaml")


def test_a_folder_is_no_campaign(refused, campaign, tmp_path):
    (tmp_path / "folder").mkdir()
    assert "folder is a folder; give the YAML file of a campaign" in refused("run", "folder")


def test_a_byte_order_mark_is_not_a_letter(designloop, campaign, tmp_path):
    """Spreadsheets and editors write one; it means UTF-8, and stands before no sequence."""
    (tmp_path / "natural.txt").write_bytes(b"\xef\xbb\xbfGGGGCCCC\r\nGGGGCCCA\r\n")
    campaign.write_bytes(b"\xef\xbb\xbf" + campaign.read_bytes())
    assert designloop("validate", campaign, "--set", "prior.corpus.path=natural.txt").code == 0


@pytest.mark.parametrize("name", ["a/b", "..", "/etc/x"])
def test_a_name_does_not_leave_the_folder_of_runs(refused, campaign, name):
    assert f"the name '{name}' cannot be a folder in runs/" in refused("run", campaign, "--set", f"name={name}")


@pytest.mark.parametrize("setting", ["budget=", "lab=[]", "budget=7"])
def test_a_mapping_is_asked_for_in_words(refused, campaign, setting):
    assert "expected a mapping of keys to values, got" in refused("run", campaign, "--set", setting)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("natural.txt", b"GGGG\xe9CCC\n", "natural.txt, line 1: letter '\u00e9' at position 5 is not in"),
        ("natural.fasta", bytes(range(256)), "natural.fasta, line 2: not UTF-8 text"),
        ("natural.txt.gz", b"GGGGCCCC\n", "natural.txt.gz cannot be read: it is not compressed by gzip"),
        (
            "natural.txt.gz",
            gzip.compress(b"GGGGCCCC\n" * 9)[:20],
            "natural.txt.gz cannot be read: Compressed file ended",
        ),
        ("natural.csv", b"sequence,a\nGGGGCCCC,1\nGGGGCCCA,1,2\n", "line 3 has 3 cells, but the header has 2 ("),
        ("natural.parquet", b"PAR2 and so on", "natural.parquet cannot be read as a table"),
    ],
)
def test_a_damaged_corpus_is_named(refused, campaign, tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    assert sentence in refused("run", campaign, "--set", f"prior.corpus.path={name}")


def test_a_folder_is_no_corpus(refused, campaign, tmp_path):
    (tmp_path / "natural").mkdir()
    assert "natural is a folder, not a file; give a file" in refused(
        "run", campaign, "--set", "prior.corpus.path=natural"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"sequence,value\nACGU,1\nACGA,high\n", "line 3, column 'value': 'high' is not a number"),
        (b"sequence,value\nACGU,1\nACGA,inf\n", "line 3, column 'value': 'inf' is not a finite number"),
        (
            b"sequence;value\nACGU;1,5.0\n",
            "line 2, column 'value': '1,5.0' has a comma; write numbers with one decimal mark",
        ),
        (b"sequence,value\nACGU,1\n,2\n", "line 3: the sequence is empty"),
        (b"", "cannot be read as a table: it is empty"),
    ],
)
def test_a_damaged_landscape_is_named(refused, campaign, tmp_path, content, sentence):
    (tmp_path / "table.csv").write_bytes(content)
    assert sentence in refused("parts", "landscape", "table.csv", "--alphabet", "rna")
    assert sentence in refused("run", campaign, "--set", "oracle={kind: landscape, path: table.csv, alphabet: rna}")


@pytest.fixture
def finished(designloop, campaign, tmp_path):
    assert designloop("run", campaign, "--out", "there", "--quiet").code == 0
    return tmp_path / "there"


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("manifest.json", b"{", "manifest.json is damaged (Expecting property name"),
        ("manifest.json", b"[1]", "manifest.json is damaged (expected a mapping"),
        ("manifest.json", b"{}", "manifest.json is damaged ('seed' should be an integer, got null"),
        ("manifest.json", b'{"seed": 1.9}', "manifest.json is damaged ('seed' should be an integer, got 1.9"),
        ("manifest.json", b'{"seed": true}', "manifest.json is damaged ('seed' should be an integer, got true"),
        ("manifest.json", b'{"seed": 0, "cache": []}', "('cache' should be a mapping from names to strings, got []"),
        ("manifest.json", b'{"seed": 0, "files": {"a": 1}}', "('files' should be a mapping from names to strings"),
        ("manifest.json", b'{"seed": 0, "event_hash": 7}', "('event_hash' should be a string, got 7"),
        ("manifest.json", b"[" * 100_000, "manifest.json is damaged (maximum recursion depth"),
        ("config.yaml", b"name: caf\xe9\n", "config.yaml is damaged"),
        ("campaign.db", b"", "has lost its campaign.db"),
        ("campaign.db", None, "has lost its campaign.db"),
        ("campaign.db", b"no database at all" * 100, "it is not a database, or damaged"),
    ],
)
def test_a_damaged_run_is_left_as_it_is(refused, finished, file, content, sentence):
    (finished / file).unlink() if content is None else (finished / file).write_bytes(content)
    for command in ("show", "resume"):
        assert sentence in refused(command, finished)


def test_a_run_that_lost_its_events_is_not_begun_again_over_its_remains(refused, finished, campaign):
    (finished / "campaign.db").unlink()
    assert "has lost its campaign.db" in refused("run", campaign, "--out", finished)


def test_a_directory_that_cannot_be_made_is_named(refused, campaign):
    assert "cannot create the directory" in refused("run", campaign, "--out", campaign / "there")


def test_an_oracle_that_ends_the_program_ends_the_run_with_a_sentence(designloop, campaign, tmp_path):
    (tmp_path / "ends.py").write_text(
        (tmp_path / "my_oracle.py").read_text().replace("return [", "raise SystemExit(3)\n    [")
    )
    answer = designloop("run", campaign, "--set", f"oracle={tmp_path}/ends.py:share_of_g", "--out", "there")
    assert answer.code == 1
    assert "raised SystemExit: 3" in answer.err
    assert "designloop resume there" in answer.err


def test_a_full_disk_stops_a_run_that_goes_on_when_there_is_room(designloop, campaign, tmp_path):
    """A limit on the size of files stands in for the disk: what came before it is kept, and nothing is half-written."""
    assert designloop("run", campaign, "--out", "whole", "--set", "budget.designs=60", "--quiet").code == 0
    limit = (tmp_path / "whole" / "campaign.db").stat().st_size // 2
    command = [sys.executable, "-m", "designloop.cli.main", "run", str(campaign), "--out", "small", "--set"]
    stopped = subprocess.run(
        [*command, "budget.designs=60"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert stopped.returncode == 2
    assert "the disk failed or is full, or a file size limit was reached" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    again = (
        ("resume", "small")
        if (tmp_path / "small" / "config.yaml").exists()
        else ("run", campaign, "--out", "small", "--set", "budget.designs=60")
    )
    assert designloop(*again, "--quiet").code == 0
    hashes = [designloop("show", name, "--json").out.split('"event_hash": ')[1][:66] for name in ("whole", "small")]
    assert hashes[0] == hashes[1]
