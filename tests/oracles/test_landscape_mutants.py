"""Mutants named by their changes are spelt out against their parent, and a name that does not fit is named."""

import os
from pathlib import Path

import numpy as np
import pytest

import designloop as dl
from designloop.core.alphabet import DNA, PROTEIN, RNA
from designloop.core.errors import InputError
from designloop.core.readers.codons import ONE_LETTER
from designloop.core.readers.mutants import mutants
from designloop.core.readers.variants import Policy
from designloop.oracles import Landscape
from designloop.oracles.card import card

DATA = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[3] / "shared" / "data"))
BLAT = DATA / "BLAT_ECOLX_Ranganathan2015_labeled.csv.gz"


def read(*names, parent="MKTAY", first=1, alphabet=PROTEIN, **policy):
    return mutants(names, parent, first, alphabet, lambda row: f"t.csv, line {row + 2}", Policy(**policy))


def spelt(*names, **fields):
    return read(*names, **fields).sequences


def test_changes_are_made_to_the_parent():
    assert spelt("M1A", "K2R:Y5W", "wt", "A4=", "T3G, Y5C") == ["AKTAY", "MRTAW", "MKTAY", "MKTAY", "MKGAC"]


def test_the_first_letter_may_have_another_number():
    assert spelt("M24A", "Y28W", first=24) == ["AKTAY", "MKTAW"]
    names = ("M-2A", "p.Lys-1Arg", "M-2A:T0G", "K-1del", "K-1_T0insG", "ATG-2GCA", "M-2-", "M-2=", "T0G")
    spellings = ["AKTAY", "MRTAY", "AKGAY", "MTAY", "MKGTAY", "AKTAY", "KTAY", "MKTAY", "MKGAY"]
    assert spelt(*names, first=-2) == spellings


def test_mutants_of_a_dna_parent_are_dna():
    found = read("A1G", "t2c", "wt", parent="ATGC", alphabet=None)
    assert (found.alphabet, found.sequences) == (DNA, ["GTGC", "ACGC", "ATGC"])
    assert read("A1G", parent="AUGC", alphabet=None).alphabet == RNA
    assert read("M1A", alphabet=None).alphabet == PROTEIN


def test_t_is_read_as_u_in_parent_and_names_as_in_sequences():
    assert spelt("T2C", "U2A", "A1T", parent="ATGC", alphabet=RNA) == ["ACGC", "AAGC", "UUGC"]
    assert spelt("U2C", parent="AUGC", alphabet=DNA) == ["ACGC"]


@pytest.mark.parametrize(
    ("names", "fields", "sentence"),
    [
        (["M1A", "K3R"], {}, r"line 3: 'K3R' expects K at position 3, but the parent has T; correct the name, the"),
        (["K25R", "T26G"], {}, r"line 2: 'K25R' names position 25, outside the parent \(positions 1 to 5\); every"),
        (["K25R", "T26G"], {}, r"every name matches with `first: 24`"),
        (["M1A", "K2X"], {}, r"line 3: expected .*, got 'K2X' \(X is a stop in some files, an unknown"),
        (["wt, M1A"], {}, r"line 2: expected the name of a mutant \(H24C, .*, got 'wt'$"),
        (["M1A", "p.Lys2Xaa"], {}, r"line 3: expected the name of a mutant .*, got 'Lys2Xaa'$"),
        (["K2_A4insG"], {}, r"got 'K2_A4insG' \(an insertion stands between neighbours, as in K2_L3insG\)"),
        (["T3_K2del"], {}, r"got 'T3_K2del' \(it ends at position 2, but begins at 3\)"),
        (["K2_T3del:T3G"], {}, r"'K2_T3del:T3G' changes position 3 twice; give each position once"),
        (["p.[Lys2Ala;Lys2Gly]"], {}, r"changes position 2 twice"),
        (["c.4A>G"], {}, r"got 'c.4A>G' \(it changes bases, but the parent is a protein\)"),
        (
            ["p.Lys2Glu"],
            {"parent": "ATGAAA", "alphabet": None},
            r"consists of bases\); give the protein as `parent`: MK",
        ),
        (["Ala1Pro"], {"parent": "ATGAAA", "alphabet": None}, r"got 'Ala1Pro' \(it changes a protein, but the parent"),
        (["c.-5A>G"], {"parent": "ATGAAA", "alphabet": DNA}, r"got '-5A>G' \(it lies outside the coding sequence;"),
        (["c.85+1A>G"], {"parent": "ATGAAA", "alphabet": DNA}, r"it lies outside the coding sequence;"),
        (["M1P", "K2*"], {"synonymous": "keep"}, r"synonymous variants of a protein have the parent's sequence; set"),
        (["A1G"], {"parent": "ATGA", "alphabet": DNA, "synonymous": "drop"}, r"needs a parent of whole codons, but it"),
        (
            ["K2*", "p.Lys2fs"],
            {},
            r"line 2: no variant can be read: 2 of 2 rows dropped: 1 with a stop .*, 1 with a fra",
        ),
        (["M1A", "M1A:K2R:M1G"], {}, r"t\.csv, line 3: 'M1A:K2R:M1G' changes position 1 twice; give"),
        (["M1A:M1A"], {}, r"line 2: 'M1A:M1A' changes position 1 twice"),
        (["M" + "1" * 5000 + "A"], {}, r"expected the name of a mutant .*, got 'M11"),
        (["A1N", "T2C"], {"parent": "ATGCATGCATGC", "alphabet": None}, r"line 2: letter 'N' at position 1 .* dna"),
        (
            ["A1G"],
            {"parent": "ACG", "alphabet": None},
            r"the parent: the letters \(A, C, G\) match dna, rna and protein",
        ),
        (["M7A", "T9A", "V7A"], {"parent": None}, r"require their parent sequence; give `parent:`$"),
        (["M-1A", "K0R", "T1A"], {"parent": None}, r"the names imply `parent: MKT` with `first: -1`"),
        (["K-1R"], {}, r"'K-1R' names position -1, outside the parent \(positions 1 to 5\); every name .*`first: -2`"),
        (["K2B"], {"ambiguous": "keep"}, r"D or N; .*, or set `ambiguous: drop`, .*\(`keep` is for whole sequences o"),
        (
            ["A1N"],
            {"parent": "ACGT", "alphabet": DNA},
            r"any base; correct .* `ambiguous: drop`, which leaves out such",
        ),
        (["M1A"], {"parent": "MKT1"}, r"letter '1' at position 4 of the parent"),
        (["M7A", "K8R", "T9A:K8R"], {"parent": None}, r"the names imply `parent: MKT` with `first: 7`"),
        (["M7A", "T9A"], {"parent": None}, r"require their parent sequence; give `parent:`$"),
    ],
)
def test_a_name_that_does_not_fit_is_named_with_the_mend(names, fields, sentence):
    with pytest.raises(InputError, match=sentence):
        spelt(*names, **fields)


NOTATIONS = {
    "AKTAY": ["M1A", "p.Met1Ala", "p.M1A", "NP_000001.1:p.Met1Ala", "p.(Met1Ala)", "1A", "ATG1GCA"],
    "ANTAY": ["M1A:K2N", "M1A;K2N", "M1A_K2N", "M1A,K2N", "M1A, K2N", "M1A/K2N", "M1A+K2N", "p.[Met1Ala;Lys2Asn]"],
    "MNTAC": ["p.Lys2Asn, p.Tyr5Cys", "c.6A>T (p.Lys2Asn), c.13T>G (p.Tyr5Cys)", "AAA2AAT TAC5TGC", "K2N Y5C"],
    "MTAY": ["K2del", "K2-", "p.Lys2del", "K2delK", "p.K2del"],
    "MAY": ["K2_T3del", "p.Lys2_Thr3del"],
    "MKGTAY": ["K2_T3insG", "p.Lys2_Thr3insGly"],
    "MKGWTAC": ["K2_T3insGW_Y5C", "p.[Lys2_Thr3insGlyTrp;Tyr5Cys]"],
    "MGGTAY": ["K2delinsGG", "p.Lys2delinsGlyGly"],
    "MGAY": ["K2_T3delinsG", "p.Lys2_Thr3delinsGly"],
    "MKKTAY": ["K2dup", "p.Lys2dup"],
    "MKTKTAY": ["K2_T3dup", "p.Lys2_Thr3dup"],
    "MATAY": ["p.[Lys2Ala;Lys2Ala]", "c.4A>G (p.Lys2Ala), c.5A>C (p.Lys2Ala), c.6A>G (p.=)", "p.[Lys2Ala;Thr3=]"],
    "MKTAY": ["wt", "_wt", "WT", "p.=", "_sy", "p.(=)", "p.Lys2=", "K2=", "K2K", "c.6A>G (p.=)", "", "wild-type"],
}


@pytest.mark.parametrize("sequence", NOTATIONS)
def test_every_notation_of_a_protein_variant_spells_the_same(sequence):
    for name in NOTATIONS[sequence]:
        assert spelt(name) == [sequence], name


@pytest.mark.parametrize(
    ("name", "sequence"),
    [
        ("c.4A>G", "ATGGAA"),
        ("n.4A>G", "ATGGAA"),
        ("c.[1A>G;3del]", "GTAAA"),
        ("c.4_6del", "ATG"),
        ("c.4_6delAAA", "ATG"),
        ("c.3_4insCC", "ATGCCAAA"),
        ("c.1delinsTT", "TTTGAAA"),
        ("c.4_6delinsGCC", "ATGGCC"),
        ("c.1_3dup", "ATGATGAAA"),
        ("c.4A>G (p.Lys2Glu), c.6A>G (p.=)", "ATGGAG"),
        ("A4G:A6G", "ATGGAG"),
        ("AAA2GAG", "ATGGAG"),
        ("A4-", "ATGAA"),
        ("c.=", "ATGAAA"),
        ("_wt", "ATGAAA"),
    ],
)
def test_every_notation_of_a_dna_variant(name, sequence):
    assert spelt(name, parent="ATGAAA", alphabet=DNA) == [sequence]
    rna = spelt(name.replace("T", "U"), parent="AUGAAA", alphabet=RNA)
    assert rna == [sequence.replace("T", "U")]


def test_codons_are_numbered_from_the_first_number_of_the_parent():
    assert spelt("AAA102GAG", parent="ATGAAA", first=101, alphabet=DNA) == ["ATGGAG"]
    assert spelt("AAA102GAG", parent="MK", first=101) == ["ME"]


NAMES = ["wt", "K2*", "K2*:Y5C", "K2del", "K2=", "_sy", "p.Lys2fs", "p.Met1?", "NA", "M1A"]


@pytest.mark.parametrize(
    ("policy", "sequences", "remarks"),
    [
        (
            {},
            ["MKTAY", "", "", "MTAY", "MKTAY", "MKTAY", "", "", "", "AKTAY"],
            (
                "5 of 10 rows dropped: 2 with a stop (`stops: keep` or `stops: merge` reads them), 1 with a frame "
                "shift, 1 with an unknown effect, 1 without a name",
                "2 rows with a synonymous variant read as the parent",
            ),
        ),
        (
            {"stops": "merge", "synonymous": "drop", "indels": "drop"},
            ["MKTAY", "M", "M", "", "", "", "", "", "", "AKTAY"],
            (
                "6 of 10 rows dropped: 2 with a synonymous variant (`synonymous: merge` reads them), 1 with an "
                "insertion or deletion (`indels: keep` reads them), 1 with a frame shift, 1 with an unknown effect, 1 "
                "without a name",
                "2 rows with a stop cut before it",
            ),
        ),
    ],
)
def test_what_is_left_out_or_merged_is_said_with_counts(policy, sequences, remarks):
    found = read(*NAMES, **policy)
    assert (found.sequences, found.remarks) == (sequences, remarks)
    assert found.is_kept.tolist() == [bool(sequence) for sequence in sequences]


def test_kept_stops_have_an_alphabet_with_the_stop():
    found = read("K2*", "K2*:Y5C", "M1A", stops="keep")
    assert found.sequences == ["M*TAY", "M*TAC", "AKTAY"]
    assert found.alphabet.letters == f"{PROTEIN.letters}*"
    assert read("M1A", stops="keep").alphabet == PROTEIN


def test_an_empty_name_is_the_parent_unless_another_row_names_it():
    assert read("", "M1A").remarks == ("1 row with an empty name read as the parent",)
    found = read("", "M1A", "wt")
    assert (found.sequences, found.remarks) == (["", "AKTAY", "MKTAY"], ("1 of 3 rows dropped: 1 without a name",))


def test_synonymous_variants_of_dna_are_kept_merged_or_dropped():
    names = ["c.6A>G", "c.4A>G", "_sy"]
    out = "1 with a synonymous variant whose bases are not named"
    for policy, sequences, remark in (
        ("keep", ["ATGAAG", "ATGGAA", ""], f"1 of 3 rows dropped: {out}"),
        ("merge", ["ATGAAA", "ATGGAA", ""], f"1 of 3 rows dropped: {out}"),
        (
            "drop",
            ["", "ATGGAA", ""],
            f"2 of 3 rows dropped: {out}, 1 with a synonymous variant (`synonymous: keep` reads",
        ),
    ):
        found = read(*names, parent="ATGAAA", alphabet=DNA, synonymous=policy)
        assert found.sequences == sequences
        assert found.remarks[0].startswith(remark)


def test_a_parent_may_end_with_its_stop_and_lose_it():
    assert spelt("M1A", "Ter6Lys", "*6K", "K2*", parent="MKTAY*", stops="merge") == ["AKTAY", "MKTAYK", "MKTAYK", "M"]


def test_plain_names_and_others_of_one_file_are_spelt_alike():
    """Each name alone, and all names together: the fast path and the grammar agree, whatever stands beside a name."""
    rng = np.random.default_rng(0)
    parent = "".join(rng.choice(list(PROTEIN.letters), 60))
    names = []
    for _ in range(300):
        places = rng.choice(60, rng.integers(1, 5), replace=False)
        news = rng.choice(list(PROTEIN.letters), len(places))
        names.append(":".join(f"{parent[p]}{p + 7}{new}" for p, new in zip(places, news, strict=True)))
    together = spelt(*names, parent=parent, first=7)
    assert together == [spelt(f"p.[{name.replace(':', ';')}]", parent=parent, first=7)[0] for name in names]
    assert spelt(*names, "p.=", parent=parent, first=7) == [*together, parent]


def test_hgvs_is_read_as_mavehgvs_reads_it():
    """An independent reader of MAVE-HGVS finds the same positions and letters in random names of every kind."""
    mavehgvs = pytest.importorskip("mavehgvs", reason="needs mavehgvs, an independent reader of HGVS")
    three = {one: long for long, one in ONE_LETTER.items()}
    rng = np.random.default_rng(1)
    parent = "".join(rng.choice(list(PROTEIN.letters), 30))
    for _ in range(200):
        i, j = sorted(rng.choice(30, 2, replace=False).tolist())
        at = [f"{three[letter]}{place + 1}" for place, letter in enumerate(parent)]
        new = "".join(three[letter] for letter in rng.choice(list(PROTEIN.letters), 2))
        kind = rng.choice(["sub", "del", "dup", "delins", "ins", "equal"])
        name = {
            "sub": f"p.{at[i]}{new[:3]}",
            "del": f"p.{at[i]}_{at[j]}del",
            "dup": f"p.{at[i]}_{at[j]}dup",
            "delins": f"p.{at[i]}_{at[j]}delins{new}",
            "ins": f"p.{at[i]}_{at[i + 1]}ins{new}",
            "equal": f"p.{at[i]}=",
        }[str(kind)]
        variant = mavehgvs.Variant(name, targetseq=parent)
        first, last = variant.positions if isinstance(variant.positions, tuple) else (variant.positions,) * 2
        start, stop = first.position - 1, last.position
        letters = "".join(ONE_LETTER[new[k : k + 3]] for k in (0, 3))
        said = {
            "sub": parent[:start] + letters[0] + parent[stop:],
            "del": parent[:start] + parent[stop:],
            "dup": parent[:stop] + parent[start:stop] + parent[stop:],
            "delins": parent[:start] + letters + parent[stop:],
            "ins": parent[: start + 1] + letters + parent[start + 1 :],
            "equal": parent,
        }[variant.variant_type]
        assert spelt(name, parent=parent) == [said], name


def test_a_table_of_mutants_is_a_landscape_with_a_parent(tmp_path):
    file = tmp_path / "scan.csv"
    file.write_text("mutant,2500,0\nK25R,1.5,0\nT26G:Y28W,2.5,0\nwt,1.0,0\n")
    fields = {"path": str(file), "mutant": "mutant", "value": 2500, "parent": "MKTAY", "first": 24}
    oracle = Landscape.model_validate(fields)
    assert oracle(["MRTAY", "MKGAW", "MKTAY"]).tolist() == [1.5, 2.5, 1.0]
    assert (oracle.space.parent, oracle.space.size, oracle.optimum) == ("MKTAY", 3, 2.5)
    assert card(oracle).best[0] == ("T26G:Y28W", 2.5, 2.5)
    assert Landscape.model_validate({k: v for k, v in oracle.describe().items() if k != "kind"}) == oracle


STOPPED = "sequence,value,se\nMKT*,1,.1\nMRT*,2,.1\nM*T*,9,.1\nM*A*,7,.1\nMKTA*,3,.1\n"


@pytest.mark.parametrize(
    ("fields", "best", "n", "remark"),
    [
        ({}, ("MKTA", 3.0), 3, "2 of 5 rows dropped: 2 with a stop (`stops: keep` or `stops: merge` reads them)"),
        ({"stops": "merge"}, ("M", 8.0), 4, "2 rows with a stop cut before it"),
        ({"stops": "keep"}, ("M*T", 9.0), 5, "5 rows whose final stop was removed"),
        (
            {"parent": "MKT*", "indels": "drop"},
            ("MRT", 2.0),
            2,
            "3 of 5 rows dropped: 2 with a stop (`stops: keep` or ",
        ),
    ],
)
def test_stops_in_a_column_of_sequences_are_treated_as_told(tmp_path, fields, best, n, remark):
    (tmp_path / "t.csv").write_text(STOPPED)
    oracle = Landscape(path=str(tmp_path / "t.csv"), std_error="se", denoise=False, **fields)
    assert (oracle.space.size, oracle.optimum, round(float(oracle([best[0]])[0]), 9)) == (
        n,
        pytest.approx(best[1]),
        best[1],
    )
    assert any(said.startswith(remark) for said in oracle.remarks)


def test_a_parent_of_another_length_is_refused(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("sequence,value\nACD,1\nACE,2\n")
    with pytest.raises(InputError, match="parent has 2 letters, but its sequences have 3 to 3"):
        _ = Landscape(path=str(file), parent="AC", alphabet="protein").space


def test_a_scan_of_a_protein_has_a_card_and_runs():
    if not BLAT.is_file():
        pytest.skip(f"{BLAT.name} is not in {DATA}: set DESIGNLOOP_DATA to the folder that holds it")
    fields = {"path": str(BLAT), "mutant": "mutant", "value": 2500, "scale": "log"}
    with pytest.raises(InputError) as refused:
        _ = Landscape.model_validate(fields).space
    spelt_by_the_names = str(refused.value).split("`parent: ")[1].split("`")[0]
    oracle = Landscape.model_validate({**fields, "parent": spelt_by_the_names, "first": 24})
    lines = dict(card(oracle).table())
    assert lines["size"] == "4,996 sequences of more than 1e308 possible"
    assert lines["additive R2"] == "unknown: too few sequences to fit an additive model"
    campaign = dl.Campaign(
        oracle=oracle,
        lab=dl.Lab.preset("instant"),
        strategy=dl.strategies.Random(),
        scheduler=dl.scheduling.Rounds(batch_size=8),
        budget=dl.Budget(designs=16),
    )
    assert len(campaign.run().best.sequence) == 263


def test_a_table_of_mutants_without_their_column_is_told_what_to_set(tmp_path):
    (tmp_path / "t.csv").write_text("Variant,value\nK2R,1\n")
    with pytest.raises(InputError, match="if 'Variant' names mutants, set `mutant: Variant` and `parent`"):
        _ = Landscape(path=str(tmp_path / "t.csv"), parent="MKTAY").truth
