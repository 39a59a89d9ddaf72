"""`designloop inspect`: what it prints, as a table and as JSON; its pictures; and what it says of wrong files."""

import json
import os
import random
from pathlib import Path

import pytest

DATA = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[3] / "shared" / "data"))
CORPUS = ">one family=a\nACGUACGUAC\n>two family=b\nGGGGGGGGGG\n>three family=a\nGGGGGGGGGG\n"


@pytest.fixture
def files(tmp_path):
    """Four sequences, as DNA, one twice and one masked; and a corpus of three, as RNA."""
    (tmp_path / "mine.txt").write_text("ACGTACGTAC\nACGTACGTAG\nACGTACGTAG\nGGGG_GGGCC\n")
    (tmp_path / "natural.fasta").write_text(CORPUS)
    return tmp_path / "mine.txt", tmp_path / "natural.fasta"


def row(out, start):
    """The words of the line that starts so, less that."""
    return next(line for line in out.splitlines() if line.startswith(start)).removeprefix(start).split()


def test_sequences_are_shown_beside_the_corpus(designloop, files):
    answer = designloop("inspect", files[0], "--corpus", files[1])
    assert answer.code == 0, answer.err
    assert "alphabet rna (guessed" in answer.out
    assert row(answer.out, "sequences ") == ["4", "3"]
    assert row(answer.out, "letter U") == ["15.4%", "6.7%"]
    assert row(answer.out, "masked (_)") == ["1", "0"]
    assert row(answer.out, "duplicates") == ["1", "1"]
    assert "mine.txt: equal records 2 = 3\n" in answer.out
    assert row(answer.out, "in the corpus") == ["1", "25.0%"]
    assert row(answer.out, "nearly in the corpus (identity 90% or more)") == ["2", "50.0%"]
    assert row(answer.out, "identity 70% to below 80%") == ["1", "25.0%"]
    assert row(answer.out, "2  ") == ["1", "one", "90.0%", "90.0%", "1", "C10G"]
    assert row(answer.out, "4  ") == ["2", "two", "77.8%", "77.8%", "3", "G5_", "G9C", "G10C"]
    assert "sequence" not in answer.out.split("Nearest neighbours")[1]


def test_alignments_are_printed_where_asked_of_the_first_n(designloop, files):
    out = designloop("inspect", files[0], "--corpus", files[1], "--align", "--top", 2).out
    assert out.endswith(
        "2 against 1 one\n"
        "sequence   1 ACGUACGUAG 10\n"
        "             |||||||||\n"
        "nearest    1 ACGUACGUAC 10\n"
    )  # fmt: skip
    assert "3 against" not in out


def test_json_tells_the_same(designloop, files):
    told = json.loads(designloop("inspect", files[0], "--corpus", files[1], "--json", "--align", "--top", 2).out)
    assert (told["alphabet"], told["is_guessed"]) == ("rna", True)
    assert told["sequences"]["duplicates"] == told["corpus"]["duplicates"] == [[2, 3]]
    assert told["leakage"] == {"exact": [[1, 1]], "near": [[2, 1], [3, 1]], "near_from": 0.9}
    assert sum(told["novelty"]["counts_from"].values()) == 4
    first, second = told["nearest"]
    assert (first["identity"], first["edits"], first["nearest_name"]) == (1.0, "", "one")
    assert second["alignment"] == {"sequence": "ACGUACGUAG", "other": "ACGUACGUAC", "matches": "||||||||| "}


def test_without_a_corpus_the_set_alone_is_shown(designloop, files):
    out = designloop("inspect", files[0]).out
    assert "alphabet dna" in out
    assert row(out, "sequences ") == ["4"]
    assert "Nearest" not in out
    told = json.loads(designloop("inspect", files[0], "--json").out)
    assert {"corpus", "leakage", "nearest"} & told.keys() == set()


def test_a_column_of_each_table_is_read(designloop, tmp_path):
    (tmp_path / "mine.csv").write_text("design,y\nMKTAY,1\n")
    (tmp_path / "natural.csv").write_text("protein\nMKTAW\n")
    words = ("--column", "design", "--corpus-column", "protein", "--alphabet", "protein", "--json")
    told = json.loads(designloop("inspect", tmp_path / "mine.csv", "--corpus", tmp_path / "natural.csv", *words).out)
    assert (told["is_guessed"], told["nearest"][0]["edits"]) == (False, "W5Y")


def test_pictures_are_written_and_what_cannot_be_drawn_is_told(designloop, files, tmp_path):
    answer = designloop("inspect", files[0], "--corpus", files[1], "--figures", tmp_path / "figures", "--json")
    assert json.loads(answer.out)["alphabet"] == "rna"
    assert sorted(file.name for file in (tmp_path / "figures").iterdir()) == ["alignment.png", "alignment.svg"]
    assert "No logo: all letters must be known, and '_' stands for an unknown one." in answer.err
    (tmp_path / "plain.txt").write_text("ACGU\nACGG\nACGC\n")
    designloop("inspect", tmp_path / "plain.txt", "--figures", tmp_path / "logos")
    assert sorted(file.name for file in (tmp_path / "logos").iterdir()) == ["logo.png", "logo.svg"]
    (tmp_path / "uneven.txt").write_text("ACGU\nACG\nACGC\n")
    assert "differ in length" in designloop("inspect", tmp_path / "uneven.txt", "--figures", tmp_path / "none").err


@pytest.mark.parametrize(
    ("text", "words", "sentence"),
    [
        ("", (), "mine.txt contains no sequences"),
        ("ACGU\nACGX\n" + "ACGU" * 20, (), "mine.txt, line 2: letter 'X' at position 4 is not in the rna alphabet"),
        ("ACGU\nACGX\n" + "ACGU" * 20, (), "The alphabet, rna, was guessed from the letters; --alphabet overrides it."),
        ("ACGU\n", ("--alphabet", "protein"), "mine.txt, line 1: letter 'U' at position 4 is not in the protein"),
        ("ACGU\n", ("--alphabet", "dnaa"), "--alphabet dnaa: unknown alphabet 'dnaa'. Did you mean 'dna'?"),
        ("ACGU\n", ("--corpus", "natural.txt"), "natural.txt does not exist"),
        ("ACGU\n", ("--corpus", "masked.txt"), "masked.txt, line 1: letter '_' at position 2"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(designloop, tmp_path, monkeypatch, text, words, sentence):
    monkeypatch.chdir(tmp_path)
    Path("mine.txt").write_text(text)
    Path("masked.txt").write_text("A_GU\n")
    answer = designloop("inspect", "mine.txt", *words)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err


def test_a_missing_file_is_told_with_the_nearest(designloop, files):
    answer = designloop("inspect", files[0].with_name("mime.txt"))
    assert answer.code == 2
    assert "mime.txt does not exist. Did you mean 'mine.txt'?" in answer.err


def test_the_masked_tmrna_has_a_neighbour_with_an_a_at_its_masked_base(designloop):
    seed, families = DATA / "seed_tmrna.txt", DATA / "rna_families.fasta.gz"
    if not (seed.is_file() and families.is_file()):
        pytest.skip(f"{seed.name} and {families.name} are not in {DATA}: set DESIGNLOOP_DATA to their folder")
    told = json.loads(designloop("inspect", seed, "--corpus", families, "--json", "--align").out)
    (nearest,) = told["nearest"]
    assert nearest["nearest_name"].startswith("tmRNA_Pseu.halo._CR954246")
    assert nearest["overlap_identity"] > 0.95
    assert nearest["alignment"]["other"][nearest["alignment"]["sequence"].index("_")] == "A"


def test_t_and_u_in_one_file_are_named_by_their_own_lines(designloop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mixed.fasta").write_text(">one\nACGACG\nACGTAC\n>two\nACGACG\nACGACG\nACGUAC\n")
    answer = designloop("inspect", "mixed.fasta")
    assert "T first in mixed.fasta, line 3, in 'one', U first in mixed.fasta, line 7, in 'two'" in answer.err


def test_homologs_and_members_of_a_family_are_shown(designloop, tmp_path):
    pytest.importorskip("pyhmmer", reason="the extra [search] is not installed")
    rng = random.Random(0)
    parent = rng.choices("ACDEFGHIKLMNPQRSTVWY", k=80)
    kin = ["".join(rng.choice("ACDEFG") if rng.random() < 0.2 else letter for letter in parent) for _ in range(5)]
    rows = "".join(f"kin{place} {row[:40]}-{row[40:]}\n" for place, row in enumerate(kin))
    (tmp_path / "kin.sto").write_text(f"# STOCKHOLM 1.0\n{rows}//\n")
    (tmp_path / "mine.fasta").write_text(
        f">mine\n{''.join(parent)}\n>other\n{''.join(rng.choices('ACDEFGHIKL', k=80))}\n"
    )
    words = ("--search", tmp_path / "kin.sto", "--profile", tmp_path / "kin.sto", "--alphabet", "protein")
    out = designloop("inspect", tmp_path / "mine.fasta", *words).out
    assert "1 of 2 sequences have homologs with an E-value of 0.001 or less" in out
    assert row(out, "1 mine")[:1] == ["5"]
    assert "kin.sto (Stockholm): 5 rows aligned in 81 columns" in out
    assert "1 of 2 sequences fit the family of kin.sto with an E-value of 0.001 or less" in out
    told = json.loads(designloop("inspect", tmp_path / "mine.fasta", *words, "--json").out)
    assert [len(hits) for hits in told["homologs"]] == [5, 0]
    assert told["members"][0]["e_value"] < 1e-10
    (tmp_path / "uneven.fasta").write_text(">one\nMKV\n>two\nMKVT\n")
    words = ("--profile", tmp_path / "uneven.fasta", "--alphabet", "protein")
    answer = designloop("inspect", tmp_path / "mine.fasta", *words)
    assert (answer.code, "expected an alignment of at least two rows" in answer.err) == (2, True)


def test_an_alignment_by_a_matrix_is_printed_where_asked(designloop, tmp_path):
    pytest.importorskip("Bio.Align", reason="the extra [search] is not installed")
    (tmp_path / "mine.txt").write_text("MKVTLAWW\n")
    (tmp_path / "natural.fasta").write_text(">one\nMKITLAWW\n")
    words = ("--corpus", tmp_path / "natural.fasta", "--alphabet", "protein", "--align", "--matrix", "BLOSUM62")
    out = designloop("inspect", tmp_path / "mine.txt", *words).out
    assert out.endswith(
        "1 against 1 one by BLOSUM62\n"
        "sequence  1 MKVTLAWW 8\n"
        "            ||:|||||\n"
        "nearest   1 MKITLAWW 8\n"
    )  # fmt: skip


def test_an_alignment_is_read_and_its_columns_make_the_logo(designloop, tmp_path):
    (tmp_path / "family.sto").write_text("# STOCKHOLM 1.0\none ACG-ACGU\ntwo ACGGACGT\nthree ANG-ACGU\n//\n")
    words = ("inspect", tmp_path / "family.sto", "--alphabet", "rna", "--ambiguous", "drop")
    answer = designloop(*words)
    assert "family.sto (Stockholm): 3 rows aligned in 8 columns\n" in answer.out
    assert "family.sto (Stockholm): 1 of 3 sequences left out: 1 with ambiguity codes (letters: N 1)\n" in answer.out
    assert row(answer.out, "sequences ") == ["2"]
    assert designloop(*words, "--figures", tmp_path / "figures").code == 0
    assert "logo.svg" in {file.name for file in (tmp_path / "figures").iterdir()}
    told = json.loads(designloop(*words, "--json").out)["sequences"]
    assert (told["format"], told["n_records"], told["n"]) == ("Stockholm", 3, 2)
