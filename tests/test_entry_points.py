"""A package of another's own brings parts by entry points: known by name in YAML, and shown by `designloop parts`."""

import importlib
import json
import os
import sys

import pytest

from designloop.campaign import Campaign
from designloop.checking.asking import answer
from designloop.checking.check import asker_of
from designloop.cli.parts import print_parts
from designloop.core import kinds
from designloop.core.config import Document, build
from designloop.core.errors import ConfigError, InputError
from designloop.core.parts import find
from designloop.core.schema import schema_of
from designloop.core.sources import sources_of
from designloop.oracles.base import Oracle
from designloop.study import plan

MODULE = '''
"""Parts of another package."""

import designloop as dl
from bench_parts.tables import LENGTH
from designloop.core.records import Proposal
from designloop.strategies import Random

TABLE = {"A": 1}


@dl.oracle(alphabet=dl.RNA, length=LENGTH, optimum=1.0)
def guanines(sequences):
    """Share of G, from another package."""
    return [sequence.count("G") / LENGTH for sequence in sequences]


class Shelf:
    class Letters(dl.Oracle):
        """Share of a letter."""

        letter: str = "G"

        @property
        def space(self):
            return dl.Space.of_length(dl.RNA, LENGTH)

        def __call__(self, sequences):
            return [sequence.count(self.letter) / LENGTH for sequence in sequences]


class Half(dl.Oracle):
    @property
    def space(self):
        return dl.Space.of_length(dl.RNA, LENGTH)


class Plain:
    pass


class Backwards(Random):
    """Random, but the last shall be first."""

    def propose(self, history, order, rng):
        proposal = super().propose(history, order, rng)
        return Proposal(proposal.choices[::-1], proposal.retests)
'''
ENTRY_POINTS = """\
[designloop.oracles]
guanines = bench_parts.parts:guanines
letters = bench_parts.parts:Shelf.Letters [fast]
table = bench_parts.parts:TABLE
plain = bench_parts.parts:Plain
half = bench_parts.parts:Half
gone = bench_parts.parts:gone
bare = bench_parts.parts
both = bench_parts.parts:guanines
ehrlich = bench_parts.parts:guanines

[designloop.strategies]
backwards = bench_parts.parts:Backwards
broken = bench_parts_of_old:Broken
"""
OF_ANOTHER = "[designloop.oracles]\nboth = other_parts:guanines\n"
FILES = {
    "bench_parts/__init__.py": "",
    "bench_parts/tables.py": "LENGTH = 6\n",
    "bench_parts/parts.py": MODULE,
    "bench_parts-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: bench-parts\nVersion: 1.0\n",
    "bench_parts-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
    "other_parts-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: other-parts\nVersion: 2.0\n",
    "other_parts-2.0.dist-info/entry_points.txt": OF_ANOTHER,
}
"""Two packages as pip leaves them."""
OF_BENCH = "of the installed package bench-parts 1.0"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder in which the packages are installed."""
    place = tmp_path_factory.mktemp("packages") / "site-packages"
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


@pytest.fixture
def here(installed, monkeypatch):
    """The same folder, when the packages are installed for this process, and for those that it starts."""
    caches = (kinds._entry_points, kinds._points, kinds.known_kinds)
    monkeypatch.syspath_prepend(installed)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed), *(place for place in sys.path if place)]))
    for forget in (*(cache.cache_clear for cache in caches), importlib.invalidate_caches):
        forget()
    yield installed
    for cache in caches:
        cache.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "bench_parts"]:
        del sys.modules[name]


def campaign(oracle):
    described = {"oracle": oracle, "lab": "instant", "strategy": "random", "budget": {"designs": 4}}
    return build(Campaign, Document({**described, "scheduler": {"kind": "rounds", "batch_size": 4}}, "c.yaml"))


LETTERS = {"kind": "letters", "letter": "A"}
SERVED = {"kind": "python", "function": "bench_parts.parts:guanines", "alphabet": "rna", "length": 6}


@pytest.mark.parametrize("oracle", ["guanines", LETTERS, SERVED, {"kind": "parallel", "oracle": "guanines"}], ids=str)
def test_the_code_of_an_installed_oracle_is_part_of_the_record(here, oracle):
    """So that `resume` and a study see that the package has changed."""
    described = campaign(oracle)
    own = {str(here / name) for name in FILES if name.endswith("s.py")}
    assert own <= set(sources_of(described).code)
    plan._files_in.cache_clear()  # `letters` is also a name in every default strategy
    assert own <= set(plan._files(json.dumps(described.describe())))


def test_the_code_of_another_python_is_not_taken_from_this_one(here):
    assert sources_of(campaign({**SERVED, "python": ["python3"]})).code == {}


def test_parts_of_another_package_run_a_campaign_by_name(here, tmp_path):
    done = campaign("guanines").with_(strategy="backwards").run(seed=0, store=tmp_path / "there")
    assert len(done.observations()) == 4
    assert "kind: backwards" in (tmp_path / "there" / "config.yaml").read_text()
    assert Campaign.read(tmp_path / "there").strategy.known_as == "backwards"


def test_an_installed_oracle_is_found_by_every_door(here):
    """By its name, in `oracle check`, in a process of its own, and in the processes of `parallel`."""
    sequences, asker = ["GGGAAA", "AAAAAA"], asker_of(LETTERS, 60.0)
    asked = answer(asker, sequences).values
    asker.close()
    doors = [LETTERS, {**SERVED, "arguments": {}}, {"kind": "parallel", "oracle": LETTERS, "workers": 1}]
    values = [Oracle._read(one)(sequences) for one in doors]
    assert [list(found) for found in (asked, *values)] == [[0.5, 1.0], [0.5, 1.0], [0.5, 0.0], [0.5, 1.0]]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("table", f"'table' {OF_BENCH} is {{'A': 1}}, not an oracle; derive it from Oracle (oracle, c.yaml)"),
        ("plain", f"'plain' {OF_BENCH} is the class Plain, not an oracle; derive it from Oracle (oracle, c.yaml)"),
        ("half", "half does not define __call__, which an oracle requires; see the documentation of Oracle (oracle"),
        ("gone", f"'gone' {OF_BENCH} cannot be used: bench_parts.parts has no 'gone'"),
        ("bare", f"'bare' {OF_BENCH} cannot be used: its entry point is 'bench_parts.parts', expected module:name (o"),
        (
            "both",
            "'both' is a part of several packages; write bench_parts.parts:guanines (of bench-parts 1.0) or oth",
        ),
    ],
)
def test_an_entry_point_that_is_no_oracle_is_refused_with_its_package(here, kind, told):
    with pytest.raises(ConfigError) as refused:
        campaign(kind)
    assert str(refused.value).startswith(told)


def test_designloops_own_names_take_precedence(here):
    assert find("oracles", "ehrlich").__module__ == "designloop.oracles.ehrlich"
    assert sources_of(campaign("ehrlich")).code == {}


def test_a_broken_package_does_not_break_the_schema(here):
    known = schema_of(Campaign)["$defs"]
    assert "oracles.letters" in known
    assert not {"oracles.table", "oracles.gone", "oracles.both", "strategies.broken"} & set(known)


def test_parts_of_another_package_are_shown_and_a_broken_one_hides_no_other(here, capsys):
    print_parts(None, None)
    rows = {row.partition(" ")[0]: " ".join(row.split()[1:]) for row in capsys.readouterr().out.splitlines()}
    assert rows["guanines"] == "Share of G, from another package."
    assert rows["backwards"] == "Random, but the last shall be first."
    assert rows["plain"] == "cannot be used: it is the class Plain, not an oracle"
    assert rows["gone"].startswith("bench-parts 1.0 cannot be used: bench_parts.parts has no 'gone'")
    assert rows["broken"].startswith("bench-parts 1.0 cannot be used: cannot import bench_parts_of_old")
    with pytest.raises(InputError, match=f"^'broken' {OF_BENCH} cannot be used: cannot import bench_parts_of_old"):
        print_parts("strategies", "broken")


def test_a_name_nearly_right_is_answered_with_that_of_another_package(here):
    with pytest.raises(ConfigError, match=r"^unknown oracle 'guanine' \(oracle, c.yaml\). Did you mean 'guanines'\?"):
        campaign("guanine")
