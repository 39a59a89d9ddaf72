"""A space with rules holds what trying every string finds; counting, listing, membership and draws agree."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, product
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import chisquare

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.errors import ConfigError
from designloop.core.spaces import Space
from designloop.core.spaces.blocks import Blocks
from designloop.core.spaces.machines import Letters
from designloop.core.spaces.moves import moved
from designloop.core.spaces.rule import Rule

IUPAC = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC", "N": "ACGT", "B": "CGT", "V": "ACG", "D": "AGT",
    "H": "ACT",
}  # fmt: skip
COMPLEMENT = str.maketrans("ACGTRYSWKMNBV", "TGCAYRSWMKNVB")
CODE = dict(
    zip(
        map("".join, product("TCAG", repeat=3)),
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        strict=True,
    )
)


def as_regex(motif: str) -> str:
    return "".join(f"[{IUPAC.get(letter, letter)}]" for letter in motif)


def obeys(rule: dict[str, Any], s: str) -> bool:
    """What a rule says, written again with regular expressions, counts and a dictionary."""
    if rule["kind"] == "forbidden-motifs":
        motifs = list(rule["motifs"])
        if rule.get("strands", "both") == "both":
            motifs += [motif.translate(COMPLEMENT)[::-1] for motif in motifs]
        return not any(re.search(as_regex(motif), s) for motif in motifs)
    if rule["kind"] == "homopolymers":
        letters = rule.get("letters") or "ACGT"
        return all(len(list(run)) <= rule["longest"] for letter, run in groupby(s) if letter in letters)
    if rule["kind"] == "gc":
        width = rule.get("window") or len(s)
        shares = [sum(c in "GC" for c in s[i : i + width]) / width for i in range(len(s) - width + 1)]
        return all(rule.get("least", 0) - 1e-9 <= share <= rule.get("most", 1) + 1e-9 for share in shares)
    codons = [s[i : i + 3] for i in range(0, len(s), 3)]
    if rule["kind"] == "translates-to":
        return [CODE[codon] for codon in codons] == list(rule["protein"])
    return all(may_stand(codon, place, rule) for place, codon in enumerate(codons))


def may_stand(codon: str, place: int, rule: dict[str, Any]) -> bool:
    """Whether the rule `codons` allows one at a place."""
    at, only = rule.get("at", {}), rule.get("one_for_each", {}).get(CODE[codon])
    meant = at.get(place, rule.get("elsewhere", "NNN")).split()
    return (
        any(re.fullmatch(as_regex(one), codon) for one in meant)
        and not any(re.fullmatch(as_regex(one), codon) for one in rule.get("without", ()))
        and (CODE[codon] != "*" or rule.get("stops") == "any")
        and (place in at or only in (None, codon))
    )


def distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row, above = [i], row
        for j, b in enumerate(other, start=1):
            row.append(min(row[-1] + 1, above[j] + 1, above[j - 1] + (a != b)))
    return row[-1]


def random_rules(rng: np.random.Generator, *, shortest: int) -> list[dict[str, Any]]:
    """One to four rules for DNA of a few letters."""
    motifs = ["".join(rng.choice(list("ACGTRYSWKMN"), rng.integers(2, 4))) for _ in range(rng.integers(1, 3))]
    low = float(rng.choice([0.0, 0.2, 0.3, 0.4]))
    window = int(rng.integers(2, max(shortest, 2) + 1))
    every = [
        {"kind": "forbidden-motifs", "motifs": motifs, "strands": str(rng.choice(["both", "given"]))},
        {"kind": "homopolymers", "longest": int(rng.integers(1, 4)), "letters": rng.choice([None, "AC", "G"])},
        {"kind": "gc", "least": low, "most": float(rng.choice([0.5, 0.6, 0.8]))},
        {"kind": "gc", "least": float(rng.choice([0, 0.3])), "most": float(rng.choice([0.7, 0.9])), "window": window},
    ]
    kept = [rule for rule in every if rng.random() < 0.5]
    return kept or every[:1]


def by_hand(space: Space, rules: list[dict[str, Any]]) -> list[str]:
    lengths = range(space.min_length, space.max_length + 1)
    every = ("".join(letters) for n in lengths for letters in product(space.alphabet.letters, repeat=n))
    allowed = (s for s in every if all(c in space.allowed.get(i, c) for i, c in enumerate(s)))
    found = [s for s in allowed if s not in space.excluded and all(obeys(rule, s) for rule in rules)]
    if space.parent is None or space.max_edits is None:
        return found
    return [s for s in found if min(distance(parent, s) for parent in space.every_parent) <= space.max_edits]


def agree(space: Space, rules: list[dict[str, Any]], rng: np.random.Generator) -> int:
    """The number of members, after all ways to ask a space were compared with trying every string."""
    members = by_hand(space, rules)
    assert space.size == len(members), (space, rules)
    assert space.estimate().number == len(members)
    assert space.enumerate() == members, (space, rules)
    every = ["".join(s) for n in range(1, space.max_length + 1) for s in product(space.alphabet.letters, repeat=n)]
    inside = {s for s, is_in in zip(every, space.contains(every), strict=True) if is_in}
    assert inside == set(members), (space, rules)
    assert {
        s for s, is_in in zip(every, space.contains_codes(space.padded_codes(every)), strict=True) if is_in
    } == inside
    if members:
        assert set(space.sample(60, rng)) <= inside
    else:
        with pytest.raises(ConfigError, match="no sequence obeys"):
            space.checked()
    return len(members)


@pytest.mark.parametrize("has_edits", [False, True], ids=["letters", "edits"])
def test_counting_listing_membership_and_draws_agree_with_trying_every_string(has_edits: bool):
    """Insertions and deletions are included: with edits, and with lengths that differ."""
    rng, sizes = np.random.default_rng(int(has_edits)), []
    for _ in range(20):
        shortest = int(rng.integers(2, 6))
        longest = int(rng.integers(shortest, 6))
        rules = random_rules(rng, shortest=shortest)
        fields: dict[str, Any] = {"allowed": {0: "ACG"}} if rng.random() < 0.5 else {}
        plain = Space(alphabet=DNA, min_length=shortest, max_length=longest, rules=rules, **fields)
        if has_edits:
            members = by_hand(plain, rules)
            if not members:
                continue
            plain = plain.with_(parent=str(rng.choice(members)), max_edits=int(rng.integers(1, 4)))
        some = by_hand(plain, rules)
        excluded = tuple(map(str, rng.choice(some, min(3, len(some)), replace=False))) if some else ()
        sizes.append(agree(plain.with_(excluded=excluded), rules, rng))
    assert sum(size > 20 for size in sizes) > 5


@pytest.mark.parametrize(
    "rules",
    [
        [{"kind": "codons", "elsewhere": "NNK"}],
        [{"kind": "codons", "at": {0: "ATG", 1: "NDT VHG TGG"}, "without": ["TAG"]}],
        [{"kind": "codons", "one_for_each": {"L": "CTG", "S": "AGC", "A": "GCG"}}, {"kind": "gc", "most": 0.5}],
        [{"kind": "codons", "stops": "any", "without": ["TAG"]}, {"kind": "homopolymers", "longest": 2}],
        [{"kind": "translates-to", "protein": "LS"}, {"kind": "forbidden-motifs", "motifs": ["CTNAG"]}],
        [{"kind": "translates-to", "protein": "RL"}, {"kind": "gc", "least": 0.5, "window": 4}],
    ],
)
@pytest.mark.parametrize("max_edits", [None, 2])
def test_codon_rules_hold_what_a_dictionary_of_codons_finds(rules: list[dict[str, Any]], max_edits: int | None):
    space = Space.of_length(DNA, 6, rules=rules)
    rng = np.random.default_rng(0)
    if max_edits is None:
        assert agree(space, rules, rng) > 0
        return
    parent = space.enumerate()[space.size // 2]
    members = by_hand(space, rules)
    near = [s for s in members if sum(a != b for a, b in zip(s, parent, strict=True)) <= max_edits]
    edited = space.with_(parent=parent, max_edits=max_edits)
    assert not edited.has_indels
    assert edited.enumerate() == near
    assert edited.size == len(near)
    assert set(space.alphabet.decode(space.padded_codes(members))) == set(members)
    assert [s for s, is_in in zip(members, edited.contains(members), strict=True) if is_in] == near


UNIFORM = {
    "motifs and runs": Space(
        alphabet=DNA,
        min_length=3,
        max_length=5,
        rules=[{"kind": "forbidden-motifs", "motifs": ["GA", "CNT"]}, {"kind": "homopolymers", "longest": 2}],
    ),
    "GC": Space.of_length(DNA, 6, rules=[{"kind": "gc", "least": 0.3, "most": 0.5}], allowed={0: "AG", 4: "CT"}),
    "windows": Space(
        alphabet=DNA,
        min_length=5,
        max_length=6,
        rules=[{"kind": "gc", "least": 0.5, "most": 0.5, "window": 4}, {"kind": "homopolymers", "longest": 1}],
    ),
    "indels": Space(
        alphabet=DNA,
        min_length=6,
        max_length=8,
        parent="ACGTACG",
        max_edits=2,
        rules=[{"kind": "homopolymers", "longest": 2}, {"kind": "gc", "least": 0.4, "most": 0.6}],
        excluded=["ACGTACG", "ACGACG"],
    ),
    "several parents": Space(
        alphabet=DNA,
        min_length=4,
        max_length=7,
        parent="ACGTAC",
        parents=["CCGTAC", "GATTG"],
        max_edits=1,
        rules=[{"kind": "homopolymers", "longest": 2}],
    ),
    "codons": Space.of_length(DNA, 6, rules=[{"kind": "codons", "elsewhere": "NNK"}, {"kind": "gc", "most": 0.4}]),
}


@pytest.mark.parametrize("name", UNIFORM)
def test_draws_are_uniform(name: str):
    """Pearson's test over all sequences, with a fixed seed: also where some draws are rejected, or letters inserted."""
    space = UNIFORM[name]
    members = {sequence: place for place, sequence in enumerate(space.enumerate())}
    assert 20 < len(members) < 3000
    drawn = np.bincount([members[s] for s in space.sample(40 * len(members), np.random.default_rng(7))])
    assert len(drawn) == len(members)
    assert chisquare(drawn).pvalue > 0.01


@pytest.mark.parametrize("n", [1, 3, 500])
def test_short_and_long_sequences_are_drawn_in_their_shares_however_few_are_drawn_at_once(n: int):
    """A draw that ends early is not favoured, nor one that ends late."""
    space = Space(alphabet=DNA, min_length=1, max_length=3, rules=[{"kind": "homopolymers", "longest": 1}])
    rng, shares = np.random.default_rng(0), np.array([4, 12, 36]) / 52
    lengths = [len(s) for _ in range(2000 // n) for s in space.sample(n, rng)]
    counts = np.bincount(lengths, minlength=4)[1:]
    assert chisquare(counts, shares * len(lengths)).pvalue > 0.01


def test_counts_are_exact_beyond_the_range_of_a_float():
    """Without two equal neighbours, 4 · 3^(n - 1) sequences of n letters."""
    space = Space.of_length(DNA, 900, rules=[{"kind": "homopolymers", "longest": 1}])
    assert space.size == 4 * 3**899
    assert str(space.estimate()) == "3.42e+429"
    assert space.contains(space.sample(20, np.random.default_rng(0))).all()


def number_by_hand(length: int, width: int, least: int, most: int) -> int:
    """Sequences of DNA with `least` to `most` of G and C in every window: by dynamic programming on their patterns."""
    windows = {bits: 2**width for bits in range(2**width) if least <= bits.bit_count() <= most}
    for _ in range(length - width):
        after: dict[int, int] = {}
        for bits, number in windows.items():
            for bit in (0, 1):
                new = (bits << 1 | bit) & (2**width - 1)
                if least <= new.bit_count() <= most:
                    after[new] = after.get(new, 0) + 2 * number
        windows = after
    return sum(windows.values())


def test_what_cannot_be_counted_is_estimated_with_its_error():
    """By rejection of whole sequences, and by joining blocks where that rejects nearly all."""
    for lengths, is_joined in (((23, 24), False), ((160,), True)):
        rules = [{"kind": "gc", "least": 0.4, "most": 0.6, "window": 10}]
        space = Space(alphabet=DNA, min_length=lengths[0], max_length=lengths[-1], rules=rules)
        exact = sum(number_by_hand(length, 10, 4, 6) for length in lengths)
        assert space.size is None
        found = space.estimate()
        assert 0.01 < found.relative_error < 0.2
        assert abs(found.number / exact - 1) < 4 * found.relative_error
        share = exact / sum(4**length for length in lengths)
        assert space.acceptance == pytest.approx(share, rel=4 * found.relative_error)
        assert re.fullmatch(r"[\d.]+e\+\d+ \(±\d+(\.\d)?%\)", str(found))
        assert ("joined from blocks" in space.remarks[0]) == is_joined
    assert space.acceptance < 1e-8


PROTEIN_OF_70 = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQFEVV"
WHOLE = {"kind": "gc", "least": 0.4, "most": 0.6}
GENES = {
    "a gene": (900, [], []),
    "one protein": (210, [WHOLE, {"kind": "translates-to", "protein": PROTEIN_OF_70}], []),
    "excluded sequences": (150, [WHOLE], ["ACGT"]),
}


@pytest.mark.parametrize("gene", GENES)
def test_the_usual_rules_of_gene_synthesis_are_drawn_from_at_any_length(gene: str):
    length, more, excluded = GENES[gene]
    rules = [
        {"kind": "restriction-sites", "enzymes": ["BsaI", "BsmBI"]},
        {"kind": "homopolymers", "longest": 4},
        {"kind": "gc", "least": 0.4, "most": 0.6, "window": 20},
        *more,
    ]
    if gene == "one protein":
        rules[2] = {**rules[2], "least": 0.35, "most": 0.65}  # these amino acids have no more even codons
    space = Space.of_length(DNA, length, rules=rules, excluded=excluded).checked()
    assert "joined from blocks" in space.remarks[0]
    drawn = space.sample(20, np.random.default_rng(0))
    assert len(set(drawn)) == 20
    assert space.contains(drawn).all()
    for s in drawn:
        assert not re.search(r"GGTCTC|GAGACC|CGTCTC|GAGACG|(.)\1\1\1\1", s)
        assert all(obeys(rule, s) for rule in rules[2:])


BLOCKS = {
    "patterns across junctions": Space.of_length(
        DNA,
        6,
        allowed={0: "ACG", 4: "AT"},
        rules=[{"kind": "gc", "least": 0.5, "most": 0.5, "window": 4}, {"kind": "forbidden-motifs", "motifs": ["GRA"]}],
    ),
    "two windows and the whole": Space.of_length(
        DNA,
        7,
        allowed=dict.fromkeys(range(7), "AG"),
        rules=[
            {"kind": "gc", "least": 0.5, "most": 0.75, "window": 4},
            {"kind": "gc", "least": 0.4, "most": 0.6, "window": 5},
            {"kind": "gc", "most": 0.58},
        ],
    ),
    "codons": Space.of_length(
        DNA, 9, rules=[{"kind": "translates-to", "protein": "LSR"}, {"kind": "gc", "most": 0.75, "window": 4}]
    ),
}


@pytest.mark.parametrize("name", BLOCKS, ids=str)
def test_sequences_that_are_joined_from_blocks_are_uniform(name: str):
    space = BLOCKS[name]
    assert space._book is not None
    blocks = Blocks.of(space._book, Letters(space.letters_allowed, space.min_length), shortest=1)
    assert blocks is not None
    assert len(blocks.which) > 1
    members, rng = space.enumerate(), np.random.default_rng(1)
    codes, tallies = blocks.draw(100 * len(members), 2**62, rng)
    counts = Counter(space.alphabet.decode(codes))
    assert set(counts) == set(members)
    assert chisquare(list(counts.values())).pvalue > 1e-3
    found = blocks._number(tallies)
    assert abs(found.number / len(members) - 1) < 4 * found.relative_error + 1e-9


def test_too_little_to_draw_from_is_an_error_and_so_is_nothing():
    tight = [{"kind": "gc", "least": 0.5, "most": 0.5, "window": 12}]
    with pytest.raises(ConfigError, match=r"of [\d,]+ draws obey all of them, and at least 1 in 1,000,000 is needed"):
        Space.of_length(DNA, 120, rules=tight).checked()
    nothing = [{"kind": "gc", "least": 0.9}, {"kind": "forbidden-motifs", "motifs": ["GG", "GC", "CG"]}]
    with pytest.raises(ConfigError, match="no sequence obeys all rules"):
        Space.of_length(DNA, 30, rules=nothing).checked()
    pool = Space.of_pool(DNA, ["AAAA", "AAAT"], rules=[{"kind": "gc", "least": 0.5}])
    with pytest.raises(ConfigError, match="no sequence of the pool obeys"):
        pool.checked()
    assert Space.of_pool(DNA, ["AAAA", "CCGG"], rules=[{"kind": "gc", "least": 0.5}]).enumerate() == ["CCGG"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rules": [{"kind": "codons"}], "length": 8}, "of one length that is divisible by three"),
        ({"rules": [{"kind": "codons"}], "min_length": 6, "max_length": 9}, "have 6 to 9 letters"),
        ({"rules": [{"kind": "translates-to", "protein": "MK"}], "length": 9}, "needs 6 letters, but a sequence has 9"),
        ({"rules": [{"kind": "translates-to", "protein": "MB"}], "length": 6}, "'B' at position 2 of the protein"),
        ({"rules": [{"kind": "codons", "at": {0: "ATG", 1: "TAG"}}], "length": 6}, "no codon is left at position 1"),
        ({"rules": [{"kind": "codons", "one_for_each": {"L": "ATG"}}], "length": 6}, "ATG is a codon of M, not of L"),
        ({"rules": [{"kind": "codons", "elsewhere": "NNNN"}], "length": 6}, "has 4 letters; a codon has three"),
        ({"rules": [{"kind": "codons", "at": {2: "NNK"}}], "length": 6}, r"position 2 is outside 0\.\.1"),
        ({"rules": [{"kind": "gc", "window": 9}], "length": 8}, "a window of 9 letters is longer than a sequence of 8"),
        ({"rules": [{"kind": "gc", "least": 0.6, "most": 0.4}], "length": 8}, "`least` 0.6 is above `most` 0.4"),
        ({"rules": [{"kind": "gc"}], "alphabet": PROTEIN, "length": 8}, "'gc' needs nucleotides"),
        ({"rules": [{"kind": "restriction-sites", "enzymes": ["BsaJJ"]}], "length": 8}, r"Did you mean 'BsaJI'\?"),
        ({"rules": [{"kind": "restriction-sites", "enzymes": ["Endo"]}], "length": 8}, "unknown restriction enzyme"),
        ({"rules": [{"kind": "forbidden-motifs", "motifs": ["AJ"]}], "length": 8}, "motif 'AJ', letter 2: 'J'"),
        ({"rules": [{"kind": "forbidden-motifs", "motifs": ["A[C"]}], "length": 8}, "letters in brackets"),
        ({"rules": [{"kind": "homopolymers", "longest": 2, "letters": "X"}], "length": 8}, "'X' is not one of ACGT"),
        ({"rules": ["palindromes"], "length": 8}, "unknown rule 'palindromes'"),
        ({"excluded": ["ACX"], "length": 3}, "letter 'X' at position 3 of excluded sequence 1"),
        (
            {"rules": [{"kind": "restriction-sites", "enzymes": ["EcoRI"]}], "length": 8, "parent": "AGAATTCA"},
            "the parent breaks rule 'restriction-sites' at letter 7",
        ),
        ({"rules": [{"kind": "gc", "least": 0.5}], "length": 4, "parent": "AAAA"}, "the parent breaks rule 'gc'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told(fields: dict[str, Any], message: str):
    with pytest.raises(ValidationError, match=message):
        Space(**{"alphabet": DNA, **fields})


def test_a_site_is_found_on_both_strands_and_by_its_codes():
    """BsaI reads GGTCTC; SfiI has five places for any letter; HF is the same enzyme. RNA is read with U."""
    site = {"kind": "restriction-sites", "enzymes": ["BsaI-HFv2", "SfiI"]}
    space = Space.of_length(DNA, 15, rules=[site])
    assert space.contains(["ACGGTCTCATTTTTT", "TTTGAGACCTTTTTT", "AGGCCATATAGGCCA", "AGGTCTGAGACGCCA"]).tolist() == [
        False,
        False,
        False,
        True,
    ]
    rna = Space.of_length(RNA, 15, rules=[site])
    assert rna.contains(["ACGGUCUCAUUUUUU", "UUUGAGACCUUUUUU", "ACGGUCUAAUUUUUU"]).tolist() == [False, False, True]


def test_a_site_counts_wherever_it_is_also_where_the_enzyme_would_cut_beyond_the_end():
    space = Space.of_length(DNA, 10, rules=[{"kind": "restriction-sites", "enzymes": ["BsaI"]}])
    designs = ["T" * before + site + "T" * (4 - before) for site in ("GGTCTC", "GAGACC") for before in range(5)]
    assert not space.contains(designs).any()
    assert space.contains(["T" * 5 + "GGTCT", "AGACC" + "T" * 5]).all()


def test_a_motif_of_a_protein_may_have_choices():
    space = Space.of_length(PROTEIN, 5, rules=[{"kind": "forbidden-motifs", "motifs": ["N[^P][ST]", "KXXK"]}])
    found = space.contains(["ANASA", "ANPSA", "ANATA", "KAAKA", "KAKAA"])
    assert found.tolist() == [False, True, False, False, True]
    assert space.size is not None
    assert space.size < 20**5


class Palindromes(Rule):
    """Reads the same from both ends."""

    def obeyed(self, sequences: Sequence[str]) -> np.ndarray:
        return np.array([s == s[::-1] for s in sequences])


def test_a_rule_of_ones_own_is_obeyed():
    """By a function of the sequences, also where draws that break it are rejected."""
    space = Space.of_length(DNA, 5, rules=[Palindromes()])
    assert space.size == 4**3 == len(space.enumerate())
    assert all(s == s[::-1] for s in space.sample(100, np.random.default_rng(0)))
    with pytest.raises(ConfigError, match="1 in 1,000,000"):
        space.with_(min_length=41, max_length=41).checked()


def test_other_alphabets_have_motifs_and_runs_too():
    few = Alphabet(name="few", letters="xyz")
    rules = [{"kind": "forbidden-motifs", "motifs": ["xy"]}, {"kind": "homopolymers", "longest": 2}]
    space = Space(alphabet=few, min_length=1, max_length=5, rules=rules)
    every = ["".join(s) for n in range(1, 6) for s in product("xyz", repeat=n)]
    assert space.enumerate() == [s for s in every if not re.search("xy|xxx|yyy|zzz", s)]


def test_the_recognition_sequences_are_biopythons():
    restriction = pytest.importorskip("Bio.Restriction", reason="needs biopython")
    from designloop.rules.sites import recognition_sites

    for name, site in recognition_sites().items():
        assert getattr(restriction, name).site == site


@pytest.mark.parametrize("rules", [[], [{"kind": "homopolymers", "longest": 2}]], ids=["no rule", "a rule"])
def test_several_parents_have_the_union_of_their_edit_budgets(rules: list[dict[str, Any]]):
    space = Space(
        alphabet=DNA, min_length=3, max_length=6, parent="ACGTA", parents=["GTTGA", "ACGT"], max_edits=2, rules=rules
    )
    agree(space, rules, np.random.default_rng(0))
    assert space.has_indels
    assert space.edits(["GTTGA", "ACG", "GTTG"]).tolist() == [0, 1, 1]
    codes = space.padded_codes(space.sample(40, np.random.default_rng(1)))
    children, _ = moved(codes, np.full(40, 2), space, np.random.default_rng(2))
    assert (space.edits(space.alphabet.decode(children)) <= 2).all()


@pytest.mark.parametrize(
    "fields",
    [{"parents": ["ACG"]}, {"parent": "ACG", "parents": ["AAA"]}, {"parents": ["AAA"], "max_edits": 1, "fixed": [0]}],
)
def test_further_parents_need_a_parent_and_a_budget(fields: dict[str, Any]):
    with pytest.raises(ValidationError, match=r"`parents` are further ones|require a parent"):
        Space(alphabet=DNA, length=3, **fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"length": 4, "shared": "parent"}, "needs several parents"),
        ({"length": 4, "shared": [4]}, r"position 4 in `shared` is outside 0\.\.3"),
        ({"min_length": 3, "max_length": 4, "shared": [0]}, "need sequences of one length"),
    ],
)
def test_what_a_batch_cannot_share_is_told(fields: dict[str, Any], message: str):
    with pytest.raises(ValidationError, match=message):
        Space(alphabet=DNA, **fields)
