"""Output that cannot be written ends a command with a sentence, or quietly; what a terminal cannot spell is plainer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from designloop.cli import main as door
from designloop.storage import run_directory


def typed(command: str, folder: Path, **surroundings: str) -> subprocess.CompletedProcess[bytes]:
    """A shell's command line, `designloop` in it being this one."""
    ours = f'designloop() {{ "{sys.executable}" -m designloop "$@"; }}; {command}'
    path = os.pathsep.join([str(Path(door.__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, **surroundings}
    return subprocess.run(["bash", "-c", ours], cwd=folder, capture_output=True, env=env, check=False)


FULL = b"error: cannot write the output: No space left on device; free some space, or write elsewhere\n"
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


@needs_full
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_output_is_told(tmp_path, unbuffered):
    ended = typed("designloop parts > /dev/full", tmp_path, PYTHONUNBUFFERED=unbuffered)
    assert (ended.returncode, ended.stderr) == (1, FULL)


@needs_full
def test_an_error_that_cannot_be_told_still_ends_with_its_code(tmp_path):
    ended = typed("designloop show nowhere 2> /dev/full", tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, b"", b"")


def test_a_reader_who_leaves_ends_the_command_without_a_word(tmp_path):
    ended = typed("designloop schema | head -1; echo ${PIPESTATUS[0]}", tmp_path)
    assert (ended.stdout, ended.stderr) == (b"{\n141\n", b"")


def test_closed_streams_are_read_by_nobody_and_harm_no_file(designloop, campaign, tmp_path):
    ended = typed(f"designloop run {campaign} --out run >&- 2>&-", tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert run_directory.load(tmp_path / "run").designs == 18


def test_letters_that_a_terminal_lacks_are_written_plainer(designloop, campaign, tmp_path):
    assert designloop("run", campaign, "--out", "run", "-q").code == 0
    asked = typed("designloop show run; designloop show $'\\xe9\\xff'", tmp_path, PYTHONIOENCODING="ascii")
    told = designloop("show", "run").out
    assert "·" in told
    assert asked.stdout.decode("ascii") == told.replace("·", "-")
    assert b"error: \\udce9\\udcff holds no run" in asked.stderr


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError("Unable to allocate 4.29 GiB for an array"), "(Unable to allocate 4.29 GiB for an array)"),
        (MemoryError(), "(allocation failed)"),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: can't allocate memory: 9 bytes\nmore"),
            "can't allocate memory: 9 bytes)",
        ),
    ],
)
def test_too_little_memory_is_a_sentence(error, sentence, designloop, monkeypatch):
    monkeypatch.delenv("DESIGNLOOP_DEBUG", raising=False)

    def fails() -> None:
        raise error

    monkeypatch.setattr(door, "app", fails)
    answer = designloop("anything")
    assert answer.code == 1
    assert answer.err.startswith("error: not enough memory (")
    assert sentence in answer.err.splitlines()[0]
    assert "unexpected" not in answer.err


def test_a_broken_pipe_that_is_not_the_outputs_is_told(designloop, monkeypatch):
    monkeypatch.delenv("DESIGNLOOP_DEBUG", raising=False)

    def fails(*_: object, **__: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("designloop.cli.show.show_run", fails)
    answer = designloop("show", "anything")
    assert answer.code == 1
    assert "unexpected error: BrokenPipeError" in answer.err


@pytest.mark.parametrize("words", [("run", "small.yaml", "--out"), ("show",), ("report",), ("compare",), ("validate",)])
@pytest.mark.parametrize("place", ["n" * 300, "small.yaml/below"])
def test_a_place_where_no_file_can_be_is_told(designloop, campaign, words, place):
    answer = designloop(*words, place)
    assert answer.code == 2, answer.err
    assert answer.err.startswith("error: ")
    assert place[:40] in answer.err
