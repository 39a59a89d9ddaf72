"""A file is read by its content: every format gives the same sequences, and damage is told with its line."""

import bz2
import gzip
import importlib.util
import lzma
import os
from pathlib import Path

import pytest

from designloop.core.alphabet import DNA, PROTEIN, RNA
from designloop.core.errors import InputError
from designloop.core.readers.sequences import read_cleaned, read_sequences

BIOPYTHON = Path(os.environ.get("BIOPYTHON_TESTS", "/nowhere"))
"""The folder Tests of biopython's source archive (PyPI, biopython 1.88)."""

GENBANK = """LOCUS       AB1                     12 bp    DNA     linear   BCT 01-JAN-2020
DEFINITION  a gene.
FEATURES             Location/Qualifiers
     CDS             1..12
                     /product="tiny"
                     /translation="MK
                     VT"
ORIGIN
        1 acgtacgtac
       11 gg
//
"""
SAME = {
    "fasta": ">one first\nMK\nVTLA\n>two\nMKTA\n",
    "aligned": ">one\nMKVTLA\n>two\nMK--TA\n",
    "stockholm": "# STOCKHOLM 1.0\n#=GF ID x\none   MKV\ntwo   MK-\n#=GC SS  ...\n\none   TLA\ntwo   -TA\n//\n",
    "clustal": "CLUSTAL W (1.83) alignment\n\none   MKV 3\ntwo   MK- 2\n      **\n\none TLA\ntwo -TA\n",
    "a3m": ">one\nMKvTLA\n>two\nMK-TA\n",
    "a2m": ">one\nMKvTLA\n>two\nMK.-TA\n",
    "fastq": "@one\nMKV\nTLA\n+one\n@@@\n!~I\n@two 2\nMKTA\n+two\n@III\n",
    "list": "# a comment\nMKVTLA\n\nMKTA\n",
}


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.parametrize("kind", SAME)
@pytest.mark.parametrize("name", ["sequences", "sequences.txt", "sequences.pro"])
def test_the_content_tells_the_format_whatever_the_name(tmp_path: Path, kind: str, name: str):
    assert read_cleaned(written(tmp_path, name, SAME[kind]), PROTEIN).sequences == ["MKVTLA", "MKTA"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
@pytest.mark.parametrize("kind", ["fasta", "stockholm"])
def test_compression_is_told_by_the_content_too(tmp_path: Path, kind: str, pack):
    (tmp_path / "packed").write_bytes(pack(SAME[kind].encode()))
    assert read_cleaned(tmp_path / "packed", PROTEIN).sequences[0] == "MKVTLA"


def test_a_row_of_gzip_members_is_read_to_its_end(tmp_path: Path):
    """As bgzip writes: .bgz."""
    (tmp_path / "x.fasta.bgz").write_bytes(gzip.compress(b">one\nACG") + gzip.compress(b"TTT\n>two\nA\n"))
    assert read_sequences(tmp_path / "x.fasta.bgz", DNA) == ["ACGTTT", "A"]


def test_what_is_not_compressed_as_its_name_says_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="it is not compressed by bzip2, as its ending says"):
        read_sequences(written(tmp_path, "x.fasta.bz2", ">a\nACGT\n"), DNA)
    (tmp_path / "x.zst").write_bytes(b"\x28\xb5\x2f\xfd\x00\x00")
    with pytest.raises(InputError, match="compressed by zstandard, which is not read"):
        read_sequences(tmp_path / "x.zst", DNA)


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("fasta", ()),
        ("aligned", ("MKVTLA", "MK--TA")),
        ("stockholm", ("MKVTLA", "MK--TA")),
        ("clustal", ("MKVTLA", "MK--TA")),
        ("a3m", ("MKTLA", "MK-TA")),
        ("a2m", ("MKTLA", "MK-TA")),
    ],
)
def test_the_columns_of_an_alignment_are_kept_and_insertions_have_none(tmp_path: Path, kind: str, columns):
    """Rows of A3M differ in length; a lower-case letter is an insertion, and its neighbours keep their columns."""
    assert read_cleaned(written(tmp_path, "x", SAME[kind]), PROTEIN).columns == columns


def test_rows_of_an_alignment_have_columns_also_without_gaps(tmp_path: Path):
    file = written(tmp_path, "x", "# STOCKHOLM 1.0\none MKV\ntwo MKT\n//\n")
    assert read_cleaned(file, PROTEIN).columns == ("MKV", "MKT")
    assert read_cleaned(written(tmp_path, "x", ">one\nMKV\n>two\nMKT\n"), PROTEIN).columns == ()


def test_comments_in_fasta_are_skipped_and_counted(tmp_path: Path):
    text = "\n# a heading\n;another\n\n>one #1\nMKV\n#within\nTLA\n!and\n>two\nMKTA\n"
    reading = read_cleaned(written(tmp_path, "x", text), PROTEIN)
    assert reading.sequences == ["MKVTLA", "MKTA"]
    assert reading.remarks == ("x (FASTA): 4 comment lines skipped",)
    with pytest.raises(InputError, match="x, line 11, in 'two': letter '1' at position 3"):
        read_cleaned(written(tmp_path, "x", text.replace("MKTA", "MK1A")), PROTEIN)


def test_genbank_gives_the_sequence_or_for_proteins_the_translations(tmp_path: Path):
    file = written(tmp_path, "x.gb", GENBANK)
    (entry,) = read_cleaned(file, DNA).entries
    assert (entry.sequence, entry.name, entry.place) == ("ACGTACGTACGG", "AB1", "line 1")
    (protein,) = read_cleaned(file, PROTEIN).entries
    assert (protein.sequence, protein.name, protein.place) == ("MKVT", "tiny", "line 6")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.sto", "# STOCKHOLM 1.0\none MKV\ntwo MK\n//\n", r"x\.sto, line 3: row 'two' has 2 columns, but the first"),
        ("x.sto", "# STOCKHOLM 1.0\none MKV\none MKV\n//\n", r"x\.sto, line 3: 'one' is there twice in one block"),
        ("x.sto", "# STOCKHOLM 1.0\none MKV\ntwo MKT\n", r"does not end with '//'; the file is cut off"),
        (
            "x.aln",
            "CLUSTAL\n\none MKV\ntwo MKV\n\none MKV\n",
            r"x\.aln, line 4: row 'two' has 3 columns, but the first",
        ),
        ("x.a3m", ">one\nMKVT\n>two long\nMKvVTA\n", r"x\.a3m, line 3: 'two' has 5 columns .* first row has 4"),
        ("x.fq", "@one\nMKV\n+\nII\n", r"x\.fq, line 1: 'one' has 3 letters, but 2 qualities"),
        ("x.fq", "@one\nMKV\n+\nIII\n@two\nMK\n", r"x\.fq, line 5: 'two' has 2 letters, but 0 qualities"),
        (
            "x.fq",
            "@a\nMKV\n+\nIII\n@one 1\nMK\n+two\nII\n",
            r"x\.fq, line 7: expected '\+' alone or .*'one 1', got '\+two'",
        ),
        ("x.fq", "@one\nMK\nV\n+\nI\nI\x7f\n", r"x\.fq, line 6: '\\x7f' is not a quality"),
        ("x.fq", "@one\nMKV\n+\nI I\n", r"x\.fq, line 4: ' ' is not a quality"),
        (
            "x.gb",
            GENBANK.replace(" 12 bp", " 13 bp").replace("CDS", "sig"),
            "has 12 letters, but its LOCUS line says 13",
        ),
        ("x.gb", GENBANK.replace("//", "").replace("CDS", "sig"), r"line 1: the record 'AB1 a gene\.' does not end"),
        ("x.gb", "LOCUS X 5 bp\nCONTIG join(Y)\n//\n", r"line 1: the record 'X' has no sequence \(ORIGIN\)"),
        ("x", "a heading\n>one\nMKV\n", r"x, line 1: expected a FASTA header .*, got 'a heading'; begin the line with"),
        ("x", "# a heading\nMKV\n>two\nMKV\n", "x, line 2: .* or write a header above it if it is a sequence"),
    ],
)
def test_damage_is_told_with_its_line(tmp_path: Path, name: str, text: str, said: str):
    alphabet = DNA if name == "x.gb" else PROTEIN
    with pytest.raises(InputError, match=said):
        read_cleaned(written(tmp_path, name, text), alphabet, ambiguous="drop")


def test_a_wrong_letter_is_on_its_own_line_in_every_format(tmp_path: Path):
    for kind, line in (("stockholm", 7), ("clustal", 7), ("fastq", 3), ("list", 2)):
        file = written(tmp_path, kind, SAME[kind].replace("TLA", "T1A"))
        with pytest.raises(InputError, match=rf"{kind}, line {line}.*: letter '1' at position 5"):
            read_cleaned(file, PROTEIN, ambiguous="drop")


@pytest.mark.parametrize(
    ("name", "alphabet", "n_records", "n_kept", "length"),
    [
        ("Stockholm/rfam1.seed.txt", RNA, 3, 3, 205),
        ("Stockholm/globins45.ali", PROTEIN, 45, 45, 153),
        ("Clustalw/opuntia.aln", DNA, 7, 7, 146),
        ("Clustalw/muscle.aln", PROTEIN, 3, 3, 621),
        ("GenBank/NC_005816.gb", DNA, 1, 1, 9609),
        ("GenBank/NC_005816.gb", PROTEIN, 10, 10, 340),
        ("GenBank/cor6_6.gb.bgz", DNA, 6, 5, 513),
        ("Quality/tricky.fastq", DNA, 4, 4, 36),
        ("Fasta/flowers.pro.gz", PROTEIN, 3, 2, 600),
        ("Fasta/aster_blast.pro", PROTEIN, 1, 1, 107),
        ("Clustalw/clustalw.a2m", PROTEIN, 2, 2, 600),
        ("Clustalw/kalign.a2m", DNA, 2, 2, 26),
        ("Clustalw/msaprobs.a2m", PROTEIN, 8, 8, 248),
        ("Clustalw/muscle.a2m", PROTEIN, 3, 3, 621),
        ("Clustalw/probcons.a2m", PROTEIN, 5, 5, 95),
        ("EMBL/TRBG361.embl", DNA, 1, 1, 1859),
        ("EMBL/hla_3260_sample.imgt", DNA, 8, 8, 3503),
        ("EMBL/kipo_prt_sample.embl", PROTEIN, 20, 15, 111),
        ("SwissProt/multi_ex.txt", PROTEIN, 8, 8, 562),
        ("NBRF/DMB_prot.pir", PROTEIN, 6, 6, 263),
        ("Nexus/codonposset.nex", DNA, 2, 1, 22),
        ("Phylip/interlaced.phy", PROTEIN, 3, 3, 343),
        ("Phylip/sequential2.phy", PROTEIN, 4, 4, 131),
        ("msf/W_prot.msf", PROTEIN, 11, 11, 99),
        ("SnapGene/pFA-KanMX4.dna", DNA, 1, 1, 3941),
    ],
)
def test_real_files_are_read_whole(name: str, alphabet, n_records: int, n_kept: int, length: int):
    if not (BIOPYTHON / name).is_file():
        pytest.skip(f"{name} is not in BIOPYTHON_TESTS: set it to the folder Tests of biopython's source archive")
    check_whole(BIOPYTHON / name, alphabet, n_records, n_kept, length)


def test_damaged_fastq_of_biopython_is_refused():
    files = sorted((BIOPYTHON / "Quality").glob("error_*.fastq"))
    if not files:
        pytest.skip("Quality/error_*.fastq are not in BIOPYTHON_TESTS")
    for file in files:
        with pytest.raises(InputError, match=rf"{file.name}, line \d+"):
            read_cleaned(file, DNA, ambiguous="keep")


@pytest.mark.parametrize(
    ("name", "alphabet", "n_records", "n_kept", "length"),
    [("crp_sites.fa", DNA, 358, 358, 26), ("ww_sequences.fa", PROTEIN, 4025, 4024, 31)],
)
def test_files_that_logomaker_ships_are_read_whole(name: str, alphabet, n_records: int, n_kept: int, length: int):
    """They begin with comments."""
    package = importlib.util.find_spec("logomaker")
    if package is None or package.origin is None:
        pytest.skip("needs a file that the package logomaker ships: pip install logomaker")
    file = Path(package.origin).parent / "examples" / "datafiles" / name
    assert "10 comment lines skipped" in check_whole(file, alphabet, n_records, n_kept, length)


def check_whole(file: Path, alphabet, n_records: int, n_kept: int, length: int) -> tuple[str, ...]:
    reading = read_cleaned(file, alphabet, ambiguous="drop")
    assert (reading.n_records, len(reading.entries), len(reading.sequences[0])) == (n_records, n_kept, length)
    return reading.changes
