"""A pool is written out or named by file; either way it lies in the oracle's space, and a sequence counts once."""

from pathlib import Path

import pytest

from designloop.campaign import Campaign
from designloop.core.alphabet import DNA
from designloop.core.errors import ConfigError, InputError, Notice
from designloop.core.spaces import Narrowing, Space
from designloop.core.spaces.narrowing import SequenceFile

WIDE = Space(alphabet=DNA, min_length=2, max_length=4)


def test_a_pool_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Plain lines, FASTA or a table; relative to the working folder when it is read, and whole in the description."""
    (tmp_path / "variants.txt").write_text("acg\nTT\nACG\n")
    (tmp_path / "variants.csv").write_text("name,variant\na,ACG\nb,TT\n")
    monkeypatch.chdir(tmp_path)
    named = Narrowing(pool="variants.txt")
    monkeypatch.chdir("/")
    assert WIDE.narrowed(named).enumerate() == ["ACG", "TT"]
    assert named.describe()["pool"] == str(tmp_path / "variants.txt")
    assert Narrowing.model_validate(named.describe()) == named
    table = Narrowing(pool=SequenceFile(path=str(tmp_path / "variants.csv"), column="variant"))
    assert WIDE.narrowed(table).enumerate() == ["ACG", "TT"]
    assert Narrowing.model_validate({"pool": table.describe()["pool"]}) == table


def test_a_pool_may_leave_out_ambiguous_sequences(tmp_path: Path):
    (tmp_path / "variants.txt").write_text("ACG\nANG\nTT\n")
    with pytest.raises(InputError, match=r"variants\.txt, line 2: letter 'N' .*`ambiguous: drop`"):
        WIDE.narrowed(Narrowing(pool=str(tmp_path / "variants.txt")))
    dropped = Narrowing.model_validate({"pool": {"path": str(tmp_path / "variants.txt"), "ambiguous": "drop"}})
    with pytest.warns(Notice, match="1 of 3 sequences left out: 1 with ambiguity codes"):
        assert WIDE.narrowed(dropped).enumerate() == ["ACG", "TT"]


def test_a_mistake_in_the_file_names_the_file_and_the_line(tmp_path: Path):
    file = tmp_path / "variants.txt"
    file.write_text("ACG\nAXG\n")
    with pytest.raises(InputError, match=r"variants.txt, line 2"):
        WIDE.narrowed(Narrowing(pool=str(file)))
    file.write_text("ACG\nACGTA\n")
    with pytest.raises(ConfigError, match=r"the campaign's pool \(.*variants.txt\): 1 sequence is outside .* 'ACGTA'"):
        WIDE.narrowed(Narrowing(pool=str(file)))
    with pytest.raises(InputError, match=r"nothing.txt"):
        WIDE.narrowed(Narrowing(pool=str(tmp_path / "nothing.txt")))


def test_a_sequence_written_twice_counts_once():
    space = WIDE.narrowed(Narrowing(pool=("ACG", "TT", "ACG")))
    assert (space.size, space.enumerate()) == (2, ["ACG", "TT"])
    assert Space(alphabet=DNA, min_length=2, max_length=3, pool=("ACG", "TT", "ACG")).size == 2


def test_a_campaign_builds_from_the_pool_of_a_file_to_its_end(tmp_path: Path):
    (tmp_path / "pool.txt").write_text("AAAA\nACGT\nTTTT\n")
    plan = {
        "oracle": {"kind": "nk", "length": 4, "neighbours": 1, "alphabet": "dna"},
        "lab": "instant",
        "strategy": "random",
        "scheduler": {"kind": "rounds", "batch_size": 2},
        "budget": {"designs": 40},
        "space": {"pool": str(tmp_path / "pool.txt")},
    }
    result = Campaign.model_validate(plan).run(0)
    assert (result.designs, result.stop) == (3, "every sequence of the space is measured")


def test_an_oracles_absolute_fixed_letter_stays_where_it_is_under_an_edit_budget():
    """A campaign's budget lets fixed letters of its own move, and never leaves the oracle's space."""
    oracle = Space(alphabet=DNA, min_length=3, max_length=5, parent="ACGT", fixed=(1,))
    narrow = oracle.narrowed(Narrowing(max_edits=2, fixed=(3,)))
    members = narrow.enumerate()
    assert oracle.contains(members).all()
    assert {"ACT", "ACAGT"} <= set(members)
    assert not narrow.contains(["AACGT"]).any()


def test_rules_and_excluded_sequences_narrow_the_space(tmp_path: Path):
    """Both add to those of the oracle's space; excluded sequences may be in a file. What a pool loses is counted."""
    (tmp_path / "known.txt").write_text("ACGT\nACGA\nCCCC\n")
    oracles = Space.of_length(DNA, 4, rules=[{"kind": "homopolymers", "longest": 2}], excluded=["ACGG"])
    narrowing = Narrowing(rules=[{"kind": "gc", "most": 0.5}], excluded=str(tmp_path / "known.txt"))
    space = narrowing.applied_to(oracles)
    assert [rule.kind for rule in space.rules] == ["homopolymers", "gc"]
    assert space.contains(["ACTG", "ACGT", "ACGG", "ACCC", "AAAC"]).tolist() == [True, False, False, False, False]
    assert space.size == Space.of_length(DNA, 4, rules=space.rules).size - 2  # ACGG and CCCC are outside anyway
    pool = Narrowing(pool=["ACTG", "ACTA", "AAAA", "GCGC"]).applied_to(space.with_(rules=()))
    assert pool.with_(rules=space.rules).remarks == (
        "2 of 4 sequences of the pool break the rules of the space: they are not built",
    )
