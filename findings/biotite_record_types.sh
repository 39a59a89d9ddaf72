#!/usr/bin/env bash
# The guess: a FASTA file of proteins is read as proteins. Where a reader guesses between nucleotides and amino acids,
# it guesses once for a file, and wants mostly A, C, G, T.
#
# Version: biotite 1.6.0 (with numpy 2.4.6, Python 3.11), from the Python package index.
# Source: biotite/sequence/io/fasta/convert.py, and the documentation of `get_sequence`. Each record is tried as a
# nucleotide sequence first, whose alphabet includes the IUPAC codes of ambiguity. 14 of the 20 amino acids are such
# letters, and U is turned into T before.
#
# The behaviour: in one file of proteins, each record without E, F, I, L, P or Q becomes a nucleotide sequence, of
# another class and alphabet than its neighbours. Peptides of ten random residues do so in about one case of 35.
# Selenocysteine (U) reads as T there, which is threonine for who writes the letters out again. `seq_type` settles it.
#
# Seen on 2026-11-29:
#   one    NucleotideSequence MSKGRRVHDW
#   two    ProteinSequence    MKTAYIAKQR
#   three  NucleotideSequence MSKTRRTHDW   (in the file MSKURRUHDW)
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet biotite==1.6.0 numpy==2.4.6

cat > "$work/read.py" <<'PY'
from io import StringIO
from biotite.sequence.io import fasta

PROTEINS = {"one": "MSKGRRVHDW", "two": "MKTAYIAKQR", "three": "MSKURRUHDW"}
file = fasta.FastaFile.read(StringIO("".join(f">{name}\n{letters}\n" for name, letters in PROTEINS.items())))
seen = {name: (type(read).__name__, str(read)) for name, read in fasta.get_sequences(file).items()}
for name, (kind, letters) in seen.items():
    note = "" if letters == PROTEINS[name] else f"   (in the file {PROTEINS[name]})"
    print(f"{name:6} {kind:18} {letters}{note}")
assert [kind for kind, _ in seen.values()] == ["NucleotideSequence", "ProteinSequence", "NucleotideSequence"]
assert seen["three"][1] == "MSKTRRTHDW"
PY
"$work/venv/bin/python" -W ignore "$work/read.py"
