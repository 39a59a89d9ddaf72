"""Homology search: relatives are found and strangers are not, and E-values refer to the whole database."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet, states
from designloop.core.errors import InputError
from designloop.inspection import homology
from designloop.inspection.homology import Homolog, homologs, members

pytest.importorskip("pyhmmer", reason="the extra [search] is not installed")


def drawn(n: int, length: int, seed: int, alphabet: Alphabet) -> list[str]:
    return ["".join(row) for row in np.random.default_rng(seed).choice(list(alphabet.letters), (n, length))]


def relative(sequence: str, share: float, seed: int, alphabet: Alphabet) -> str:
    """The sequence with this share of its letters drawn anew, without its ends."""
    rng = np.random.default_rng(seed)
    letters = [str(rng.choice(list(alphabet.letters))) if rng.random() < share else letter for letter in sequence]
    return "".join(letters[10:-10])


def database(alphabet: Alphabet, length: int) -> tuple[str, list[tuple[str, str]]]:
    """A query, and 400 sequences, of which three are its relatives."""
    query, *others = drawn(398, length, 1, alphabet)
    kin = [(f"kin{share} a relative", relative(query, share, 3, alphabet)) for share in (0.1, 0.3, 0.4)]
    named = [(f"other{place}", other) for place, other in enumerate(others)]
    return query, [*named[:50], kin[0], *named[50:300], kin[1], *named[300:], kin[2]]


@pytest.fixture(params=[(PROTEIN, 150), (DNA, 300), (RNA, 300)], ids=["protein", "dna", "rna"])
def searched(request: pytest.FixtureRequest) -> tuple[Alphabet, str, list[tuple[str, str]]]:
    alphabet, length = request.param
    return (alphabet, *database(alphabet, length))


def test_relatives_are_found_the_nearest_first_and_no_stranger(searched):
    alphabet, query, named = searched
    (hits, none) = homologs([query, drawn(1, len(query), 99, alphabet)[0]], named, alphabet)
    assert [hit.name for hit in hits][:2] == ["kin0.1", "kin0.3"]
    assert {hit.name for hit in hits} <= {"kin0.1", "kin0.3", "kin0.4"}
    assert hits[0].about == "a relative"
    assert hits[0].e_value < 1e-20
    assert hits[0].identity > 0.85
    assert hits[0].query[0] <= 15
    assert hits[0].target[0] <= 5
    assert none == []


def test_e_values_refer_to_the_whole_database_however_it_is_cut(searched, tmp_path: Path, monkeypatch):
    """HMMER's E-values grow with the database; a file is read in blocks, compressed or not, and gives the same."""
    alphabet, query, named = searched
    whole = homologs([query], named, alphabet)
    text = "".join(f">{name}\n{sequence}\n" for name, sequence in named)
    (tmp_path / "db.fasta").write_text(text)
    (tmp_path / "db.gz").write_bytes(gzip.compress(text.encode()))
    monkeypatch.setattr(homology, "_LETTERS_AT_ONCE", 20_000)
    for file in ("db.fasta", "db.gz"):
        blocks = homologs([query], tmp_path / file, alphabet)
        assert [hit.name for hit in blocks[0]] == [hit.name for hit in whole[0]]
        for mine, its in zip(blocks[0], whole[0], strict=True):
            assert mine.e_value == pytest.approx(its.e_value, rel=1e-3)
    half = homologs([query], named[:200], alphabet)
    size = len(named) if alphabet == PROTEIN else sum(len(sequence) for _, sequence in named)
    part = 200 if alphabet == PROTEIN else sum(len(sequence) for _, sequence in named[:200])
    assert whole[0][0].e_value == pytest.approx(half[0][0].e_value * size / part, rel=1e-3)


def test_threads_do_not_change_the_result():
    query, named = database(PROTEIN, 150)
    queries = [query, *(sequence for _, sequence in named[:5])]
    assert homologs(queries, named, PROTEIN, threads=1) == homologs(queries, named, PROTEIN, threads=2)


def test_a_masked_letter_is_an_unknown_one():
    query, named = database(PROTEIN, 150)
    (hits,) = homologs([query[:20] + "_" + query[21:]], named, PROTEIN)
    assert hits[0].name == "kin0.1"


def test_a_database_may_be_an_alignment_or_a_list(tmp_path: Path):
    query, _ = database(PROTEIN, 150)
    (tmp_path / "family.sto").write_text(f"# STOCKHOLM 1.0\none {query[:70]}--{query[70:]}\n//\n")
    (tmp_path / "list.txt").write_text(f"{query}\n")
    for name, title in (("family.sto", "one"), ("list.txt", "line")):
        ((hit,),) = homologs([query], tmp_path / name, PROTEIN)
        assert (hit.name, hit.identity) == (title, 1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (">a\nMKV\n>b\nMKV1\n", r"db, line 4: letter '1' is not read as protein; correct the file"),
        (">a\nMKV\n>b\nMK-V\n", r"db, line 4: letter '-' is not read as protein; give an alignment as Stockholm"),
        (">a\nMKV\n#c\nMKV\n", r"db, line 3: letter '#' is not read as protein; comments after the first header"),
        ("", "contains no sequences"),
    ],
)
def test_a_damaged_database_is_told(tmp_path: Path, text: str, said: str):
    (tmp_path / "db").write_text(text)
    with pytest.raises(InputError, match=said):
        homologs(["MKVTLA" * 5], tmp_path / "db", PROTEIN)
    with pytest.raises(InputError, match="homology search requires dna, rna or protein, got the alphabet states-4"):
        homologs(["0123"], [("a", "0123")], states(4))


@pytest.mark.parametrize("alphabet", [PROTEIN, RNA], ids=["protein", "rna"])
def test_members_of_a_family_fit_its_profile_and_strangers_do_not(alphabet: Alphabet):
    parent, stranger = drawn(2, 80, 5, alphabet)
    rows = [parent[:40] + "--" + relative(f"{'A' * 10}{parent[40:]}{'A' * 10}", 0.2, k, alphabet) for k in range(12)]
    member = relative(f"{'A' * 10}{parent}{'A' * 10}", 0.2, 77, alphabet)
    fits, no_fit = members([member, stranger], rows, alphabet)
    assert fits is not None
    assert fits.e_value < 1e-8
    assert fits.score > 20
    assert no_fit is None or no_fit.e_value > 1e-2


def test_a_homolog_reads_as_its_name_and_e_value():
    assert str(Homolog("tmRNA_1", "", 2.345e-12, 50.0, 0.9, (1, 9), (1, 9), "A", "A")) == "tmRNA_1 (E = 2.3e-12)"
