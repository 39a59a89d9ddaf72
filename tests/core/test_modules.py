"""A function or a class in a file that is named the wrong way is answered with the right way."""

from pathlib import Path

import pytest

from designloop.core.config import build, read_text
from designloop.core.errors import ConfigError
from designloop.core.parts import Part
from designloop.oracles.base import Oracle
from designloop.strategies.base import Strategy

THEIRS = "class Tm: ...\n" + "".join(f"def {name}(sequences): ...\n" for name in ("melting", "_own", *"abcd"))


class Holder(Part):
    oracle: Oracle | None = None
    strategy: Strategy | None = None


ONE = """
import designloop as dl

@dl.oracle(alphabet=dl.RNA, length=8)
def share(sequences): ...

def helper(sequences): ...
"""
CLASSES = """
import designloop as dl

class _Base(dl.Oracle): ...

class Target(_Base):
    @property
    def space(self): return dl.Space.of_length(dl.RNA, 8)
    def __call__(self, sequences): ...
"""


@pytest.mark.parametrize(
    ("code", "name", "text"),
    [
        (ONE, "share", "oracle: one.py"),
        (ONE, "share", "oracle: {kind: function, function: one.py}"),
        (CLASSES, "Target", "oracle: one.py"),
    ],
)
def test_the_only_oracle_of_a_file_needs_no_name(code, name, text, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "one.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    described = build(Holder, read_text(text, "c.yaml")).describe()["oracle"]
    assert f"{tmp_path / 'one.py'}:{name}" in (described["kind"], described.get("function"))


@pytest.mark.parametrize("more", ["class Other(dl.Oracle): ...", "class Other(Target): ..."])
def test_of_several_oracles_in_a_file_one_must_be_named(more, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "two.py").write_text(CLASSES + more + "\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"name the function: two.py:NAME; known: Target, Other \(oracle, line 1"):
        build(Holder, read_text("oracle: two.py", "c.yaml"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "oracle: tm_oracle.py",
            "name the function: tm_oracle.py:NAME; known: Tm, melting, a, b, c (oracle, line 1 of c.yaml)",
        ),
        (
            "oracle: {kind: function, function: tm_oracle.py}",
            "name the function: tm_oracle.py:NAME; known: Tm, melting, a, b, c",
        ),
        ("strategy: tm_oracle.py", "name the class: tm_oracle.py:NAME; known: Tm (strategy, line 1 of c.yaml)"),
        ("oracle: nowhere.py", "name the function: nowhere.py:NAME (oracle, line 1 of c.yaml)"),
        (
            "oracle: tm_oracle:melting",
            "cannot import tm_oracle: No module named 'tm_oracle', got 'tm_oracle:melting' (oracle, line 1 of c.yaml). "
            "Did you mean 'tm_oracle.py:melting'?",
        ),
        (
            "oracle: tm_oracl.py:melting",
            "no file tm_oracl.py, got 'tm_oracl.py:melting' (oracle, line 1 of c.yaml). Did you mean 'tm_oracle.py'?",
        ),
    ],
)
def test_a_slip_in_the_name_of_a_file_is_answered_with_the_right_form(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tm_oracle.py").write_text(THEIRS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        build(Holder, read_text(text, "c.yaml"))
    assert str(caught.value).startswith(sentence)
