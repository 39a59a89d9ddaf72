"""Mutants named by their changes are spelt out against their parent, and a name that does not fit is named."""

import os
from pathlib import Path

import pytest

import designloop as dl
from designloop.core.alphabet import DNA, PROTEIN, RNA
from designloop.core.errors import InputError
from designloop.core.readers.mutants import mutants
from designloop.oracles import Landscape
from designloop.oracles.card import card

DATA = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[3] / "shared" / "data"))
BLAT = DATA / "BLAT_ECOLX_Ranganathan2015_labeled.csv.gz"


def spelt(*names, parent="MKTAY", first=1, alphabet=PROTEIN):
    return mutants(names, parent, first, alphabet, lambda row: f"t.csv, line {row + 2}")[1]


def test_changes_are_made_to_the_parent():
    assert spelt("M1A", "K2R:Y5W", "wt", "A4=", "T3G, Y5C") == ["AKTAY", "MRTAW", "MKTAY", "MKTAY", "MKGAC"]


def test_the_first_letter_may_have_another_number():
    assert spelt("M24A", "Y28W", first=24) == ["AKTAY", "MKTAW"]


def test_mutants_of_a_dna_parent_are_dna():
    place = "line {}".format
    assert mutants(["A1G", "t2c", "wt"], "ATGC", 1, None, place) == (DNA, ["GTGC", "ACGC", "ATGC"])
    assert mutants(["A1G"], "AUGC", 1, None, place)[0] == RNA
    assert mutants(["M1A"], "MKTAY", 1, None, place)[0] == PROTEIN


def test_t_is_read_as_u_in_parent_and_names_as_in_sequences():
    assert spelt("T2C", "U2A", "A1T", parent="ATGC", alphabet=RNA) == ["ACGC", "AAGC", "UUGC"]
    assert spelt("U2C", parent="AUGC", alphabet=DNA) == ["ACGC"]


@pytest.mark.parametrize(
    ("names", "fields", "sentence"),
    [
        (["M1A", "K3R"], {}, r"line 3: K3R expects K at position 3, but the parent has T; correct the name, the"),
        (["K25R", "T26G"], {}, r"line 2: position 25 is outside the parent \(positions 1 to 5\); every"),
        (["K25R", "T26G"], {}, r"every name matches with `first: 24`"),
        (["M1A", "K2*"], {}, r"line 3: expected the name of a mutant \(H24C, .*, got 'K2\*'"),
        (["M1A", "M1A:K2R:M1G"], {}, r"t\.csv, line 3: 'M1A:K2R:M1G' changes position 1 twice; give"),
        (["M1A:M1A"], {}, r"line 2: 'M1A:M1A' changes position 1 twice"),
        (["M" + "1" * 5000 + "A"], {}, r"expected the name of a mutant .*, got 'M11"),
        (["A1N", "T2C"], {"parent": "ATGCATGCATGC", "alphabet": None}, r"line 2: letter 'N' at position 1 .* dna"),
        (
            ["A1G"],
            {"parent": "ACG", "alphabet": None},
            r"the parent: the letters \(A, C, G\) match dna, rna and protein",
        ),
        (["M1A", ""], {}, r"line 3: expected the name of a mutant .*, got ''"),
        (["M1A"], {"parent": "MKT1"}, r"letter '1' at position 4 of the parent"),
        (["M7A", "K8R", "T9A:K8R"], {"parent": None}, r"the names imply `parent: MKT` with `first: 7`"),
        (["M7A", "T9A"], {"parent": None}, r"require their parent sequence; give `parent:`$"),
    ],
)
def test_a_name_that_does_not_fit_is_named_with_the_mend(names, fields, sentence):
    with pytest.raises(InputError, match=sentence):
        spelt(*names, **fields)


def test_a_table_of_mutants_is_a_landscape_with_a_parent(tmp_path):
    file = tmp_path / "scan.csv"
    file.write_text("mutant,2500,0\nK25R,1.5,0\nT26G:Y28W,2.5,0\nwt,1.0,0\n")
    fields = {"path": str(file), "mutant": "mutant", "value": 2500, "parent": "MKTAY", "first": 24}
    oracle = Landscape.model_validate(fields)
    assert oracle(["MRTAY", "MKGAW", "MKTAY"]).tolist() == [1.5, 2.5, 1.0]
    assert (oracle.space.parent, oracle.space.size, oracle.optimum) == ("MKTAY", 3, 2.5)
    assert card(oracle).best[0] == ("T26G:Y28W", 2.5, 2.5)
    assert Landscape.model_validate({k: v for k, v in oracle.describe().items() if k != "kind"}) == oracle


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
