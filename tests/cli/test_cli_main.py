"""The door: help and version are quick, light, and everything that goes wrong ends in a sentence."""

import subprocess
import sys

import pytest

from designloop.cli import main as door
from designloop.cli.shared.campaigns import Interrupted
from designloop.core.errors import ConfigError, OracleError


def test_help_names_every_verb(designloop):
    answer = designloop("--help")
    assert answer.code == 0
    for verb in ("run", "resume", "validate", "show", "parts", "schema"):
        assert f"  {verb} " in answer.out


def test_help_loads_nothing_heavy():
    heavy = "{'torch', 'scipy', 'polars', 'pandas', 'sqlalchemy', 'simpy', 'numpy', 'pydantic'}"
    code = f"""
import sys
from designloop.cli.main import main
sys.argv = ["designloop", "--help"]
try:
    main()
except SystemExit:
    pass
print("loaded:", sorted({heavy} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_version_is_printed(designloop):
    assert designloop("--version").out.startswith("designloop ")


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (ConfigError("no key 'wekks'"), 2, "error: no key 'wekks'\n"),
        (OracleError("the oracle raised"), 1, "error: the oracle raised\n"),
        (Interrupted("to continue: designloop resume x"), 130, "to continue: designloop resume x\n"),
    ],
)
def test_an_error_is_its_sentence_and_its_exit_code(error, code, sentence, designloop, monkeypatch):
    monkeypatch.delenv("DESIGNLOOP_DEBUG", raising=False)
    monkeypatch.setattr(door, "app", lambda: raised(error))
    answer = designloop("anything")
    assert (answer.code, answer.err) == (code, sentence)


def test_an_unexpected_error_says_how_to_see_where(designloop, monkeypatch):
    monkeypatch.delenv("DESIGNLOOP_DEBUG", raising=False)
    monkeypatch.setattr(door, "app", lambda: raised(ZeroDivisionError("division by zero")))
    answer = designloop("anything")
    assert answer.code == 1
    assert answer.err.startswith("unexpected error: ZeroDivisionError: division by zero (")
    assert "test_cli_main.py, line" in answer.err
    assert "DESIGNLOOP_DEBUG=1" in answer.err


def test_a_traceback_is_shown_when_asked_for(monkeypatch):
    monkeypatch.setenv("DESIGNLOOP_DEBUG", "1")
    monkeypatch.setattr(door, "app", lambda: raised(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        door.main()


def raised(error):
    raise error


def test_square_brackets_in_a_docstring_are_printed_as_they_are(designloop):
    """`log E[max(...)]` is a formula, and no markup."""
    assert "log E[max(value - threshold, 0)]" in designloop("parts", "acquisition").out
