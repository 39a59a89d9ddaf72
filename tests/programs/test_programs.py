"""An outside program is asked in JSON lines; whatever it does, designloop neither hangs nor leaves a process behind."""

import logging
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any, Literal

import pytest
from process_stubs import is_alive, soon

from designloop.core import notices
from designloop.core.errors import ConfigError, ProgramError
from designloop.core.lasting import kept, lasting
from designloop.core.notices import heard
from designloop.programs import process
from designloop.programs.conversation import Conversation, check_is_ready, conversation
from designloop.programs.log import LOG, MOST, Log
from designloop.programs.messages import Message, line_of
from designloop.programs.process import Process
from designloop.programs.program import Program

OUTSIDE = Path(__file__).parent / "outside.py"


class Echo(Message):
    type: Literal["echo"]
    of: dict[str, Any] | None = None
    pid: int = 0
    letter: str = ""
    number: float = 0.0


def program(flaw: str = "none", notes: Path | str = os.devnull, **fields: Any) -> Program:
    fields = {"restarts": 0, "back_off": 0.0, "seconds": 20.0, **fields}
    return Program(argv=(sys.executable, "-S", str(OUTSIDE), flaw, str(notes)), **fields)


def ask(flaw: str, folder: Path | None = None, **fields: Any) -> Echo:
    """The answer of a program with this flaw, which is not left running."""
    talk = Conversation(program(flaw, **fields), "the tool", folder)
    try:
        return talk.ask({"type": "question", "n": 3}, Echo)
    finally:
        talk.end()


def failure(flaw: str, **fields: Any) -> str:
    with pytest.raises(ProgramError) as caught:
        ask(flaw, **fields)
    return str(caught.value)


def test_a_question_comes_back_from_one_process_again_and_again(tmp_path: Path) -> None:
    talk, notes = Conversation(program(notes=tmp_path / "notes"), "the tool"), tmp_path / "notes"
    answers = [talk.ask({"type": "question", "n": n, "letter": "Ā"}, Echo) for n in range(3)]
    assert [answer.of for answer in answers] == [{"type": "question", "n": n, "letter": "Ā"} for n in range(3)]
    assert {answer.letter for answer in answers} == {"Ā"}
    assert len({answer.pid for answer in answers}) == 1
    talk.end()
    assert notes.read_text().split() == ["started", "ended"]  # by itself, as its standard input closed
    assert not is_alive(answers[0].pid)


def test_a_question_and_an_answer_may_be_larger_than_any_pipe() -> None:
    talk = Conversation(program(), "the tool")
    long = {"type": "question", "text": "ACGT" * 500_000}
    assert talk.ask(long, Echo).of == long
    talk.end()


@pytest.mark.parametrize(
    ("flaw", "what"),
    [
        ("crash at start", "ended with exit code 1 before it answered; correct the program; its standard error ends:"),
        ("speak at start", "expected a JSON object with \"type\": \"ready\": Invalid JSON: expected value"),
        ("another version", "speaks protocol 2, but this version of designloop speaks protocol 1; use versions of"),
        ("crash", "ended with exit code 3 before it answered; correct the program; its standard error ends: out of "
         "paper | at line 7"),
        ("be killed", "was ended by SIGKILL before it answered; correct the program"),
        ("close", "closed its standard output before it answered"),
        ("garbage", "expected a JSON object with \"type\": \"echo\": Invalid JSON: expected value at line 1 column 1 "
         "in 'epoch 1, loss 0.3'"),
        ("bytes", "Invalid JSON: invalid unicode code point"),
        ("nothing", "Invalid JSON: EOF while parsing"),
        ("a list", "Input should be an object in '[1]'"),
        ("nan", "the answer `echo` is wrong: number: Input should be a finite number in"),
        ("infinity", "the answer `echo` is wrong: number: Input should be a finite number in"),
        ("another type", "answered `proposal`, expected `echo`"),
        ("another key", "unknown key 'off'. Did you mean 'of'? in"),
        ("a text for a number", "number: Input should be a valid number in"),
        ("report", "reported an error: the licence has expired"),
        ("a deep hole", "Invalid JSON: recursion limit exceeded"),
    ],
)  # fmt: skip
def test_a_failure_names_the_program_and_says_what_came(flaw: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE", 0.1 if flaw == "close" else 2.0)
    message = failure(flaw)
    assert message.startswith("the tool ")
    assert what in message


def test_a_program_that_hangs_is_ended_at_its_limit() -> None:
    assert failure("hang", seconds=0.2) == "the tool did not answer within 0.2 s; correct it, or raise `seconds`"
    message = failure("hang at start", start_seconds=0.2)
    assert message == "the tool did not answer within 0.2 s; correct it, or raise `start_seconds`"


def test_endless_output_is_cut_off() -> None:
    message = failure("be endless", max_output=1_000_000)
    assert message.startswith(f"the tool wrote more than 1,000,000 bytes, '{'A' * 60}...'; raise `max_output`")


def test_an_answer_too_many_is_an_error_at_the_next_question() -> None:
    talk = Conversation(program("answer twice"), "the tool")
    assert talk.ask({"type": "question"}, Echo).pid == 0
    time.sleep(0.2)
    with pytest.raises(ProgramError, match=r"the tool wrote more than its answer, '\{\"type\": \"echo\""):
        talk.ask({"type": "question"}, Echo)


def test_a_megabyte_on_standard_error_blocks_nothing_and_is_kept(tmp_path: Path) -> None:
    assert ask("talk", tmp_path).pid > 0
    text = (tmp_path / LOG).read_text()
    assert text.startswith(f"# {Path(sys.executable).name} -S outside.py talk")
    assert text.count("loss ") == 200_000


def test_without_a_run_directory_standard_error_goes_to_the_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    logger = logging.getLogger("designloop.programs.log")
    logger.setLevel("INFO")
    monkeypatch.setattr(logger, "handle", lambda record: told.append(record.getMessage().rpartition(": ")[2]))
    failure("crash")
    assert told == ["out of paper", "at line 7"]


def test_a_log_is_bounded(tmp_path: Path) -> None:
    log = Log(tmp_path, "the tool")
    for _ in range(70):
        log.hear(b"x" * 1024 * 1024)
    assert MOST <= (tmp_path / LOG).stat().st_size < MOST + 100
    assert (tmp_path / LOG).read_bytes().endswith(b"x\n# the rest is left out\n")


def test_a_program_that_reads_nothing_more_may_still_answer_once() -> None:
    assert ask("not read").pid > 0


def test_a_crash_is_survived_by_a_restart_which_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    with heard(told.append, None):
        answer = ask("crash once", notes=tmp_path / "notes", restarts=2)
    assert answer.of == {"type": "question", "n": 3}
    assert told == [
        "warning: the tool ended with exit code 3; its standard error ends: out of paper | at line 7; restart 1 of 2"
    ]


def test_restarts_are_counted_and_pauses_double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("threading.Event.wait", lambda _, seconds: pauses.append(seconds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        message = failure("crash", notes=tmp_path / "notes", restarts=8, back_off=1.0)
    assert message.startswith("the tool ended with exit code 3 before it answered, 9 times; correct the program")
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (tmp_path / "notes").read_text().count("started") == 9


@pytest.mark.parametrize("flaw", ["garbage", "hang", "nan", "report", "another version"])
def test_only_a_program_that_ended_is_started_again(flaw: str, tmp_path: Path) -> None:
    failure(flaw, notes=tmp_path / "notes", restarts=5, seconds=0.2)
    assert (tmp_path / "notes").read_text().count("started") == 1


@pytest.mark.parametrize("flaw", ["hang with a child", "leave a child"])
def test_children_end_with_their_program(flaw: str, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    failure(flaw, notes=notes, seconds=0.5) if flaw.startswith("hang") else ask(flaw, notes=notes)
    (child,) = (int(word) for word in notes.read_text().split() if word.isdigit())
    assert soon(lambda: not is_alive(child))


def test_a_long_wait_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "FIRST_WORD", 0.1)
    monkeypatch.setattr(process, "_BREATH", 0.05)
    told: list[str] = []
    with heard(told.append, told.append):
        failure("hang", seconds=0.4)
    assert 1 < len(told) < 6
    assert told[0].startswith("waiting for the tool for ")
    assert told[0].endswith("; Ctrl-C interrupts, finished work is kept")


def test_that_a_program_is_ready_is_checked_once(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    for _ in range(3):
        check_is_ready(program(notes=notes), "the tool")
    assert notes.read_text().split() == ["started", "ended"]
    for _ in range(2):
        with pytest.raises(ProgramError, match="ended with exit code 1 before it was ready"):
            check_is_ready(program("crash at start", notes), "the tool")


def test_after_a_failure_the_next_question_goes_to_a_new_process(tmp_path: Path) -> None:
    talk = Conversation(program("crash once", tmp_path / "notes"), "the tool")
    with pytest.raises(ProgramError):
        talk.ask({"type": "question"}, Echo)
    assert talk.ask({"type": "question"}, Echo).pid > 0
    talk.end()


def test_a_program_lasts_as_long_as_the_run(tmp_path: Path) -> None:
    def pid() -> int:
        with conversation(program(), "the tool") as talk:
            return talk.ask({"type": "question"}, Echo).pid

    with lasting(tmp_path):
        first = pid()
        with lasting(None):
            assert pid() == first
        assert is_alive(first)
    assert not is_alive(first)
    second = pid()
    assert second != first
    assert not is_alive(second)


class Door:
    """Notes when it is opened and closed."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name, self.notes = name, notes

    def __enter__(self) -> str:
        if self.name == "-":
            raise RuntimeError("no such door")
        self.notes.append(f"open {self.name}")
        return self.name

    def __exit__(self, *_: object) -> None:
        self.notes.append(f"close {self.name}")


def use(names: str, notes: list[str]) -> None:
    for name in names:
        with kept(name, lambda _, name=name: Door(name, notes)) as thing:
            assert thing == name


def test_what_is_kept_is_opened_once_and_closed_in_reverse_also_after_an_error() -> None:
    notes: list[str] = []
    with pytest.raises(RuntimeError, match="no such door"), lasting():
        use("aba-", notes)
    assert notes == ["open a", "open b", "close b", "close a"]
    use("aa", notes)
    assert notes[4:] == ["open a", "close a"] * 2


PARENT = """
import sys
from test_programs import *
talk = Conversation(program(sys.argv[1], sys.argv[2]), "the tool")
talk.greet()
print(talk._process._popen.pid, flush=True)
talk.ask({"type": "question"}, Echo)
note = Path(sys.argv[2]).open("a").write("0\\n")
time.sleep(60)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("flaw", ["none", "hang with a child"])
def test_no_process_is_left_behind_by_one_that_is_ended(flaw: str, ending: signal.Signals, tmp_path: Path) -> None:
    """Neither a program that waits for a question, nor one that is busy and has a child."""
    notes, root = tmp_path / "notes", Path(__file__).parents[2]
    paths = os.pathsep.join(map(str, (root, root / "tests", OUTSIDE.parent)))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, flaw, str(notes)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert parent.stdout
    pid = int(parent.stdout.readline())
    assert soon(lambda: any(word.isdigit() for word in notes.read_text().split()))
    pids = {pid, *(int(word) for word in notes.read_text().split() if word.isdigit())} - {0}
    assert all(map(is_alive, pids))
    parent.send_signal(ending)
    parent.wait(20)
    parent.stdout.close()
    assert soon(lambda: not any(map(is_alive, pids)))


def test_arguments_may_be_one_text_or_numbers() -> None:
    assert Program(argv="awk 'END { print NR }' -v 3").argv == ("awk", "END { print NR }", "-v", "3")
    assert Program(argv=("sleep", 1, 0.5)).argv == ("sleep", "1", "0.5")
    assert Program(argv=("sh", Path("/my/fold.sh"))).argv == ("sh", "/my/fold.sh")
    assert Program(argv="sleep 1", env={"OMP_NUM_THREADS": 4}).env == {"OMP_NUM_THREADS": "4"}
    with pytest.raises(ValueError, match="valid string"):
        Program(argv=("sleep", True))
    with pytest.raises(ValueError, match="No closing quotation"):
        Program(argv="awk 'END")
    with pytest.raises(ValueError, match="at least 1 item"):
        Program(argv=())


def test_files_among_the_arguments_are_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evolve.py").touch()
    monkeypatch.chdir(tmp_path)
    mine = Program(argv=("python", "evolve.py", "./evolve.py", "other.py"))
    whole = str(tmp_path / "evolve.py")
    assert mine.argv == ("python", whole, whole, "other.py")
    assert mine.program == "python evolve.py evolve.py other.py"
    assert Program.model_validate(mine.describe()) == mine


def test_a_home_and_a_variable_are_expanded_in_names_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evolve.py").touch()
    monkeypatch.setenv("TOOLS", str(tmp_path))
    mine = Program(argv=("$TOOLS/evolve.py", "$TOOLS/evolve.py", "{ print $1 }", "$TOOLS/none"))
    assert mine.command == (f"{tmp_path}/evolve.py", f"{tmp_path}/evolve.py", "{ print $1 }", "$TOOLS/none")


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        (
            {"argv": "no-such-program"},
            "no program 'no-such-program' on the PATH; install it, or give its path in `argv`",
        ),
        ({"argv": "./evolv.py"}, "evolv.py does not exist. Did you mean 'evolve.py'?; correct `argv`"),
        ({"argv": "./evolve.py"}, "evolve.py is not executable; run `chmod +x "),
        ({"argv": "sh", "folder": "nowhere"}, "nowhere does not exist; create it, or correct `folder`"),
        ({"argv": "mine", "env": {"PATH": "/nowhere"}}, "no program 'mine' on the PATH"),
    ],
)
def test_a_program_that_cannot_be_run_is_told_with_the_mend(
    fields: dict[str, Any], what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "evolve.py").touch(0o644)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^the tool: [^;]*;") as caught:
        Program(**fields).check_exists("the tool")
    assert what in str(caught.value)


def test_its_folder_and_environment_are_as_given(tmp_path: Path) -> None:
    script = 'read hello; echo "$TONE $PYTHONHASHSEED $PWD" >&2; exit 4'
    told = Conversation(Program(argv=("sh", "-c", script), folder=str(tmp_path), env={"TONE": "low"}), "the tool")
    with pytest.raises(ProgramError, match=f"exit code 4 before it was ready.*ends: low 0 {tmp_path}$"):
        told.greet()


@pytest.mark.parametrize("argv", [("/bin",), ("a\0b",)])
def test_what_cannot_be_started_is_told(argv: tuple[str, ...]) -> None:
    with pytest.raises(ProgramError, match=r"^the tool cannot be started: "):
        Conversation(Program(argv=argv), "the tool").greet()


def test_a_message_is_one_line_of_ascii_without_nan() -> None:
    assert line_of({"a": "Ā\n"}) == b'{"a":"\\u0100\\n"}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        line_of({"a": float("nan")})


def test_closing_twice_is_closing_once() -> None:
    shell = Process(("sh", "-c", "exit 3"), dict(os.environ), None, lambda _: None)
    assert shell.close() == shell.close(at_once=True) == "ended with exit code 3"
