"""Formats of sequence files. The first line of a file tells its format, and not its name."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.files import suffix
from designloop.core.readers.alignments import check_a3m, clustal, stockholm
from designloop.core.readers.by_biopython import ByBiopython
from designloop.core.readers.content import first_bytes, lines
from designloop.core.readers.records import (
    COMMENTS,
    Numbered,
    Record,
    fasta,
    fastq,
    genbank,
    is_of_nucleotides,
    listed,
    translations,
)

FASTA = (".fasta", ".fa", ".fna", ".faa", ".fas", ".ffn", ".frn", ".a2m", ".a3m")
"""Endings of FASTA files, which are read as such even without a header in the first line."""
_ENDS_A3M = (".a2m", ".a3m")
_CONVERT = "convert it to FASTA, for example by EMBOSS seqret or Bio.SeqIO of biopython"


@dataclass(frozen=True, slots=True)
class Format:
    """A format of sequence files."""

    name: str
    first_line: re.Pattern[str]
    """What the first line that is not blank begins with."""
    read: Callable[[Numbered, Path], Iterator[Record]]
    is_alignment: bool = False
    word: str = "line"
    """What the place of a record counts."""


def _rare(name: str, first_line: str, *kinds: str, is_alignment: bool = False) -> Format:
    """A format that biopython reads."""
    return Format(name, re.compile(first_line), ByBiopython(name, kinds), is_alignment, "record")


LINES = Format("one sequence per line", re.compile(""), listed)
_FASTA = Format("FASTA", re.compile(">"), fasta)
_GENBANK = Format("GenBank", re.compile(r"LOCUS\s"), genbank)
_PROTEINS = Format("GenBank, translations of the coding sequences", _GENBANK.first_line, translations)
_UNREAD = {
    "SAM": r"@(HD|SQ|RG|PG|CO)\t",
    "an HMM profile": "HMMER3/|INFERNAL1/",
    "GFF": "##gff",
    "JSON": r"\s*\{",
    "XML or HTML": r"\s*<",
}
_BINARY = {b"\x1aA'C": "2bit", b"C'A\x1a": "2bit", b"ABIF": "ABI trace", b"BAM\x01": "BAM"}
_SNAPGENE = Format("SnapGene", re.compile(""), ByBiopython("SnapGene", ("snapgene",), is_binary=True), word="record")
_EMBL = _rare("EMBL", r"ID   .*(\d BP\.\s*$|;\s*SV )", "embl", "imgt")
_EMBL_PROTEINS = _rare("EMBL, translations of the coding sequences", _EMBL.first_line.pattern, "embl-cds")
_FORMATS = (
    _GENBANK,
    _EMBL,
    _rare("Swiss-Prot", r"ID   .*\d AA\.\s*$", "swiss", "embl"),
    _rare("PIR", r">(P1|F1|DL|DC|RL|RC|N1|N3|XX);", "pir"),
    _rare("NEXUS", r"(?i)#NEXUS", "nexus", is_alignment=True),
    _rare("PHYLIP", r"\s*\d+\s+\d+\s*$", "phylip-relaxed", "phylip", "phylip-sequential", is_alignment=True),
    _rare("MSF", r"!!|PileUp|[^>]*MSF:", "msf", is_alignment=True),
    _FASTA,
    Format("FASTQ", re.compile("@"), fastq),
    Format("Stockholm", re.compile(r"# ?STOCKHOLM"), stockholm, is_alignment=True),
    Format("Clustal", re.compile("CLUSTAL|MUSCLE|PROBCONS|MSAPROBS|Kalign"), clustal, is_alignment=True),
)
ALIGNMENTS = frozenset(form.name for form in _FORMATS if form.is_alignment)
"""The formats whose rows are always aligned."""


def records_of(file: Path, *, are_proteins: bool = False) -> tuple[Format, list[Record], tuple[str, ...]]:
    """The format of a file that is not a table, its records, and remarks on lines that are not read.

    `are_proteins`: of a GenBank file of nucleotides, read the translations of the coding sequences. Raises InputError
    with file and line where the file is damaged, or in a format that is not read.
    """
    begins = first_bytes(file)
    if begins[5:13] == b"SnapGene":
        return _SNAPGENE, list(_SNAPGENE.read((), file)), ()
    if name := next((name for sign, name in _BINARY.items() if sign in begins[:20]), ""):
        raise InputError(f"{file} is in a format that is not read ({name}); {_CONVERT}")
    rows = lines(file).read().split("\n")
    found = _format(rows, file)
    numbered: Numbered = list(enumerate(rows, start=1))
    if found is _GENBANK and are_proteins and is_of_nucleotides(numbered):
        found = _PROTEINS
    if found is _EMBL and are_proteins:
        found = _EMBL_PROTEINS
    records = list(found.read(numbered, file))
    if suffix(file) in _ENDS_A3M and found is _FASTA:
        check_a3m(records, file)
    n_comments = sum(row.startswith(COMMENTS) for row in rows) if found is _FASTA else 0
    return found, records, (f"{many(n_comments, 'comment line')} skipped",) if n_comments else ()


def _format(rows: list[str], file: Path) -> Format:
    first = next((row for row in rows if row.strip()), "")
    for name, begins in _UNREAD.items():
        if re.match(begins, first):
            raise InputError(f"{file} is in a format that is not read ({name}); {_CONVERT}")
    found = next((each for each in _FORMATS if each.first_line.match(first)), None)
    has_header = first.startswith(";") or any(row.startswith(">") for row in rows)
    return found or (_FASTA if suffix(file) in FASTA or has_header else LINES)
