"""Formats that biopython reads: the sequences, and an error for every file that is cut off or states other lengths."""

import struct
import sys
from pathlib import Path

import pytest

from designloop.core.alphabet import DNA, PROTEIN
from designloop.core.errors import InputError
from designloop.core.readers.sequences import read_cleaned

EMBL = """\
ID   X1; SV 1; linear; mRNA; STD; PLN; 64 BP.
XX
AC   X1;
XX
DE   a gene
XX
FH   Key             Location/Qualifiers
FH
FT   source          1..64
FT                   /organism="x"
FT   CDS             1..9
FT                   /protein_id="P1"
FT                   /translation="MKT"
XX
SQ   Sequence 64 BP; 16 A; 16 C; 16 G; 16 T; 0 other;
     acgtacgtac gtacgtacgt acgtacgtac gtacgtacgt acgtacgtac gtacgtacgt        60
     acgt                                                                     64
//
"""
SWISS = """\
ID   P1_HUMAN                Reviewed;          65 AA.
AC   P1;
DT   01-JAN-1990, integrated into UniProtKB/Swiss-Prot.
DT   01-JAN-1990, sequence version 1.
DT   01-JAN-1990, entry version 1.
DE   RecName: Full=x;
OS   Homo sapiens (Human).
OC   Eukaryota.
OX   NCBI_TaxID=9606;
SQ   SEQUENCE   65 AA;  13000 MW;  0000000000000000 CRC64;
     MKTAYIAKQR MKTAYIAKQR MKTAYIAKQR MKTAYIAKQR MKTAYIAKQR MKTAYIAKQR
     MKTAY
//
"""
PIR = ">P1;one\na protein\nMKTAY\nIAK*\n>P1;two\nanother\nMKT*\n"
NEXUS = (
    "#NEXUS\nbegin data;\ndimensions ntax=2 nchar=8;\nformat datatype=dna missing=? gap=- matchchar=. interleave;\n"
    "matrix\none ACGT\ntwo ..A.\n\none AC-T\ntwo .CGG\n;\nend;\n"
)
PHYLIP = " 2 8\none ACGT\ntwo ACAT\n\nAC-T\nACGG\n"
# Read as interleaved, it has two sequences of 50 letters too: one half of each from either sequence.
SEQUENTIAL = (
    " 2 50\nname_one_1 AAAAAAAAAA CCCCCCCCCC\nGGGGGGGGGG TTTTTTTTTT ACGTACGTAC\n"
    "name_two_2 CCCCCCCCCC AAAAAAAAAA\nTTTTTTTTTT GGGGGGGGGG ACGTACGTAC\n"
)
STRICT = " 2 8\nHomo sapieACGTAC-T\nMus muscul\nACATACGG\n"
WRAPPED = " 2 8\none ACGT\nAC-T\n\ntwo ACAT\n    ACGG\n"
MSF = """\
!!NA_MULTIPLE_ALIGNMENT 1.0

 x.msf  MSF: 8  Type: N  Check: 0 ..

 Name: one  Len: 8  Check: 0  Weight: 1.00
 Name: two  Len: 8  Check: 0  Weight: 1.00

//

one  ACGTAC.T
two  ACATACGG
"""
ALIGNED = ["ACGTACT", "ACATACGG"]
SNAPGENE = b"".join(
    struct.pack(">BI", kind, len(data)) + data
    for kind, data in ((9, b"SnapGene" + struct.pack(">HHH", 1, 15, 15)), (0, b"\x01" + b"ACGT" * 16))
)


def read(folder: Path, text: str | bytes, alphabet=DNA):
    (folder / "x").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_cleaned(folder / "x", alphabet)


@pytest.mark.parametrize(
    ("text", "alphabet", "format", "sequences", "name"),
    [
        (EMBL, DNA, "EMBL", ["ACGT" * 16], "X1.1 a gene"),
        (EMBL, PROTEIN, "EMBL, translations of the coding sequences", ["MKT"], "P1"),
        (SWISS, PROTEIN, "Swiss-Prot", ["MKTAYIAKQR" * 6 + "MKTAY"], "P1 RecName: Full=x;"),
        (PIR, PROTEIN, "PIR", ["MKTAYIAK", "MKT"], "one a protein"),
        (NEXUS, DNA, "NEXUS", ALIGNED, "one"),
        (PHYLIP, DNA, "PHYLIP", ALIGNED, "one"),
        (STRICT, DNA, "PHYLIP", ALIGNED, "Homo sapie"),
        (WRAPPED, DNA, "PHYLIP", ALIGNED, "one"),
        (MSF, DNA, "MSF", ALIGNED, "one"),
        (SNAPGENE, DNA, "SnapGene", ["ACGT" * 16], ""),
    ],
)
def test_a_rare_format_is_read_by_its_content(tmp_path, text, alphabet, format, sequences, name):
    pytest.importorskip("Bio")
    found = read(tmp_path, text, alphabet)
    assert (found.format, found.sequences) == (format, sequences)
    assert found.entries[0].place == "record 1"
    assert found.entries[0].header.startswith(name)
    assert len(found.columns) == (2 if sequences == ALIGNED else 0)


@pytest.mark.parametrize("text", [EMBL, SWISS, PIR, NEXUS, PHYLIP, MSF, SNAPGENE])
def test_a_file_that_is_cut_off_is_an_error_and_no_shorter_sequence(tmp_path, text):
    pytest.importorskip("Bio")
    alphabet = PROTEIN if text in (SWISS, PIR) else DNA
    whole = read(tmp_path, text, alphabet).sequences
    first = 13 if isinstance(text, bytes) else text.index("\n") + 1  # by which the format is recognised
    for end in range(first, len(text), max(1, len(text) // 60)):
        try:
            found = read(tmp_path, text[:end], alphabet).sequences
        except InputError:
            continue
        assert found == whole[: len(found)], end


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            EMBL.replace("     acgt     ", "              "),
            "cannot be read as EMBL: Expected sequence length 64",
        ),
        (SWISS.replace("     MKTAY\n", ""), "it states sequences of 65 letters, but has 60; it may be cut off"),
        (PHYLIP.replace("\nAC-T\nACGG\n", ""), "it states sequences of 8, 8 letters, but has 4, 4"),
        (WRAPPED.replace("    ACGG\n", ""), "cannot be read as PHYLIP: .*; it may be cut off"),
        (SEQUENTIAL, "x can be read as PHYLIP in two ways, interleaved or not; convert it to FASTA"),
        (NEXUS.replace("nchar=8", "nchar=9"), "x cannot be read as NEXUS: "),
        (EMBL.replace("acgtacgtac", "acgtacgtan", 1), "x, record 1, in 'X1.1': letter 'N' at position 10"),
    ],
)
def test_lengths_that_a_file_states_are_checked(tmp_path, text, sentence):
    pytest.importorskip("Bio")
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, text, PROTEIN if text.startswith("ID   P1") else DNA)


def test_without_biopython_the_error_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "Bio", None)
    with pytest.raises(InputError, match=r"x: PHYLIP is read by biopython; pip install 'designloop\[search\]'"):
        read(tmp_path, PHYLIP)


@pytest.mark.parametrize(
    ("data", "kind"), [(b"ABIF\x00e", "ABI trace"), (b"##gff-version 3\n", "GFF"), (b"<uniprot>", "XML or HTML")]
)
def test_other_formats_are_refused_by_name(tmp_path, data, kind):
    with pytest.raises(InputError, match=rf"x is in a format that is not read \({kind}\); "):
        read(tmp_path, data)
