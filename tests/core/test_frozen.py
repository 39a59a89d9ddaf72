"""Ordinary Python in a part, attributes on self, is answered with what to write instead."""

from pathlib import Path

import pytest
from stubs import small

from designloop.core.config import build, read_text
from designloop.core.errors import ConfigError, PartError
from designloop.core.frozen import FrozenError
from designloop.core.parts import Part, find
from designloop.strategies.base import Strategy

THEIRS = """
import designloop as dl

class Top(dl.strategies.Random):
    def __init__(self, top=5):
        self.top = top

class Keeps(dl.strategies.Random):
    def propose(self, history, order, rng):
        self.model = [history]

class Counts(dl.strategies.Random):
    n: int = 0
    def propose(self, history, order, rng):
        self.n += 1
"""


class Holder(Part):
    strategy: Strategy


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    file = tmp_path / "my_parts.py"
    file.write_text(THEIRS)
    return file


def test_an_attribute_in_init_is_told_to_be_a_field(theirs: Path) -> None:
    sentence = (
        "parts are frozen: declare `top: int = 5` as a field, and keep nothing on self between calls "
        f"({theirs}, line 6, in __init__: self.top = top)"
    )
    with pytest.raises(FrozenError) as caught:
        find("strategies", f"{theirs}:Top")()
    assert str(caught.value) == sentence
    with pytest.raises(ConfigError) as read:
        build(Holder, read_text(f"strategy: {theirs}:Top", "c.yaml"))
    assert str(read.value) == f"{sentence} (strategy, line 1 of c.yaml)"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "Keeps",
            "parts are frozen: `model` cannot be kept; declare settings as fields, and keep nothing on self between "
            "calls ({file}, line 10, in propose: self.model = [history])",
        ),
        (
            "Counts",
            "parts are frozen: copy this one with a change, as in part.with_(n=...) ({file}, line 15, in propose: "
            "self.n += 1)",
        ),
    ],
)
def test_an_attribute_in_a_run_is_told_with_the_line(theirs: Path, name: str, sentence: str) -> None:
    with pytest.raises(PartError) as caught:
        small(strategy=f"{theirs}:{name}").run()
    assert str(caught.value) == sentence.format(file=theirs)
