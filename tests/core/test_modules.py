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
