"""The contract holds for every oracle of the shelf, each with fields that make it small."""

import sys
from pathlib import Path

import pytest

from designloop.checking.asking import Here
from designloop.checking.bench import Held
from designloop.checking.laws import LAWS
from designloop.checking.trial import Trial
from designloop.core.config import Document, build
from designloop.core.kinds import short_names
from designloop.core.lasting import lasting
from designloop.testing import OracleContract

TABLE = "sequence,value\n" + "".join(
    f"{a}{b}GU,{i}.5\n" for i, (a, b) in enumerate(["AC", "CC", "GA", "UU", "GG", "AU"])
)
FUNCTION = """
import designloop as dl

@dl.oracle(alphabet="rna", min_length=3, max_length=9, optimum=9.0)
def mine(sequences):
    return [s.count("G") for s in sequences]
"""
EHRLICH = {"kind": "ehrlich", "num_states": 5, "length": 7, "num_motifs": 1, "motif_length": 3}
PROGRAM = """
import json, sys

for line in sys.stdin:
    asked = json.loads(line)
    if asked["type"] == "hello":
        print(json.dumps({"type": "ready", "protocol": 1}), flush=True)
    else:
        values = [s.count("G") for s in asked["sequences"]]
        print(json.dumps({"type": "values", "id": asked["id"], "values": values}), flush=True)
"""
RNA = {"alphabet": "rna", "length": 6}
SMALL = {
    "ehrlich": EHRLICH,
    "nk": {"kind": "nk", "length": 8, "neighbours": 1},
    "landscape": {"kind": "landscape", "path": "{folder}/table.csv"},
    "function": {"kind": "function", "function": "{folder}/mine.py:mine"},
    "rough-mt-fuji": {"kind": "rough-mt-fuji", "length": 6},
    "command": {"kind": "command", "argv": "{python} {folder}/program.py", **RNA},
    "python": {"kind": "python", "function": "{folder}/plain.py:count", **RNA},
    "parallel": {"kind": "parallel", "oracle": "{folder}/mine.py:mine", "workers": 2},
}
"""Kind -> a description of it. Other oracles run the contract in their own tests."""


@pytest.mark.parametrize("kind", sorted(set(short_names("oracles")) - set(SMALL)))
def test_every_other_oracle_runs_the_contract_in_its_own_tests(kind):
    own = Path(__file__).with_name(f"test_{kind.replace('-', '_')}.py")
    assert "(OracleContract)" in own.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=SMALL)
def trial(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "table.csv").write_text(TABLE)
    (folder / "mine.py").write_text(FUNCTION)
    (folder / "program.py").write_text(PROGRAM)
    (folder / "plain.py").write_text("def count(sequences):\n    return [s.count('G') for s in sequences]\n")
    fields = SMALL[request.param].items()
    described = {
        key: one.format(folder=folder, python=sys.executable) if isinstance(one, str) else one for key, one in fields
    }
    oracle = build(Held, Document({"oracle": described}, "the test")).oracle
    with lasting():
        trial = Trial(Here(oracle, 60.0))
        yield trial
        trial.close()


@pytest.mark.parametrize("law", LAWS)
def test_every_oracle_obeys_every_law(trial, law):
    OracleContract().test_law(trial, law)
