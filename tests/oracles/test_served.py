"""A function of another Python, and any oracle in several processes: values as in this one, and failures in words."""

import subprocess
import sys
from contextvars import copy_context
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from process_stubs import is_alive, soon
from stubs import small

import designloop as dl
from designloop.core.errors import ConfigError, OracleError
from designloop.core.lasting import lasting
from designloop.core.parts import Part
from designloop.core.sources import sources_of
from designloop.core.unrecorded import Unrecorded
from designloop.oracles import NK, Command, FunctionOracle, Parallel, Python
from designloop.oracles.base import Oracle
from designloop.programs.serving import Letters, adapted, numbers

MINE = """
import json, os, sys, time
from helper_of_mine import worth


def count(sequences, letter="A"):
    print("a word on standard output")
    sys.stdin.read()
    return [worth(sequence, letter) for sequence in sequences]


class lacking:
    def __init__(self):
        import no_such_library


def bad(sequences):
    return [1 / 0 for sequence in sequences]


def hang(sequences):
    time.sleep(60)


def leave(sequences):
    sys.exit("enough")


def text(sequences):
    return [str(len(sequence)) for sequence in sequences]


def infinite(sequences):
    return [float("inf") for sequence in sequences]


def few(sequences):
    return [0.5]


def one(sequences):
    return 0.5


class Share:
    def __init__(self, letter):
        self.letter = letter

    def __call__(self, sequences):
        return (worth(sequence, self.letter) for sequence in sequences)


class Silent:
    pass
"""
HELPER = "def worth(sequence, letter):\n    return float('nan') if sequence[0] == 'T' else sequence.count(letter) / 8\n"
SEQUENCES = ["AAAACCCC", "TTTTTTTT", "CCCCCCCC"]


class Holder(Part):
    oracle: Oracle


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "helper_of_mine.py").write_text(HELPER)
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path / "mine.py"


def served(mine: Path, name: str, **fields: Any) -> Python:
    return Python(function=f"{mine}:{name}", **{"alphabet": "dna", "length": 8, "restarts": 0, **fields})


@pytest.mark.parametrize(
    ("name", "arguments", "values"),
    [
        ("count", {}, [0.5, np.nan, 0.0]),
        ("count", {"letter": "C"}, [0.5, np.nan, 1.0]),
        ("Share", {"letter": "C"}, [0.5, np.nan, 1.0]),
    ],
)
def test_a_function_or_a_class_is_served_with_its_arguments(
    mine: Path, name: str, arguments: dict[str, Any], values: list[float]
) -> None:
    """What it prints does not disturb, and it cannot read what is not meant for it."""
    np.testing.assert_array_equal(served(mine, name, arguments=arguments)(SEQUENCES), values)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("bad", "the program reported an error: ZeroDivisionError: division by zero ("),
        ("leave", "the program reported an error: SystemExit: enough ("),
        ("text", "TypeError: returned '8' for 'AAAACCCC'; return one number per sequence"),
        ("infinite", "ValueError: returned inf for 'AAAACCCC'; return a finite number, or NaN if it is not viable"),
        ("few", "ValueError: returned 1 values for 3 sequences; return one per sequence"),
        ("one", "TypeError: returned 0.5; return one number per sequence"),
        ("hang", "the program did not answer within 0.2 s; correct it, or raise `seconds`"),
    ],
)
def test_a_function_that_fails_is_told_with_its_error(mine: Path, name: str, what: str) -> None:
    with pytest.raises(OracleError) as caught:
        served(mine, name, seconds=0.2 if name == "hang" else 60.0)(SEQUENCES)
    assert what in str(caught.value)
    assert name != "bad" or f"{mine}, line 18, in " in str(caught.value)


@pytest.mark.parametrize(
    ("name", "fields", "what"),
    [
        ("Silent", {}, "TypeError: Silent has no __call__; define __call__(self, sequences)"),
        ("nothing", {}, "AttributeError: module 'mine' has no attribute 'nothing'"),
        ("lacking", {}, f"line 14, in __init__); install it for {sys.executable}"),
        ("Share", {}, "missing 1 required positional argument: 'letter'"),
        ("count", {"python": "/no/such/python"}, "/no/such/python does not exist; correct `python`"),
    ],
)
def test_what_cannot_be_served_is_told_before_anything_is_written(
    mine: Path, tmp_path: Path, name: str, fields: dict[str, Any], what: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        small(oracle=served(mine, name, **fields)).run(store=tmp_path / "run")
    assert str(caught.value).startswith(f"oracle 'python: mine.py:{name}'")
    assert what in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_another_python_serves_it_without_designloop(mine: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "elsewhere")], check=True)
    mine.write_text(
        MINE + "\n\ndef where(sequences):\n    return [float('elsewhere' in sys.prefix) for _ in sequences]\n"
    )
    other = str(tmp_path / "elsewhere" / "bin" / "python")
    assert served(mine, "where", python=other)(SEQUENCES).tolist() == [1.0] * 3
    assert served(mine, "where")(SEQUENCES).tolist() == [0.0] * 3
    assert subprocess.run([other, "-I", "-c", "import designloop"], capture_output=True, check=False).returncode == 1


def test_its_code_is_among_the_sources(mine: Path) -> None:
    code = sources_of(Holder(oracle=served(mine, "count", python=sys.executable))).code
    assert {Path(file).name for file in code} >= {"mine.py", "helper_of_mine.py"}


@pytest.mark.parametrize(
    ("kind", "changed"),
    [("python", "mine.py"), ("python", "helper_of_mine.py"), ("command", "mine.py"), ("parallel", "own.py")],
)
def test_kept_answers_are_those_of_one_code(kind: str, changed: str, mine: Path, tmp_path: Path) -> None:
    """A plate must not mix the values of two functions. The original code has its answers again."""
    own = '@dl.oracle(alphabet="dna", length=8)\ndef own(sequences):\n    return [1.0 for _ in sequences]\n'
    (tmp_path / "own.py").write_text(f"import designloop as dl\n\n{own}")
    oracle = {
        "python": lambda: served(mine, "count"),
        "command": lambda: Command(argv=(sys.executable, str(mine)), alphabet="dna", length=8),
        "parallel": lambda: Parallel.model_validate({"oracle": f"{tmp_path}/own.py:own"}),
    }[kind]()
    Unrecorded(oracle, tmp_path).keep(SEQUENCES, [1.0, 2.0, 3.0])
    assert Unrecorded(oracle, tmp_path).of(SEQUENCES) == [1.0, 2.0, 3.0]
    text = (tmp_path / changed).read_text()
    (tmp_path / changed).write_text(text + "\nother = 1\n")
    assert Unrecorded(oracle, tmp_path).of(SEQUENCES) is None
    (tmp_path / changed).write_text(text)
    assert Unrecorded(oracle, tmp_path).of(SEQUENCES) == [1.0, 2.0, 3.0]


def test_an_oracle_in_processes_has_the_values_that_it_has_in_this_one() -> None:
    inner = NK(length=12, neighbours=2)
    sequences = inner.space.sample(50, np.random.default_rng(0))
    for workers in (1, 3):
        np.testing.assert_array_equal(Parallel(oracle=inner, workers=workers)(sequences), inner(sequences))
    whole = Parallel(oracle=inner)
    assert (whole.space, whole.known_as, whole.drawn(3)) == (inner.space, "nk", Parallel(oracle=inner.with_(seed=3)))


def test_an_oracle_that_exists_only_here_cannot_be_served(tmp_path: Path) -> None:
    here = FunctionOracle(function=lambda sequences: [0.0] * len(sequences), alphabet="dna", length=8)
    with pytest.raises(ConfigError, match=r"defined in another function.*move it to the top level of a file"):
        small(oracle=Parallel(oracle=here)).run(store=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_hanging_oracle_is_ended_and_the_run_resumed(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    text = """import os, time
import designloop as dl

@dl.oracle(alphabet="dna", length=8)
def count(sequences):
    open({notes!r}, "a").write(f"{{os.getpid()}}\\n")
    {hang}
    return [sequence.count("A") for sequence in sequences]
"""
    notes = str(tmp_path / "notes")
    own.write_text(text.format(notes=notes, hang="time.sleep(60)"))
    campaign = small(oracle={"kind": "parallel", "oracle": f"{own}:count", "seconds": 1.0})
    with pytest.raises(OracleError, match=r"oracle 'own.py:count' in week .* the program did not answer within 1 s"):
        campaign.run(store=tmp_path / "run")
    assert soon(lambda: not any(is_alive(int(pid)) for pid in Path(notes).read_text().split()))
    own.write_text(text.format(notes=notes, hang="pass"))
    with pytest.warns(UserWarning, match=r"own\.py changed since the run began"):
        result = campaign.resume(tmp_path / "run")
    assert result.stop == "the designs are spent"


def test_an_interrupt_ends_all_workers(tmp_path: Path) -> None:
    """Another thread kills them while they are asked, without a grace period, and none is started again."""
    script = "read h; echo ready,1; echo $$ >> pids; read q; read end; touch waited"
    oracle = dl.oracles.Command(
        argv=("sh", "-c", script), format="csv", alphabet="dna", length=8, batch_size=1, workers=3, folder=str(tmp_path)
    )
    pids, failures = tmp_path / "pids", list[str]()

    def ask() -> None:
        with pytest.raises(OracleError) as caught:
            oracle(SEQUENCES)
        failures.append(str(caught.value))

    with lasting(tmp_path):
        asking = Thread(target=copy_context().run, args=(ask,))
        asking.start()
        assert soon(lambda: pids.exists() and pids.read_text().count("\n") == 3)
    asking.join(20)
    assert "was ended" in failures[0]
    assert pids.read_text().count("\n") == 3
    assert not (tmp_path / "waited").exists()
    assert not any(is_alive(int(pid)) for pid in pids.read_text().split())


class BaseTestProblem:
    """Looks like a test function of BoTorch, which is not installed here."""

    __module__ = "botorch.test_functions.base"
    dim = 4

    def __init__(self) -> None:
        import torch

        self.bounds = torch.tensor([[0.0] * 4, [3.0] * 4])

    def __call__(self, codes: Any, noise: bool = True) -> Any:
        import torch

        assert not noise
        return torch.where(codes[:, 0] == 3, -torch.inf, codes.sum(dim=1))


def test_a_test_function_gets_codes_and_minus_infinity_is_not_viable() -> None:
    oracle = dl.oracle(alphabet="dna", length=4)(BaseTestProblem())
    np.testing.assert_array_equal(oracle(["ACGT", "TAAA", "TTTT", "GGGG"]), [6.0, np.nan, np.nan, 8.0])
    assert oracle([]).shape == (0,)


@pytest.mark.parametrize(
    ("alphabet", "length", "what"),
    [
        ("dna", 5, "takes sequences of 4 letters; give `length: 4`"),
        ("protein", 4, "has 4 states, but the alphabet has 20"),
    ],
)
def test_a_space_that_is_not_that_of_the_test_function_is_refused_before_anything_runs(
    alphabet: str, length: int, what: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=what):
        small(oracle=dl.oracle(alphabet=alphabet, length=length)(BaseTestProblem())).run(store=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_masked_array_has_no_numbers() -> None:
    with pytest.raises(TypeError, match="masked"):
        numbers(np.ma.array([1.0, 2.0], mask=[True, False]), ["A", "C"])
    assert numbers(np.array([1, 2]), ["A", "C"]) == [1.0, 2.0]
    with pytest.raises(TypeError, match="int has no __call__"):
        adapted(3, Letters("ACGT", 1, 1))
