"""A plain function is an oracle, by decorator, by file and by module; and says where it cannot be found again."""

import pickle

import numpy as np
import pytest
from pydantic import ValidationError

from designloop.core.alphabet import RNA
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import ConfigError
from designloop.core.parts import Part
from designloop.core.spaces import Space
from designloop.oracles import FunctionOracle
from designloop.oracles.base import Oracle
from designloop.oracles.function import oracle

FIVE_LINES = """from designloop.oracles.function import oracle
@oracle(alphabet="rna", length=9, optimum=9)
def gc(sequences):
    return [sequence.count("G") + sequence.count("C") for sequence in sequences]
"""
OTHERS = """import numpy as np
from typing import ClassVar
from designloop.core.alphabet import RNA
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle

def plain(sequences):
    return [len(set(s)) for s in sequences]

class Mine(Oracle):
    space: ClassVar[Space] = Space.of_length(RNA, 3)
    scale: str = "log"
    def __call__(self, sequences):
        return np.array([float(s.count("A")) for s in sequences])

made = Mine()
"""


class Holder(Part):
    oracle: Oracle


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "my_oracle.py").write_text(FIVE_LINES)
    (tmp_path / "others.py").write_text(OTHERS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text):
    return build(Holder, read_text(f"oracle: {text}", "campaign.yaml")).oracle


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("my_oracle.py:gc", 2),
        ("{kind: function, function: my_oracle.py:gc}", 2),
        ("{kind: my_oracle.py:gc, scale: log}", 2),
        ("{kind: others.py:plain, alphabet: rna, length: 3}", 3),
        ("{kind: others.py:plain, alphabet: rna, min_length: 1, max_length: 9}", 3),
        ("others.py:Mine", 1),
        ("others.py:made", 1),
    ],
)
def test_an_oracle_in_a_users_file_runs_and_reads_back_from_anywhere(folder, monkeypatch, text, value):
    found = read(text)
    assert isinstance(found, Oracle)
    assert found(["GCA"]).tolist() == [value]
    described = to_yaml(Holder(oracle=found).describe())
    monkeypatch.chdir("/")
    again = build(Holder, read_text(described, "again")).oracle
    assert again == found
    assert pickle.loads(pickle.dumps(again)) == found
    assert again(["GCA"]).tolist() == [value]
    assert pickle.loads(pickle.dumps(again))(["GCA"]).tolist() == [value], "also after a call"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("others.py:plain", "does not define which sequences it accepts; decorate it"),
        ("{kind: others.py:plain, alphabet: rna}", "give `alphabet:` with `length:`"),
        ("my_oracle.py:cg", r"has no 'cg' \(oracle, line \d+ of .*\)\. Did you mean 'gc'\?"),
        ("my_oracle.py:__doc__", "is None, not an oracle"),
        ("{kind: my_oracle.py:gc, optimun: 9}", r"unknown key 'optimun' \(oracle.*\)\. Did you mean 'optimum'\?"),
        ("nowhere.py:gc", "no file nowhere.py"),
        ("{kind: others.py:plain, alphabet: rna, length: 3, min_length: 2}", "`length` is short for `min_length` and"),
        (
            "{kind: others.py:plain, space: {alphabet: rna, length: 3, max_length: 3}}",
            "`length` is short for `min_length`",
        ),
    ],
)
def test_a_wrong_description_says_what_to_change(folder, text, sentence):
    with pytest.raises(ConfigError, match=sentence):
        read(text)


def test_a_whole_space_in_a_description_takes_length(folder):
    assert read("{kind: others.py:plain, space: {alphabet: rna, length: 3}}").space == Space.of_length(RNA, 3)


def test_a_decorated_function_can_still_be_called():
    @oracle(alphabet=RNA, length=3)
    def guanines(sequences):
        return [s.count("G") for s in sequences]

    assert guanines(["GGA", "AAA"]).tolist() == [2.0, 0.0]
    assert guanines([]).dtype == np.float64
    assert guanines.space.size == 64
    with pytest.raises(ConfigError, match=r"is defined in another function.*move it to the top level of a file"):
        guanines.describe()
    with pytest.raises(ConfigError, match="move it to the top level of a file"):
        Holder(oracle=guanines).describe()


def test_a_decorator_and_a_bare_function_need_a_space():
    with pytest.raises(ConfigError, match="define which sequences"):
        oracle(scale="log")
    with pytest.raises(ValidationError, match="does not define which sequences"):
        Holder(oracle=lambda sequences: sequences)
    with pytest.raises(ValidationError, match=r"expected package\.module:name"):
        FunctionOracle(function=3, alphabet="rna", length=3)
